"""`jari.kernels.skipgram` as two matrix products and a mask."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.bias import add_bias, bias_step
from jari.kernels.reference.logistic import surprise
from jari.kernels.reference.noise import draw
from jari.kernels.reference.windows import run
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


def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    near: Vector,
    group: int,
    noise: int,
    negative: float,
    rate: float,
    d: int,
    bias: int | None,
    state: int,
    limits: np.ndarray,
    others: Ids,
    W: Matrix,
    C: Matrix,
) -> float:
    nothing, words, loss = np.empty((0, 0), np.float32), np.empty(noise, np.int64), 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        state = draw(state, limits, others, words)
        centres, front, back = kept[at:stop], first - (at - window), last - (at - window)
        A, X = np.zeros((stop - at + 2 * window, W.shape[1]), W.dtype), np.concatenate([C[words], C[centres]])
        A[front:back] = W[kept[first:last]]
        if bias is not None:
            add_bias(A, front, last - first, W, False)
        dA, dX = np.zeros_like(A), np.zeros_like(X)
        shared = left, right, at, window, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
        loss += group_steps(A, X, noise, stop - at, *shared, near, nothing)
        if bias is not None:
            bias_step(W, bias, dA, front, back, 1 / (back - front))
        np.add.at(W, kept[first:last], dA[front:back])
        np.add.at(C, words, dX[:noise])
        np.add.at(C, centres, dX[noise:])
    return loss
