"""From the words of all tables to the vocabulary: add up, drop, order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.formats.keys import int64_column
from jari.embedding.spans import SPARE
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.tokens import Tokens
from jari.ingest.wordtable import BUCKETS, Picked, Words, WordTable
from jari.types import Counts, Ids

Run = Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]]  # like `map`, on as many threads as there are

Result = TypeVar("Result")

_BYTES_PER_WORD = 160  # of a merge: up to four slots a word, half of them while growing, and what is picked
_TEXT_AT_ONCE = 1 << 24


@dataclass(frozen=True, slots=True)
class Choice:
    """The vocabulary, and where the words of each table are in it.

    Parameters
    ----------
    rows
        For each table and each of its numbers the row in the vocabulary, or -1.
    words_read, words_frequent
        How many different words there were, and how many of them often enough (before `max_vocabulary`).
    tokens_read, tokens_frequent, tokens_kept
        The same of tokens.
    """

    vocabulary: Vocabulary
    rows: list[Ids]
    words_read: int
    words_frequent: int
    tokens_read: int
    tokens_frequent: int
    tokens_kept: int


def choose(tables: Sequence[Words], min_count: int, max_vocabulary: int | None, buckets: int, run: Run) -> Choice:
    """The words that were counted `min_count` times or more, the most frequent first, ties by key.

    Raises
    ------
    BadInput
        No word was.
    """
    merged = _merge(tables, buckets, run, lambda table: table.pick(min_count))
    picked = merged.results
    order = _order(picked)
    if not len(order):
        word, most = max((one.most_frequent for one in picked), key=lambda found: found[1])
        raise BadInput(
            f"No word occurs min_count={min_count} times or more (most frequent: {word!r}, {most:,}). "
            "Lower min_count or give more text."
        )
    keys, counts = _keys(picked), np.concatenate([one.counts for one in picked])
    kept = order[:max_vocabulary]
    rows = np.full(len(order) + 1, -1, np.int32)  # the last: where a place of -1 points
    rows[kept] = np.arange(len(kept), dtype=np.int32)
    final = np.full(merged.room, -1, np.int32)
    base = 0
    for bucket, one in enumerate(picked):
        places = np.where(one.places < 0, len(order), one.places + base)
        final[bucket : bucket + buckets * len(places) : buckets] = rows[places]
        base += len(one.counts)
    return Choice(
        vocabulary=Vocabulary._trusted(keys.take(int64_column(kept)), _frozen(counts[kept])),
        rows=_looked_up(final, merged.numbers, run),
        words_read=merged.words,
        words_frequent=len(order),
        tokens_read=sum(one.tokens for one in picked),
        tokens_frequent=int(counts.sum()),
        tokens_kept=int(counts[kept].sum()),
    )


def choose_from(vocabulary: Vocabulary, tables: Sequence[Words], buckets: int, run: Run) -> Choice:
    """The words of a vocabulary that is there already, in its order, with the counts of this text."""
    known = WordTable(expected=len(vocabulary))
    for start in range(0, len(vocabulary), 1 << 20):
        for tokens in _tokens_of(vocabulary.arrow.slice(start, 1 << 20)):
            known.number(tokens)
    known.forget_counts()
    merged = _merge([known, *tables], buckets, run, WordTable.counts)
    final, counted = np.full(merged.room, -1, np.int32), np.zeros(merged.room, np.int64)
    for bucket, counts in enumerate(merged.results):
        counted[bucket : bucket + buckets * len(counts) : buckets] = counts
    final[merged.numbers[0]] = np.arange(len(vocabulary), dtype=np.int32)
    counts = counted[merged.numbers[0]]
    return Choice(
        vocabulary=Vocabulary._trusted(vocabulary.arrow, _frozen(counts)),
        rows=_looked_up(final, merged.numbers[1:], run),
        words_read=merged.words - int(np.count_nonzero(counts == 0)),
        words_frequent=int(np.count_nonzero(counts)),
        tokens_read=int(counted.sum()),
        tokens_frequent=int(counts.sum()),
        tokens_kept=int(counts.sum()),
    )


def buckets_for(tables: Sequence[Words], threads: int, memory: int) -> int:
    """Into how many buckets to part the words, so that what is merged at the same time fits into `memory`.

    One table needs no merge at all; with fewer buckets than threads, some would have nothing to do.
    """
    if len(tables) < 2:
        return 1
    total = sum(table.words for table in tables)
    wanted = max(threads, -(-total * _BYTES_PER_WORD * threads // memory))
    return min(BUCKETS, 1 << (wanted - 1).bit_length())


@dataclass(frozen=True, slots=True)
class _Merged(Generic[Result]):
    """What was made of the table of each bucket, and for each table given its words' places.

    A place is ``number · buckets + bucket``: no two words have the same one.
    """

    results: list[Result]
    words: int
    room: int  # more than any place
    numbers: list[Ids]


def _merge(tables: Sequence[Words], buckets: int, run: Run, finish: Callable[[WordTable], Result]) -> _Merged[Result]:
    only = tables[0]
    if len(tables) == 1 and isinstance(only, WordTable):
        return _Merged([finish(only)], only.words, only.words, [np.arange(only.words, dtype=np.int32)])
    numbers = [table.numbers() for table in tables]
    expected = max(table.words for table in tables) // buckets

    def merge(bucket: int) -> tuple[Result, int]:
        merged = WordTable(expected)
        for table, numbered in zip(tables, numbers, strict=True):
            merged.add(table, bucket, buckets, numbered)
        return finish(merged), merged.words

    results, words = zip(*run(merge, range(buckets)), strict=True)
    return _Merged(list(results), sum(words), max(words) * buckets, numbers)


def _looked_up(final: Ids, numbers: list[Ids], run: Run) -> list[Ids]:
    """Replace each place by its row, in place: the arrays of spilled tables are on disk."""
    run(lambda places: final.take(places, out=places, mode="clip"), numbers)
    return numbers


def _order(picked: Sequence[Picked]) -> np.ndarray:
    """The places of the picked words, the most frequent first, ties by key.

    Keys are compared as bytes, which for UTF-8 is the order of code points, which is the order of Python's strings.
    """
    counts = np.concatenate([one.counts for one in picked])
    table = pa.table({"count": int64_column(counts), "key": _keys(picked)})
    order = pc.sort_indices(table, sort_keys=[("count", "descending"), ("key", "ascending")])
    return np.frombuffer(order.buffers()[1], np.int64, count=len(order))


def _keys(picked: Sequence[Picked]) -> pa.Array:
    chunks = [
        pa.Array.from_buffers(
            pa.large_string(), len(one.counts), [None, pa.py_buffer(one.offsets), pa.py_buffer(one.text)]
        )
        for one in picked
    ]
    return pa.concat_arrays(chunks)


def _tokens_of(keys: pa.Array) -> Iterable[Tokens]:
    """Keys as tokens, some at a time: their positions must fit into 32 bits."""
    _, offsets, data = keys.buffers()
    bounds = np.frombuffer(offsets, np.int64, count=len(keys) + 1, offset=8 * keys.offset)
    text = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    at = 0
    while at < len(keys):
        stop = max(at + 1, int(np.searchsorted(bounds, bounds[at] + _TEXT_AT_ONCE, side="right")) - 1)
        own = np.zeros(int(bounds[stop] - bounds[at]) + SPARE, np.uint8)
        own[: len(own) - SPARE] = text[bounds[at] : bounds[stop]]
        local = (bounds[at : stop + 1] - bounds[at]).astype(np.int32)
        yield Tokens(own, local[:-1], local[1:], np.empty(0, np.int32), len(own), 0)
        at = stop


def _frozen(counts: Counts) -> Counts:
    counts.flags.writeable = False
    return counts
