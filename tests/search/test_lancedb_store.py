import pytest

from contracts.store import StoreContract


class TestLanceStore(StoreContract):
    @pytest.fixture
    def place(self, tmp_path):
        return str(tmp_path / "library")
