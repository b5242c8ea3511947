from __future__ import annotations

import pytest

from contracts.store import StoreContract
from search.servers import new_name


class TestQdrantStore(StoreContract):
    one_process = "Qdrant without a server lives in the memory of one process"
    exact_bm25 = "the mean length is that of the first write"

    @pytest.fixture
    def place(self) -> str:
        pytest.importorskip("qdrant_client")
        return f"qdrant+local::memory:?collection={new_name()}"
