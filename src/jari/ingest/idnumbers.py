"""`IdNumbers`: ids of users or items, strings or whole numbers, numbered in the order of their coming."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.embedding.formats.keys import int64_column
from jari.embedding.spans import SPARE, Spans
from jari.ingest.wordtable import WordTable
from jari.kernels.interactions import number_integers, regrow_integers
from jari.types import Ids

IdColumn: TypeAlias = npt.NDArray[Any] | pa.Array  # of whole numbers that int64 holds, or large_string without nulls

_AT_ONCE: Final = 1 << 20
_BYTES_AT_ONCE: Final = 1 << 28  # starts of words are int32
_FIRST_SLOTS: Final = 1 << 12


class IdNumbers:
    """Numbers for ids; 42 and ``"42"`` are the same one.

    Examples
    --------
    >>> numbers = IdNumbers()
    >>> numbers.of(np.array([42, 7, 42])).tolist()
    [0, 1, 0]
    >>> numbers.of(pa.array(["7", "ann"], pa.large_string())).tolist(), numbers.keys().to_pylist()
    ([1, 2], ['42', '7', 'ann'])
    """

    __slots__ = ("_slots", "_state", "_words")

    def __init__(self) -> None:
        self._slots = np.zeros(2 * _FIRST_SLOTS, np.int64)
        self._state = np.zeros(1, np.int64)
        self._words: WordTable | None = None  # once there was a string, whole numbers are in here too

    def __len__(self) -> int:
        return int(self._state[0]) if self._words is None else self._words.words

    def of(self, ids: IdColumn) -> Ids:
        """The number of each id, new ones added."""
        if isinstance(ids, np.ndarray) and self._words is None:
            return self._of_integers(ids)
        if self._words is None:
            known, self._words = _as_text(self._integers()), WordTable(expected=len(self))
            self._of_text(self._words, known)
        return self._of_text(self._words, _as_text(ids) if isinstance(ids, np.ndarray) else ids)

    def keys(self) -> pa.Array:
        """All ids as strings, in the order of their numbers: Arrow's ``large_string``."""
        if self._words is None:
            return _as_text(self._integers())
        picked = self._words.pick(1)
        by_place = pa.Array.from_buffers(
            pa.large_string(), len(picked.counts), [None, pa.py_buffer(picked.offsets), pa.py_buffer(picked.text)]
        )
        return by_place.take(int64_column(picked.places.astype(np.int64)))

    def _of_integers(self, ids: npt.NDArray[Any]) -> Ids:
        numbers = np.empty(len(ids), np.int32)
        values = np.empty(min(len(ids), _AT_ONCE), np.int64)  # a kernel is compiled once for each type of array
        for start in range(0, len(ids), _AT_ONCE):
            part, out = ids[start : start + _AT_ONCE], numbers[start : start + _AT_ONCE]
            values[: len(part)] = part
            at = 0
            while True:
                at = number_integers(values, at, len(part), self._slots, self._state, out)
                if at == len(part):
                    break
                slots = np.zeros(2 * len(self._slots), np.int64)
                regrow_integers(self._slots, slots)
                self._slots = slots
        return numbers

    def _integers(self) -> npt.NDArray[np.int64]:
        pairs = self._slots.reshape(-1, 2)
        taken = pairs[pairs[:, 1] > 0]
        values = np.empty(len(taken), np.int64)
        values[taken[:, 1] - 1] = taken[:, 0]
        return values

    @staticmethod
    def _of_text(table: WordTable, ids: pa.Array) -> Ids:
        numbers = np.empty(len(ids), np.int32)
        if not len(ids):
            return numbers
        offsets = np.frombuffer(ids.buffers()[1], np.int64)[ids.offset :][: len(ids) + 1]
        content = np.frombuffer(ids.buffers()[2] or b"", np.uint8)
        first = 0
        while first < len(ids):
            after = int(np.searchsorted(offsets, offsets[first] + _BYTES_AT_ONCE, side="right")) - 1
            after = max(first + 1, min(after, len(ids)))
            start, stop = int(offsets[first]), int(offsets[after])
            text = np.zeros(stop - start + SPARE, np.uint8)
            text[: stop - start] = content[start:stop]
            bounds = (offsets[first : after + 1] - start).astype(np.int32)
            ends = np.array([after - first], np.int32)
            table.number(Spans(text, bounds[:-1], bounds[1:], ends), numbers[first:after])
            first = after
        return numbers


def _as_text(integers: npt.NDArray[Any]) -> pa.Array:
    return int64_column(integers.astype(np.int64, copy=False)).cast(pa.large_string())
