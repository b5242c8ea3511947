"""`jari.kernels.activation`, with SciPy's normal distribution."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from jari.types import Matrix, Vector


def activate(z: Matrix, bias: Vector, kind: int, slopes: Matrix) -> None:
    v = (z + bias).astype(np.float64)
    if kind == 0:
        z[:], slopes[:] = np.maximum(v, 0), v > 0
    elif kind == 1:
        z[:], slopes[:] = np.tanh(v), 1 - np.tanh(v) ** 2
    else:
        density = np.exp(-0.5 * v * v) / np.sqrt(2 * np.pi)
        z[:], slopes[:] = v * ndtr(v), ndtr(v) + v * density
