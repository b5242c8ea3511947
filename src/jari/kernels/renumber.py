"""From the numbers that words had while they were being counted to the rows of the vocabulary."""

from __future__ import annotations

from jari.kernels._jit import kernel
from jari.types import Ids


@kernel
def renumber(ids: Ids, ends: Ids, rows: Ids, out: Ids, out_ends: Ids) -> int:
    """Write ``rows[ids]`` to `out` without the -1 among them, and each end as a position in `out`.

    Parameters
    ----------
    ids
        The number of each token.
    ends
        Positions in `ids`, rising; line j ends before token ``ends[j]``.
    rows
        For each number the row, or -1 for a word that is dropped.
    out, out_ends
        As long as `ids` and `ends`.

    Returns
    -------
    n
        How many tokens were kept.
    """
    n = at = 0
    for j in range(ends.shape[0] + 1):
        stop = ends[j] if j < ends.shape[0] else ids.shape[0]
        for i in range(at, stop):
            row = rows[ids[i]]
            out[n] = row  # always, and moved past only when kept: a condition here costs more than the store
            n += row >= 0
        at = stop
        if j < ends.shape[0]:
            out_ends[j] = n
    return n
