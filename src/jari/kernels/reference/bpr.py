"""`jari.kernels.bpr`, a group at a time, in float64."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.noise import draw
from jari.types import Ids, Matrix, Offsets, Rows, Vector

GROUP = 16
AGAIN = 4


def visit_users(
    U: Matrix,
    V: Matrix,
    biases: Vector,
    indices: Ids,
    indptr: Offsets,
    users: Ids,
    starts: Offsets,
    stops: Offsets,
    order: Rows,
    begin: int,
    end: int,
    noise: int,
    rate: float,
    l2: float,
    learn_items: bool,
    state: int,
    limits: np.ndarray,
    others: Ids,
    has: np.ndarray,
) -> float:
    loss = 0.0
    for visit in order[begin:end]:
        user = users[visit]
        own = set(indices[indptr[user] : indptr[user + 1]].tolist())
        for start in range(starts[visit], stops[visit], GROUP):
            chosen = indices[start : min(start + GROUP, stops[visit])]
            drawn, spare = np.zeros(noise, np.int64), np.zeros(1, np.int64)
            state = draw(state, limits, others, drawn)
            for t in range(noise):
                for _ in range(AGAIN):
                    if drawn[t] in own:
                        state = draw(state, limits, others, spare)
                        drawn[t] = spare[0]
            new = np.array([item not in own for item in drawn])

            u, P, Q = U[user].astype(float), V[chosen].astype(float), V[drawn].astype(float)
            b, c = biases[chosen].astype(float), biases[drawn].astype(float)
            behind = (Q @ u + c)[None, :] - (P @ u + b)[:, None]
            loss += float(np.log1p(np.exp(behind))[:, new].sum()) / noise
            slopes = np.where(new, 1 / (1 + np.exp(-behind)), 0.0) / noise
            up, down, times = slopes.sum(1), slopes.sum(0), len(chosen) / noise
            U[user] = u + rate * (up @ P - down @ Q - l2 * len(chosen) * u)
            if learn_items:
                np.add.at(V, chosen, rate * (up[:, None] * u - l2 * P))
                np.add.at(biases, chosen, rate * (up - l2 * b))
                np.add.at(V, drawn, -rate * (down[:, None] * u + l2 * times * Q))
                np.add.at(biases, drawn, -rate * (down + l2 * times * c))
    return loss
