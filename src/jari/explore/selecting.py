"""Points that somebody chose on a map: from a bit mask to rows, and to a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import numpy as np

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.types import Matrix, Rows

TableFormat: TypeAlias = Literal["tsv", "csv"]

_AT_ONCE: Final = 10_000  # rows
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_AXES: Final = ("x", "y", "z")


def rows_of_mask(mask: bytes, points: int) -> Rows:
    """The points whose bits are set, rising: bit i of byte j stands for point 8 j + i.

    Raises
    ------
    BadInput
        The mask is not of ceil(points / 8) bytes, or a bit beyond the last point is set.

    Examples
    --------
    >>> rows_of_mask(bytes([0b101, 0b1]), 9)
    array([0, 2, 8])
    """
    need = (points + 7) // 8
    if len(mask) != need:
        raise BadInput(f"A bit mask of {len(mask):,} bytes for {points:,} points: give {need:,}, a bit a point.")
    rows = np.flatnonzero(np.unpackbits(np.frombuffer(mask, np.uint8), bitorder="little"))
    if len(rows) and rows[-1] >= points:
        raise BadInput(f"Bit {rows[-1]} of the mask is set, and there are {points:,} points: the rest is to be 0.")
    return rows


def table_of(
    embedding: Embedding, rows: Rows, coordinates: Matrix | None = None, *, format: TableFormat = "csv"
) -> Iterator[bytes]:
    r"""A table of some keys in pieces of UTF-8: key, count where they were counted, and their places on a map.

    Parameters
    ----------
    embedding, rows
        Which keys.
    coordinates
        Of all points of the map, shape (points, dim).
    format
        ``"csv"``, with the mark by which spreadsheets know UTF-8; ``"tsv"``, without. Both quote what they must.

    Notes
    -----
    A key that a spreadsheet would take for a formula, such as ``=1+1`` or ``-ing``, gets an apostrophe before it.

    Examples
    --------
    >>> few = Embedding(["one", "=1+1"], [[1.0], [2.0]])
    >>> b"".join(table_of(few, np.array([0, 1]), format="tsv"))
    b"key\r\none\r\n'=1+1\r\n"
    """
    counts = embedding.vocabulary.counts
    axes = _AXES[: 0 if coordinates is None else coordinates.shape[1]]
    text = io.StringIO("\ufeff" if format == "csv" else "")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter="," if format == "csv" else "\t", lineterminator="\r\n")
    writer.writerow(["key", *(["count"] if counts is not None else []), *axes])
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        columns: list[list[object]] = [[_plain(key) for key in embedding.vocabulary.keys[some]]]
        if counts is not None:
            columns.append(counts[some].tolist())
        if coordinates is not None:
            columns += [[f"{value:.6g}" for value in column] for column in coordinates[some].T.tolist()]
        writer.writerows(zip(*columns, strict=True))
        yield _taken(text)
    if not len(rows):
        yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


def _plain(key: str) -> str:
    return f"'{key}" if key.startswith(_FORMULAS) else key
