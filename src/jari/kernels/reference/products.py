"""`jari.kernels.products`, by matrix multiplication."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Vector


def dots(out: Matrix, A: Matrix, n: int, B: Matrix, m: int) -> None:
    out[:n, :m] = A[:n] @ B[:m].T


def skewed_dots(out: Vector, o: int, by_row: int, A: Matrix, a: int, B: Matrix, b: int, m: int) -> None:
    for i in range(4):
        out[o + i * by_row : o + i * by_row + m] = B[b : b + m] @ A[a + i]


def paired_dots(out: Vector, A: Matrix, a: int, B: Matrix, b: int, n: int) -> None:
    out[:n] = np.sum(A[a : a + n] * B[b : b + n], 1)


def sums(
    out: Matrix,
    first: int,
    n: int,
    S: Matrix,
    start: int,
    by_row: int,
    by_column: int,
    X: Matrix,
    x: int,
    m: int,
    add: bool,
) -> None:
    at = start + by_row * np.arange(n)[:, None] + by_column * np.arange(m)
    total = S.ravel()[at] @ X[x : x + m]
    out[first : first + n] = out[first : first + n] + total if add else total
