"""`jari.kernels.groups`, with the twins of all that it calls."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference import cbow, skipgram
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
    group: int,
    noise: int,
    negative: float,
    rate: float,
    d: int,
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
        contexts, centres = kept[first:last], np.concatenate([words, kept[at:stop]])
        X, n = C[centres], last - first
        if is_cbow:
            sums = np.zeros((n + 1, W.shape[1]), W.dtype)
            gather_sums(W, kept, first, last, sums)
            dA, dX, front = np.zeros_like(sums), np.zeros_like(X), 0
            shared = left, right, at, first, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
            loss += cbow.group_steps(sums, n, X, noise, stop - at, *shared, nothing, nothing, nothing.ravel())
        else:
            front = first - (at - window)
            A = np.zeros((stop - at + 2 * window, W.shape[1]), W.dtype)
            A[front : front + n] = W[contexts]
            dA, dX = np.zeros_like(A), np.zeros_like(X)
            shared = left, right, at, window, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
            loss += skipgram.group_steps(A, X, noise, stop - at, *shared, near, nothing)
        np.add.at(W, contexts, dA[front : front + n])
        np.add.at(C, centres, dX)
    return loss
