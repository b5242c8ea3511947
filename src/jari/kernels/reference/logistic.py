"""`jari.kernels.logistic` in float64, from the definitions."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Vector


def exponential(x: float) -> float:
    return np.exp(np.maximum(np.float64(x), -80))


def surprise(x: float) -> tuple[float, float]:
    x = np.float64(x)
    return np.exp(-np.logaddexp(0, -x)), np.logaddexp(0, x)


def positives(scores: Vector, n: int, rate: float) -> float:
    slopes, costs = surprise(-scores[:n].astype(np.float64))
    scores[:n] = rate * slopes
    return float(np.sum(costs))


def band_positives(scores: Matrix, n: int, weights: Vector, rate: float, costs: Vector) -> float:
    slopes, cost = surprise(-scores[:n].astype(np.float64))
    scores[:n] = rate * weights * slopes
    return float(np.sum(weights * cost))


def negatives(scores: Matrix, n: int, weights: Vector, rate: float, costs: Vector) -> float:
    slopes, cost = surprise(scores[:n].astype(np.float64))
    scores[:n] = -rate * weights[:n, None] * slopes
    return float(np.sum(weights[:n, None] * cost))
