"""Rows of a large matrix, in and out of a small block, and asked for ahead of time."""

from __future__ import annotations

import numpy as np

from jari.kernels import _vector
from jari.kernels._jit import kernel
from jari.types import Matrix, Rows


@kernel
def gather(matrix: Matrix, rows: Rows, begin: int, end: int, out: Matrix, first: int) -> None:
    """``out[first : first + end - begin] = matrix[rows[begin:end]]``."""
    d = matrix.shape[1]
    for i in range(begin, end):
        _vector.copy(out, (first + i - begin) * d, matrix, np.int64(rows[i]) * d, d)


@kernel
def scatter(matrix: Matrix, rows: Rows, begin: int, end: int, steps: Matrix, first: int) -> None:
    """``matrix[rows[begin:end]] += steps[first : first + end - begin]``, a row that stands twice twice."""
    d = matrix.shape[1]
    for i in range(begin, end):
        _vector.add_scaled(matrix, np.int64(rows[i]) * d, np.float32(1), steps, (first + i - begin) * d, d)


@kernel
def add_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    """``out[o] += weight · X[x]``."""
    d = out.shape[1]
    _vector.add_scaled(out, o * d, np.float32(weight), X, x * d, d)


@kernel
def set_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    """``out[o] = weight · X[x]``."""
    d = out.shape[1]
    _vector.set_scaled(out, o * d, np.float32(weight), X, x * d, d)


@kernel
def clear(out: Matrix, n: int) -> None:
    """``out[:n] = 0``, as one long loop: rows are short."""
    flat = out.ravel()
    for i in range(n * out.shape[1]):
        flat[i] = np.float32(0)


@kernel
def fetch(matrix: Matrix, rows: Rows, begin: int, end: int) -> None:
    """Ask for ``matrix[rows[begin:end]]`` to be brought into cache; nothing waits for it."""
    d = matrix.shape[1]
    for i in range(begin, end):
        row = np.int64(rows[i]) * d
        for k in range(0, d, 16):  # a cache line
            _vector.prefetch(matrix, row + k)
