"""`jari.kernels.hierarchical`, a centre at a time, with the twins of all that it calls."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.bias import bias_step
from jari.kernels.reference.logistic import surprise
from jari.kernels.reference.windows import run
from jari.types import Ids, Matrix, Offsets, Rows, Vector

TOP = 16


def path(offsets: Offsets, turns: Ids, word: int, first: int, nodes: Rows, signs: Vector, at: int) -> int:
    way = turns[offsets[word] : offsets[word + 1]]
    way = way[way // 2 >= first]
    nodes[at : at + len(way)] = way // 2
    signs[at : at + len(way)] = np.where(way % 2 == 0, 1, -1)
    return len(way)


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
    n, place = stop - at + 2 * window, np.arange(2 * window + 1)
    all_pairs, straight = np.zeros((TOP, n)), np.zeros((TOP, n))
    for i in range(at, stop):
        inside = (left[i] - i + window <= place) & (place < right[i] - i + window)
        way = turns[offsets[kept[i]] : offsets[kept[i] + 1]]
        for turn in way[way // 2 < TOP]:
            counts = inside * near[place]
            all_pairs[turn // 2, i - at + place] += counts
            straight[turn // 2, i - at + place] += counts * (turn % 2 == 0)
    words, nodes = A[:n, :d].copy(), C[:TOP, :d].copy()
    scores = nodes @ words.T
    wrong, cost = surprise(scores)
    toward = rate * (straight - all_pairs * wrong)
    C[:TOP, :d] += toward @ words
    A[:n, :d] += toward.T @ nodes
    return float(np.sum(all_pairs * cost - straight * scores))


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
    place = np.arange(places)
    counts = np.where((begin <= place) & (place < end), weights[place], 0)
    words, nodes = A[start + place, :d], P[:m, :d]
    missed, cost = surprise(-(nodes @ words.T))  # every turn should score high
    toward = rate * counts * missed
    dP[:m, :d] = toward @ words
    A[start + place, :d] += toward.T @ nodes
    return float(np.sum(counts * cost))


def sees(views: Ids, turn: int, reach: int, k: int) -> bool:
    view = list(range(views[turn, 0], views[turn, 1] + 1))
    return k != 0 and k in view[:reach] + view[-reach:]


def pair_weights(near: Vector, window: int, reach: int, views: Ids, weights: Matrix) -> None:
    turns = range(len(views))
    for turn in turns:
        counts = []
        for k in range(views[turn, 0], views[turn, 1] + 1):
            taken = sum(sees(views, other, reach, k) for other in turns) / len(views)
            seen = sees(views, turn, reach, k) and abs(k) <= window
            counts.append(near[window + k] / taken if seen else 0)
        weights[turn] = np.resize(np.array(counts, weights.dtype), weights.shape[1])


def mean_path_steps(H: Matrix, i: int, P: Matrix, m: int, rate: float, d: int, dH: Matrix, scores: Vector) -> float:
    missed, cost = surprise(-(P[:m, :d] @ H[i, :d]))
    scores[:m] = rate * missed
    dH[i] = 0
    dH[i, :d] = scores[:m] @ P[:m, :d]
    return float(np.sum(cost))


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
    nodes, signs = np.empty(longest, np.int64), np.empty(longest, np.float32)
    weights = np.empty((len(views), 2 * window + 1))
    pair_weights(near, window, reach, views, weights)
    nothing, loss = np.empty((0, 0), W.dtype), 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        centres = np.arange(at, stop)
        first, last = run(left, right, at, stop)
        contexts, n = kept[first:last], last - first
        A = np.zeros((len(centres) + 2 * window, W.shape[1]), W.dtype)  # the centre i is row i - at + window
        front = first - (at - window)
        A[front : front + n] = W[contexts] + (W[-1] if bias is not None else 0)
        before = A.copy()
        position = at - window + np.arange(len(A))
        inside = (left[centres, None] <= position) & (position < right[centres, None]) & (position != centres[:, None])
        H = inside @ A / np.maximum(inside.sum(1, keepdims=True), 1)
        dH = np.zeros_like(H)
        if not is_cbow:
            walk = kept, left, right, at, stop, window, near, rate, d, offsets, turns
            loss += top_steps(*walk, A, C, nothing, nothing, nothing, nothing)
        for i in centres:
            if not inside[i - at].any():
                continue  # alone, it foretells nothing
            m = path(offsets, turns, kept[i], 0 if is_cbow else TOP, nodes, signs, 0)
            P = signs[:m, None] * C[nodes[:m]]
            dP = np.zeros_like(P)
            if is_cbow:
                scores = np.zeros(m, W.dtype)
                loss += mean_path_steps(H, i - at, P, m, rate, d, dH, scores)
                dP = scores[:, None] * H[i - at]
            else:
                first, last = views[i % len(views)]
                start, places = i + first, last - first + 1
                within = start - at + window, places, reach, left[i] - start, right[i] - start
                counts = weights[i % len(views)]
                loss += path_steps(A, *within, P, m, counts, rate, d, dP, nothing.ravel())
            np.add.at(C, nodes[:m], signs[:m, None] * dP)
        steps = inside.T @ dH if is_cbow else A - before
        if bias is not None:
            if is_cbow:
                bias_step(W, bias, dH, 0, len(centres), 1 / len(centres))
            else:
                bias_step(W, bias, steps, front, front + n, 1 / n)
            steps[:, bias] = 0
        np.add.at(W, contexts, steps[front : front + n])
    return loss
