"""Which files are read as pictures, and what they are called."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from jari.encoders.images.files import listed
from jari.errors import BadInput, NoSuchFile


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("cat.jpg", "sea/cat.jpg", "sea/deep/fish.PNG", "land/cat.jpg", "land/notes.txt", "land/raw.heic"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return tmp_path / "photos"


def keys(*sources: str | Path) -> list[str]:
    return [file.key for file in listed(sources).files]


def test_keys_are_paths_below_the_folder(photos: Path) -> None:
    found = listed(photos)
    assert [file.key for file in found.files] == ["cat.jpg", "land/cat.jpg", "sea/cat.jpg", "sea/deep/fish.PNG"]
    assert found.root == str(photos)
    assert found.passed_over == {".txt": 1, ".heic": 1}
    assert found.skipped == []
    assert {file.size for file in found.files} == {5}
    assert not any(file.named for file in found.files)
    assert all(Path(file.path).is_file() for file in found.files)


def test_keys_are_the_same_from_wherever_the_folder_is_named(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos.parent)
    assert keys("photos") == keys(photos) == keys("./photos/../photos/") == keys(f"{photos}/")
    monkeypatch.chdir(photos)
    assert keys(".") == keys(photos)
    assert listed(".").files[0].path == os.path.join(".", "cat.jpg")  # noqa: PTH118


def test_several_sources_share_a_root_and_each_file_is_there_once(photos: Path) -> None:
    assert keys(photos / "sea", photos / "land") == ["sea/cat.jpg", "sea/deep/fish.PNG", "land/cat.jpg"]
    assert keys(photos / "sea", photos / "cat.jpg") == ["sea/cat.jpg", "sea/deep/fish.PNG", "cat.jpg"]
    assert keys(photos / "sea" / "cat.jpg", photos, photos / "sea")[0] == "sea/cat.jpg"
    assert sorted(keys(photos, photos / "sea", photos / "cat.jpg")) == sorted(keys(photos))
    assert keys(photos / "cat.jpg") == ["cat.jpg"]
    assert keys(photos / "sea" / "deep" / "fish.PNG") == ["fish.PNG"]


def test_a_glob_is_relative_to_the_folder_that_it_starts_from(photos: Path) -> None:
    assert keys(f"{photos}/*/cat.jpg") == ["land/cat.jpg", "sea/cat.jpg"]
    assert keys(f"{photos}/s*") == ["sea/cat.jpg", "sea/deep/fish.PNG"]
    assert keys(f"{photos}/**/*.PNG") == ["sea/deep/fish.PNG"]
    assert listed(f"{photos}/*.jpg").root == str(photos)


def test_a_file_that_is_named_is_read_whatever_its_name_is(photos: Path) -> None:
    (file,) = listed(photos / "land" / "notes.txt").files
    assert (file.key, file.named, file.size) == ("notes.txt", True, 5)


def test_hidden_files_and_links_are_passed_over_and_counted(photos: Path) -> None:
    (photos / ".hidden.jpg").write_bytes(b"1")
    (photos / ".folder").mkdir()
    (photos / ".folder" / "in.jpg").write_bytes(b"1")
    (photos / "plain").write_bytes(b"1")
    (photos / "link.jpg").symlink_to(photos / "cat.jpg")
    (photos / "circle").symlink_to(photos)
    os.mkfifo(photos / "pipe.jpg")
    found = listed(photos)
    assert len(found.files) == 4
    assert found.passed_over == {
        "hidden": 2, "links": 2, "special": 1, "without suffix": 1, ".txt": 1, ".heic": 1,
    }  # fmt: skip
    assert keys(photos / "link.jpg") == ["link.jpg"]
    (photos / "broken.jpg").symlink_to(photos / "nowhere")
    assert [(file.key, file.size) for file in listed(photos / "broken.jpg").files] == [("broken.jpg", 0)]


def test_names_are_composed_and_stay_apart(tmp_path: Path) -> None:
    composed, taken_apart = unicodedata.normalize("NFC", "그림é.jpg"), unicodedata.normalize("NFD", "그림é.jpg")
    (tmp_path / taken_apart).write_bytes(b"1")
    assert keys(tmp_path) == [composed]
    (tmp_path / composed).write_bytes(b"2")
    if len(list(tmp_path.iterdir())) == 2:  # some file systems hold them for one
        assert sorted(keys(tmp_path)) == sorted([composed, taken_apart])


def test_a_name_that_is_no_text_has_a_key(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")).write_bytes(b"1")
    except OSError:
        pytest.skip("this file system has no such names")
    (file,) = listed(tmp_path).files
    assert file.key == "\\xff.jpg"
    assert Path(file.path).read_bytes() == b"1"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no file or folder '.*nowhere'. Check the name"):
        listed(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"No file matches '.*\*\.jpg'"):
        listed(f"{tmp_path}/*.jpg")
    with pytest.raises(BadInput, match="No pictures are given"):
        listed([])
    with pytest.raises(BadInput, match="'' is no path"):
        listed("")
    assert listed(tmp_path).files == []


def test_a_folder_that_cannot_be_read_is_skipped(photos: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("whoever may do everything may read it")
    (photos / "sea").chmod(0)
    try:
        assert [skipped.reason for skipped in listed(photos).skipped] == ["Permission denied"]
    finally:
        (photos / "sea").chmod(0o755)


def test_a_file_that_is_named_as_well_as_its_folder_is_named(photos: Path) -> None:
    for given in ([photos, photos / "cat.jpg"], [photos / "cat.jpg", photos]):
        named = {file.key: file.named for file in listed(given).files}
        assert named["cat.jpg"]
        assert not named["sea/cat.jpg"]
