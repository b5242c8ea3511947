"""Skip-gram and CBOW over words that are made of n-grams (Bojanowski, Grave, Joulin & Mikolov 2017).

A word's input vector is the mean of its rows, its own and those of its n-grams, ``h_w = Σ_r z_r / |rows_w|``. Some 20
rows from all over a large matrix make up a word, so a group of G centres that stand together composes each of them
once, and not once for each of its contexts and noise words. Its contexts are one run of at most G + 2·window words and
K noise words are drawn for all of them, as in `skipgram`; but here centres are the inputs and contexts the outputs::

    L = Σ_(i,p) near_ip · -log σ(h_i · c_p)  +  Σ_i cover_i · negative/K · Σ_t -log σ(-h_i · c_t)

with cover_i = Σ_p near_ip. The step of h_i goes to each of its rows whole, as in fastText, and not divided by their
number: h_i itself moves by its step, as far as in word2vec. Only rows that many words share take less of it, by their
`scales`: they would run away with the steps of all these words (docs/decisions/0009-subwords.md). CBOW foretells the
centre from the mean of its window, as in `cbow`; its group composes the run of contexts.
"""

from __future__ import annotations

import numpy as np

from jari.kernels import _vector, cbow
from jari.kernels._jit import kernel
from jari.kernels.logistic import band_positives, negatives
from jari.kernels.noise import draw
from jari.kernels.products import dots, skewed_dots, sums
from jari.kernels.rows import fetch, gather, gather_sums, scatter
from jari.kernels.skipgram import CERTAIN
from jari.kernels.windows import run
from jari.types import Ids, Matrix, Offsets, Vector

f32 = np.float32


@kernel
def compose(
    matrix: Matrix, rows: Ids, starts: Offsets, words: Ids, begin: int, end: int, out: Matrix, first: int
) -> None:
    """``out[first + i - begin] = mean(matrix[rows[starts[w] : starts[w + 1]]])`` for the words ``w = words[i]``.

    Zeros for a word without rows. `out` may be the matrix itself, for words whose own row comes first.
    """
    d = matrix.shape[1]
    for i in range(begin, end):
        start, stop = starts[words[i]], starts[words[i] + 1]
        o = (first + i - begin) * d
        if start == stop:
            _vector.set_scaled(out, o, f32(0), out, o, d)
            continue
        _vector.copy(out, o, matrix, np.int64(rows[start]) * d, d)
        for j in range(start + 1, stop):
            _vector.add(out, o, matrix, np.int64(rows[j]) * d, d)
        _vector.set_scaled(out, o, f32(1.0 / (stop - start)), out, o, d)


@kernel
def means(matrix: Matrix, rows: Ids, starts: Offsets, begin: int, end: int, out: Matrix) -> None:
    """`compose` of the words from `begin` to `end`, for rows that are not padded, nor aligned: mapped from a file."""
    for word in range(begin, end):
        for k in range(out.shape[1]):
            out[word, k] = f32(0)
        for j in range(starts[word], starts[word + 1]):
            for k in range(out.shape[1]):
                out[word, k] += matrix[rows[j], k]
        weight = f32(1.0 / max(starts[word + 1] - starts[word], 1))
        for k in range(out.shape[1]):
            out[word, k] *= weight


@kernel
def share(
    matrix: Matrix,
    rows: Ids,
    starts: Offsets,
    words: Ids,
    begin: int,
    end: int,
    steps: Matrix,
    first: int,
    scales: Vector,
) -> None:
    """``matrix[r] += scales[r] · steps[first + i - begin]`` for each row r of each word ``words[i]``."""
    d = matrix.shape[1]
    for i in range(begin, end):
        for j in range(starts[words[i]], starts[words[i] + 1]):
            _vector.add_scaled(matrix, np.int64(rows[j]) * d, scales[rows[j]], steps, (first + i - begin) * d, d)


@kernel
def fetch_parts(matrix: Matrix, rows: Ids, starts: Offsets, words: Ids, begin: int, end: int) -> None:
    """Ask for all rows of the words ``words[begin:end]`` to be brought into cache."""
    for i in range(begin, end):
        fetch(matrix, rows, starts[words[i]], starts[words[i] + 1])


