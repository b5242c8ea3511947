from __future__ import annotations

import pytest

from contracts.store import StoreContract
from search.servers import new_name, running


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def place(self, server) -> str:
        return server.url(new_name())
