"""The walk over a block's kept words, a group at a time: gather, take the steps of one model, scatter.

The steps go at once into the matrices, which other threads change at the same time (Hogwild, Niu et al. 2011), or are
put off: written to a slab, from which `apply` adds them in an order that does not depend on the threads.
"""

from __future__ import annotations

import numpy as np

from jari.kernels import cbow, skipgram
from jari.kernels._jit import kernel
from jari.kernels._vector import copy
from jari.kernels.noise import draw
from jari.kernels.rows import fetch, gather, gather_sums, scatter
from jari.types import Ids, Matrix, Vector

_cbow_steps = cbow.group_steps
_skipgram_steps = skipgram.group_steps


@kernel
def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    begin: int,
    end: int,
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
    slab_rows: Ids,
    slab: Matrix,
) -> tuple[float, int]:
    """Learn from the centres ``kept[begin:end]``; return their loss and how many rows of the slab were filled.

    Parameters
    ----------
    kept, left, right
        From `keep_and_window`.
    window, near
        The widest window; and from `nearness`, how much a skip-gram pair counts.
    group, noise
        G and K, multiples of 4.
    negative
        How many noise words each true pair is weighed against.
    d
        How many columns are in use: the others are 0 and stay so.
    state
        Of the random numbers, uint64.
    limits, others
        From `alias_table`.
    W, C
        Input and output vectors, rows padded to whole vectors.
    slab_rows, slab
        Where steps are put off to, with room for all of them: row r of W as r, of C as -1 - r. With no room, shape
        (0,) and (0, …), the steps are taken at once.
    """
    room, width, band_room = group + 2 * window + 4, W.shape[1], near.shape[0]
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    X, dX = np.zeros((noise + group + 4, width), np.float32), np.zeros((noise + group + 4, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, costs = np.zeros((room, noise), np.float32), np.empty(max(room * noise, group * band_room), np.float32)
    band, scores = np.zeros((group + 4, band_room), np.float32), np.zeros(group + 4, np.float32)
    words, coming = np.empty(noise, np.int64), np.empty(noise, np.int64)
    state = draw(state, limits, others, coming)
    weight = negative / noise
    at_once = slab_rows.shape[0] == 0
    loss, used = 0.0, 0
    for at in range(begin, end, group):
        stop = min(at + group, end)
        first, last = at, stop
        for i in range(at, stop):
            first, last = min(first, left[i]), max(last, right[i])
        n, count = last - first, stop - at
        front = 0 if is_cbow else first - (at - window)
        for t in range(noise):  # not `words[:] = coming`: its error message takes a second to compile
            words[t] = coming[t]
        if is_cbow:
            gather_sums(W, kept, first, last, A)
        else:
            gather(W, kept, first, last, A, front)
        gather(C, words, 0, noise, X, 0)
        gather(C, kept, at, stop, X, noise)
        if stop < end:  # what the next group needs arrives while this one is computed
            state = draw(state, limits, others, coming)
            fetch(C, coming, 0, noise)
            fetch(C, kept, stop, min(stop + group, end))
            fetch(W, kept, last, min(last + group, end))
        if is_cbow:
            loss += _cbow_steps(
                A, n, X, noise, count, left, right, at, first, weight, rate, d, dA, dX, S, costs, H, dH, scores
            )
        else:
            loss += _skipgram_steps(
                A, X, noise, count, left, right, at, window, weight, rate, d, dA, dX, S, costs, near, band
            )
        if at_once:
            scatter(W, kept, first, last, dA, front)
            scatter(C, words, 0, noise, dX, 0)
            scatter(C, kept, at, stop, dX, noise)
        else:
            for i in range(n):
                slab_rows[used + i] = kept[first + i]
                copy(slab, (used + i) * width, dA, (front + i) * width, width)
            used += n
            for i in range(noise + count):
                slab_rows[used + i] = -1 - (words[i] if i < noise else kept[at + i - noise])
                copy(slab, (used + i) * width, dX, i * width, width)
            used += noise + count
    return loss, used


@kernel
def apply(slab_rows: Ids, slab: Matrix, used: int, W: Matrix, C: Matrix, part: int, parts: int) -> None:
    """Take the steps of a slab, in its order, for those rows whose number is `part` modulo `parts`."""
    for i in range(used):
        row = np.int64(slab_rows[i])
        if row >= 0:
            if row % parts == part:
                scatter(W, slab_rows, i, i + 1, slab, i)
        elif (-1 - row) % parts == part:
            target = -1 - row
            for k in range(C.shape[1]):
                C[target, k] += slab[i, k]
