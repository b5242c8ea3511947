"""`jari.kernels.skipgram` as two matrix products and a mask."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.logistic import surprise
from jari.types import Ids, Matrix, Vector


def group_steps(
    A: Matrix,
    n: int,
    X: Matrix,
    noise: int,
    centres: int,
    left: Ids,
    right: Ids,
    at: int,
    first: int,
    window: int,
    weight: float,
    rate: float,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    band: Matrix,
) -> float:
    words, noises, centre_words = A[:n], X[:noise], X[noise : noise + centres]

    position = first + np.arange(n)
    centre = at + np.arange(centres)
    pairs = (left[centre, None] <= position) & (position < right[centre, None]) & (position != centre[:, None])
    cover = weight * pairs.sum(0)  # how often each context meets the noise

    # A true pair should score high, a false one low: the slope of -log σ(x) is -σ(-x), that of -log σ(-x) is σ(x).
    missed, cost = surprise(-(centre_words @ words.T))
    fooled, noise_cost = surprise(words @ noises.T)
    toward = rate * pairs * missed
    away = -rate * cover[:, None] * fooled

    dA[:n] = toward.T @ centre_words + away @ noises
    dX[:noise] = away.T @ words
    dX[noise : noise + centres] = toward @ words
    return float(np.sum(pairs * cost) + np.sum(cover[:, None] * noise_cost))
