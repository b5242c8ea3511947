"""Continuous bag of words with negative sampling, in groups that share their noise words.

A centre i is foretold from the mean of its window, ``h_i = Σ_p w_p / |window_i|`` (Mikolov et al. 2013)::

    L = Σ_i [ -log σ(h_i · c_i)  +  negative/K · Σ_t -log σ(-h_i · c_t) ]

The groups are those of `skipgram`; here the dense product is means × noise. The step of a context is |window| times its
gradient: ∂L/∂h_i goes to each context whole, as in word2vec.c, not divided by |window_i| a second time.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.logistic import negatives, positives
from jari.kernels.products import dots, dots_with_row, sums
from jari.kernels.rows import add_row, clear, set_row
from jari.kernels.skipgram import CERTAIN
from jari.types import Ids, Matrix, Vector

f32 = np.float32


@kernel
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
    weight: float,
    rate: float,
    dA: Matrix,
    dX: Matrix,
    H: Matrix,
    dH: Matrix,
    S: Matrix,
    P: Matrix,
    scores: Vector,
    costs: Vector,
) -> float:
    """One group's steps and its loss L; parameters as in `skipgram.group_steps`, and room in H, dH for the means.

    A centre without context foretells nothing: it takes and causes no step.
    """
    width = P.shape[1]
    fours = (centres + 3) // 4 * 4
    weights = np.zeros(fours, np.float32)
    clear(P, fours)
    reach = 0
    for i in range(centres):
        begin, end, own = left[at + i] - first, right[at + i] - first, at + i - first
        for p in range(begin, end):
            P[i, p] = f32(1)
        P[i, own] = f32(0)
        reach = max(reach, own - begin, end - 1 - own)
        if end - begin > 1:
            weights[i] = f32(weight)

    for i in range(0, centres, 4):
        begin, end = n, 0
        for j in range(i, min(i + 4, centres)):
            begin, end = min(begin, left[at + j] - first), max(end, right[at + j] - first)
        sums(H, i, 4, P, i * width + begin, width, 1, A, begin, end - begin, False)
    for i in range(centres):
        size = max(right[at + i] - left[at + i] - 1, 1)
        set_row(H, i, f32(1) / f32(size), H, i)
        dots_with_row(scores, i, H, i, X, noise + i, noise + i + 1)
        if weights[i] == f32(0):
            scores[i] = CERTAIN
    dots(S, H, centres, X, noise)
    loss = positives(scores, centres, rate)
    loss += negatives(S, centres, weights, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, H, 0, centres, False)
    sums(dH, 0, centres, S, 0, noise, 1, X, 0, noise, False)
    for i in range(centres):
        set_row(dX, noise + i, scores[i], H, i)
        add_row(dH, i, scores[i], X, noise + i)
    for p in range(0, n, 4):
        own = p - (at - first)  # the centre that stands at p
        begin, end = max(0, own - reach), min(centres, own + 4 + reach)
        sums(dA, p, 4, P, begin * width + p, 1, width, dH, begin, max(end - begin, 0), False)
    return loss
