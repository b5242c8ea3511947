"""A symmetric system of some dozens of equations, ``A x = b``, by ``A = UᵀU``: the inside of alternating least squares.

LAPACK takes longer to be called than a system of 64 takes to be solved. The upper triangle is kept by rows, so that
everything is a row plus multiples of others: four rows at a time are finished, for all rows above them in one product.
"""

from __future__ import annotations

import math

import numpy as np

from jari.kernels._jit import LANES, kernel
from jari.kernels._vector import add_scaled, dots, set_scaled
from jari.kernels.products import take_earlier
from jari.types import Matrix, Vector

_SMALL = np.float32(1e-30)
_dots = dots(1)


@kernel
def factor(A: Matrix, first: int, after: int, N: Matrix) -> None:
    """``A[first:after, first:after] = U``, whose upper triangle is the Cholesky factor of the symmetric matrix there.

    Only the upper triangle is read. `first` and `after` are multiples of a vector's width; what is below the diagonal,
    to within that width, becomes 0.

    Parameters
    ----------
    N
        Room of the shape of A. Becomes -U, and on its diagonal, in blocks as wide as a vector, Uᵀ: what `solve` needs.
    """
    d = A.shape[1]
    for top in range(first, after, 4):
        take_earlier(A, N, first, top, after)
        column = top // LANES * LANES
        n = after - column
        for i in range(top, top + 4):
            row = A[i]
            for p in range(top, i):
                add_scaled(A, i * d + column, -A[p, i], A, p * d + column, n)
            scale = np.float32(1) / np.float32(math.sqrt(max(row[i], _SMALL)))
            for j in range(column, i):
                row[j] = np.float32(0)
            set_scaled(A, i * d + column, scale, A, i * d + column, n)
            set_scaled(N, i * d + column, np.float32(-1), A, i * d + column, n)
        if (top + 4) % LANES == 0:
            for i in range(column, column + LANES):
                for j in range(column, column + LANES):
                    N[i, j] = A[j, i]


@kernel
def solve(U: Matrix, N: Matrix, first: int, after: int, x: Vector) -> None:
    """``x[first:after]`` becomes the solution of ``UᵀU x = x``, with U and N from `factor`."""
    d = U.shape[1]
    for i in range(first, after):
        value = x[i] / U[i, i]
        column = i // LANES * LANES
        add_scaled(x, column, -value, U, i * d + column, after - column)
        x[i] = value
    found = np.empty(4, np.float32)
    for block in range(after - LANES, first - 1, -LANES):
        below = block + LANES
        if below < after:
            for i in range(block, below, 4):
                _dots(found, 0, 0, x, below, U, i * d + below, d, after - below)
                for r in range(4):
                    x[i + r] -= found[r]
        for j in range(below - 1, block - 1, -1):
            value = x[j] / N[j, j]
            add_scaled(x, block, -value, N, j * d + block, LANES)
            x[j] = value
