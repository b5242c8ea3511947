"""`jari.kernels.cbow` as products with the matrix of window means."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.logistic import surprise
from jari.types import Ids, Matrix, Vector


def either_steps(
    sums_before: Matrix,
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
    d: int,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    H: Matrix,
    dH: Matrix,
    scores: Vector,
    false_contexts: bool,
) -> float:
    words, noises, centre_words = np.diff(sums_before[: n + 1], axis=0), X[:noise], X[noise : noise + centres]

    position = first + np.arange(n)
    centre = at + np.arange(centres)
    pairs = (left[centre, None] <= position) & (position < right[centre, None]) & (position != centre[:, None])
    size = pairs.sum(1, keepdims=True)
    seen = size > 0  # a centre alone foretells nothing
    mean = pairs @ words / np.maximum(size, 1)

    asked = centre_words if false_contexts else mean
    missed, cost = surprise(-np.sum(mean * centre_words, 1, keepdims=True))
    fooled, noise_cost = surprise(asked @ noises.T)
    toward = rate * seen * missed
    away = -rate * weight * seen * fooled

    dH[:centres] = toward * centre_words
    dX[:noise] = away.T @ asked
    dX[noise : noise + centres] = toward * mean
    (dX[noise : noise + centres] if false_contexts else dH[:centres])[:] += away @ noises
    dA[:n] = pairs.T @ dH[:centres]  # whole to each context, as word2vec.c does: |window| times the gradient
    return float(np.sum(seen * cost) + weight * np.sum(seen * noise_cost))


def group_steps(
    sums_before: Matrix,
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
    d: int,
    dA: Matrix,
    dX: Matrix,
    S: Matrix,
    costs: Vector,
    H: Matrix,
    dH: Matrix,
    scores: Vector,
) -> float:
    return either_steps(
        sums_before,
        n,
        X,
        noise,
        centres,
        left,
        right,
        at,
        first,
        weight,
        rate,
        d,
        dA,
        dX,
        S,
        costs,
        H,
        dH,
        scores,
        False,
    )
