"""`jari.kernels.pooling`, one sum after another."""

from __future__ import annotations

from jari.types import Ids, Matrix, Offsets, Vector


def weighted_sums(
    vectors: Matrix, rows: Ids, weights: Vector, ends: Offsets, first: int, last: int, out: Matrix, totals: Vector
) -> None:
    for i in range(first, last):
        mine = slice(ends[i], ends[i + 1])
        known = rows[mine] >= 0
        out[i] = weights[mine][known] @ vectors[rows[mine][known]]
        totals[i] = weights[mine][known].sum()
