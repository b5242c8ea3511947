"""From pieces of the corpus to the words that are kept and the window of each.

A word of relative frequency f is kept with probability ``min(1, √(s/f) + s/f)`` (Mikolov et al. 2013, in the form of
word2vec.c). What is kept closes ranks; each kept word then looks at b words to either side, b drawn from 1 to `window`
(so that near words count more) or always `window`, and never across the end of a sentence.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.random import below, high, low, mixed, step
from jari.types import Ids, Offsets, Rows, Vector


@kernel
def sentence_from(offsets: Offsets, at: int) -> int:
    """The first sentence that begins at the token `at` or after it."""
    low, high = 0, offsets.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if offsets[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def border(offsets: Offsets, at: int, length: int) -> int:
    """Where a piece that should begin at `at` does: with the next sentence, if one begins within `length` tokens."""
    start = offsets[sentence_from(offsets, at)]
    return start if at <= start < at + length else min(at, offsets[-1])


@kernel
def keep_and_window(
    ids: Ids,
    offsets: Offsets,
    pieces: Rows,
    length: int,
    keep: np.ndarray,
    window: int,
    drawn: bool,
    state: int,
    kept: Ids,
    left: Ids,
    right: Ids,
) -> tuple[int, int]:
    """Read some pieces; fill `kept` (words) and `left`, `right` (each one's window, as positions in `kept`).

    Parameters
    ----------
    ids, offsets
        The corpus; sentence i is ``ids[offsets[i] : offsets[i + 1]]``.
    pieces, length
        Piece k is ``ids[k · length : (k + 1) · length]``, its borders moved to where sentences begin: only a sentence
        longer than a piece is cut.
    keep
        uint32, shape (n,): a word is kept when 32 random bits are at most this.
    drawn
        Draw each b, or use `window` itself.
    kept, left, right
        At least ``2 · length · len(pieces)`` long.

    Returns
    -------
    m, centres
        How many words were kept, and how many of them have a context. A window holds its own centre.
    """
    m = centres = 0
    least, spread = (1, window) if drawn else (window, 1)
    for piece in pieces:
        position, end = border(offsets, piece * length, length), border(offsets, (piece + 1) * length, length)
        sentence = sentence_from(offsets, position + 1)  # the end of the sentence that holds `position`
        while position < end:
            stop = min(end, offsets[sentence])
            first = m
            for i in range(position, stop):  # no branch: whether a word is kept cannot be foretold
                state = step(state)
                number, word = mixed(state), ids[i]
                kept[m] = word
                left[m] = least + below(low(number), spread)
                m += np.int64(high(number) <= keep[word])
            for i in range(first, m):
                b = left[i]
                left[i] = max(first, i - b)
                right[i] = min(m, i + b + 1)
            centres += m - first if m - first > 1 else 0
            position = stop
            sentence += 1
    return m, centres


@kernel
def run(left: Ids, right: Ids, begin: int, end: int) -> tuple[int, int]:
    """From where to where the windows of the words from `begin` to `end` reach together."""
    first, last = np.int64(left[begin]), np.int64(right[begin])
    for i in range(begin + 1, end):
        first, last = min(first, np.int64(left[i])), max(last, np.int64(right[i]))
    return first, last


@kernel
def pairs_near(left: Ids, right: Ids, m: int, window: int, near: Vector) -> float:
    """How much the pairs of `m` windows count together; `near` from `skipgram.nearness`."""
    sums = np.zeros(near.shape[0] + 1)
    for k in range(near.shape[0]):
        sums[k + 1] = sums[k] + near[k]
    total = 0.0
    for i in range(m):
        total += sums[right[i] - i + window] - sums[left[i] - i + window]
    return total
