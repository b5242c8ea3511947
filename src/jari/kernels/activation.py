"""Between two layers: the bias is added, the activation taken, and its slope written down for the way back."""

from __future__ import annotations

import math

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Matrix, Vector

RELU, TANH, GELU = 0, 1, 2
_SQRT_HALF = math.sqrt(0.5)
_DENSITY = 1 / math.sqrt(2 * math.pi)


@kernel
def activate(z: Matrix, bias: Vector, kind: int, slopes: Matrix) -> None:
    """``z = f(z + bias)`` and ``slopes = f'(z + bias)``.

    Parameters
    ----------
    z
        Shape (n, d): in and out.
    bias
        Shape (d,).
    kind
        0 is ``max(z, 0)``, 1 is tanh, 2 is ``z Φ(z)``.
    slopes
        Shape (n, d): out.
    """
    n, d = z.shape
    zero, one = np.float32(0), np.float32(1)
    for i in range(n):
        if kind == 0:
            for k in range(d):
                v = z[i, k] + bias[k]
                slopes[i, k] = one if v > zero else zero
                z[i, k] = max(v, zero)
        elif kind == 1:
            for k in range(d):
                v = np.float32(math.tanh(z[i, k] + bias[k]))
                slopes[i, k] = one - v * v
                z[i, k] = v
        else:
            for k in range(d):
                v = z[i, k] + bias[k]
                below = np.float32(0.5 * (1.0 + math.erf(v * _SQRT_HALF)))
                slopes[i, k] = below + v * np.float32(_DENSITY * math.exp(-0.5 * v * v))
                z[i, k] = v * below
