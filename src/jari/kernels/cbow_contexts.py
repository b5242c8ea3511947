"""Continuous bag of words against false contexts, in groups that share them.

Where `cbow` asks whether another word could stand in this window, this asks whether this word could stand in another
context: the noise is drawn among the input vectors, one word for a whole window ::

    L = Σ_i [ -log σ(h_i · c_i)  +  negative/K · Σ_t -log σ(-w_t · c_i) ]

The dense product is centres × noise. All else is as in `cbow`.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.logistic import negatives, positives
from jari.kernels.products import paired_dots, skewed_dots, sums
from jari.kernels.rows import add_row, mean_around, set_row, spread
from jari.kernels.skipgram import CERTAIN
from jari.types import Ids, Matrix, Vector

f32 = np.float32


@kernel
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
) -> float:
    """One group's steps and its loss L. Parameters as in `cbow.group_steps`, but the `noise` rows of X are of W."""
    weights = np.empty(centres, np.float32)
    for i in range(centres):
        begin, end = left[at + i] - first, right[at + i] - first
        weights[i] = f32(weight) if end - begin > 1 else f32(0)
        mean_around(H, i, f32(1) / f32(max(end - begin - 1, 1)), sums_before, begin, at + i - first, end)
    paired_dots(scores, H, 0, X, noise, centres, d)
    for i in range(centres):
        if weights[i] == f32(0):
            scores[i] = CERTAIN
    flat = S.ravel()
    for i in range(0, centres, 4):
        skewed_dots(flat, i * noise, noise, X, noise + i, X, 0, noise, d)
    loss = positives(scores, centres, rate)
    loss += negatives(S, centres, weights, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, X, noise, centres, False, d)
    sums(dX, noise, centres, S, 0, noise, 1, X, 0, noise, False, d)
    for i in range(centres):
        set_row(dH, i, scores[i], X, noise + i)
        add_row(dX, noise + i, scores[i], H, i)
    spread(dA, n, left, right, at, first, dH, centres)
    return loss
