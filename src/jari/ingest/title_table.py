"""Titles out of a table: the ids of items in one column, what they are called in another."""

from __future__ import annotations

from collections import Counter
from pathlib import Path as PathOf
from typing import Any

from jari.errors import BadInput, NoSuchFile
from jari.ingest.rows import rows
from jari.ingest.tables import columns_of, table_format
from jari.types import Path


def read_titles(path: Path, *, item: str, title: str = "title") -> dict[str, str]:
    """What items are called, by their ids.

    Parameters
    ----------
    path
        A table with a header: .csv .tsv .jsonl .parquet, also compressed.
    item, title
        Its columns. Rows without an id or without a title are left out.

    Raises
    ------
    NoSuchFile
        There is no such file.
    BadInput
        It is no table, a column is missing, a title is no text, or one item has two titles.
    BadFile, BadEncoding
        It is not the table that its name says.
    """
    name = str(path)
    if table_format(name) is None:
        raise BadInput(f"{name} is no table of titles: give a .csv, .tsv, .jsonl or .parquet with a header.")
    if not PathOf(path).is_file():
        raise NoSuchFile(f"There is no file {name}.")
    titles: dict[str, str] = {}
    for number, row, _ in rows(name, [item, title], Counter()):
        if number == 1:
            _refuse_twice(name, item, title)
        key, said = _id(row.get(item)), row.get(title)
        if key is None or said is None or said == "":
            continue
        if not isinstance(said, str):
            raise BadInput(f"{name}, row {number:,}: the column {title!r} holds {said!r:.40}, which is no text.")
        if titles.setdefault(key, said) != said:
            raise BadInput(
                f"{name}, row {number:,}: the item {key!r} is called {said!r:.60}, and {titles[key]!r:.60} further up: "
                "give each item one title."
            )
    return titles


def _refuse_twice(name: str, *needed: str) -> None:
    names = columns_of(name)
    for column in needed:
        if names.count(column) > 1:
            raise BadInput(f"{name} has {names.count(column)} columns {column!r}: rename all but one.")


def _id(value: Any) -> str | None:
    """As interactions have it: whole numbers are written without a point, whatever the table held them in."""
    if value is None or value != value or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
