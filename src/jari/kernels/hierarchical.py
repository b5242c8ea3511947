"""Hierarchical softmax: a word is foretold by foretelling every turn on its way down a Huffman tree.

For a centre i, each context p of its window, and each inner node j on the way to i, with ±_ij the turn that is taken
there (Morin & Bengio 2005; Mikolov et al. 2013, equation 3)::

    L = Σ_(i,p) near_ip · Σ_j -log σ(±_ij w_p · v_j)

Contexts are gathered for G centres at once. The first nodes, rows 0 to TOP - 1, are on nearly every way: their part is
one dense product a group, contexts × nodes, where of the pairs of a context that pass a node, which count cover_pj
together, those that count ahead_pj turn one way, and the others the other::

    L_top = Σ_p Σ_j [ cover_pj · log(1 + exp(w_p · v_j)) - ahead_pj · w_p · v_j ]

What is left of a way is the centre's own: a small dense product, contexts × nodes. A node's row is multiplied by its
sign when it is gathered, and its step when it is scattered; in between every turn is a true pair. Contexts and nodes
move after every centre.

How much a pair counts, near_ip, is as in `skipgram`. Tiles take four contexts at a time, so a centre looks at whole
fours, to the left or right or both. It does not look at all it could: centres take turns in what they look at
(`views`), and a pair that is taken one time of n counts n times as much. So a centre of window 5 takes 6 contexts on
average, as many as with windows drawn from 1 to 5. CBOW has one row, the mean of the window, in the place of the
contexts.
"""

from __future__ import annotations

import numpy as np

from jari.kernels import _vector
from jari.kernels._jit import kernel
from jari.kernels.bias import add_bias, bias_step
from jari.kernels.logistic import positives, surprise
from jari.kernels.products import dots, skewed_dots, sums
from jari.kernels.rows import add_row, clear, fetch, gather, gather_sums, mean_around, scatter, set_row, spread
from jari.kernels.skipgram import CERTAIN
from jari.kernels.windows import run
from jari.types import Ids, Matrix, Offsets, Rows, Vector

f32 = np.float32
TOP = 16  # docs/decisions/0008-softmaxes.md


@kernel
def path(offsets: Offsets, turns: Ids, word: int, first: int, nodes: Rows, signs: Vector, at: int) -> int:
    """Fill `nodes` and `signs` (1 or -1) from `at` on with a word's way, from row `first` on; return its length."""
    m = 0
    for j in range(offsets[word], offsets[word + 1]):
        turn = turns[j]
        if turn >= 2 * first:
            nodes[at + m], signs[at + m] = turn >> 1, f32(1 - 2 * (turn & 1))
            m += 1
    return m


