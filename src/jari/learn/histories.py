"""Histories: what somebody chose, as rows over the items that were learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.ingest.interactions import Interactions
from jari.types import Rows

Items: TypeAlias = Iterable[str] | Mapping[str, float]  # keys, or keys with weights
Filter: TypeAlias = Iterable[str] | Callable[[str], bool] | None  # keys that may be answered, or a test of a key
Histories: TypeAlias = csr_array[Any]  # (m, items), weights above 0, indices that rise in each row

_AT_ONCE = 1 << 20  # entries


def history_of(items: Items, vocabulary: Vocabulary) -> Histories:
    """What somebody chose, as one row.

    Raises
    ------
    BadInput
        No item; a weight that is none.
    UnknownKey
        An item that is not in the vocabulary.

    Examples
    --------
    >>> history_of({"Up": 2.0}, Vocabulary(["Heat", "Up"])).toarray()
    array([[0., 2.]], dtype=float32)
    """
    if isinstance(items, str):
        raise BadInput(f"Give a list of items, not one string ({items[:40]!r}).")
    weights = dict(items) if isinstance(items, Mapping) else dict.fromkeys(items, 1.0)
    if not weights:
        raise BadInput("Nobody can be known by no item: give one or more, or ask Popularity.")
    columns = rows_of_items(weights, vocabulary)
    entries = np.array(list(weights.values()), np.float32), (np.zeros(len(columns), np.int64), columns)
    return Interactions(["somebody"], vocabulary, csr_array(entries, shape=(1, len(vocabulary)))).matrix


def without_each(history: Histories) -> Iterator[Histories]:
    """One history, (1, items), without its first entry, without its second, and so on, some of these at a time."""
    count, items = history.nnz, history.shape[1]
    step = max(1, _AT_ONCE // max(1, count))
    for begin in range(0, count, step):
        some = min(step, count - begin)
        others = np.arange(count) != np.arange(begin, begin + some)[:, None]
        starts = np.arange(some + 1) * (count - 1)
        data, indices = (np.broadcast_to(part, (some, count))[others] for part in (history.data, history.indices))
        yield csr_array((data, indices, starts), shape=(some, items))


def allowed_rows(filter: Filter, vocabulary: Vocabulary) -> Rows | None:
    """The rows that may be answered, rising; None for all.

    Examples
    --------
    >>> allowed_rows(lambda film: film.startswith("U"), Vocabulary(["Heat", "Up", "Us"]))
    array([1, 2])
    """
    if filter is None:
        return None
    if callable(filter):
        return np.array([row for row, key in enumerate(vocabulary) if filter(key)], dtype=np.int64)
    if isinstance(filter, str):
        raise BadInput(f"Give a list of items, not one string ({filter[:40]!r}).")
    return np.unique(rows_of_items(filter, vocabulary))


def rows_of_items(items: Iterable[str], vocabulary: Vocabulary) -> Rows:
    """The row of each item.

    Raises
    ------
    UnknownKey
        One that was not learnt; with the nearest spellings.

    Examples
    --------
    >>> rows_of_items(["Heap"], Vocabulary(["Heat", "Up"]))
    Traceback (most recent call last):
    jari.errors.UnknownKey: 'Heap' is not among the 2 items that were learnt. Did you mean 'Heat'?
    """
    asked = list(items)
    rows = vocabulary.rows(asked, unknown="mark")
    if len(rows) and rows.min() < 0:
        item = asked[int(np.argmin(rows))]
        raise UnknownKey(
            f"{item!r} is not among the {len(vocabulary):,} items that were learnt.{meant(item, vocabulary)}"
        )
    return rows


def meant(key: Any, vocabulary: Vocabulary) -> str:
    """A hint for a key that is not there: how others are spelt, or that keys are strings; empty where there is none.

    Examples
    --------
    >>> meant(3, Vocabulary(["3", "4"]))
    " Keys are strings: give '3'."
    """
    if not isinstance(key, str):
        return f" Keys are strings: give {str(key)!r}." if str(key) in vocabulary else " Keys are strings."
    near = vocabulary.nearest_spellings(key)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
