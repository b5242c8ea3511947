"""Baskets in an order of chance: each shuffled within itself, in place (Fisher and Yates 1938, Durstenfeld 1964)."""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.random import below, high, mixed, step
from jari.types import Ids, Offsets


@kernel
def shuffle(ids: Ids, offsets: Offsets, state: int) -> int:
    """Shuffle ``ids[offsets[i] : offsets[i + 1]]`` for every i: each order equally likely; the state that follows.

    Parameters
    ----------
    ids, offsets
        Baskets one after another, and where each begins; the last offset is where the last one ends.
    state
        Of the random numbers, uint64.
    """
    for basket in range(offsets.shape[0] - 1):
        begin = offsets[basket]
        for left in range(offsets[basket + 1] - begin, 1, -1):
            state = step(state)
            one, other = begin + left - 1, begin + below(high(mixed(state)), np.uint64(left))
            ids[one], ids[other] = ids[other], ids[one]
    return state
