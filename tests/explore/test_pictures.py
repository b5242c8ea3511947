"""The pictures of keys: found below their folder and nowhere else, and made small."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput, NoSuchFile, UnknownKey
from jari.explore import pictures
from jari.explore.pictures import PictureShelf, picture_file, webp

Image = pytest.importorskip("PIL.Image")


def album(root: Path, *keys: str) -> Embedding:
    about = {"encoder": {"kind": "image-encoder"}, "root": str(root), "images": len(keys)}
    return Embedding(keys, [[1.0, row] for row in range(len(keys))], metadata=about)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    (made / "sea").mkdir(parents=True)
    Image.new("RGB", (600, 300), (200, 10, 10)).save(made / "sea" / "바다.png")
    return made


def test_a_picture_is_made_small_in_its_own_shape(root: Path) -> None:
    file = picture_file(album(root, "sea/바다.png"), "sea/바다.png")
    with Image.open(io.BytesIO(webp(file, 128))) as shown:
        assert (shown.format, shown.size) == ("WEBP", (128, 64))
        assert shown.getpixel((5, 5))[0] > 180
    with Image.open(io.BytesIO(webp(file, 1024))) as shown:
        assert shown.size == (600, 300), "it was enlarged"


def test_the_mark_changes_with_the_file(root: Path) -> None:
    photos = album(root, "sea/바다.png")
    before = picture_file(photos, "sea/바다.png").mark
    assert picture_file(photos, "sea/바다.png").mark == before
    Image.new("RGB", (10, 10)).save(root / "sea" / "바다.png")
    assert picture_file(photos, "sea/바다.png").mark != before


@pytest.mark.parametrize(
    "key",
    ["../secret.png", "sea/../../secret.png", "link.png", "out/secret.png", "/etc/passwd", "../nothing", "/nothing"],
)
def test_nothing_outside_of_the_folder_is_shown(root: Path, key: str) -> None:
    Image.new("RGB", (10, 10)).save(root.parent / "secret.png")
    (root / "link.png").symlink_to(root.parent / "secret.png")
    (root / "out").symlink_to(root.parent)
    with pytest.raises(BadInput, match="leads out of the folder"):
        picture_file(album(root, key), key)


def test_a_link_within_the_folder_is_followed(root: Path) -> None:
    (root / "link.png").symlink_to("sea/바다.png")
    assert picture_file(album(root, "link.png"), "link.png").path.name == "바다.png"


def test_a_path_that_is_no_key_is_not_looked_at(root: Path) -> None:
    with pytest.raises(UnknownKey, match="is not in this embedding"):
        picture_file(album(root, "a.png"), "sea/바다.png")


def test_what_is_gone_is_said(root: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"The picture 'a\.png' is not where it was"):
        picture_file(album(root, "a.png"), "a.png")
    with pytest.raises(NoSuchFile, match="The folder of the pictures is not where it was"):
        picture_file(album(root / "moved", "a.png"), "a.png")


def test_an_embedding_without_pictures(root: Path) -> None:
    for about in ({}, {"encoder": {"kind": "text-encoder"}, "root": str(root)}, {"encoder": {"kind": "image-encoder"}}):
        with pytest.raises(BadInput, match="are no pictures"):
            picture_file(Embedding(["a"], [[1.0]], metadata=about), "a")


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 300 + ".png", "ring.png"])
def test_names_that_no_file_can_have(root: Path, name: str) -> None:
    (root / "ring.png").symlink_to("ring.png")
    with pytest.raises(BadFile, match="cannot be read"):
        picture_file(album(root, name), name)


def test_folders_and_pipes_are_no_pictures(root: Path) -> None:
    os.mkfifo(root / "pipe.png")
    for key in ("sea", "pipe.png", ""):
        with pytest.raises(BadFile, match="is no file"):
            picture_file(album(root, key), key)


def test_damaged_and_huge_pictures_say_why(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (root / "sea" / "바다.png").read_bytes()
    (root / "half.png").write_bytes(whole[: len(whole) // 2])
    (root / "text.png").write_text("no picture")
    photos = album(root, "half.png", "text.png", "huge.png")
    with pytest.raises(BadFile, match="cannot be shown"):
        webp(picture_file(photos, "half.png"), 64)
    with pytest.raises(BadFile, match="cannot be shown: text, no picture"):
        webp(picture_file(photos, "text.png"), 64)
    Image.new("1", (20_000, 20_000)).save(root / "huge.png")
    with pytest.raises(BadFile, match="too large: 400,000,000 pixels"):
        webp(picture_file(photos, "huge.png"), 64)


def test_pictures_are_kept_up_to_a_limit_the_latest_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(pictures, "webp", lambda file, size: (asked.append(size), b"." * size)[1])
    file = picture_file(album(root, "sea/바다.png"), "sea/바다.png")
    kept = PictureShelf(most=300)
    for size in (100, 150, 100, 120, 100, 150):  # 150 went when 120 came
        assert kept.webp(file, size) == b"." * size
    assert asked == [100, 150, 120, 150]
    assert kept.held <= 300
    assert kept.webp(file, 1000)
    assert kept.held == 0, "one that is larger than all room is not kept"
