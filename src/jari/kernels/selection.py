"""Which of many scores reach a bar: the selection of an exact search for neighbours, in one pass over its products."""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Matrix, Rows, Vector

_RUN = 256  # scores compared together, without a branch: after the first thousands hardly a run holds any that reaches


@kernel
def reaching(
    products: Matrix,
    begin: int,
    end: int,
    by_query: Vector,
    by_place: Vector,
    plus: Vector,
    bar: Vector,
    queries: Rows,
    places: Rows,
) -> int:
    """Find all ``products[q, j] · by_query[q] · by_place[j] + plus[j] ≥ bar[q]``, begin ≤ j < end.

    Parameters
    ----------
    products
        Shape (m, n).
    by_query, bar
        Shape (m,).
    by_place, plus
        Shape (n,).
    queries, places
        Filled with q and j of each, by query and then by place, as far as there is room.

    Returns
    -------
    found
        How many there are, room or not.
    """
    found, room = 0, queries.shape[0]
    for q in range(products.shape[0]):
        scale, least = by_query[q], bar[q]
        for start in range(begin, end, _RUN):
            stop = min(start + _RUN, end)
            # Slices begin at 0, so that LLVM sees that no index is negative, and works on whole vectors: 0.3 ns a score
            row, factor, summand = products[q, start:stop], by_place[start:stop], plus[start:stop]
            hits = np.int32(0)
            for j in range(row.shape[0]):
                hits += np.int32(row[j] * scale * factor[j] + summand[j] >= least)
            if hits > 0:
                for j in range(row.shape[0]):
                    if row[j] * scale * factor[j] + summand[j] >= least:
                        if found < room:
                            queries[found], places[found] = q, start + j
                        found += 1
    return found