@kernel
def top_steps(
    kept: Ids,
    left: Ids,
    right: Ids,
    at: int,
    stop: int,
    window: int,
    near: Vector,
    rate: float,
    d: int,
    offsets: Offsets,
    turns: Ids,
    A: Matrix,
    C: Matrix,
    P: Matrix,
    S: Matrix,
    cover: Matrix,
    ahead: Matrix,
) -> float:
    """The steps of a group's contexts and of the first nodes, taken at once in A and C; returns their loss.

    Parameters
    ----------
    kept, left, right, at, stop
        The centres ``kept[at:stop]`` and their windows.
    A
        Rows of W; the centre i is row ``i - at + window``.
    P, S, cover, ahead
        Room to work in: TOP rows as long as C's, TOP rows of a number a row of A, and twice a row more of these.
    """
    columns, n = S.shape[1], stop - at + 2 * window
    scores, of_all, of_some = S.ravel(), cover.ravel(), ahead.ravel()
    clear(cover, 0, TOP)
    clear(ahead, 0, TOP)
    for i in range(at, stop):
        word, begin, end = np.int64(kept[i]), left[i] - i + window, right[i] - i + window
        whole = begin == 0 and end == 2 * window + 1
        for j in range(offsets[word], offsets[word + 1]):
            turn = turns[j]
            if turn >= 2 * TOP:
                break
            start, taken = (turn >> 1) * columns + i - at, f32(1 - (turn & 1))
            if whole:  # at once, with the zeros that follow
                _vector.add_scaled(of_all, start, f32(1), near, 0, near.shape[0])
                _vector.add_scaled(of_some, start, taken, near, 0, near.shape[0])
                continue
            for k in range(begin, end):
                of_all[start + k] += near[k]
                of_some[start + k] += near[k] * taken
    for j in range(TOP):
        set_row(P, j, f32(1), C, j)
    dots(S, P, TOP, A, (n + 3) // 4 * 4, d)
    loss = f32(0)
    for k in range(TOP * columns):
        slope, cost = surprise(scores[k])
        loss += of_all[k] * cost - of_some[k] * scores[k]
        scores[k] = f32(rate) * (of_some[k] - of_all[k] * slope)
    sums(C, 0, TOP, S, 0, columns, 1, A, 0, n, True, d)
    sums(A, 0, n, S, 0, 1, columns, P, 0, TOP, True, d)
    return np.float64(loss)


@kernel
def path_steps(
    A: Matrix,
    start: int,
    places: int,
    reach: int,
    begin: int,
    end: int,
    P: Matrix,
    m: int,
    weights: Vector,
    rate: float,
    d: int,
    dP: Matrix,
    S: Vector,
) -> float:
    """The steps of one centre's contexts and of the nodes on its way, ``-rate · ∂L``; returns its loss L.

    Parameters
    ----------
    A, start, places
        Rows of W, changed at once: the centre looks at `places` of them from `start` on.
    reach
        More exactly at so many at either end, a multiple of 4; what is between does not count.
    begin, end
        Which places are in the window.
    P, m
        The nodes' rows, each times its sign.
    weights
        How much each place counts, again for each of the m nodes.
    rate
        How long a step is.
    d
        How many columns are in use.
    dP
        Where the nodes' steps go. All blocks have room for multiples of 4 rows.
    S
        Room to work in, as much as `weights`; finite.
    """
    beyond = places - reach
    for j in range(0, m, 4):
        skewed_dots(S, j * places, places, P, j, A, start, reach, d)
        if beyond > 0:
            skewed_dots(S, j * places + beyond, places, P, j, A, start + beyond, reach, d)
    if begin > 0 or end < places:
        for j in range(0, m * places, places):
            for k in range(begin):
                S[j + k] = CERTAIN
            for k in range(end, places):
                S[j + k] = CERTAIN
    loss = f32(0)
    for k in range(m * places):
        slope, cost = surprise(-S[k])
        S[k] = slope * weights[k] * f32(rate)
        loss += cost * weights[k]
    sums(dP, 0, m, S, 0, places, 1, A, start, places, False, d)
    sums(A, start, reach, S, 0, 1, places, P, 0, m, True, d)
    if beyond > 0:
        sums(A, start + beyond, reach, S, beyond, 1, places, P, 0, m, True, d)
    return np.float64(loss)


@kernel
def sees(views: Ids, turn: int, reach: int, k: int) -> bool:
    """Whether a centre looks at the word that stands k after it: at either end of its view."""
    first, last = views[turn, 0], views[turn, 1]
    return k != 0 and (first <= k < first + reach or last - reach < k <= last)


@kernel
def pair_weights(near: Vector, window: int, reach: int, views: Ids, weights: Matrix) -> None:
    """Fill ``weights[turn]`` with how much each place of a view counts, again and again.

    That is `near`, from `skipgram.nearness`, over how often the pair is taken.
    """
    turns = views.shape[0]
    for turn in range(turns):
        places = views[turn, 1] - views[turn, 0] + 1
        for i in range(weights.shape[1]):
            k, taken = views[turn, 0] + i % places, 0
            for other in range(turns):
                taken += sees(views, other, reach, k)
            counts = sees(views, turn, reach, k) and abs(k) <= window
            weights[turn, i] = near[window + k] * f32(turns) / f32(taken) if counts else f32(0)


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
def learn(
    kept: Ids,
    left: Ids,
    right: Ids,
    count: int,
    window: int,
    near: Vector,
    reach: int,
    views: Ids,
    is_cbow: bool,
    group: int,
    rate: float,
    d: int,
    bias: int | None,
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
        The widest window, `reach` or more; and from `nearness`, how much a skip-gram pair counts.
    reach, views
        At how many words to either end of its view a centre looks, a multiple of 4; and shape (turns, 2): the first and
        the last place of each view, 0 being the centre. The centre i has turn i modulo turns.
    group
        How many centres' contexts are gathered at once.
    d
        How many columns are in use: the others are 0 and stay so.
    bias
        The column of the biases, as in `jari.kernels.bias`; or None.
    offsets, turns, longest
        From `huffman.path_offsets` and `huffman.paths`.
    W, C
        The words' vectors and the nodes', TOP or more, rows padded to whole vectors.
    """
    room, width, deep = (group + 2 * window + 7) // 4 * 4, W.shape[1], max(TOP, (longest + 7) // 4 * 4)
    A, before = np.zeros((room, width), np.float32), np.zeros((room, width), np.float32)
    H, dH = np.zeros((group + 4, width), np.float32), np.zeros((group + 4, width), np.float32)
    P, dP = np.zeros((deep, width), np.float32), np.zeros((deep, width), np.float32)
    S, T = np.zeros(deep * (2 * window + 1) + 4, f32), np.zeros((TOP, room), f32)
    cover, ahead = np.zeros((TOP + 1, room), np.float32), np.zeros((TOP + 1, room), np.float32)
    weights = np.empty((views.shape[0], S.shape[0]), np.float32)
    pair_weights(near, window, reach, views, weights)
    scores, nodes, signs = np.empty(4 * deep + 16, f32), np.empty(2 * deep, np.int64), np.empty(2 * deep, f32)
    first_node = 0 if is_cbow else TOP
    now, m = 0, path(offsets, turns, kept[0], first_node, nodes, signs, 0) if count > 0 else 0
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        n, centres = last - first, stop - at
        front = 0 if is_cbow else first - (at - window)
        if is_cbow:
            gather_sums(W, kept, first, last, A)
            if bias is not None:
                add_bias(A, 0, n, W, True)
            for i in range(at, stop):
                share = f32(1) / f32(max(right[i] - left[i] - 1, 1))
                mean_around(H, i - at, share, A, left[i] - first, i - first, right[i] - first)
        else:
            gather(W, kept, first, last, A, front)
            if bias is not None:
                add_bias(A, front, n, W, False)
            for p in range(front, front + n):
                set_row(before, p, f32(1), A, p)
            loss += top_steps(
                kept, left, right, at, stop, window, near, rate, d, offsets, turns, A, C, P, T, cover, ahead
            )
        fetch(W, kept, last, min(last + group, count))
        for i in range(at, stop):
            for j in range(m):
                set_row(P, j, signs[now + j], C, nodes[now + j])
            following = 0
            if i + 1 < count:  # the next way arrives while this one is computed
                following = path(offsets, turns, kept[i + 1], first_node, nodes, signs, deep - now)
                fetch(C, nodes, deep - now, deep - now + following)
            if right[i] - left[i] == 1:
                m = 0  # alone, it foretells nothing
            if is_cbow:
                loss += mean_path_steps(H, i - at, P, m, rate, d, dH, scores)
                for j in range(m):
                    add_row(C, nodes[now + j], signs[now + j] * scores[j], H, i - at)
            else:
                turn = i % views.shape[0]
                start, places = i + views[turn, 0], views[turn, 1] - views[turn, 0] + 1
                begin, end = max(0, left[i] - start), min(places, right[i] - start)
                row, counts = start - at + window, weights[turn]
                loss += path_steps(A, row, places, reach, begin, end, P, m, counts, rate, d, dP, S)
                for j in range(m):
                    add_row(C, nodes[now + j], signs[now + j], dP, j)
            now, m = deep - now, following
        if is_cbow:
            if bias is not None:
                bias_step(W, bias, dH, 0, centres, 1 / centres)
            spread(A, n, left, right, at, first, dH, centres)
        else:
            for p in range(front, front + n):
                add_row(A, p, f32(-1), before, p)
            if bias is not None:
                bias_step(W, bias, A, front, front + n, 1 / n)
        scatter(W, kept, first, last, A, front)
    return loss
