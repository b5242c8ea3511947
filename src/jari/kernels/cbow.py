"""Continuous bag of words with negative sampling, in groups that share their noise words.

A centre i is foretold from the mean of its window, ``h_i = Σ_p w_p / |window_i|`` (Mikolov et al. 2013)::

    L = Σ_i [ -log σ(h_i · c_i)  +  negative/K · Σ_t -log σ(-h_i · c_t) ]

There a noise word c_t stands in for the centre. It can stand in for the context as well, one word for a whole window::

    L = Σ_i [ -log σ(h_i · c_i)  +  negative/K · Σ_t -log σ(-w_t · c_i) ]

The groups are those of `skipgram`; here the dense product is means × noise, or centres × noise. The step of a context
is |window| times its gradient: ∂L/∂h_i goes to each context whole, as in word2vec.c, not divided by |window_i| a second
time.
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
def either_steps(
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
    """One group's steps and its loss L; parameters as in `skipgram.group_steps` but for the contexts.

    These are the `n` words from the word `first` on; `sums_before` holds their running sums, from `gather_sums`, and
    dA their steps and a row more. H, dH and scores are room for the means, their steps and their scores, 4 more than
    `centres`. A centre without context foretells nothing: it takes and causes no step. With `false_contexts` the loss
    is the second, and the `noise` rows of X are rows of W.
    """
    weights = np.empty(centres, np.float32)
    for i in range(centres):
        begin, end = left[at + i] - first, right[at + i] - first
        weights[i] = f32(weight) if end - begin > 1 else f32(0)
        mean_around(H, i, f32(1) / f32(max(end - begin - 1, 1)), sums_before, begin, at + i - first, end)
    paired_dots(scores, H, 0, X, noise, centres, d)
    for i in range(centres):
        if weights[i] == f32(0):
            scores[i] = CERTAIN
    Q, q, flat = X if false_contexts else H, noise if false_contexts else 0, S.ravel()
    for i in range(0, centres, 4):
        skewed_dots(flat, i * noise, noise, Q, q + i, X, 0, noise, d)
    loss = positives(scores, centres, rate)
    loss += negatives(S, centres, weights, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, Q, q, centres, False, d)
    sums(dX if false_contexts else dH, q, centres, S, 0, noise, 1, X, 0, noise, False, d)
    for i in range(centres):
        if false_contexts:
            add_row(dX, noise + i, scores[i], H, i)
            set_row(dH, i, scores[i], X, noise + i)
        else:
            set_row(dX, noise + i, scores[i], H, i)
            add_row(dH, i, scores[i], X, noise + i)
    spread(dA, n, left, right, at, first, dH, centres)
    return loss


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
    """`either_steps` with the first loss."""
    return either_steps(
        sums_before,
        n,
        X,
        noise,
        centres,
        left,
        right,
        at,
        first,
        weight,
        rate,
        d,
        dA,
        dX,
        S,
        costs,
        H,
        dH,
        scores,
        False,
    )
