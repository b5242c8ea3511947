"""`jari.kernels.skipgram` as two matrix products and a mask."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.logistic import surprise
from jari.types import Ids, Matrix, Vector


def band_width(window: int) -> int:
    return int(np.ceil((2 * window + 4) / 16)) * 16


def nearness(window: int, shrink: bool, near: Vector) -> None:
    distance = np.abs(np.arange(len(near)) - window)
    share = (window + 1 - distance) / window if shrink else np.ones(len(near))
    near[:] = np.where((distance > 0) & (distance <= window), share, 0)


def group_steps(
    A: Matrix,
    X: Matrix,
    noise: int,
    centres: int,
    left: Ids,
    right: Ids,
    at: int,
    window: int,
    weight: float,
    rate: float,
    d: int,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    near: Vector,
    band: Matrix,
) -> float:
    n = centres + 2 * window
    words, noises, centre_words = A[:n], X[:noise], X[noise : noise + centres]

    position = at - window + np.arange(n)
    centre = at + np.arange(centres)
    inside = (left[centre, None] <= position) & (position < right[centre, None]) & (position != centre[:, None])
    column = np.clip(position - centre[:, None] + window, 0, 2 * window)
    pairs = inside * near[column]
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
