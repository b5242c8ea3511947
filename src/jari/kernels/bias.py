"""Biases that need no room of their own: ``(w + b) · c + b'`` as a product of rows that are one column longer.

The input matrix has one row more, the last: b, with 1 in the column `column`. In that column the other input rows hold
0 and the output rows b'. So b added to an input row makes it (w + b, 1), and its product with (c, b') is the score. The
1 and the 0 must stay what they are: the column of the input rows' steps is cleared.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.rows import add_row
from jari.types import Matrix


@kernel
def add_bias(A: Matrix, first: int, n: int, W: Matrix, running: bool) -> None:
    """``A[first + p] += W[-1]`` for p < n; or, to the `running` sums of n rows, ``p · W[-1]`` for p ≤ n."""
    for p in range(n + running):
        add_row(A, first + p, np.float32(p if running else 1), W, W.shape[0] - 1)


@kernel
def bias_step(W: Matrix, column: int, steps: Matrix, begin: int, end: int, share: float) -> None:
    """``W[-1] += share · Σ steps[begin:end]``, after the column of these steps is cleared.

    b is in every pair. With the sum of the steps of all rows it would overshoot: it takes their mean.
    """
    for p in range(begin, end):
        steps[p, column] = np.float32(0)
        add_row(W, W.shape[0] - 1, np.float32(share), steps, p)
