"""Whether embedding layers fit into memory, before they are made."""

from __future__ import annotations

import os

from jari.errors import BadInput
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.learnt_table import width_of

_COPIES = 2.2  # of a layer: itself, the best epoch, and some numbers a row
_COPIES_DENSE = 5  # of other arrays: their gradient and two means of Adam too


def refuse_too_large(encoding: TableEncoding, *, outputs: int, hidden: tuple[int, ...]) -> None:
    """Raise where the layers need more memory than is free.

    Raises
    ------
    BadInput
        The column that takes most is said, and how it can be made to take less.
    """
    free = free_memory()
    needs = {}
    for column in encoding.embedded:
        rows = len(column.vocabulary)
        needs[column.name] = 4 * rows * column.dim * _COPIES
    dense = 4 * _COPIES_DENSE * width_of(encoding) * (outputs + sum(hidden[:1]))
    if free is None or sum(needs.values()) + dense <= free or not needs:
        return
    most = max(needs, key=lambda name: needs[name])
    column = next(one for one in encoding.embedded if one.name == most)
    raise BadInput(
        f"Column {most!r} has {len(column.vocabulary):,} categories or words: to learn vectors of {column.dim} takes "
        f"{needs[most] / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free. Give a larger min_count=, which puts "
        f"rare ones together, or smaller dims= (text_dim=)."
    )


def free_memory() -> int | None:
    """Bytes that programs can still have, as Linux counts them; None where nobody says."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        try:
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            return None
