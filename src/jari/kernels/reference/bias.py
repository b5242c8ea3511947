"""`jari.kernels.bias`, by NumPy's broadcasting."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix


def add_bias(A: Matrix, begin: int, end: int, W: Matrix) -> None:
    A[begin:end] += W[-1]


def add_bias_to_sums(sums: Matrix, n: int, W: Matrix) -> None:
    sums[: n + 1] += np.arange(n + 1, dtype=sums.dtype)[:, None] * W[-1]


def bias_step(W: Matrix, column: int, steps: Matrix, begin: int, end: int, share: float) -> None:
    steps[begin:end, column] = 0
    W[-1] += share * steps[begin:end].sum(0)
