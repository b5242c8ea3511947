"""`jari.kernels.groups`, with the twins of all that it calls."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference import cbow, skipgram
from jari.kernels.reference.noise import draw
from jari.types import Ids, Matrix


def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    begin: int,
    end: int,
    window: int,
    is_cbow: bool,
    group: int,
    noise: int,
    negative: float,
    rate: float,
    state: int,
    limits: np.ndarray,
    others: Ids,
    W: Matrix,
    C: Matrix,
    slab_rows: Ids,
    slab: Matrix,
) -> tuple[float, int]:
    nothing = np.empty((0, 0), np.float32)
    loss, used = 0.0, 0
    for at in range(begin, end, group):
        stop = min(at + group, end)
        first, last = left[at:stop].min(), right[at:stop].max()
        words = np.empty(noise, np.int64)
        state = draw(state, limits, others, words)
        contexts, centres = kept[first:last], np.concatenate([words, kept[at:stop]])
        A, X = W[contexts], C[centres]
        dA, dX = np.zeros_like(A), np.zeros_like(X)
        given = A, len(A), X, noise, stop - at, left, right, at, first
        shares = (negative / noise, rate, dA, dX, nothing, nothing.ravel())
        if is_cbow:
            loss += cbow.group_steps(*given, *shares, nothing, nothing, nothing.ravel())
        else:
            loss += skipgram.group_steps(*given, window, *shares, nothing)
        if len(slab_rows) == 0:
            np.add.at(W, contexts, dA)
            np.add.at(C, centres, dX)
        else:
            rows = slice(used, used + len(A) + len(X))
            slab_rows[rows] = np.concatenate([contexts, -1 - centres])
            slab[rows] = np.concatenate([dA, dX])
            used = rows.stop
    return loss, used


def apply(slab_rows: Ids, slab: Matrix, used: int, W: Matrix, C: Matrix, part: int, parts: int) -> None:
    for row, step in zip(slab_rows[:used], slab[:used], strict=True):
        matrix, target = (W, row) if row >= 0 else (C, -1 - row)
        if target % parts == part:
            matrix[target] += step
