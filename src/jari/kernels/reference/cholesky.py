"""`jari.kernels.cholesky`, by LAPACK. What is in N is the kernel's own affair."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Vector


def factor(A: Matrix, first: int, after: int, N: Matrix) -> None:
    block = A[first:after, first:after]
    symmetric = np.triu(block) + np.triu(block, 1).T
    upper = np.triu_indices(after - first)
    block[upper] = np.linalg.cholesky(symmetric.astype(np.float64)).T[upper]


def solve(U: Matrix, N: Matrix, first: int, after: int, x: Vector) -> None:
    upper = np.triu(U[first:after, first:after]).astype(np.float64)
    x[first:after] = np.linalg.solve(upper, np.linalg.solve(upper.T, x[first:after]))
