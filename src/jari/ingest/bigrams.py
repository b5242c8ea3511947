"""Which words belong together: all pairs of neighbours that are more frequent than their words would have it.

Pairs are parted by a hash into as many buckets as there are threads, and each thread goes through the whole text for
its own: there is nothing to merge, and to skip a pair costs little beside looking one up. A thread whose table would
outgrow its share of the memory begins again with a part of its bucket, and goes through the text once more for each
other part; so counts are exact, however long the text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, wait
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from jari.kernels.phrases import count_pairs, regrow_pairs
from jari.types import Counts, Ids, Offsets

Keys = npt.NDArray[np.uint64]  # first · n + second; as slots, see `jari.kernels.phrases`, 1 more, each before its count

_AT_ONCE = 1 << 20  # tokens; some 10 ms
_FIRST_SLOTS = 1 << 12
_MOST_BUCKETS: Final = 1 << 16  # the hash has no more
_LOOK = 0.05  # seconds between two looks at the threads


@dataclass(frozen=True, slots=True)
class Rule:
    """Words a and b are a phrase where (count(ab) - delta) · N / (count(a) · count(b)) > threshold; N is of all tokens.

    Parameters
    ----------
    delta, threshold
        As above.
    min_count
        How often a pair must stand besides.
    """

    delta: float
    threshold: float
    min_count: int

    def score(self, pairs: Counts, first: Counts, second: Counts, total: int) -> npt.NDArray[np.float64]:
        """The left side: `pairs` times one word after the other, which stand `first` and `second` times of `total`."""
        product = first.astype(np.float64) * second
        found: npt.NDArray[np.float64] = (pairs - self.delta) * float(total) / product
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Bigrams:
    """Pairs of words, in the order of their first words and then of their second.

    Parameters
    ----------
    first, second
        Shape (pairs,): rows of words.
    counts
        How often each stands; where a word repeats itself, pairs overlap.
    """

    first: Ids
    second: Ids
    counts: Counts

    def __len__(self) -> int:
        return len(self.counts)

    def holds(self, first: int, second: int) -> bool:
        """Whether a pair is among them."""
        begin, end = np.searchsorted(self.first, (first, first + 1))
        at = begin + np.searchsorted(self.second[begin:end], second)
        return bool(at < end and self.second[at] == second)


class BigramSearch:
    """Finds the pairs of one text that a rule makes phrases.

    Parameters
    ----------
    ids, offsets
        The text, read-only.
    counts
        How often each word stands in it, shape (n,); 0 for a number that marks a gap.
    threads
        How many buckets to begin with.
    memory
        Bytes for all tables together.
    """

    def __init__(self, ids: Ids, offsets: Offsets, counts: Counts, rule: Rule, threads: int, memory: int) -> None:
        self._ids, self._offsets, self._counts, self._rule = ids, offsets, counts, rule
        self._threads, self._room = threads, memory // threads
        self._words, self._total = counts.astype(np.float64), len(ids)
        # What is a little below the threshold is counted too: `score` decides, and may round otherwise
        self._ratio = rule.threshold / self._total * (1 - 1e-9)
        self._done = [0.0] * threads  # how much of its work each thread has done
        self._stop = threading.Event()

    def run(self, pool: Executor, report: Callable[[int], None]) -> Bigrams:
        """Find them all, on a pool that has so many threads; `report` is told how many tokens were looked at."""
        futures = [pool.submit(self._count, k, self._threads, k, 0.0, 1.0) for k in range(self._threads)]
        try:
            while wait(futures, _LOOK).not_done:
                report(int(len(self._ids) * sum(self._done) / self._threads))
        finally:
            self._stop.set()
        found = [future.result() for future in futures]
        keys, counts = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(keys)
        first, second = self._words_of(keys[order])
        return Bigrams(first.astype(np.int32), second.astype(np.int32), counts[order])

    def _count(self, bucket: int, buckets: int, thread: int, begin: float, end: float) -> tuple[Keys, Counts]:
        """The phrases of a bucket, which is the work of its thread from `begin` to `end`."""
        slots, state = np.zeros(2 * _FIRST_SLOTS, np.uint64), np.zeros(2, np.int64)
        tokens, at = len(self._ids), 0
        while at < tokens and not self._stop.is_set():
            stop = min(at + _AT_ONCE, tokens)
            at = count_pairs(
                self._ids,
                self._offsets,
                at,
                stop,
                self._words,
                float(self._rule.min_count),
                float(self._rule.delta),
                self._ratio,
                bucket,
                buckets,
                slots,
                state,
            )
            self._done[thread] = begin + (end - begin) * at / tokens
            if at == stop:
                continue
            parts = 1 + -(-tokens // max(1, at))
            if 3 * slots.nbytes > self._room and buckets * parts <= _MOST_BUCKETS:
                del slots
                return self._count_parts(bucket, buckets, parts, thread, end)
            larger = np.zeros(2 * len(slots), np.uint64)
            regrow_pairs(slots, larger)
            slots = larger
        return self._chosen(slots)

    def _count_parts(self, bucket: int, buckets: int, parts: int, thread: int, end: float) -> tuple[Keys, Counts]:
        """The same, a part of the bucket after the other."""
        edges = np.linspace(self._done[thread], end, parts + 1).tolist()
        found = [self._count(bucket * parts + k, buckets * parts, thread, edges[k], edges[k + 1]) for k in range(parts)]
        keys, counts = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        return keys, counts

    def _chosen(self, slots: Keys) -> tuple[Keys, Counts]:
        counts = slots[1::2].astype(np.int64)
        often = np.flatnonzero(counts >= self._rule.min_count)
        keys, counts = slots[2 * often] - np.uint64(1), counts[often]
        first, second = self._words_of(keys)
        scores = self._rule.score(counts, self._counts[first], self._counts[second], self._total)
        kept = scores > self._rule.threshold
        return keys[kept], counts[kept]

    def _words_of(self, keys: Keys) -> tuple[Keys, Keys]:
        return np.divmod(keys, np.uint64(len(self._counts)))
