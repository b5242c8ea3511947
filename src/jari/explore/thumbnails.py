"""Small pictures of files, for a contact sheet; of those that cannot be read, why."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from jari.encoders.images.opening import Unreadable, opened
from jari.extras import require
from jari.ingest.resources import Report
from jari.types import Callback, Path

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL = 224  # pixels of the longer edge


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """A picture to show.

    Parameters
    ----------
    caption
        What to write beneath it: its key. What stands before the last ``/`` is its folder.
    path
        The file; None where there is none.
    score
        How near it is; None for what was asked for.
    reason
        Why there is no file, for a person.
    """

    caption: str
    path: Path | None
    score: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What was asked for, and what is nearest to it, the nearest first."""

    query: SheetPicture
    neighbours: Sequence[SheetPicture]

    @property
    def pictures(self) -> list[SheetPicture]:
        """All of them, the query first."""
        return [self.query, *self.neighbours]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture in mode RGB, or the reason why there is none."""

    image: Image.Image | None
    reason: str = ""


def thumbnails(pictures: Sequence[SheetPicture], *, callback: Callback | None = None) -> list[Thumbnail]:
    """A thumbnail of each: as large as fits into a square, in the shape of the picture, never enlarged.

    A file that stands there twice is read once.

    Parameters
    ----------
    pictures
        In any order.
    callback
        Told how many files were read.
    """
    files = {_file(picture): picture for picture in pictures}
    report = Report(callback, "reading pictures", len(files), "pictures")
    read: dict[tuple[Path | None, str | None], Thumbnail] = {}
    # One after another: Pillow's limit against decompression bombs, which is set for each, belongs to all threads.
    for file, picture in files.items():
        read[file] = _small(picture)
        report(len(read))
    report.end()
    return [read[_file(picture)] for picture in pictures]


def _file(picture: SheetPicture) -> tuple[Path | None, str | None]:
    return picture.path, None if picture.path is not None else picture.reason


def _small(picture: SheetPicture) -> Thumbnail:
    if picture.path is None:
        return Thumbnail(None, picture.reason or "there is no file")
    try:
        image = opened(FilePath(picture.path), at_least=THUMBNAIL)
    except Unreadable as error:
        return Thumbnail(None, str(error))
    image.thumbnail((THUMBNAIL, THUMBNAIL), require("PIL.Image", extra="torch").Resampling.LANCZOS)
    return Thumbnail(image)


def shares(scores: Sequence[float | None], *, distances: bool) -> list[float | None]:
    """How much of a bar each score fills: all at a similarity of 1, or at the best one above; at the least distance.

    Examples
    --------
    >>> shares([0.5, -0.5], distances=False), shares([2.0, 4.0], distances=True)
    ([0.5, 0.0], [1.0, 0.5])
    """
    known = [score for score in scores if score is not None]
    best, least = max([1.0, *known]), min(known, default=0.0)

    def share(score: float) -> float:
        if distances:
            return least / score if score > 0 else 1.0
        return max(score / best, 0.0)

    return [None if score is None else share(score) for score in scores]


def visible(text: str) -> str:
    r"""A caption as it can be shown: control characters and halves of surrogate pairs are written out.

    Examples
    --------
    >>> visible("a\tb"), visible("고양이.jpg"), visible("")
    ('a\\tb', '고양이.jpg', '(empty)')
    """
    written = (
        char if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") else repr(char)[1:-1] for char in text
    )
    return "".join(written) or "(empty)"