@kernel
def group_steps(
    H: Matrix,
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
    dH: Matrix,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    near: Vector,
    band: Matrix,
) -> float:
    """One group's steps, ``-rate · ∂L``, and its loss L; parameters as in `skipgram.group_steps` but for the sides.

    H holds the composed centres; A the output vectors of ``centres + 2·window`` words, centre i's own in row
    ``window + i``; X those of the noise words. S is of shape (len(H), noise). H, X, S and band have four rows more than
    named, and A four more than a number of centres rounded up to a multiple of 4 would need. What stands in rows of A
    that are in nobody's window must be finite, and does not matter else.
    """
    n, width, reach = centres + 2 * window, band.shape[1], 2 * window + 4
    flat = band.ravel()
    dots(S, H, centres, X, noise, d)
    for i in range(0, centres, 4):
        skewed_dots(flat, i * width, width - 1, H, i, A, i, reach, d)

    cover = np.zeros(centres, np.float32)
    for i in range(centres):
        begin, end = left[at + i] - (at + i) + window, right[at + i] - (at + i) + window
        for k in range(begin):
            band[i, k] = CERTAIN
        for k in range(end, 2 * window + 1):
            band[i, k] = CERTAIN
        for k in range(begin, end):
            cover[i] += f32(weight) * near[k]
    loss = band_positives(band, centres, near, rate, costs)
    loss += negatives(S, centres, cover, rate, costs)

    sums(dX, 0, noise, S, 0, 1, noise, H, 0, centres, False, d)
    sums(dH, 0, centres, S, 0, noise, 1, X, 0, noise, False, d)
    for i in range(0, centres, 4):
        sums(dH, i, 4, band, i * width, width - 1, 1, A, i, reach, True, d)
    for p in range(0, n, 4):
        begin, end = max(0, p - 2 * window), min(centres, p + 4)
        sums(dA, p, 4, band, begin * (width - 1) + p, 1, width - 1, H, begin, end - begin, False, d)
    return loss


@kernel
def learn_skipgram(
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
    state: int,
    limits: np.ndarray,
    others: Ids,
    rows: Ids,
    starts: Offsets,
    scales: Vector,
    W: Matrix,
    C: Matrix,
) -> float:
    """Learn from the centres ``kept[:count]``; return their loss.

    Parameters
    ----------
    kept, left, right, count, window, near, group, noise, negative, rate, d, state, limits, others
        As for `skipgram.learn`.
    rows, starts
        Word w is the mean of the rows ``rows[starts[w] : starts[w + 1]]`` of W.
    scales
        How much of a word's step each row of W takes.
    W, C
        The rows of the inputs, and an output vector a word, rows padded to whole vectors.
    """
    room, width, band_room = group + 2 * window + 4, W.shape[1], near.shape[0]
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    X, dX = np.zeros((noise + 4, width), np.float32), np.zeros((noise + 4, width), np.float32)
    S, band = np.zeros((group + 4, noise), np.float32), np.zeros((group + 4, band_room), np.float32)
    costs = np.empty((group + 4) * max(noise, band_room), np.float32)
    words, coming = np.empty(noise, np.int64), np.empty(noise, np.int64)
    state = draw(state, limits, others, coming)
    weight = negative / noise
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        front = first - (at - window)
        for t in range(noise):
            words[t] = coming[t]
        compose(W, rows, starts, kept, at, stop, H, 0)
        gather(C, kept, first, last, A, front)
        gather(C, words, 0, noise, X, 0)
        if stop < count:  # what the next group needs arrives while this one is computed
            state = draw(state, limits, others, coming)
            fetch(C, coming, 0, noise)
            fetch(C, kept, last, min(last + group, count))
            fetch_parts(W, rows, starts, kept, stop, min(stop + group, count))
        loss += group_steps(
            H, A, X, noise, stop - at, left, right, at, window, weight, rate, d, dH, dA, dX, S, costs, near, band
        )
        share(W, rows, starts, kept, at, stop, dH, 0, scales)
        scatter(C, kept, first, last, dA, front)
        scatter(C, words, 0, noise, dX, 0)
    return loss


@kernel
def learn_cbow(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    group: int,
    noise: int,
    negative: float,
    rate: float,
    d: int,
    state: int,
    limits: np.ndarray,
    others: Ids,
    rows: Ids,
    starts: Offsets,
    scales: Vector,
    W: Matrix,
    C: Matrix,
) -> float:
    """As `learn_skipgram`: each centre from the mean of its window's words."""
    room, width = group + 2 * window + 4, W.shape[1]
    A, sums_before = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    dA = np.zeros((room, width), np.float32)
    X, dX = np.zeros((noise + group + 4, width), np.float32), np.zeros((noise + group + 4, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, costs = np.zeros((group + 4, noise), np.float32), np.empty((group + 4) * noise, np.float32)
    scores = np.zeros(group + 4, np.float32)
    words, coming, every = np.empty(noise, np.int64), np.empty(noise, np.int64), np.arange(room)
    state = draw(state, limits, others, coming)
    weight = negative / noise
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        for t in range(noise):
            words[t] = coming[t]
        compose(W, rows, starts, kept, first, last, A, 0)
        gather_sums(A, every, 0, last - first, sums_before)
        gather(C, words, 0, noise, X, 0)
        gather(C, kept, at, stop, X, noise)
        if stop < count:
            state = draw(state, limits, others, coming)
            fetch(C, coming, 0, noise)
            fetch(C, kept, stop, min(stop + group, count))
            fetch_parts(W, rows, starts, kept, last, min(last + group, count))
        rooms, n = (dA, dX, S, costs, H, dH, scores), last - first
        loss += cbow.group_steps(
            sums_before, n, X, noise, stop - at, left, right, at, first, weight, rate, d, *rooms, False
        )
        share(W, rows, starts, kept, first, last, dA, 0, scales)
        scatter(C, words, 0, noise, dX, 0)
        scatter(C, kept, at, stop, dX, noise)
    return loss
