"""`WordIndex`: rows of keys that are stretches of bytes, found by a kernel."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jari.embedding.spans import SPARE, Bytes, Spans
from jari.types import Ids, Offsets

_BYTES_AT_ONCE = 1 << 28  # starts of words are int32


class WordIndex:
    """The keys of a vocabulary in a hash table of bytes: 17 ns a token, where a dictionary takes 60 and a string.

    Parameters
    ----------
    keys
        Arrow ``large_string``, no two alike: `Vocabulary.arrow`.

    Examples
    --------
    >>> from jari.embedding.spans import Whitespace
    >>> index = WordIndex(pa.array(["to", "be"], pa.large_string()))
    >>> index.rows(Whitespace().spans(["be or not to be"])).tolist()
    [1, -1, -1, 0, 1]
    """

    __slots__ = ("_arena", "_slots")

    def __init__(self, keys: pa.Array) -> None:
        from jari.kernels.wordtable import BATCH, number_words

        slots = 1 << (2 * (len(keys) + BATCH)).bit_length()
        self._slots = np.zeros(4 * slots, np.uint64)
        offsets = _offsets_of(keys)
        lengths = np.diff(offsets)
        self._arena: Bytes = np.zeros(int(lengths[lengths > 16].sum()) + SPARE, np.uint8)  # shorter ones are in slots
        state = np.zeros(2, np.int64)
        first = 0
        while first < len(keys):
            after = int(np.searchsorted(offsets, offsets[first] + _BYTES_AT_ONCE))
            after = max(first + 1, min(after, len(keys)))
            start, stop = int(offsets[first]), int(offsets[after])
            text = np.zeros(stop - start + SPARE, np.uint8)
            text[: stop - start] = np.frombuffer(keys.buffers()[2], np.uint8)[start:stop]
            bounds = (offsets[first : after + 1] - start).astype(np.int32)
            numbers = np.empty(after - first, np.int32)
            number_words(text, bounds[:-1], bounds[1:], 0, after - first, self._slots, self._arena, state, numbers)
            first = after

    def rows(self, tokens: Spans) -> Ids:
        """The row of each token, or -1; int32."""
        from jari.kernels.wordtable import find_words

        numbers = np.empty(len(tokens.starts), np.int32)
        find_words(tokens.text, tokens.starts, tokens.stops, self._slots, self._arena, numbers)
        return numbers


def _offsets_of(keys: pa.Array) -> Offsets:
    """Where each key begins in the buffer of bytes, and where the last one ends."""
    if not len(keys):
        return np.zeros(1, np.int64)
    return np.frombuffer(keys.buffers()[1], np.int64)[keys.offset :][: len(keys) + 1]
