"""Skip-gram with negative sampling, in groups that share their noise words.

For a centre i, each context p of its window, and `negative` noise words a pair (Mikolov et al. 2013, equation 4)::

    L = Σ_(i,p) [ -log σ(w_p · c_i) ] + negative · E_t~noise [ -log σ(-w_p · c_t) ]

G centres that stand together have overlapping windows: their contexts are one run of at most G + 2·window words. K
noise words are drawn once for all of them, and the expectation is taken over these::

    L = Σ_(i,p) near_ip · -log σ(w_p · c_i)  +  Σ_p cover_p · negative/K · Σ_t -log σ(-w_p · c_t)

where near_ip says how much a pair counts, the less the farther apart, and cover_p = Σ_i near_ip. The noise part is a
dense product, contexts × noise; each row of either matrix is read and written once a group, not once a pair.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.bias import add_bias, bias_step
from jari.kernels.logistic import band_positives, negatives
from jari.kernels.noise import draw
from jari.kernels.products import dots, skewed_dots, sums
from jari.kernels.rows import fetch, gather, scatter
from jari.kernels.windows import run
from jari.types import Ids, Matrix, Vector

f32 = np.float32
CERTAIN = f32(1e4)  # the score of a pair that teaches nothing: σ(-CERTAIN) and its loss are 0


@kernel
def band_width(window: int) -> int:
    """How long a row of the band is: a centre's 2·window + 1 places, three that count nothing, whole vectors."""
    return (2 * window + 4 + 15) // 16 * 16


@kernel
def nearness(window: int, shrink: bool, near: Vector) -> None:
    """Fill `near`, as long as a row of the band, with how much a pair counts by where the context stands.

    To draw each window's size from 1 to `window` is to take a pair d words apart with probability 1 - (d - 1)/window.
    Here it is taken always and counts that much: the same expectation, and less left to chance (analogies after 2
    epochs over 18 M words: .32 → .35).
    """
    for k in range(near.shape[0]):
        distance = abs(k - window)
        counts = 0 < distance <= window
        near[k] = f32((window + 1 - distance) / window if shrink else 1.0) if counts else f32(0)


@kernel
def group_steps(
    A: Matrix,
    X: Matrix,
    noise: int,
    centres: int,
    left: Ids,
    right: Ids,
    at: int,
    window: int,
    weight: float,
    rate: float,
    d: int,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    near: Vector,
    band: Matrix,
) -> float:
    """One group's steps, ``-rate · ∂L``, and its loss L.

    Parameters
    ----------
    A
        Rows of W: ``centres + 2·window`` words of a block from the word ``at - window`` on, so that centre i is row
        ``window + i``. What stands in rows that are in nobody's window does not matter.
    X
        Rows of C: `noise` noise words, then `centres` centres.
    left, right, at
        Centre i is the word ``at + i`` of its block; its window is ``left[at + i] : right[at + i]``, itself included.
    window
        The widest window.
    weight
        ``negative / K``.
    d
        How many columns are in use.
    dA, dX
        Where the steps go, shaped as A and X.
    S, costs
        Room to work in, of shapes (len(A), noise) and that flat, or as much as the band if that is more.
    near
        From `nearness`.
    band
        Room for the true pairs, shape (centres, band_width(window)). A, X, S and band have four rows more than named.

    Notes
    -----
    Row i of the band holds the pairs of centre i with the rows i, i + 1, … of A: read with rows one number shorter, it
    is a matrix of centres × contexts. Tiles of four centres take it so. What they write past a row's last place lands
    where `near` is 0.
    """
    n, width, reach = centres + 2 * window, band.shape[1], 2 * window + 4  # contexts; and of four centres together
    flat = band.ravel()
    dots(S, A, n, X, noise, d)
    for i in range(0, centres, 4):
        skewed_dots(flat, i * width, width - 1, X, noise + i, A, i, reach, d)

    cover = np.zeros(n, np.float32)
    for i in range(centres):
        begin, end = left[at + i] - (at + i) + window, right[at + i] - (at + i) + window
        for k in range(begin):
            band[i, k] = CERTAIN
        for k in range(end, 2 * window + 1):
            band[i, k] = CERTAIN
        for k in range(begin, end):
            cover[i + k] += f32(weight) * near[k]
    loss = band_positives(band, centres, near, rate, costs)
    loss += negatives(S, n, cover, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, A, 0, n, False, d)
    for i in range(0, centres, 4):
        sums(dX, noise + i, 4, band, i * width, width - 1, 1, A, i, reach, False, d)
    sums(dA, 0, n, S, 0, noise, 1, X, 0, noise, False, d)
    for p in range(0, n, 4):
        begin, end = max(0, p - 2 * window), min(centres, p + 4)
        sums(dA, p, 4, band, begin * (width - 1) + p, 1, width - 1, X, noise + begin, end - begin, True, d)
    return loss


@kernel
def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    near: Vector,
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
    """Learn from the centres ``kept[:count]``, a group at a time; return their loss.

    Other threads change the matrices at the same time (Hogwild, Niu et al. 2011).

    Parameters
    ----------
    kept, left, right
        From `keep_and_window`.
    window, near
        The widest window; and from `nearness`, how much a pair counts.
    group, noise
        G and K, multiples of 4.
    negative
        How many noise words each true pair is weighed against.
    rate
        How long a step is.
    d
        How many columns are in use: the others are 0 and stay so.
    bias
        The column of the biases, as in `jari.kernels.bias`; or None.
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
    S, costs = np.zeros((room, noise), np.float32), np.empty(max(room * noise, group * band_room), np.float32)
    band = np.zeros((group + 4, band_room), np.float32)
    words, coming = np.empty(noise, np.int64), np.empty(noise, np.int64)
    state = draw(state, limits, others, coming)
    weight = negative / noise
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        front, back = first - (at - window), last - (at - window)
        for t in range(noise):  # not `words[:] = coming`: its error message takes a second to compile
            words[t] = coming[t]
        gather(W, kept, first, last, A, front)
        gather(C, words, 0, noise, X, 0)
        gather(C, kept, at, stop, X, noise)
        if stop < count:  # what the next group needs arrives while this one is computed
            state = draw(state, limits, others, coming)
            fetch(C, coming, 0, noise)
            fetch(C, kept, stop, min(stop + group, count))
            fetch(W, kept, last, min(last + group, count))
        if bias is not None:
            add_bias(A, front, last - first, W, False)
        loss += group_steps(
            A, X, noise, stop - at, left, right, at, window, weight, rate, d, dA, dX, S, costs, near, band
        )
        if bias is not None:
            bias_step(W, bias, dA, front, back, 1 / (back - front))
        scatter(W, kept, first, last, dA, front)
        scatter(C, words, 0, noise, dX, 0)
        scatter(C, kept, at, stop, dX, noise)
    return loss
