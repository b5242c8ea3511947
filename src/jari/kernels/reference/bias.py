"""`jari.kernels.bias`, by NumPy's broadcasting."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix


def add_bias(A: Matrix, first: int, n: int, W: Matrix, running: bool) -> None:
    if running:
        A[first : first + n + 1] += np.arange(n + 1, dtype=A.dtype)[:, None] * W[-1]
    else:
        A[first : first + n] += W[-1]


def bias_step(W: Matrix, column: int, steps: Matrix, begin: int, end: int, share: float) -> None:
    steps[begin:end, column] = 0
    W[-1] += share * steps[begin:end].sum(0)
