"""Weighted sums of the rows of a large matrix, many sums at once: the inside of pooling.

Rows are read in the order of the texts, so that nearly each is a wait for memory: those of the next terms are asked for
ahead.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels._vector import prefetch
from jari.types import Ids, Matrix, Offsets, Vector

_AHEAD = 8  # terms


@kernel
def weighted_sums(
    vectors: Matrix, rows: Ids, weights: Vector, ends: Offsets, first: int, last: int, out: Matrix, totals: Vector
) -> None:
    """``out[i] = Σ_p weights[p] vectors[rows[p]]`` and ``totals[i] = Σ_p weights[p]``, ``ends[i] ≤ p < ends[i + 1]``.

    Parameters
    ----------
    vectors
        Shape (n, d).
    rows
        Those below 0 do not count.
    weights
        As many as rows.
    ends
        Where each sum begins, and where the last one ends.
    first, last
        Which sums.
    out, totals
        Shapes (sums, d) and (sums,).
    """
    d, most = vectors.shape[1], rows.shape[0] - 1
    for i in range(first, last):
        total = np.float32(0)
        for k in range(d):
            out[i, k] = np.float32(0)
        for p in range(ends[i], ends[i + 1]):
            coming = np.int64(rows[min(p + _AHEAD, most)])
            if coming >= 0:
                for k in range(0, d, 16):  # a cache line
                    prefetch(vectors, coming * d + k)
            row = rows[p]
            if row < 0:
                continue
            weight = weights[p]
            total += weight
            for k in range(d):
                out[i, k] += weight * vectors[row, k]
        totals[i] = total
