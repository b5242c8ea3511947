"""`jari.kernels.cbow` as products with the matrix of window means."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.bias import add_bias, bias_step
from jari.kernels.reference.logistic import surprise
from jari.kernels.reference.noise import draw
from jari.kernels.reference.rows import gather_sums
from jari.kernels.reference.windows import run
from jari.types import Ids, Matrix, Vector


def group_steps(
    sums_before: Matrix,
    n: int,
    X: Matrix,
    noise: int,
    centres: int,
    left: Ids,
    right: Ids,
    at: int,
    first: int,
    weight: float,
    rate: float,
    d: int,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    H: Matrix,
    dH: Matrix,
    scores: Vector,
    false_contexts: bool,
) -> float:
    words, noises, centre_words = np.diff(sums_before[: n + 1], axis=0), X[:noise], X[noise : noise + centres]

    position = first + np.arange(n)
    centre = at + np.arange(centres)
    pairs = (left[centre, None] <= position) & (position < right[centre, None]) & (position != centre[:, None])
    size = pairs.sum(1, keepdims=True)
    seen = size > 0  # a centre alone foretells nothing
    mean = pairs @ words / np.maximum(size, 1)

    asked = centre_words if false_contexts else mean
    missed, cost = surprise(-np.sum(mean * centre_words, 1, keepdims=True))
    fooled, noise_cost = surprise(asked @ noises.T)
    toward = rate * seen * missed
    away = -rate * weight * seen * fooled

    dH[:centres] = toward * centre_words
    dX[:noise] = away.T @ asked
    dX[noise : noise + centres] = toward * mean
    (dX[noise : noise + centres] if false_contexts else dH[:centres])[:] += away @ noises
    dA[:n] = pairs.T @ dH[:centres]  # whole to each context, as word2vec.c does: |window| times the gradient
    return float(np.sum(seen * cost) + weight * np.sum(seen * noise_cost))


def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    false_contexts: bool,
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
        centres, n, size = kept[at:stop], last - first, stop - at
        N = W if false_contexts else C
        X = np.concatenate([N[words], C[centres]])
        sums = np.zeros((n + 1, W.shape[1]), W.dtype)
        gather_sums(W, kept, first, last, sums)
        if bias is not None:
            add_bias(sums, 0, n, W, True)
            if false_contexts:
                add_bias(X, 0, noise, W, False)
        dX, dA, dH = np.zeros_like(X), np.zeros_like(sums), np.zeros((size, W.shape[1]), W.dtype)
        shared = left, right, at, first, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
        loss += group_steps(sums, n, X, noise, size, *shared, nothing, dH, nothing.ravel(), false_contexts)
        if bias is not None:
            bias_step(W, bias, dH, 0, size, 1 / size)
            dA[:, bias] = 0
            if false_contexts:
                bias_step(W, bias, dX, 0, noise, 1 / size)
        np.add.at(W, kept[first:last], dA[:n])
        np.add.at(N, words, dX[:noise])
        np.add.at(C, centres, dX[noise:])
    return loss
