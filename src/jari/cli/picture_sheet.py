"""The contact sheet of an answer: which files the keys stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.progress import shown
from jari.errors import NoSuchFile

if TYPE_CHECKING:
    from jari.embedding import Embedding, Neighbours
    from jari.explore.thumbnails import SheetPicture, SheetRow

_SHOWN = 5  # pictures that could not be read; the sheet shows all


class PictureSheet:
    """Rows, gathered while answers come, and then written.

    Parameters
    ----------
    out
        The ``.png`` or ``.html``.
    embedding
        Its keys are paths of pictures.
    folder
        What they are relative to; None for the folder that the embedding was made of.
    force
        Replace what is there.
    """

    def __init__(self, out: str, embedding: Embedding, folder: str | None, *, force: bool) -> None:
        from jari.explore.contact_sheet import check_ending

        with misuse("--sheet"):
            check_ending(out)
        self._out, self._place, self._force = out, vacant(out, force=force, option="--sheet"), force
        self._embedding = embedding
        self._root = _root(embedding.metadata, folder)
        self._rows: list[SheetRow] = []

    def add(self, asked: str, found: Neighbours) -> None:
        """One row: what was asked for and what was found."""
        from jari.explore.thumbnails import SheetPicture, SheetRow

        query = self._picture(asked, None) if asked in self._embedding else SheetPicture(Path(asked).name, Path(asked))
        self._rows.append(SheetRow(query, [self._picture(key, float(score)) for key, score in found]))

    def write(self, subtitle: str, *, distances: bool, quiet: bool) -> None:
        """Make the file, and say what is not on it."""
        from jari.explore.contact_sheet import contact_sheet

        with misuse("--sheet"), shown(quiet=quiet) as report:
            sheet = contact_sheet(
                self._rows, self._place, subtitle=subtitle, distances=distances, force=self._force, callback=report
            )
        if quiet:
            return
        for caption, reason in sheet.missing[:_SHOWN]:
            say(f"not shown: {plain(caption)}: {plain(reason)}")
        if len(sheet.missing) > _SHOWN:
            say(f"not shown: {len(sheet.missing) - _SHOWN:,} more")
        for note in sheet.notes:
            say(note)
        say(f"{plain(self._out)}: {sheet.pictures:,} pictures")

    def _picture(self, key: str, score: float | None) -> SheetPicture:
        """A key's file, unless it lies outside the folder."""
        from jari.explore.thumbnails import SheetPicture

        relative = PurePosixPath(key)
        try:
            inside = not relative.is_absolute() and (self._root / relative).resolve().is_relative_to(self._root)
        except (OSError, ValueError):  # a zero byte, a ring of links
            inside = False
        if not inside:
            return SheetPicture(key, None, score, reason=f"not in {self._root}")
        return SheetPicture(key, self._root / relative, score)


def _root(metadata: Mapping[str, Any], folder: str | None) -> Path:
    """The folder that keys are relative to."""
    encoder = metadata.get("encoder")
    if folder is None and not (isinstance(encoder, Mapping) and encoder.get("kind") == "image-encoder"):
        raise typer.BadParameter(
            "the keys of this embedding are no pictures. If they are, give the folder: --images FOLDER",
            param_hint="'--sheet'",
        )
    given = metadata.get("root") if folder is None else folder
    if not isinstance(given, str):
        raise typer.BadParameter(
            "this embedding does not say where its pictures are: give --images FOLDER", param_hint="'--sheet'"
        )
    root = Path(given)
    if not root.is_dir():
        moved = " Give the folder that they are in now: --images FOLDER" if folder is None else ""
        raise NoSuchFile(f"There is no folder {plain(given)} with the pictures.{moved}")
    return root.resolve()
