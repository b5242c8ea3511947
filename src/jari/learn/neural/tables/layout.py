"""Which categories share an embedding layer."""

from __future__ import annotations

from dataclasses import dataclass

from jari.learn.neural.tables.encoding import TableEncoding


@dataclass(frozen=True, slots=True)
class Block:
    """Columns of categories whose vectors have one length, in one layer: their rows one column below another.

    Parameters
    ----------
    columns
        Places among the categorical columns.
    starts
        The first row of each.
    rows
        Of all of them.
    dim
        Of each vector.
    """

    columns: tuple[int, ...]
    starts: tuple[int, ...]
    rows: int
    dim: int


def blocks_of(encoding: TableEncoding) -> list[Block]:
    """One look-up for all columns of a length: a device waits less for few large pieces of work."""
    blocks = []
    for dim in sorted({column.dim for column in encoding.categories}):
        columns = tuple(at for at, column in enumerate(encoding.categories) if column.dim == dim)
        starts, rows = [], 0
        for at in columns:
            starts.append(rows)
            rows += len(encoding.categories[at].vocabulary)
        blocks.append(Block(columns, tuple(starts), rows, dim))
    return blocks
