"""The full softmax: a word is foretold against every other word of the vocabulary.

For inputs a_p (a context, or for CBOW the mean of a window), true pairs (p, v) that count m_pv, and all words v'::

    L = Σ_(p,v) m_pv · [ -a_p · c_v + log Σ_v' exp(a_p · c_v') ]
    ∂L/∂(a_p · c_v) = cover_p · softmax_pv - m_pv,  cover_p = Σ_v m_pv

This is what negative sampling and the hierarchical softmax stand in for. A group's inputs meet the words in blocks that
stay in cache: inputs × words, then the steps of both sides. The largest score is taken from each before exp.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.bias import add_bias, bias_step
from jari.kernels.logistic import exponential
from jari.kernels.products import skewed_dots, sums
from jari.kernels.rows import gather, gather_sums, mean_around, scatter, spread
from jari.kernels.windows import run
from jari.types import Ids, Matrix, Rows, Vector

f32 = np.float32
BLOCK = 64  # words whose vectors (28 kB for 100 numbers) are used again while they are near


@kernel
def group_steps(
    A: Matrix,
    n: int,
    C: Matrix,
    words: int,
    of: Rows,
    to: Rows,
    counts: Vector,
    m: int,
    rate: float,
    d: int,
    dA: Matrix,
    S: Matrix,
) -> float:
    """One group's steps, ``-rate · ∂L``, and its loss L.

    Parameters
    ----------
    A, n
        The inputs, with room for a multiple of 4.
    C, words
        The words' output vectors, changed at once, with room for a multiple of 4; how many they are.
    of, to, counts, m
        The true pairs: which input, which word, and how much each of the `m` counts.
    rate
        How long a step is.
    d
        How many columns are in use.
    dA
        Where the inputs' steps go.
    S
        Room to work in, of shape (n, len(C)) with room for a multiple of 4.
    """
    height, flat = C.shape[0], S.ravel()
    for begin in range(0, height, BLOCK):
        for p in range(0, n, 4):
            skewed_dots(flat, p * height + begin, height, A, p, C, begin, min(BLOCK, height - begin), d)

    cover, loss = np.zeros(n, np.float32), 0.0
    for k in range(m):
        cover[of[k]] += counts[k]
        loss -= np.float64(counts[k]) * S[of[k], to[k]]
    for p in range(n):
        start = p * height
        top = flat[start]
        for at in range(start, start + words):
            top = max(top, flat[at])
        total = 0.0
        for begin in range(start, start + words, BLOCK):
            part = f32(0)
            for at in range(begin, min(begin + BLOCK, start + words)):
                flat[at] = exponential(flat[at] - top)
                part += flat[at]
            total += np.float64(part)
        loss += cover[p] * (top + np.log(total))
        away = f32(-rate * cover[p] / total)
        for at in range(start, start + words):
            flat[at] *= away
        for at in range(start + words, start + height):
            flat[at] = f32(0)
    for k in range(m):
        S[of[k], to[k]] += f32(rate) * counts[k]

    for begin in range(0, height, BLOCK):
        size = min(BLOCK, height - begin)
        sums(dA, 0, n, S, begin, height, 1, C, begin, size, begin > 0, d)
        sums(C, begin, size, S, begin, 1, height, A, 0, n, True, d)
    return loss


@kernel
def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    near: Vector,
    is_cbow: bool,
    group: int,
    rate: float,
    d: int,
    bias: int | None,
    words: int,
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
    group
        How many centres take their steps together.
    d
        How many columns are in use: the others are 0 and stay so.
    bias
        The column of the biases, as in `jari.kernels.bias`; or None.
    words
        How many there are: C has room for a multiple of 4.
    W, C
        Input and output vectors, rows padded to whole vectors.
    """
    room, width = group + 2 * window + 4, W.shape[1]
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, counts = np.zeros((room, C.shape[0]), np.float32), np.empty(group * 2 * window, np.float32)
    of, to = np.empty(group * 2 * window, np.int64), np.empty(group * 2 * window, np.int64)
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        n, centres, m = last - first, stop - at, 0
        if is_cbow:
            gather_sums(W, kept, first, last, A)
            if bias is not None:
                add_bias(A, 0, n, W, True)
            for i in range(at, stop):
                size = right[i] - left[i] - 1
                share = f32(1) / f32(max(size, 1))
                mean_around(H, i - at, share, A, left[i] - first, i - first, right[i] - first)
                if size > 0:  # alone, it is foretold by nothing
                    of[m], to[m], counts[m] = i - at, kept[i], f32(1)
                    m += 1
            loss += group_steps(H, centres, C, words, of, to, counts, m, rate, d, dH, S)
            if bias is not None:
                bias_step(W, bias, dH, 0, centres, 1 / centres)
            spread(dA, n, left, right, at, first, dH, centres)
        else:
            gather(W, kept, first, last, A, 0)
            if bias is not None:
                add_bias(A, 0, n, W, False)
            for i in range(at, stop):
                for q in range(left[i], right[i]):
                    if q != i:
                        of[m], to[m], counts[m] = q - first, kept[i], near[q - i + window]
                        m += 1
            loss += group_steps(A, n, C, words, of, to, counts, m, rate, d, dA, S)
            if bias is not None:
                bias_step(W, bias, dA, 0, n, 1 / n)
        scatter(W, kept, first, last, dA, 0)
    return loss
