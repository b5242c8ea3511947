"""From a stretch of the corpus to the words that are kept and the window of each.

A word of relative frequency f is kept with probability ``min(1, √(s/f) + s/f)`` (Mikolov et al. 2013, in the form of
word2vec.c). What is kept closes ranks; each kept word then looks at b words to either side, b drawn from 1..window (so
that near words count more) or always `window`, and never across the end of a sentence.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.random import below, bits, step
from jari.types import Ids, Offsets


@kernel
def keep_and_window(
    ids: Ids,
    offsets: Offsets,
    begin: int,
    end: int,
    keep: np.ndarray,
    window: int,
    shrink: bool,
    state: int,
    kept: Ids,
    left: Ids,
    right: Ids,
) -> tuple[int, int, int]:
    """Read ``ids[begin:end]``; fill `kept` (words) and `left`, `right` (each one's window, as positions in `kept`).

    Parameters
    ----------
    ids, offsets
        The corpus; sentence i is ``ids[offsets[i] : offsets[i + 1]]``.
    keep
        uint32, shape (n,): a word is kept when 32 random bits are at most this.
    shrink
        Draw each b, or use `window` itself.
    kept, left, right
        At least ``end - begin`` long.

    Returns
    -------
    m, pairs, centres
        How many words were kept, how many (centre, context) pairs their windows make, and how many of the words have
        a context. A window holds its own centre; a sentence that goes on past `begin` or `end` is cut there.
    """
    low, high = 0, offsets.shape[0] - 1
    while low < high:  # the sentence that holds `begin`: the last whose offset is not beyond it
        middle = (low + high + 1) // 2
        if offsets[middle] <= begin:
            low = middle
        else:
            high = middle - 1
    sentence = low
    position = begin
    m = pairs = centres = 0
    while position < end:
        stop = min(end, offsets[sentence + 1])
        first = m
        for i in range(position, stop):
            state = step(state)
            if bits(state) <= keep[ids[i]]:
                kept[m] = ids[i]
                m += 1
        for i in range(first, m):
            b = window
            if shrink:
                state = step(state)
                b = below(state, window) + 1
            left[i] = max(first, i - b)
            right[i] = min(m, i + b + 1)
            pairs += right[i] - left[i] - 1
        centres += m - first if m - first > 1 else 0
        position = stop
        sentence += 1
    return m, pairs, centres
