"""Where the parts of a row stand in what goes into the first layer, and which categories share an embedding layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jari.learn.neural.tables.encoding import TableEncoding

LARGE: Final = 20_000  # rows from which a layer is learnt only where a batch touches it


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

    @property
    def is_large(self) -> bool:
        """Whether a batch touches few of its rows."""
        return self.rows >= LARGE


def blocks_of(encoding: TableEncoding) -> list[Block]:
    """The layers of the categories; a large column has one of its own.

    One look-up for all columns of a length takes a third of the time that one for each takes on a table with 46 of
    them.
    """
    sizes = [(column.dim, len(column.vocabulary)) for column in encoding.categories]
    small = [at for at, (_, rows) in enumerate(sizes) if rows < LARGE]
    groups = [[at for at in small if sizes[at][0] == dim] for dim in sorted({sizes[at][0] for at in small})]
    groups += [[at] for at, (_, rows) in enumerate(sizes) if rows >= LARGE]
    return [_block(group, sizes) for group in groups]


def _block(columns: Sequence[int], sizes: Sequence[tuple[int, int]]) -> Block:
    starts, rows = [], 0
    for at in columns:
        starts.append(rows)
        rows += sizes[at][1]
    return Block(tuple(columns), tuple(starts), rows, sizes[columns[0]][0])
