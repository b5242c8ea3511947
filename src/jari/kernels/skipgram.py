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
from jari.kernels.rows import clear
from jari.types import Ids, Matrix, Vector

f32 = np.float32
CERTAIN = f32(1e4)  # the score of a pair that teaches nothing: σ(-CERTAIN) and its loss are 0


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
    weight
        ``negative / K``.
    dA, dX
        Where the steps go, shaped as A and X.
    S, P, scores, costs
        Room to work in, of shapes (n, noise), (centres, n), (centres · (2·window + 1),) and (n · noise,) and 4 more of
        each; H and dH are not used.
    """
    width = P.shape[1]
    dots(S, A, n, X, noise)

    # The pairs of each window, packed one after the other so that the logistic loop is long enough for vectors.
    pairs = 0
    for i in range(centres):
        begin, end = left[at + i] - first, right[at + i] - first
        dots_with_row(scores, pairs, X, noise + i, A, begin, end)
        scores[pairs + at + i - first - begin] = CERTAIN  # the centre itself
        pairs += end - begin
    loss = positives(scores, pairs, rate)

    cover = np.zeros(n, np.float32)
    clear(P, (centres + 3) // 4 * 4)
    pairs = reach = 0
    for i in range(centres):
        begin, end, own = left[at + i] - first, right[at + i] - first, at + i - first
        for p in range(begin, end):
            P[i, p] = scores[pairs + p - begin]
            cover[p] += f32(weight)
        cover[own] -= f32(weight)
        pairs += end - begin
        reach = max(reach, own - begin, end - 1 - own)
    loss += negatives(S, n, cover, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, A, 0, n, False)
    for i in range(0, centres, 4):
        begin, end = n, 0
        for j in range(i, min(i + 4, centres)):
            begin, end = min(begin, left[at + j] - first), max(end, right[at + j] - first)
        sums(dX, noise + i, 4, P, i * width + begin, width, 1, A, begin, end - begin, False)
    sums(dA, 0, n, S, 0, noise, 1, X, 0, noise, False)
    for p in range(0, n, 4):
        own = p - (at - first)  # the centre that stands at p
        begin, end = max(0, own - reach), min(centres, own + 4 + reach)
        if begin < end:
            sums(dA, p, 4, P, begin * width + p, 1, width, X, noise + begin, end - begin, True)
    return loss
