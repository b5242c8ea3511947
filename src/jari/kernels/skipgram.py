"""Skip-gram with negative sampling, in groups that share their noise words.

For a centre i, each context p of its window, and `negative` noise words a pair (Mikolov et al. 2013, equation 4)::

    L = Σ_(i,p) [ -log σ(w_p · c_i) ] + negative · E_t~noise [ -log σ(-w_p · c_t) ]

G centres that stand together have overlapping windows: their contexts are one run of at most G + 2·window words. K
noise words are drawn once for all of them, and the expectation is taken over these::

    L = Σ_(i,p) -log σ(w_p · c_i)  +  Σ_p cover_p · negative/K · Σ_t -log σ(-w_p · c_t)

where cover_p counts the windows that hold p. The noise part is a dense product, contexts × noise; each row of either
matrix is read and written once a group, not once a pair.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.logistic import negatives, positives
from jari.kernels.products import dots, dots_with_row, sums
from jari.kernels.rows import fill
from jari.types import Ids, Matrix, Vector

f32 = np.float32
CERTAIN = f32(1e4)  # the score of a pair that teaches nothing: σ(-CERTAIN) and its loss are 0


@kernel
def band_width(window: int) -> int:
    """How long a row of `group_steps`' band is: a centre's 2·window + 1 places, three that stay empty, whole vectors."""
    return (2 * window + 4 + 15) // 16 * 16


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
    window: int,
    weight: float,
    rate: float,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    band: Matrix,
) -> float:
    """One group's steps, ``-rate · ∂L``, and its loss L.

    Parameters
    ----------
    A
        Rows of W: the `n` contexts.
    X
        Rows of C: `noise` noise words, then `centres` centres.
    left, right, at, first
        Centre i is the word ``at + i`` of its block; its window is ``left[at + i] : right[at + i]``, itself included;
        the first context is the word `first`.
    window
        The widest window.
    weight
        ``negative / K``.
    dA, dX
        Where the steps go, shaped as A and X.
    S, costs
        Room to work in, of shapes (n, noise) and (n · noise,), each with 4 more.
    band
        Room for the true pairs, shape (centres, band_width(window)) and 4 rows more. Row i holds the pairs of centre i, the context
        `window` words before it in column 0: row i + 1 is row i moved by one word. So the band is read as a matrix of
        centres × contexts by a stride of one less than its width, and four centres have the same contexts in reach. What
        lies outside a window, or past the last column, takes no step.
    """
    width = band.shape[1]
    dots(S, A, n, X, noise)

    cover = np.zeros(n + 1, np.int32)
    flat = band.ravel()
    fill(band, centres, CERTAIN)
    for i in range(centres):
        begin, end, own = left[at + i] - first, right[at + i] - first, at + i - first
        place = i * width + window - own  # of the context 0
        dots_with_row(flat, place + begin, X, noise + i, A, begin, end)
        for p in range(end, end + 3):  # what the tile wrote past the window
            flat[place + p] = CERTAIN
        flat[place + own] = CERTAIN
        cover[begin] += 1
        cover[own] -= 1
        cover[own + 1] += 1
        cover[end] -= 1
    loss = positives(flat, centres * width, rate)
    weights = np.empty(n, np.float32)
    covers = 0
    for p in range(n):
        covers += cover[p]
        weights[p] = f32(covers) * f32(weight)
    loss += negatives(S, n, weights, rate, costs)

    ahead = at - first  # centre i stands at context ahead + i
    sums(dX, 0, noise, S, 0, 1, noise, A, 0, n, False)
    for i in range(0, centres, 4):
        own = ahead + i
        begin, end = max(0, own - window), min(n, own + 4 + window)
        start = i * width + begin - own + window
        sums(dX, noise + i, 4, band, start, width - 1, 1, A, begin, end - begin, False)
    sums(dA, 0, n, S, 0, noise, 1, X, 0, noise, False)
    for p in range(0, n, 4):
        begin, end = max(0, p - ahead - window), min(centres, p - ahead + 4 + window)
        if begin < end:
            start = begin * width + p - (ahead + begin) + window
            sums(dA, p, 4, band, start, 1, width - 1, X, noise + begin, end - begin, True)
    return loss
