"""A small shelf, a client of its app, and a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app
from serve.royal import royal, serving

ADDRESS = "http://127.0.0.1:8000"


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
    with serving(Shelf.open([str(folder / "royal.jari")]), Settings()) as address:
        yield address
