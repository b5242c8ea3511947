"""`jari.kernels.hierarchical`, a centre at a time, with the twins of all that it calls."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.bias import bias_step
from jari.kernels.reference.logistic import surprise
from jari.types import Ids, Matrix, Offsets, Rows, Vector


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
    place = np.arange(2 * window + 1)
    weights = np.where((begin <= place) & (place < end), near[place], 0)
    words, nodes = A[first + place, :d], P[:m, :d]
    missed, cost = surprise(-(nodes @ words.T))  # every turn should score high
    toward = rate * weights * missed
    dP[:m, :d] = toward @ words
    dA[first + place, :d] += toward.T @ nodes
    return float(np.sum(weights * cost))


def mean_path_steps(H: Matrix, i: int, P: Matrix, m: int, rate: float, d: int, dH: Matrix, scores: Vector) -> float:
    missed, cost = surprise(-(P[:m, :d] @ H[i, :d]))
    scores[:m] = rate * missed
    dH[i] = 0
    dH[i, :d] = scores[:m] @ P[:m, :d]
    return float(np.sum(cost))


def path(offsets: Offsets, turns: Ids, word: int, nodes: Rows, signs: Vector, at: int) -> int:
    way = turns[offsets[word] : offsets[word + 1]]
    nodes[at : at + len(way)] = way // 2
    signs[at : at + len(way)] = np.where(way % 2 == 0, 1, -1)
    return len(way)


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
    nodes, signs = np.empty(longest, np.int64), np.empty(longest, np.float32)
    loss = 0.0
    for at in range(0, count, group):
        centres = np.arange(at, min(at + group, count))
        first, last = left[centres].min(), right[centres].max()
        contexts, n = kept[first:last], last - first
        A = np.zeros((len(centres) + 2 * window, W.shape[1]), W.dtype)  # the centre i is row i - at + window
        front = first - (at - window)
        A[front : front + n] = W[contexts] + (W[-1] if bias >= 0 else 0)
        position = at - window + np.arange(len(A))
        inside = (left[centres, None] <= position) & (position < right[centres, None]) & (position != centres[:, None])
        H = inside @ A / np.maximum(inside.sum(1, keepdims=True), 1)
        dA, dH = np.zeros_like(A), np.zeros_like(H)
        for i in centres:
            if not inside[i - at].any():
                continue  # alone, it foretells nothing
            m = path(offsets, turns, kept[i], nodes, signs, 0)
            P = signs[:m, None] * C[nodes[:m]]
            dP = np.zeros_like(P)
            if is_cbow:
                scores = np.zeros(m, W.dtype)
                loss += mean_path_steps(H, i - at, P, m, rate, d, dH, scores)
                dP = scores[:, None] * H[i - at]
            else:
                begin, end = left[i] - i + window, right[i] - i + window
                nothing = np.empty((0, 0), W.dtype)
                shared = window, P, m, near, rate, d, dA, dP, nothing, nothing.ravel()
                loss += path_steps(A, i - at, begin, end, *shared)
            np.add.at(C, nodes[:m], signs[:m, None] * dP)
        if is_cbow:
            if bias >= 0:
                bias_step(W, bias, dH, 0, len(centres), 1 / len(centres))
            dA = inside.T @ dH
        elif bias >= 0:
            bias_step(W, bias, dA, front, front + n, 1 / n)
        np.add.at(W, contexts, dA[front : front + n])
    return loss
