"""`jari.kernels.rows`, by fancy indexing."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Rows


def gather(matrix: Matrix, rows: Rows, begin: int, end: int, out: Matrix, first: int) -> None:
    out[first : first + end - begin] = matrix[rows[begin:end]]


def scatter(matrix: Matrix, rows: Rows, begin: int, end: int, steps: Matrix, first: int) -> None:
    np.add.at(matrix, rows[begin:end], steps[first : first + end - begin])


def add_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    out[o] += weight * X[x]


def set_row(out: Matrix, o: int, weight: float, X: Matrix, x: int) -> None:
    out[o] = weight * X[x]


def clear(out: Matrix, n: int) -> None:
    out[:n] = 0


def fetch(matrix: Matrix, rows: Rows, begin: int, end: int) -> None:
    """Nothing to see: NumPy waits for what it reads."""
