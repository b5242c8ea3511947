"""`Building`: rows in, in any order and number; compressed rows with the keys of both sides out.

Memory, for E entries: 8 bytes each while they are read (12 where some weight is not 1, 8 more with times), and 12 (8
more with times) while they are put in order, of which the rows read are given back piece by piece.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from jari.embedding.formats.keys import int64_column
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.idnumbers import IdColumn, IdNumbers
from jari.ingest.interaction_columns import Columns, values_of
from jari.ingest.interaction_ids import ids_of
from jari.ingest.interaction_numbers import times_of, weights_of
from jari.kernels.interactions import count_distinct, place_by_user, scatter_by_item
from jari.types import Counts, Ids, Offsets

# Blocks larger than 32 MB are mapped one by one, and go back to the system as soon as they are let go of
_BLOCK: Final = 1 << 24
_ENTRIES_AT_ONCE: Final = 1 << 23  # between two chances for Ctrl-C


@dataclass(frozen=True, slots=True)
class Built:
    """What an `Interactions` is made of."""

    users: Vocabulary
    items: Vocabulary
    matrix: csr_array[Any]
    times: npt.NDArray[np.float64] | None
    statistics: dict[str, Any]


class Building:
    """Entries as they come.

    Parameters
    ----------
    keep_last
        Of entries that stand twice keep the last, rather than their sum.

    Examples
    --------
    >>> building = Building(keep_last=False)
    >>> building.add(Columns({"user": ["ann", "bob", "ann"], "item": [7, 8, 7]}))
    >>> built = building.build()
    >>> built.users.keys, built.items.keys, built.matrix.toarray().tolist()
    (['ann', 'bob'], ['7', '8'], [[2.0, 0.0], [0.0, 1.0]])
    """

    def __init__(self, *, keep_last: bool) -> None:
        self._keep_last = keep_last
        self._users, self._items = IdNumbers(), IdNumbers()
        self._staged: list[_Block] = []
        self._has_times: bool | None = None
        self._are_dates: bool | None = None
        self.rows = 0
        self.left_out: Counter[str] = Counter()

    def add(self, columns: Columns) -> None:
        """Take in some rows.

        Raises
        ------
        BadInput
            A value is no id, no weight, no time.
        """
        for piece in columns.pieces():
            self._add(piece)

    def _add(self, columns: Columns) -> None:
        self.rows += len(columns)
        users, no_user = ids_of(columns, "user")
        items, no_item = ids_of(columns, "item")
        weights = weights_of(columns) if "weight" in columns.values else None
        times = self._times(columns)
        out = np.zeros(len(columns), np.bool_)
        zero = None if weights is None or weights.all() else weights == 0
        for reason, rows in (("no user", no_user), ("no item", no_item), ("weight 0", zero)):
            if rows is not None:
                self.left_out[reason] += int((rows & ~out).sum())
                out |= rows
        if out.any():
            keep = np.flatnonzero(~out)
            users, items = _taken(users, keep), _taken(items, keep)
            weights = None if weights is None else weights[keep]
            times = None if times is None else times[keep]
        if weights is not None and (weights == 1).all():
            weights = None
        self._stage(self._users.of(users), self._items.of(items), weights, times)

    def _times(self, columns: Columns) -> npt.NDArray[np.float64] | None:
        timed = "time" in columns.values
        if self._has_times not in (None, timed):
            raise BadInput(f"Row {columns.first + 1:,} has {'a' if timed else 'no'} time, unlike those before it.")
        self._has_times = timed
        if not timed:
            return None
        times, dates = times_of(columns)
        if self._are_dates not in (None, dates):
            columns.wrong(0, "time", "some are dates and others numbers: give all in one way.")
        self._are_dates = dates
        return times

    def _stage(self, users: Ids, items: Ids, weights: Any, times: Any) -> None:
        start = 0
        while start < len(users):
            if not self._staged or self._staged[-1].size == _BLOCK:
                self._staged.append(_Block(timed=times is not None))
            block = self._staged[-1]
            stop = min(len(users), start + _BLOCK - block.size)
            part = slice(start, stop)
            block.append(users[part], items[part], *(None if x is None else x[part] for x in (weights, times)))
            start = stop

    def build(self) -> Built:
        """All that was taken in; it is gone from here afterwards.

        Raises
        ------
        BadInput
            Nothing is left.
        """
        staged = sum(block.size for block in self._staged)
        if not staged:
            said = ", ".join(f"{count:,} with {reason}" for reason, count in self.left_out.items() if count)
            raise BadInput(f"There are no interactions: {self.rows:,} rows were read{f', {said}' if said else ''}.")
        by_item = self._by_item(staged)
        users_counts, items_counts = _distinct(by_item, len(self._users), len(self._items))
        users, users_order = _by_count(self._users.keys(), users_counts)
        items, items_order = _by_count(self._items.keys(), items_counts)
        self._users, self._items = IdNumbers(), IdNumbers()
        matrix, times = self._by_user(by_item, users, users_order, items, items_order)
        statistics = {
            "rows": self.rows,
            "entries": len(matrix.data),
            "duplicates": "last" if self._keep_last else "sum",
            "duplicates_merged": staged - len(matrix.data),
            "left_out": {reason: count for reason, count in self.left_out.items() if count},
        }
        return Built(users, items, matrix, times, statistics)

    def _by_item(self, staged: int) -> _ByItem:
        counts = np.zeros(len(self._items), np.int64)
        for block in self._staged:
            counts += np.bincount(block.items[: block.size], minlength=len(counts))
        starts = _starts(counts)
        cursors = starts[:-1].copy()
        weighted = any(block.weights is not None for block in self._staged)
        weights = np.empty(staged if weighted else 0, np.float32)
        times = np.empty(staged if self._has_times else 0, np.float64)
        users = np.empty(staged, np.int32)
        self._staged.reverse()
        while self._staged:
            block = self._staged.pop()
            for part in (
                slice(at, min(at + _ENTRIES_AT_ONCE, block.size)) for at in range(0, block.size, _ENTRIES_AT_ONCE)
            ):
                given = block.weights_or_ones(part) if weighted else weights[:0]
                when = times[:0] if block.times is None else block.times[part]
                scatter_by_item(block.users[part], block.items[part], given, when, cursors, users, weights, times)
        return _ByItem(users, weights, times, starts)

    def _by_user(
        self, by_item: _ByItem, users: Vocabulary, users_order: Offsets, items: Vocabulary, items_order: Offsets
    ) -> tuple[csr_array[Any], npt.NDArray[np.float64] | None]:
        indptr = _starts(users.counts)
        rows = np.empty(len(users), np.int32)
        rows[users_order] = np.arange(len(users), dtype=np.int32)
        cursors = indptr[:-1].copy()
        entries = int(indptr[-1])
        seen, indices, data = (
            np.full(len(users), -1, np.int32),
            np.empty(entries, np.int32),
            np.ones(entries, np.float32),
        )
        times = np.empty(entries if self._has_times else 0, np.float64)
        sizes = np.cumsum(np.diff(by_item.starts)[items_order])
        first = 0
        while first < len(items):
            done = int(sizes[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(sizes, done + _ENTRIES_AT_ONCE, side="right")))
            place_by_user(
                *(by_item.users, by_item.weights, by_item.times, by_item.starts, items_order, first, last, rows),
                *(self._keep_last, seen, cursors, indices, data, times),
            )
            first = last
        if entries < 2**31:  # SciPy has both of one type
            indptr = indptr.astype(np.int32)
        matrix = csr_array((data, indices, indptr), shape=(len(users), len(items)))
        matrix.has_canonical_format = True
        return matrix, times if self._has_times else None


class _Block:
    """So many entries, in the order of reading; memory is taken as they come."""

    __slots__ = ("items", "size", "times", "users", "weights")

    def __init__(self, *, timed: bool) -> None:
        self.users, self.items = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
        self.weights: npt.NDArray[np.float32] | None = None  # all 1
        self.times = np.empty(_BLOCK, np.float64) if timed else None
        self.size = 0

    def append(self, users: Ids, items: Ids, weights: Any, times: Any) -> None:
        start, stop = self.size, self.size + len(users)
        self.users[start:stop], self.items[start:stop] = users, items
        if weights is not None and self.weights is None:
            self.weights = np.empty(_BLOCK, np.float32)
            self.weights[:start] = 1
        if self.weights is not None:
            self.weights[start:stop] = 1 if weights is None else weights
        if self.times is not None:
            self.times[start:stop] = times
        self.size = stop

    def weights_or_ones(self, part: slice) -> npt.NDArray[np.float32]:
        return np.ones(part.stop - part.start, np.float32) if self.weights is None else self.weights[part]


@dataclass(frozen=True, slots=True)
class _ByItem:
    """The entries of item j are ``starts[j]`` to ``starts[j + 1]``; no weights: all are 1; no times: there are none."""

    users: Ids
    weights: npt.NDArray[np.float32]
    times: npt.NDArray[np.float64]
    starts: Offsets


def _distinct(by_item: _ByItem, users: int, items: int) -> tuple[Counts, Counts]:
    """How many different items each user has, and how many users each item."""
    seen = np.full(users, -1, np.int32)
    of_users, of_items = np.zeros(users, np.int64), np.zeros(items, np.int64)
    first = 0
    while first < items:
        end = by_item.starts[first] + _ENTRIES_AT_ONCE
        last = max(first + 1, int(np.searchsorted(by_item.starts, end, side="right")) - 1)
        count_distinct(by_item.users, by_item.starts, first, last, seen, of_users, of_items)
        first = last
    return of_users, of_items


def _by_count(keys: pa.Array, counts: Counts) -> tuple[Vocabulary, Offsets]:
    """The keys by count, then by key, as `Vocabulary.from_counts` has them; and the number of each."""
    by_key = values_of(pc.sort_indices(keys)).astype(np.int64)
    numbers = by_key[np.argsort(-counts[by_key], kind="stable")]
    return Vocabulary._trusted(keys.take(int64_column(numbers)), counts[numbers]), numbers


def _starts(counts: Any) -> Offsets:
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts


def _taken(ids: IdColumn, keep: Offsets) -> IdColumn:
    return ids[keep] if isinstance(ids, np.ndarray) else ids.take(int64_column(keep))
