"""The walk over a block's kept words, a group at a time: gather, take the steps of one model, scatter.

The steps go at once into the matrices, which other threads change at the same time (Hogwild, Niu et al. 2011).
"""

from __future__ import annotations

import numpy as np

from jari.kernels import cbow, skipgram
from jari.kernels._jit import kernel
from jari.kernels.bias import add_bias, bias_step
from jari.kernels.noise import draw
from jari.kernels.rows import fetch, gather, gather_sums, scatter
from jari.types import Ids, Matrix, Vector

_cbow_steps = cbow.either_steps
_skipgram_steps = skipgram.group_steps


@kernel
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
    """Learn from the centres ``kept[:count]``; return their loss.

    Parameters
    ----------
    kept, left, right
        From `keep_and_window`.
    window, near
        The widest window; and from `nearness`, how much a skip-gram pair counts.
    false_contexts
        For CBOW: draw the noise words among the input vectors, as in the second loss of `cbow`.
    group, noise
        G and K, multiples of 4.
    negative
        How many noise words each true pair is weighed against.
    d
        How many columns are in use: the others are 0 and stay so.
    bias
        The column of the biases, as in `jari.kernels.bias`; -1 for none.
    state
        Of the random numbers, uint64.
    limits, others
        From `alias_table`.
    W, C
        Input and output vectors, rows padded to whole vectors.
    """
    room, width, band_room = group + 2 * window + 4, W.shape[1], near.shape[0]
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    X, dX = np.zeros((noise + group + 4, width), np.float32), np.zeros((noise + group + 4, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, costs = np.zeros((room, noise), np.float32), np.empty(max(room * noise, group * band_room), np.float32)
    band, scores = np.zeros((group + 4, band_room), np.float32), np.zeros(group + 4, np.float32)
    words, coming = np.empty(noise, np.int64), np.empty(noise, np.int64)
    state = draw(state, limits, others, coming)
    weight, N = negative / noise, W if false_contexts else C
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = at, stop
        for i in range(at, stop):
            first, last = min(first, left[i]), max(last, right[i])
        n, centres = last - first, stop - at
        front = 0 if is_cbow else first - (at - window)
        for t in range(noise):  # not `words[:] = coming`: its error message takes a second to compile
            words[t] = coming[t]
        if is_cbow:
            gather_sums(W, kept, first, last, A)
        else:
            gather(W, kept, first, last, A, front)
        gather(N, words, 0, noise, X, 0)
        gather(C, kept, at, stop, X, noise)
        if stop < count:  # what the next group needs arrives while this one is computed
            state = draw(state, limits, others, coming)
            fetch(N, coming, 0, noise)
            fetch(C, kept, stop, min(stop + group, count))
            fetch(W, kept, last, min(last + group, count))
        if bias >= 0:
            add_bias(A, front, n, W, is_cbow)
            if false_contexts:
                add_bias(X, 0, noise, W, False)
        if is_cbow:
            rooms = dA, dX, S, costs, H, dH, scores
            loss += _cbow_steps(
                A, n, X, noise, centres, left, right, at, first, weight, rate, d, *rooms, false_contexts
            )
        else:
            loss += _skipgram_steps(
                A, X, noise, centres, left, right, at, window, weight, rate, d, dA, dX, S, costs, near, band
            )
        if bias >= 0:
            steps, begin, end = (dH, 0, centres) if is_cbow else (dA, front, front + n)
            bias_step(W, bias, steps, begin, end, 1 / (end - begin))
            for p in range(front, front + n):
                dA[p, bias] = np.float32(0)
            if false_contexts:
                bias_step(W, bias, dX, 0, noise, 1 / centres)
        scatter(W, kept, first, last, dA, front)
        scatter(N, words, 0, noise, dX, 0)
        scatter(C, kept, at, stop, dX, noise)
    return loss
