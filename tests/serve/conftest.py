"""A small shelf, a client of its app, and a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding, Vocabulary
from jari.serve import Settings, Shelf, create_app

ADDRESS = "http://127.0.0.1:8000"
KEYS = ["the", "king", "queen", "man", "woman", "서울", "한국", "도쿄", "일본", "New York", "well-known", "<b>x</b>"]


def royal() -> Embedding:
    """Words whose arithmetic is obvious: king - man + woman = queen, 한국 - 서울 + 도쿄 = 일본."""
    vectors = np.zeros((len(KEYS), 8), dtype=np.float32)
    vectors[0, 7] = 1
    vectors[1, [0, 1]], vectors[2, [0, 2]], vectors[3, 1], vectors[4, 2] = 1, 1, 1, 1
    vectors[5, 4], vectors[6, [3, 4]], vectors[7, 5], vectors[8, [3, 5]] = 1, 1, 1, 1
    vectors[9, 6], vectors[10, [6, 7]], vectors[11, [0, 6]] = 1, 1, 1
    return Embedding(
        Vocabulary(KEYS, [100 - row for row in range(len(KEYS))]), vectors, metadata={"learner": "Word2Vec"}
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where royal.jari is."""
    made = tmp_path_factory.mktemp("shelf")
    royal().save(made / "royal.jari")
    return made


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    """One embedding, "royal"."""
    return Shelf.open([str(folder / "royal.jari")])


@pytest.fixture
def client(shelf: Shelf) -> Iterator[TestClient]:
    """A client of an app without a token."""
    with TestClient(create_app(shelf, Settings()), base_url=ADDRESS, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[str]:
    """The address of a real server with "royal" on its shelf."""
    import uvicorn

    app = create_app(Shelf.open([str(folder / "royal.jari")]), Settings())
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    for _ in range(1000):
        if running.started:
            break
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)
