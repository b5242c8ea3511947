"""Drawing noise words in proportion to a weight, with Walker's alias method.

Cut the weights into n columns of equal height, each holding at most two words: a draw picks a column and then one of
its two (Walker 1977; built as by Vose 1991). Two arrays of 4 bytes a word stay in cache where word2vec's table of
10⁸ entries does not.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.random import below, high, low, mixed, step
from jari.types import Ids


@kernel
def alias_table(weights: np.ndarray, limits: np.ndarray, others: Ids) -> None:
    """Fill `limits` (uint32: keep the column's own word below this) and `others` (else take this word).

    `weights` is float64 of shape (n,), not negative, and sums to more than 0.
    """
    n = weights.shape[0]
    scale = n / weights.sum()
    height = weights * scale
    small = np.empty(n, np.int64)
    large = np.empty(n, np.int64)
    n_small = n_large = 0
    for i in range(n):
        if height[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        i = small[n_small]
        j = large[n_large - 1]
        limits[i] = np.uint32(height[i] * 4294967295.0)
        others[i] = j
        height[j] -= 1.0 - height[i]
        if height[j] < 1.0:
            n_large -= 1
            small[n_small] = j
            n_small += 1
    # What is left is 1 but for rounding.
    for k in range(n_large):
        limits[large[k]] = np.uint32(4294967295)
        others[large[k]] = large[k]
    for k in range(n_small):
        limits[small[k]] = np.uint32(4294967295)
        others[small[k]] = small[k]


@kernel
def draw(state: int, limits: np.ndarray, others: Ids, words: np.ndarray) -> int:
    """Fill `words` (int64) with draws and return the state that follows."""
    n = limits.shape[0]
    for t in range(words.shape[0]):
        state = step(state)
        number = mixed(state)
        column = below(high(number), n)
        words[t] = column if low(number) <= limits[column] else others[column]
    return state
