"""Rows of a large matrix, in and out of a small block, and asked for ahead of time."""

from __future__ import annotations

import numpy as np

from jari.kernels import _vector
from jari.kernels._jit import kernel
from jari.types import Ids, Matrix, Rows


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
        _vector.add(matrix, np.int64(rows[i]) * d, steps, (first + i - begin) * d, d)


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
def clear(out: Matrix, begin: int, end: int) -> None:
    """``out[begin:end] = 0``, as one long loop: rows are short."""
    flat = out.ravel()
    for i in range(begin * out.shape[1], end * out.shape[1]):
        flat[i] = np.float32(0)


@kernel
def gather_sums(matrix: Matrix, rows: Rows, begin: int, end: int, out: Matrix) -> None:
    """``out[p] = Σ_{q < p} matrix[rows[begin + q]]`` for p ≤ end - begin."""
    d = matrix.shape[1]
    clear(out, 0, 1)
    for p in range(end - begin):
        _vector.set_sum(out, (p + 1) * d, out, p * d, matrix, np.int64(rows[begin + p]) * d, d)


@kernel
def mean_around(out: Matrix, o: int, weight: float, sums: Matrix, begin: int, centre: int, end: int) -> None:
    """``out[o] = weight · Σ X[q]`` over the q from `begin` to `end` but for `centre`; `sums` from `gather_sums`."""
    d = out.shape[1]
    _vector.set_around(out, o * d, np.float32(weight), sums, begin * d, centre * d, (centre + 1) * d, end * d, d)


@kernel
def spread(out: Matrix, n: int, left: Ids, right: Ids, at: int, first: int, steps: Matrix, count: int) -> None:
    """``out[p] = Σ_i steps[i]`` for p < n, over those i < count in whose window p stands, but not at its centre.

    Window i goes from ``left[at + i] - first`` to ``right[at + i] - first`` and has its centre at ``at + i - first``.
    The adjoint of `mean_around`, as fast for wide windows as for narrow ones: what begins and ends at each p, summed
    up. Row n is overwritten too.
    """
    d = out.shape[1]
    ahead = at - first
    clear(out, 0, ahead)
    _vector.set_scaled(out, ahead * d, np.float32(-1), steps, 0, d)
    for i in range(1, count):  # at a centre its own window pauses and the one before goes on
        _vector.set_difference(out, (ahead + i) * d, steps, (i - 1) * d, steps, i * d, d)
    _vector.copy(out, (ahead + count) * d, steps, (count - 1) * d, d)
    clear(out, ahead + count + 1, n + 1)
    for i in range(count):
        _vector.add(out, (left[at + i] - first) * d, steps, i * d, d)
        _vector.subtract(out, (right[at + i] - first) * d, steps, i * d, d)
    for p in range(1, n):
        _vector.add(out, p * d, out, (p - 1) * d, d)


@kernel
def fetch(matrix: Matrix, rows: Rows, begin: int, end: int) -> None:
    """Ask for ``matrix[rows[begin:end]]`` to be brought into cache; nothing waits for it."""
    d = matrix.shape[1]
    for i in range(begin, end):
        row = np.int64(rows[i]) * d
        for k in range(0, d, 16):  # a cache line
            _vector.prefetch(matrix, row + k)
