"""`jari.kernels.sparse`, a row at a time."""

from __future__ import annotations

from jari.types import Ids, Matrix, Offsets, Vector


def product(data: Vector, indices: Ids, indptr: Offsets, begin: int, end: int, X: Matrix, out: Matrix) -> None:
    for i in range(begin, end):
        terms = slice(indptr[i], indptr[i + 1])
        out[i] = data[terms] @ X[indices[terms]]
