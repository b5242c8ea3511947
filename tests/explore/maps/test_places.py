"""Where maps are kept, and how many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jari.explore.maps.lock import held, is_held
from jari.explore.maps.places import beside, is_id, is_writable, roots_of, thin, user_cache


def test_maps_are_beside_their_embedding(tmp_path):
    assert beside(tmp_path / "wiki.jari") == tmp_path / "wiki.maps"
    assert beside(tmp_path / "wiki.v2") == tmp_path / "wiki.v2.maps"


def test_maps_of_a_part_are_beside_the_whole(tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    (films / "recommender.json").touch()
    assert beside(films / "items.jari") == tmp_path / "films.maps"


def test_a_folder_that_is_named_is_the_only_one(tmp_path):
    assert roots_of(tmp_path / "wiki.jari", tmp_path / "cache") == [tmp_path / "cache"]
    assert roots_of(tmp_path / "wiki.jari", None) == [tmp_path / "wiki.maps", user_cache()]


@pytest.mark.parametrize(
    ("platform", "set_", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/jari/maps"),
        ("linux", {}, "/home/me/.cache/jari/maps"),
        ("darwin", {}, "/home/me/Library/Caches/jari/maps"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/jari/maps"),
    ],
)
def test_the_cache_of_the_user(monkeypatch, platform, set_, expected):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    assert user_cache() == Path(expected)


def test_what_can_be_written(tmp_path):
    assert is_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    assert not is_writable(tmp_path / "file")


def test_what_is_an_id():
    assert is_id("0123456789abcdef0123")
    for name in ("", "0" * 19, "0" * 21, "G" * 20, "0" * 20 + "\n", "../../../etc/passwd."):
        assert not is_id(name)


def made(root, name, age, *files):
    (root / name).mkdir()
    for file in files:
        (root / name / file).touch()
    os.utime(root / name, (age, age))
    return root / name


def test_those_not_used_for_longest_go(tmp_path):
    maps = [made(tmp_path, f"{at:020x}", 1000 + at, "map.json", "points.npy") for at in range(6)]
    foreign = made(tmp_path, "mine", 1)
    other = made(tmp_path, "f" * 20, 2, "diary.txt")
    with held(maps[0] / "lock"):
        os.utime(maps[0], (5, 5))
        thin(tmp_path, keep=4)
    assert [each.exists() for each in maps] == [True, False, True, True, True, True]
    assert foreign.exists()
    assert other.exists(), "what is no map was removed"


def test_a_lock_is_held_by_one_and_let_go_of(tmp_path):
    file = tmp_path / "lock"
    assert not is_held(file)
    with held(file) as ours:
        assert ours
        assert is_held(file)
        with held(file, patience=0.1) as theirs:
            assert not theirs
        assert is_held(file), "whoever looked has taken it away"
    assert not is_held(file)
