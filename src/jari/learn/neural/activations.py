"""What stands between two layers, in NumPy; PyTorch has it under the same names."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.special import erf

from jari.types import Matrix

ACTIVATIONS: Final = ("gelu", "relu", "tanh")
_SQRT_HALF: Final = np.float32(np.sqrt(0.5))


def activated(x: Matrix, activation: str) -> Any:
    """``max(x, 0)``; ``tanh x``; or ``x Φ(x)``, where Φ is the normal distribution's (Hendrycks & Gimpel 2016)."""
    if activation == "relu":
        return np.maximum(x, np.float32(0))
    if activation == "tanh":
        return np.tanh(x)
    half = np.float32(0.5)
    return x * (half + half * np.asarray(erf(x * _SQRT_HALF), np.float32))
