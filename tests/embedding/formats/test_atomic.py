from __future__ import annotations

import os

import pytest

from jari.embedding.formats import atomic
from jari.errors import FileIsThere, NoSuchFile


@pytest.fixture(params=["at once", "by two renames"])
def exchange(request, monkeypatch):
    if request.param != "at once":
        monkeypatch.setattr(atomic, "_exchange_at_once", lambda new, old: False)


def fill(path, text, *, force=True):
    with atomic.new_folder(path, force=force, ours=["a", "b"]) as folder, atomic.synced_file(folder / "a") as file:
        file.write(text)


@pytest.mark.usefixtures("exchange")
def test_a_folder_is_replaced_whole(tmp_path):
    for text in (b"one", b"two", b"three"):
        fill(tmp_path / "x", text)
        assert (tmp_path / "x" / "a").read_bytes() == text
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


@pytest.mark.usefixtures("exchange")
def test_what_fails_leaves_nothing_behind(tmp_path):
    fill(tmp_path / "x", b"one")

    def interrupted():
        with atomic.new_folder(tmp_path / "x", force=True, ours=["a"]) as folder:
            (folder / "a").write_bytes(b"two")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / "x" / "a").read_bytes() == b"one"
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_second_rename_that_fails_brings_the_old_one_back(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic, "_exchange_at_once", lambda new, old: False)
    fill(tmp_path / "x", b"one")
    real = atomic.Path.rename

    def rename(self, target):
        if self.name.endswith(".tmp"):
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(atomic.Path, "rename", rename)
    with pytest.raises(OSError, match="Input/output error"):
        fill(tmp_path / "x", b"two")
    assert (tmp_path / "x" / "a").read_bytes() == b"one"
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path):
    def late():
        with atomic.new_file(tmp_path / "x", force=False) as file:
            file.write(b"mine")
            (tmp_path / "x").write_bytes(b"theirs")

    with pytest.raises(FileIsThere, match="exists already"):
        late()
    assert (tmp_path / "x").read_bytes() == b"theirs"
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_a_file_does_not_replace_a_folder(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(FileIsThere, match="is a folder"), atomic.new_file(tmp_path / "x", force=True):
        pass


def test_a_file_is_readable_by_whom_the_user_allows(tmp_path):
    with atomic.new_file(tmp_path / "x", force=False) as file:
        file.write(b"")
    (tmp_path / "y").write_bytes(b"")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "y").stat().st_mode
    fill(tmp_path / "f", b"")
    (tmp_path / "g").mkdir()
    assert (tmp_path / "f").stat().st_mode == (tmp_path / "g").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_is_replaced_and_what_it_led_to_stays(tmp_path):
    fill(tmp_path / "real", b"one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fill(tmp_path / "link", b"two")
    assert (tmp_path / "real" / "a").read_bytes() == b"one"
    assert (tmp_path / "link" / "a").read_bytes() == b"two"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "real"]


def test_the_folder_above_must_be_there(tmp_path):
    with pytest.raises(NoSuchFile, match=r"There is no folder .*nowhere to write 'x' in"):
        fill(tmp_path / "nowhere" / "x", b"")
