from __future__ import annotations

import os
from pathlib import Path

import pytest

from jari.cli.destination import vacant
from jari.errors import FileIsThere, NoSuchFile


def test_a_free_place_is_vacant(tmp_path: Path) -> None:
    assert vacant(str(tmp_path / "new"), force=False) == tmp_path / "new"


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("old", "link"):
        with pytest.raises(FileIsThere, match=r"is there already\. Pass --force to replace it, or give another OUT\."):
            vacant(str(tmp_path / name), force=False, option="OUT")
        assert vacant(str(tmp_path / name), force=True) == tmp_path / name


def test_the_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"Make it first: mkdir -p .*missing"):
        vacant(str(tmp_path / "missing" / "new"), force=True)


def test_the_folder_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # file modes do not stop root
    with pytest.raises(PermissionError, match="cannot be written to"):
        vacant(str(tmp_path / "new"), force=False)
