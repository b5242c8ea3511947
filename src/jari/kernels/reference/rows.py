"""`jari.kernels.rows`, by fancy indexing."""

from __future__ import annotations

import numpy as np

from jari.types import Ids, Matrix, Rows


def gather(matrix: Matrix, rows: Rows, begin: int, end: int, out: Matrix, first: int) -> None:
    out[first : first + end - begin] = matrix[rows[begin:end]]


def scatter(matrix: Matrix, rows: Rows, begin: int, end: int, steps: Matrix, first: int) -> None:
    np.add.at(matrix, rows[begin:end], steps[first : first + end - begin])


def add_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    out[o] += weight * X[x]


def set_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    out[o] = weight * X[x]


def clear(out: Matrix, begin: int, end: int) -> None:
    out[begin:end] = 0


def gather_sums(matrix: Matrix, rows: Rows, begin: int, end: int, out: Matrix) -> None:
    out[0] = 0
    out[1 : end - begin + 1] = np.cumsum(matrix[rows[begin:end]], 0)


def mean_around(out: Matrix, o: int, weight: float, sums: Matrix, begin: int, centre: int, end: int) -> None:
    out[o] = weight * (sums[end] - sums[begin] - (sums[centre + 1] - sums[centre]))


def spread(out: Matrix, n: int, left: Ids, right: Ids, at: int, first: int, steps: Matrix, count: int) -> None:
    position, centre = first + np.arange(n), at + np.arange(count)[:, None]
    holds = (left[centre] <= position) & (position < right[centre]) & (position != centre)
    out[:n] = holds.T @ steps[:count]


def fetch(matrix: Matrix, rows: Rows, begin: int, end: int) -> None:
    """Nothing to see: NumPy waits for what it reads."""
