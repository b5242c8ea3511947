"""`jari.kernels.noise`, a column at a time."""

from __future__ import annotations

import numpy as np

from jari.kernels.reference.random import below, high, low, mixed, step
from jari.types import Ids

_FULL = 4294967295


def alias_table(weights: np.ndarray, limits: np.ndarray, others: Ids) -> None:
    height = weights * (len(weights) / weights.sum())
    small = [i for i in range(len(weights)) if height[i] < 1]
    large = [i for i in range(len(weights)) if height[i] >= 1]
    limits[:] = _FULL
    others[:] = np.arange(len(weights))
    while small and large:
        low, high = small.pop(), large[-1]
        limits[low] = np.uint32(height[low] * float(_FULL))
        others[low] = high
        height[high] -= 1 - height[low]  # what fills the low column up is taken from the high one
        if height[high] < 1:
            small.append(large.pop())


def draw(state: int, limits: np.ndarray, others: Ids, words: np.ndarray) -> int:
    for t in range(len(words)):
        state = step(state)
        column = below(high(mixed(state)), len(limits))
        words[t] = column if low(mixed(state)) <= limits[column] else others[column]
    return state
