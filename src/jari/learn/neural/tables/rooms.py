"""Whether embedding layers fit into memory, before they are made."""

from __future__ import annotations

from jari.ingest.resources import refuse_too_large
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.learnt_table import width_of
from jari.learn.neural.tables.text_column import TextColumn

_COPIES = 2.2  # of a layer: itself, the best epoch, and some numbers a row
_COPIES_OF_TEXTS = 3.2  # and the best epoch with another share of words left out
_COPIES_DENSE = 5  # of other arrays: their gradient and two means of Adam too


def refuse_layers_too_large(encoding: TableEncoding, *, outputs: int, hidden: tuple[int, ...]) -> None:
    """Raise where the layers need more memory than is free.

    Raises
    ------
    BadInput
        The column that takes most is said, and how it can be made to take less.
    """
    needs = {
        column.name: 4 * len(column.vocabulary) * column.dim * copies
        for column in encoding.embedded
        for copies in [_COPIES_OF_TEXTS if isinstance(column, TextColumn) else _COPIES]
    }
    if not needs:
        return
    dense = 4 * _COPIES_DENSE * width_of(encoding) * (outputs + sum(hidden[:1]))
    most = max(encoding.embedded, key=lambda column: needs[column.name])
    refuse_too_large(
        sum(needs.values()) + dense,
        f"The vectors of all columns, most of them of {most.name!r} with {len(most.vocabulary):,} categories or words,",
        "Give a larger min_count=, which puts rare ones together, or smaller dims= (text_dim=).",
    )
