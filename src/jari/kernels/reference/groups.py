"""`jari.kernels.groups`, with the twins of all that it calls."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference import cbow, skipgram
from jari.kernels.reference.bias import add_bias, bias_step
from jari.kernels.reference.noise import draw
from jari.kernels.reference.rows import gather_sums
from jari.types import Ids, Matrix, Vector


def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    near: Vector,
    is_cbow: bool,
    false_contexts: bool,
    group: int,
    noise: int,
    negative: float,
    rate: float,
    d: int,
    bias: int,
    state: int,
    limits: np.ndarray,
    others: Ids,
    W: Matrix,
    C: Matrix,
) -> float:
    nothing = np.empty((0, 0), np.float32)
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = left[at:stop].min(), right[at:stop].max()
        words = np.empty(noise, np.int64)
        state = draw(state, limits, others, words)
        contexts, centres, n = kept[first:last], kept[at:stop], last - first
        N = W if false_contexts else C
        X = np.concatenate([N[words], C[centres]])
        dX = np.zeros_like(X)
        if bias >= 0 and false_contexts:
            add_bias(X, 0, noise, W, False)
        if is_cbow:
            sums = np.zeros((n + 1, W.shape[1]), W.dtype)
            gather_sums(W, kept, first, last, sums)
            if bias >= 0:
                add_bias(sums, 0, n, W, True)
            dA, dH, front = np.zeros_like(sums), np.zeros((stop - at, W.shape[1]), W.dtype), 0
            shared = left, right, at, first, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
            rooms = nothing, dH, nothing.ravel()
            loss += cbow.either_steps(sums, n, X, noise, stop - at, *shared, *rooms, false_contexts)
            if bias >= 0:
                bias_step(W, bias, dH, 0, stop - at, 1 / (stop - at))
                dA[:, bias] = 0
        else:
            front = first - (at - window)
            A = np.zeros((stop - at + 2 * window, W.shape[1]), W.dtype)
            A[front : front + n] = W[contexts]
            if bias >= 0:
                add_bias(A, front, n, W, False)
            dA = np.zeros_like(A)
            shared = left, right, at, window, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
            loss += skipgram.group_steps(A, X, noise, stop - at, *shared, near, nothing)
            if bias >= 0:
                bias_step(W, bias, dA, front, front + n, 1 / n)
        if bias >= 0 and false_contexts:
            bias_step(W, bias, dX, 0, noise, 1 / (stop - at))
        np.add.at(W, contexts, dA[front : front + n])
        np.add.at(N, words, dX[:noise])
        np.add.at(C, centres, dX[noise:])
    return loss
