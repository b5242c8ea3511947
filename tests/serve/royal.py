"""A small embedding whose answers are obvious, and a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from jari.embedding import Embedding, Vocabulary
from jari.serve import Settings, Shelf, create_app

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


@contextmanager
def serving(shelf: Shelf, settings: Settings) -> Iterator[str]:
    """A real server on a free port, in a thread; its address."""
    import uvicorn

    from jari.serve.protocol import Protocol
    from jari.serve.running import listen

    class Impatient(Protocol):
        header_timeout = settings.header_timeout

    sock = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        create_app(shelf, settings), http=Impatient, log_config=None, log_level="critical", access_log=False, ws="none"
    )
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([sock],), daemon=True)
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(10)
