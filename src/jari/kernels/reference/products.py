"""`jari.kernels.products`, by matrix multiplication."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Vector


def dots(out: Matrix, A: Matrix, n: int, B: Matrix, m: int, d: int) -> None:
    out[:n, :m] = A[:n, :d] @ B[:m, :d].T


def skewed_dots(out: Vector, o: int, by_row: int, A: Matrix, a: int, B: Matrix, b: int, m: int, d: int) -> None:
    for i in range(4):
        out[o + i * by_row : o + i * by_row + m] = B[b : b + m, :d] @ A[a + i, :d]


def paired_dots(out: Vector, A: Matrix, a: int, B: Matrix, b: int, n: int, d: int) -> None:
    out[:n] = np.sum(A[a : a + n, :d] * B[b : b + n, :d], 1)


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
    d: int,
) -> None:
    at = start + by_row * np.arange(n)[:, None] + by_column * np.arange(m)
    total = S.ravel()[at] @ X[x : x + m, :d]
    rows = out[first : first + n, :d]
    rows[:] = rows + total if add else total


def gram(out: Matrix, Z: Matrix, n: int, first: int, after: int, add: bool) -> None:
    total = Z[:n, first:after].T @ Z[:n, first:after]
    block = out[first:after, first:after]
    upper = np.triu_indices(after - first)
    block[upper] = block[upper] + total[upper] if add else total[upper]


def take_earlier(U: Matrix, N: Matrix, first: int, row: int, after: int) -> None:
    U[row : row + 4, row:after] += N[first:row, row : row + 4].T @ U[first:row, row:after]
