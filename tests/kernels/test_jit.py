import os
import tempfile
from pathlib import Path

from jari.kernels import _jit


def test_where_the_cache_cannot_be_made_it_is_made_among_temporary_files(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Path(_jit._cache_folder()).is_relative_to(tmp_path)
    monkeypatch.delattr(os, "getuid", raising=False)  # Windows has no such thing
    assert Path(_jit._cache_folder()).is_relative_to(tmp_path / "jari-user")
