"""`jari.kernels.softmax` as a matrix of scores and one of true pairs."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.bias import bias_step
from jari.kernels.reference.windows import run
from jari.types import Ids, Matrix, Rows, Vector


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
    inputs, outputs = A[:n, :d], C[:words, :d].copy()
    pairs = np.zeros((n, words))
    np.add.at(pairs, (of[:m], to[:m]), counts[:m])
    cover = pairs.sum(1, keepdims=True)

    scores = (inputs @ outputs.T).astype(np.float64)
    rest = scores.max(1, keepdims=True)
    normaliser = rest + np.log(np.sum(np.exp(scores - rest), 1, keepdims=True))
    toward = rate * (pairs - cover * np.exp(scores - normaliser))
    dA[:n, :d] = toward @ outputs
    C[:words, :d] += (toward.T @ inputs).astype(C.dtype)
    return float(np.sum(cover * normaliser) - np.sum(pairs * scores))


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
    nothing, loss = np.empty((0, 0), W.dtype), 0.0
    for at in range(0, count, group):
        centres = np.arange(at, min(at + group, count))
        first, last = run(left, right, at, centres[-1] + 1)
        contexts, position = kept[first:last], np.arange(first, last)
        A = W[contexts] + (W[-1] if bias is not None else 0)
        inside = (left[centres, None] <= position) & (position < right[centres, None]) & (position != centres[:, None])
        size = inside.sum(1, keepdims=True)
        if is_cbow:
            inputs, seen = inside @ A / np.maximum(size, 1), np.flatnonzero(size[:, 0])
            pairs = seen, kept[centres[seen]].astype(np.int64), np.ones(len(seen), np.float32), len(seen)
        else:
            i, p = np.nonzero(inside)
            inputs, far = A, position[p] - centres[i] + window
            pairs = p, kept[centres[i]].astype(np.int64), near[far], len(p)
        steps = np.zeros_like(inputs)
        loss += group_steps(inputs, len(inputs), C, words, *pairs, rate, d, steps, nothing)
        if bias is not None:
            bias_step(W, bias, steps, 0, len(inputs), 1 / len(inputs))
        np.add.at(W, contexts, inside.T @ steps if is_cbow else steps)
    return loss
