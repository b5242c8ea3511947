"""Titles out of a table: the ids of items in one column, what they are called in another."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from jari.errors import BadInput
from jari.ingest.interaction_columns import Columns, Role
from jari.ingest.interaction_files import InteractionFile
from jari.ingest.interaction_ids import ids_of
from jari.ingest.interaction_names import Names
from jari.types import Path

_NAMED: Role = "user"  # a title stands where interactions have a user: beside an item


def read_titles(path: Path, *, item: str | int | None = None, title: str | int = "title") -> dict[str, str]:
    """What items are called, by their ids.

    Parameters
    ----------
    path
        A table, as `Interactions.of` takes them: csv, tsv, json lines or Parquet, also compressed.
    item, title
        Its columns, by name, or by number from 1 on; the items are looked for where they are not said. Rows without an
        id or without a title are left out.

    Raises
    ------
    NoSuchFile
        There is no such file.
    BadInput
        A column is missing or stands twice, or one item has two titles.
    BadFile, BadEncoding
        It is not the table that its name says.
    """
    file = InteractionFile(os.fspath(path), Names(user=title, item=item), None, None)
    file.size()  # which says that there is none
    titles: dict[str, str] = {}
    for columns in file.read():
        for at, (key, said) in enumerate(zip(_texts(columns, "item"), _texts(columns, _NAMED), strict=True)):
            if key and said and titles.setdefault(key, said) != said:
                raise BadInput(
                    f"{path}, row {columns.first + at + 1:,}: the item {key!r} is called {said!r:.60}, and "
                    f"{titles[key]!r:.60} further up: give each item one title."
                )
    return titles


def _texts(columns: Columns, role: Role) -> Iterator[str]:
    """A column as strings, empty where one is missing."""
    for piece in columns.pieces():
        values, missing = ids_of(piece, role)
        texts = map(str, values.tolist()) if isinstance(values, np.ndarray) else iter(values.to_pylist())
        if missing is None:
            yield from texts
        else:
            yield from ("" if absent else text for text, absent in zip(texts, missing.tolist(), strict=True))
