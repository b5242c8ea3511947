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
from jari.kernels.bias import add_bias, bias_step
from jari.kernels.logistic import negatives, positives
from jari.kernels.noise import draw
from jari.kernels.products import paired_dots, skewed_dots, sums
from jari.kernels.rows import add_row, fetch, gather, gather_sums, mean_around, scatter, set_row, spread
from jari.kernels.skipgram import CERTAIN
from jari.kernels.windows import run
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
    """Learn from the centres ``kept[:count]``; return their loss. Parameters as for `skipgram.learn`, and:

    Parameters
    ----------
    negative
        How many noise words each centre is weighed against.
    false_contexts
        Draw the noise words among the input vectors: the second loss.
    """
    room, width = group + 2 * window + 4, W.shape[1]
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    X, dX = np.zeros((noise + group + 4, width), np.float32), np.zeros((noise + group + 4, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, costs = np.zeros((group + 4, noise), np.float32), np.empty((group + 4) * noise, np.float32)
    scores = np.zeros(group + 4, np.float32)
    words, coming = np.empty(noise, np.int64), np.empty(noise, np.int64)
    state = draw(state, limits, others, coming)
    weight, N = negative / noise, W if false_contexts else C
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        n, centres = last - first, stop - at
        for t in range(noise):
            words[t] = coming[t]
        gather_sums(W, kept, first, last, A)
        gather(N, words, 0, noise, X, 0)
        gather(C, kept, at, stop, X, noise)
        if stop < count:
            state = draw(state, limits, others, coming)
            fetch(N, coming, 0, noise)
            fetch(C, kept, stop, min(stop + group, count))
            fetch(W, kept, last, min(last + group, count))
        if bias is not None:
            add_bias(A, 0, n, W, True)
            if false_contexts:
                add_bias(X, 0, noise, W, False)
        rooms = dA, dX, S, costs, H, dH, scores
        loss += group_steps(A, n, X, noise, centres, left, right, at, first, weight, rate, d, *rooms, false_contexts)
        if bias is not None:
            bias_step(W, bias, dH, 0, centres, 1 / centres)
            for p in range(n):
                dA[p, bias] = f32(0)
            if false_contexts:
                bias_step(W, bias, dX, 0, noise, 1 / centres)
        scatter(W, kept, first, last, dA, 0)
        scatter(N, words, 0, noise, dX, 0)
        scatter(C, kept, at, stop, dX, noise)
    return loss
