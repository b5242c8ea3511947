"""`contact_sheet`: pictures and those nearest to them, side by side, as a picture or a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from jari.embedding.formats.atomic import new_file, refuse_existing
from jari.errors import BadInput
from jari.explore.thumbnails import SheetPicture, SheetRow, Thumbnail, thumbnails
from jari.types import Callback, Path

__all__ = ["ContactSheet", "SheetPicture", "SheetRow", "contact_sheet"]

_KINDS = ("png", "html")
MOST = 1000  # pictures: a page of 15 MB


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """What was made.

    Parameters
    ----------
    path
        The file.
    pictures
        How many are on it, those that stand there twice counted twice.
    missing
        (caption, reason) of each file that has an empty frame, once.
    notes
        What a reader should know: characters that no font has.
    """

    path: FilePath
    pictures: int
    missing: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def contact_sheet(
    rows: Sequence[SheetRow],
    path: Path,
    *,
    title: str | None = None,
    subtitle: str = "",
    distances: bool = False,
    force: bool = False,
    callback: Callback | None = None,
) -> ContactSheet:
    """Lay out queries and their neighbours: the file appears whole or not at all.

    A picture that is missing or cannot be read has an empty frame, with the reason in it.

    Parameters
    ----------
    rows
        One a query.
    path
        ``.png``; or ``.html``, one page that needs nothing else, no network and no script.
    title, subtitle
        Above the pictures; None for what was asked for.
    distances
        Whether scores are distances, the least first.
    force
        Replace a file that is there.
    callback
        Told how many pictures were read.

    Raises
    ------
    BadInput
        The ending is neither; there are no rows, or more pictures than a sheet can hold.
    FileIsThere
        The output exists, and `force` is not given.
    ExtraMissing
        Pillow is not installed: extra ``torch``.
    """
    target = FilePath(path)
    kind = check_ending(target)
    pictures = [picture for row in rows for picture in row.pictures]
    if not pictures:
        raise BadInput("A contact sheet needs a row: there is none.")
    if len(pictures) > MOST:
        raise BadInput(
            f"A contact sheet holds {MOST:,} pictures at most, and these are {len(pictures):,}: ask for fewer, "
            f"or for fewer neighbours of each."
        )
    refuse_existing(target, force=force)
    small = thumbnails(pictures, callback=callback)
    heading = _heading(rows) if title is None else title

    notes: tuple[str, ...] = ()
    if kind == "html":
        from jari.explore.sheet_page import sheet_page

        data = sheet_page(rows, small, heading, subtitle, distances=distances)
    else:
        from jari.explore.sheet_picture import sheet_picture

        data, notes = sheet_picture(rows, small, heading, subtitle, distances=distances)
    with new_file(target, force=force) as file:
        file.write(data)
    return ContactSheet(target, len(pictures), _missing(pictures, small), notes)


def check_ending(path: Path) -> str:
    """``"png"`` or ``"html"``, as the name says.

    Raises
    ------
    BadInput
        It says neither.

    Examples
    --------
    >>> check_ending("sheet.PNG")
    'png'
    """
    kind = FilePath(path).suffix.lower().removeprefix(".")
    if kind not in _KINDS:
        raise BadInput(f"{FilePath(path).name!r} must end in .png or .html.")
    return kind


def _heading(rows: Sequence[SheetRow]) -> str:
    if len(rows) == 1:
        return f"Nearest to {rows[0].query.caption.rpartition('/')[2]}"
    return f"Nearest to {len(rows):,} pictures"


def _missing(pictures: Sequence[SheetPicture], small: Sequence[Thumbnail]) -> tuple[tuple[str, str], ...]:
    pairs = zip(pictures, small, strict=True)
    return tuple(dict.fromkeys((picture.caption, one.reason) for picture, one in pairs if one.image is None))
