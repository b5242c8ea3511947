"""Hierarchical softmax: a word is foretold by foretelling every turn on its way down a Huffman tree.

For a centre i, each context p of its window, and each inner node j on the way to i, with ±_j the turn that is taken
there (Morin & Bengio 2005; Mikolov et al. 2013, equation 3)::

    L = Σ_(i,p) near_ip · Σ_j -log σ(±_j w_p · v_j)

For one centre this is a small dense product, contexts × nodes. A node's row is multiplied by its sign when it is
gathered, and its step when it is scattered: in between every turn is a true pair. Nodes change after every centre,
since all ways share the first ones; contexts, gathered for G centres at once, after every group. How much a pair counts,
near_ip, is as in `skipgram`. CBOW has one row, the mean of the window, in the place of the contexts.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.bias import add_bias, add_bias_to_sums, bias_step
from jari.kernels.logistic import band_positives, positives
from jari.kernels.products import skewed_dots, sums
from jari.kernels.rows import add_row, clear, fetch, gather, gather_sums, mean_around, scatter, set_row, spread
from jari.kernels.skipgram import CERTAIN
from jari.types import Ids, Matrix, Offsets, Rows, Vector

f32 = np.float32


@kernel
def path_steps(
    A: Matrix,
    first: int,
    begin: int,
    end: int,
    window: int,
    P: Matrix,
    m: int,
    near: Vector,
    rate: float,
    d: int,
    dA: Matrix,
    dP: Matrix,
    S: Matrix,
    costs: Vector,
) -> float:
    """The steps of one centre's contexts and of the nodes on its way, ``-rate · ∂L``; returns its loss L.

    Parameters
    ----------
    A
        Rows of W. The centre is row ``first + window``; its window is ``begin : end``, counted from `first` on. What
        stands in other rows does not matter.
    window
        The widest window.
    P, m
        The nodes' rows, each times its sign.
    near
        From `skipgram.nearness`.
    rate
        How long a step is.
    d
        How many columns are in use.
    dA, dP
        Where the steps go: added to dA, set in dP.
    S, costs
        Room to work in, of shape (m, len(near)) and that flat. All blocks have room for multiples of 4 rows.
    """
    width, places, flat = near.shape[0], 2 * window + 1, S.ravel()
    for j in range(0, m, 4):
        skewed_dots(flat, j * width, width, P, j, A, first, places, d)
    if begin > 0 or end < places:
        for j in range(m):
            for k in range(begin):
                S[j, k] = CERTAIN
            for k in range(end, places):
                S[j, k] = CERTAIN
    loss = band_positives(S, m, near, rate, costs)
    sums(dP, 0, m, S, 0, width, 1, A, first, places, False, d)
    sums(dA, first, places, S, 0, 1, width, P, 0, m, True, d)
    return loss


@kernel
def mean_path_steps(H: Matrix, i: int, P: Matrix, m: int, rate: float, d: int, dH: Matrix, scores: Vector) -> float:
    """The same for CBOW, where one row H[i], the mean of the window, stands for the contexts.

    Sets dH[i], and leaves in `scores`, with room for 4·m + 16, how far each node moves along H[i].
    """
    for j in range(0, m, 4):  # four columns of which one counts: a tile is still faster than four sums
        skewed_dots(scores, 4 * j, 4, P, j, H, i, 1, d)
    for j in range(m):
        scores[j] = scores[4 * j]
    loss = positives(scores, m, rate)
    clear(dH, i, i + 1)
    for j in range(m):
        add_row(dH, i, scores[j], P, j)
    return loss


@kernel
def path(offsets: Offsets, turns: Ids, word: int, nodes: Rows, signs: Vector, at: int) -> int:
    """Fill `nodes` and `signs` (1 or -1) from `at` on with the way to a word; return its length."""
    begin, m = offsets[word], offsets[word + 1] - offsets[word]
    for j in range(m):
        turn = turns[begin + j]
        nodes[at + j], signs[at + j] = turn >> 1, f32(1 - 2 * (turn & 1))
    return m


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
    bias: int,
    offsets: Offsets,
    turns: Ids,
    longest: int,
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
        How many centres' contexts are gathered at once.
    d
        How many columns are in use: the others are 0 and stay so.
    bias
        The column of the biases, as in `jari.kernels.bias`; -1 for none.
    offsets, turns, longest
        From `huffman.path_offsets` and `huffman.paths`.
    W, C
        The words' vectors and the nodes', rows padded to whole vectors.
    """
    room, width, deep = group + 2 * window + 4, W.shape[1], (longest + 7) // 4 * 4
    A, dA = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    P, dP = np.zeros((deep, width), np.float32), np.zeros((deep, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    S, costs = np.zeros((deep, near.shape[0]), np.float32), np.empty(deep * near.shape[0], np.float32)
    scores, nodes, signs = (
        np.empty(4 * deep + 16, np.float32),
        np.empty(2 * deep, np.int64),
        np.empty(2 * deep, np.float32),
    )
    now, m = 0, path(offsets, turns, kept[0], nodes, signs, 0) if count > 0 else 0
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = at, stop
        for i in range(at, stop):
            first, last = min(first, left[i]), max(last, right[i])
        n, centres = last - first, stop - at
        front = 0 if is_cbow else first - (at - window)
        if is_cbow:
            gather_sums(W, kept, first, last, A)
            if bias >= 0:
                add_bias_to_sums(A, n, W)
            for i in range(at, stop):
                share = f32(1) / f32(max(right[i] - left[i] - 1, 1))
                mean_around(H, i - at, share, A, left[i] - first, i - first, right[i] - first)
        else:
            gather(W, kept, first, last, A, front)
            if bias >= 0:
                add_bias(A, front, front + n, W)
            clear(dA, 0, room)
        fetch(W, kept, last, min(last + group, count))
        for i in range(at, stop):
            for j in range(m):
                set_row(P, j, signs[now + j], C, nodes[now + j])
            following = 0
            if i + 1 < count:  # the next way arrives while this one is computed
                following = path(offsets, turns, kept[i + 1], nodes, signs, deep - now)
                fetch(C, nodes, deep - now, deep - now + following)
            if right[i] - left[i] == 1:
                m = 0  # alone, it foretells nothing
            if is_cbow:
                loss += mean_path_steps(H, i - at, P, m, rate, d, dH, scores)
                for j in range(m):
                    add_row(C, nodes[now + j], signs[now + j] * scores[j], H, i - at)
            else:
                begin, end = left[i] - i + window, right[i] - i + window
                loss += path_steps(A, i - at, begin, end, window, P, m, near, rate, d, dA, dP, S, costs)
                for j in range(m):
                    add_row(C, nodes[now + j], signs[now + j], dP, j)
            now, m = deep - now, following
        if is_cbow:
            if bias >= 0:
                bias_step(W, bias, dH, 0, centres, 1 / centres)
            spread(dA, n, left, right, at, first, dH, centres)
        elif bias >= 0:
            bias_step(W, bias, dA, front, front + n, 1 / n)
        scatter(W, kept, first, last, dA, front)
    return loss
