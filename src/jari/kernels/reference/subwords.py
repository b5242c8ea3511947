"""`jari.kernels.subwords`: means of rows, two matrix products and a mask."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference import cbow
from jari.kernels.reference.logistic import surprise
from jari.kernels.reference.noise import draw
from jari.kernels.reference.windows import run
from jari.types import Ids, Matrix, Offsets, Vector


def compose(
    matrix: Matrix, rows: Ids, starts: Offsets, words: Ids, begin: int, end: int, out: Matrix, first: int
) -> None:
    parts = [rows[starts[word] : starts[word + 1]] for word in words[begin:end]]
    out[first : first + end - begin] = [matrix[part].sum(0) / max(len(part), 1) for part in parts]


def means(matrix: Matrix, rows: Ids, starts: Offsets, begin: int, end: int, out: Matrix) -> None:
    compose(matrix, rows, starts, np.arange(end), begin, end, out, begin)


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
    for word, step in zip(words[begin:end], steps[first:], strict=False):
        part = rows[starts[word] : starts[word + 1]]
        np.add.at(matrix, part, scales[part, None] * step)


def fetch_parts(matrix: Matrix, rows: Ids, starts: Offsets, words: Ids, begin: int, end: int) -> None:
    """Nothing to see: NumPy waits for what it reads."""


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
    n = centres + 2 * window
    words, contexts, noises = H[:centres], A[:n], X[:noise]

    position = at - window + np.arange(n)
    centre = at + np.arange(centres)
    inside = (left[centre, None] <= position) & (position < right[centre, None]) & (position != centre[:, None])
    pairs = inside * near[np.clip(position - centre[:, None] + window, 0, 2 * window)]
    cover = weight * pairs.sum(1)  # how often each centre meets the noise

    # A true pair should score high, a false one low: the slope of -log σ(x) is -σ(-x), that of -log σ(-x) is σ(x).
    missed, cost = surprise(-(words @ contexts.T))
    fooled, noise_cost = surprise(words @ noises.T)
    toward = rate * pairs * missed
    away = -rate * cover[:, None] * fooled

    dH[:centres] = toward @ contexts + away @ noises
    dA[:n] = toward.T @ words
    dX[:noise] = away.T @ words
    return float(np.sum(pairs * cost) + np.sum(cover[:, None] * noise_cost))


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
    nothing = np.empty((0, 0), np.float32)
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        words = np.empty(noise, np.int64)
        state = draw(state, limits, others, words)
        front, n = first - (at - window), last - first
        H, X = np.empty((stop - at, W.shape[1]), W.dtype), C[words]
        compose(W, rows, starts, kept, at, stop, H, 0)
        A = np.zeros((stop - at + 2 * window, C.shape[1]), C.dtype)
        A[front : front + n] = C[kept[first:last]]
        dH, dA, dX = np.zeros_like(H), np.zeros_like(A), np.zeros_like(X)
        where = X, noise, stop - at, left, right, at, window, negative / noise, rate, d
        loss += group_steps(H, A, *where, dH, dA, dX, nothing, nothing.ravel(), near, nothing)
        share(W, rows, starts, kept, at, stop, dH, 0, scales)
        np.add.at(C, kept[first:last], dA[front : front + n])
        np.add.at(C, words, dX)
    return loss


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
    nothing = np.empty((0, 0), np.float32)
    loss = 0.0
    for at in range(0, count, group):
        stop = min(at + group, count)
        first, last = run(left, right, at, stop)
        words = np.empty(noise, np.int64)
        state = draw(state, limits, others, words)
        n, outputs = last - first, np.concatenate([words, kept[at:stop]])
        A, X = np.empty((n, W.shape[1]), W.dtype), C[outputs]
        compose(W, rows, starts, kept, first, last, A, 0)
        sums = np.zeros((n + 1, W.shape[1]), W.dtype)
        sums[1:] = np.cumsum(A, 0)
        dA, dX = np.zeros_like(sums), np.zeros_like(X)
        where = left, right, at, first, negative / noise, rate, d, dA, dX, nothing, nothing.ravel()
        H, dH = (np.empty((stop - at, W.shape[1]), W.dtype) for _ in range(2))
        loss += cbow.group_steps(sums, n, X, noise, stop - at, *where, H, dH, nothing.ravel(), False)
        share(W, rows, starts, kept, first, last, dA, 0, scales)
        np.add.at(C, outputs, dX)
    return loss
