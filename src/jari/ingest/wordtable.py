"""`WordTable`: words numbered and counted in memory; `SpilledWords`: the same, put on disk when it grew too large."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jari.embedding.spans import SPARE, Bytes, Spans
from jari.kernels.wordtable import merge_words, number_words, pick_words, regrow, sort_words
from jari.types import Counts, Ids, Offsets

Entries = npt.NDArray[np.uint64]  # (4 · slots,), as described in `jari.kernels.wordtable`

BUCKETS = 256  # a merge goes by buckets of the hash, so that not all words need be in memory at once
_FIRST_SLOTS = 1 << 16
_SLOT_BYTES = 32


class Words(Protocol):
    """Words that can be merged into a table."""

    @property
    def words(self) -> int:
        """How many there are; their numbers run from 0."""
        ...

    def entries(self, bucket: int, buckets: int) -> Entries:
        """Slots, among them all of one of so many buckets."""
        ...

    def numbers(self) -> Ids:
        """An array to be filled with something for each word."""
        ...

    @property
    def names(self) -> Bytes:
        """The bytes of long words."""
        ...


@dataclass(frozen=True, slots=True)
class Picked:
    """The words that were counted often enough.

    Parameters
    ----------
    text, offsets
        The words as Arrow has them.
    counts
        Shape (n,).
    places
        int32; for each number of the table the place among the picked, or -1.
    tokens
        How often the words were counted, those not picked too.
    most_frequent
        A word of the largest count, and that count; empty and 0 where there is none.
    """

    text: Bytes
    offsets: Offsets
    counts: Counts
    places: Ids
    tokens: int
    most_frequent: tuple[str, int]


class WordTable:
    """Words with their numbers, in the order of their coming, and their counts.

    Parameters
    ----------
    expected
        How many words to make room for from the start.

    Examples
    --------
    >>> from jari.ingest.tokens import joined
    >>> table = WordTable()
    >>> table.number(joined(["to", "be", "or", "not", "to", "be"], [6], 0)).tolist()
    [0, 1, 2, 3, 0, 1]
    """

    def __init__(self, expected: int = 0) -> None:
        slots = max(_FIRST_SLOTS, 1 << (2 * expected).bit_length())
        self._slots: Entries = np.zeros(4 * slots, np.uint64)
        self._arena: Bytes = np.empty(1 << 16, np.uint8)
        self._state = np.zeros(2, np.int64)

    @property
    def words(self) -> int:
        """How many different words there are."""
        return int(self._state[0])

    @property
    def names(self) -> Bytes:
        """The bytes of long words, and some spare ones."""
        return self._arena[: self._state[1] + SPARE]

    def entries(self, bucket: int, buckets: int) -> Entries:
        """All slots, taken or not: in memory, to look at each costs little."""
        return self._slots

    def numbers(self) -> Ids:
        """An array to be filled with something for each word."""
        return np.empty(self.words, np.int32)

    def bytes_when_grown(self) -> int:
        """The memory that the table will take at the moment of its next growth, old slots and new."""
        return 3 * self._slots.nbytes + int(self._state[1])

    def is_nearly_full(self) -> bool:
        """Whether the next growth is near."""
        return _SLOT_BYTES * self.words > 0.4 * self._slots.nbytes

    def number(self, tokens: Spans, ids: Ids | None = None) -> Ids:
        """The number of each token, in `ids` where it is given; new words are added, and all are counted."""
        n = len(tokens.starts)
        if ids is None:
            ids = np.empty(n, np.int32)
        self._reserve_names(len(tokens.text))
        at = 0
        while True:
            at = number_words(
                tokens.text, tokens.starts, tokens.stops, at, n, self._slots, self._arena, self._state, ids
            )
            if at == n:
                return ids
            self._grow()

    def add(self, other: Words, bucket: int, buckets: int, numbers: Ids) -> None:
        """Take in the words of one bucket; see `jari.kernels.wordtable.merge_words` for `numbers`."""
        entries, names = other.entries(bucket, buckets), other.names
        self._reserve_names(len(names))
        at = 0
        while True:
            at = merge_words(entries, names, at, bucket, buckets, self._slots, self._arena, self._state, numbers)
            if at == len(entries):
                return
            self._grow()

    def pick(self, least: int) -> Picked:
        """The words that were counted `least` times or more."""
        sizes = np.zeros(5, np.int64)
        nothing = (np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))
        pick_words(self._slots, self._arena, least, False, *nothing, sizes)
        words, length, most, slot, tokens = sizes.tolist()
        places, text = np.empty(self.words, np.int32), np.empty(length, np.uint8)
        offsets, counts = np.empty(words + 1, np.int64), np.empty(words, np.int64)
        pick_words(self._slots, self._arena, least, True, places, text, offsets, counts, sizes)
        most_frequent = (self._word(slot), most) if self.words else ("", 0)
        return Picked(text, offsets, counts, places, tokens, most_frequent)

    def counts(self) -> Counts:
        """The count of each number, shape (words,)."""
        slots = self._slots.reshape(-1, 4)
        taken = slots[slots[:, 2] > 0]
        counts = np.zeros(self.words, np.int64)
        counts[(taken[:, 2] >> np.uint64(32)).astype(np.int64) - 1] = taken[:, 3].astype(np.int64)
        return counts

    def forget_counts(self) -> None:
        """Set all counts to 0."""
        self._slots.reshape(-1, 4)[:, 3] = 0

    def spill(self, file: Path) -> SpilledWords:
        """Write the words to a file."""
        entries, bounds = np.empty(4 * self.words, np.uint64), np.empty(BUCKETS + 1, np.int64)
        sort_words(self._slots, entries, bounds)
        with file.open("xb") as out:
            out.write(entries.data)
            out.write(self.names.data)
        return SpilledWords(file, self.words, len(self.names), bounds)

    def _word(self, slot: int) -> str:
        low, high, third = self._slots[slot : slot + 3].tolist()
        length = third & 0xFFFFFFFF
        if length > 16:
            return self._arena[high : high + length].tobytes().decode()
        return int(low | high << 64).to_bytes(16, "little")[:length].decode()

    def _reserve_names(self, more: int) -> None:
        used = int(self._state[1])
        if used + more + SPARE > len(self._arena):
            arena = np.empty(max(2 * len(self._arena), used + more + SPARE), np.uint8)
            arena[:used] = self._arena[:used]
            self._arena = arena

    def _grow(self) -> None:
        slots = np.zeros(2 * len(self._slots), np.uint64)
        regrow(self._slots, slots)
        self._slots = slots


@dataclass(frozen=True, slots=True)
class SpilledWords:
    """Words on disk: slots in the order of their buckets, then the bytes of long words."""

    file: Path
    words: int
    names_bytes: int
    bounds: Offsets

    def entries(self, bucket: int, buckets: int) -> Entries:
        """The slots of one bucket, read from disk."""
        width = BUCKETS // buckets
        first, last = int(self.bounds[bucket * width]), int(self.bounds[(bucket + 1) * width])
        return np.fromfile(self.file, np.uint64, count=last - first, offset=8 * first)

    def numbers(self) -> Ids:
        """An array to be filled with something for each word, on disk too."""
        beside = self.file.with_suffix(".numbers")
        return np.memmap(beside, np.int32, mode="w+", shape=(self.words,)).view(np.ndarray)

    @property
    def names(self) -> Bytes:
        """The bytes of long words, mapped."""
        # Copy on write, although nobody writes: a kernel would be compiled once more for an array that is read-only
        return np.memmap(self.file, np.uint8, mode="c", offset=4 * 8 * self.words, shape=(self.names_bytes,)).view(
            np.ndarray
        )
