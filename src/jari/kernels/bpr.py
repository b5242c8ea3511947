"""Bayesian personalised ranking: what a user chose is to score more than what the user did not.

The loss is ``Σ -log σ(u·v_p - u·v_n)`` over pairs of an item p that the user has and one n that the user has not
(Rendle, Freudenthaler, Gantner & Schmidt-Thieme 2009, *BPR: Bayesian Personalized Ranking from Implicit Feedback*). A
step there is one such pair, and fetches two items for one sigmoid. Here a user is visited with a group of items and
one of noise, and each of the one is compared with each of the other: the expected gradient is the same, and the rows
of a group are read and written once.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels._vector import add_scaled, dots, set_scaled
from jari.kernels.logistic import surprise
from jari.kernels.noise import draw
from jari.kernels.rows import fetch, gather
from jari.types import Ids, Matrix, Offsets, Rows, Vector

GROUP = 16  # items that a user has, a multiple of 4
AGAIN = 4  # times that an item of noise is drawn again because the user has it
_CERTAIN = np.float32(-80)  # so much worse that nothing is left to learn

_dots = dots(1)
f32 = np.float32


@kernel
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
    """Learn from some visits; their loss, a pair of an item and its noise.

    Other threads change the items at the same time (Hogwild, Niu et al. 2011).

    Parameters
    ----------
    U, V, biases
        Vectors of users and of items, rows padded to whole vectors, and what each item scores besides.
    indices, indptr
        What each user has, as compressed rows, in any order.
    users, starts, stops
        Visit i is of the user ``users[i]`` with the items ``indices[starts[i] : stops[i]]``.
    order, begin, end
        The visits ``order[begin:end]``.
    noise
        Items of noise to a group, a multiple of 4.
    rate, l2
        How long a step is, and the regularisation.
    learn_items
        Whether the items move, and not only the user.
    state
        Of the random numbers, uint64.
    limits, others
        From `alias_table`, over the items.
    has
        Room of zeros, one an item, uint8; zeros again afterwards.
    """
    d = U.shape[1]
    A, g = np.zeros((GROUP + noise + 4, d), np.float32), np.zeros(d, np.float32)
    scores, given = np.zeros(GROUP + noise, np.float32), np.zeros(GROUP + noise, np.float32)
    slopes, costs = np.zeros(GROUP * noise, np.float32), np.zeros(GROUP * noise, np.float32)
    drawn, spare = np.zeros(noise, np.int64), np.zeros(1, np.int64)
    flat = U.ravel()
    share = f32(1) / f32(noise)
    loss = 0.0
    for at in range(begin, end):
        visit = order[at]
        user = np.int64(users[visit])
        for s in range(indptr[user], indptr[user + 1]):
            has[indices[s]] = 1
        if at + 1 < end:
            later = order[at + 1]
            fetch(V, indices, starts[later], min(starts[later] + GROUP, stops[later]))
        for start in range(starts[visit], stops[visit], GROUP):
            stop = min(start + GROUP, stops[visit])
            count = stop - start
            state = draw(state, limits, others, drawn)
            for t in range(noise):
                for _ in range(AGAIN):
                    if has[drawn[t]] == 0:
                        break
                    state = draw(state, limits, others, spare)
                    drawn[t] = spare[0]
            fetch(V, drawn, 0, noise)
            gather(V, indices, start, stop, A, 0)
            gather(V, drawn, 0, noise, A, GROUP)
            if stop < stops[visit]:
                fetch(V, indices, stop, min(stop + GROUP, stops[visit]))
            for i in range(0, GROUP, 4):
                _dots(scores, i, 0, flat, user * d, A, i * d, d, d)
            for t in range(0, noise, 4):
                _dots(scores, GROUP + t, 0, flat, user * d, A, (GROUP + t) * d, d, d)
            for t in range(noise):
                given[GROUP + t] = biases[drawn[t]]
                scores[GROUP + t] = _CERTAIN if has[drawn[t]] != 0 else scores[GROUP + t] + given[GROUP + t]
            for i in range(count):
                given[i] = biases[indices[start + i]]
                own = scores[i] + given[i]
                for t in range(noise):
                    slopes[i * noise + t] = max(scores[GROUP + t] - own, _CERTAIN)
            for i in range(count * noise):
                slopes[i], costs[i] = surprise(slopes[i])
            total = f32(0)
            for i in range(count * noise):
                total += costs[i]
            loss += np.float64(total * share)

            set_scaled(g, 0, f32(-l2 * count), U, user * d, d)
            for i in range(count):
                slope = f32(0)
                for t in range(noise):
                    slope += slopes[i * noise + t]
                item = np.int64(indices[start + i])
                _move(V, biases, given, item, slope * share, f32(1), U, user, A, i, g, rate, l2, learn_items)
            for t in range(noise):
                slope = f32(0)
                for i in range(count):
                    slope += slopes[i * noise + t]
                times = f32(count) * share
                _move(
                    V, biases, given, drawn[t], -slope * share, times, U, user, A, GROUP + t, g, rate, l2, learn_items
                )
            add_scaled(U, user * d, f32(rate), g, 0, d)
        for s in range(indptr[user], indptr[user + 1]):
            has[indices[s]] = 0
    return loss


@kernel
def _move(
    V: Matrix,
    biases: Vector,
    given: Vector,
    item: int,
    slope: float,
    times: float,
    U: Matrix,
    user: int,
    A: Matrix,
    row: int,
    g: Vector,
    rate: float,
    l2: float,
    learn_items: bool,
) -> None:
    """One item's step, met `times` times, and its part of the user's."""
    d = U.shape[1]
    add_scaled(g, 0, slope, A, row * d, d)
    if learn_items:
        add_scaled(V, item * d, f32(rate) * slope, U, user * d, d)
        add_scaled(V, item * d, f32(-rate * l2) * times, A, row * d, d)
        biases[item] += f32(rate) * (slope - f32(l2) * times * given[row])
