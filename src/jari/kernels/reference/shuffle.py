"""`jari.kernels.shuffle`, a basket at a time."""

from __future__ import annotations

import itertools

from jari.kernels.reference.random import below, high, mixed, step
from jari.types import Ids, Offsets


def shuffle(ids: Ids, offsets: Offsets, state: int) -> int:
    for begin, end in itertools.pairwise(offsets):
        basket = ids[begin:end]
        for last in range(len(basket) - 1, 0, -1):
            state = step(state)
            drawn = below(high(mixed(state)), last + 1)
            basket[[last, drawn]] = basket[[drawn, last]]
    return state
