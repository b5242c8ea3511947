"""`Vocabulary`: keys ↔ rows, with counts."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.spans import Spans
from jari.embedding.wordindex import WordIndex
from jari.errors import BadInput, UnknownKey
from jari.types import Counts, Ids, Rows

# A linear scan of Arrow's string buffer finds one key among 1,000,000 in some 2 ms; the dictionary that makes every
# further look-up O(1) takes 0.2 s and 100 MB to build. `jari similar` asks once and should pay for one.
_SCANS_BEFORE_INDEX = 8
_BUILDING = threading.Lock()


class Vocabulary:
    """Unique keys, each with its row; optionally with how often each was seen.

    Parameters
    ----------
    keys
        Strings: anything at all, spaces and emoji included, the empty string too; no two alike.
    counts
        How often each key was seen, shape (n,); None where nobody counted.

    Raises
    ------
    BadInput
        A key stands twice, is not a string, or there are not as many counts as keys.

    Examples
    --------
    >>> vocabulary = Vocabulary(["the", "king", "New York"], counts=[9, 2, 1])
    >>> vocabulary.row("New York"), vocabulary.keys[1], len(vocabulary)
    (2, 'king', 3)
    """

    __slots__ = ("_arrow", "_counts", "_index", "_scans", "_words")

    def __init__(self, keys: Iterable[str] | pa.Array, counts: npt.ArrayLike | None = None) -> None:
        arrow = _as_arrow(keys)
        if arrow.null_count:
            raise BadInput(f"Key {_first_null(arrow)} is missing (null): every key must be a string.")
        self._arrow = arrow
        self._index: dict[str, int] | None = None
        self._words: WordIndex | None = None
        self._scans = 0
        self._refuse_duplicates()
        self._counts: Counts | None = None
        if counts is not None:
            self._counts = np.ascontiguousarray(counts, dtype=np.int64).view()  # the caller's own stays writeable
            if self._counts.shape != (len(arrow),):
                raise BadInput(f"{len(arrow)} keys but counts of shape {self._counts.shape}: give one count a key.")
            self._counts.flags.writeable = False

    @classmethod
    def from_counts(cls, counts: Mapping[str, int]) -> Vocabulary:
        """Keys in the order that learners use: the most frequent first, ties by key.

        Examples
        --------
        >>> list(Vocabulary.from_counts({"b": 1, "c": 5, "a": 1}))
        ['c', 'a', 'b']
        """
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls([key for key, _ in ordered], [count for _, count in ordered])

    @classmethod
    def _trusted(cls, keys: pa.Array, counts: Counts | None) -> Vocabulary:
        """Without the check for duplicates: for keys whose checksum says that we wrote them."""
        made = object.__new__(cls)
        made._arrow, made._counts, made._index, made._words, made._scans = keys, counts, None, None, 0
        return made

    @property
    def arrow(self) -> pa.Array:
        """The keys as an Arrow ``large_string`` array."""
        return self._arrow

    @property
    def keys(self) -> _Keys:
        """The keys in the order of their rows: a sequence, which an array of rows may index too."""
        return _Keys(self._arrow)

    @property
    def counts(self) -> Counts | None:
        """How often each key was seen, shape (n,), or None where nobody counted."""
        return self._counts

    def __len__(self) -> int:
        return len(self._arrow)

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrow.to_pylist())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) >= 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        mine, theirs = self._counts, other._counts
        same_counts = (mine is None) == (theirs is None) and (
            mine is None or np.array_equal(mine, cast(Counts, theirs))
        )
        return same_counts and bool(self._arrow.equals(other._arrow))

    __hash__ = None  # type: ignore[assignment]  # equal by content, and content can be large

    def __repr__(self) -> str:
        shown = ", ".join(repr(key) for key in self._arrow.slice(0, 4).to_pylist())
        return f"Vocabulary({len(self):,} keys: {shown}{', …' if len(self) > 4 else ''})"

    def row(self, key: str) -> int:
        """The row of one key.

        Raises
        ------
        UnknownKey
            With the nearest spellings.
        """
        row = self._find(key) if isinstance(key, str) else -1
        if row < 0:
            raise self.unknown(key)
        return row

    def rows(self, keys: Iterable[str], unknown: Literal["raise", "skip", "mark"] = "raise") -> Rows:
        """The rows of many keys.

        Parameters
        ----------
        keys
            Any strings; the same one may stand more than once.
        unknown
            ``"raise"``; ``"skip"`` leaves unknown keys out of the answer; ``"mark"`` answers -1 for them.

        Returns
        -------
        rows
            Shape (k,).
        """
        asked = list(keys)
        if len(asked) + self._scans <= _SCANS_BEFORE_INDEX:
            found = [self._find(key) if isinstance(key, str) else -1 for key in asked]
        else:
            index = self._built_index()
            found = [index.get(key, -1) for key in asked]
        if unknown == "raise" and -1 in found:
            raise self.unknown(asked[found.index(-1)])
        rows = np.array(found, dtype=np.int64)
        return rows[rows >= 0] if unknown == "skip" else rows

    def rows_of(self, tokens: Spans) -> Ids:
        """The row of each of many tokens, shape (tokens,), int32; -1 for those that are not here."""
        if self._words is None:
            with _BUILDING:
                self._words = self._words or WordIndex(self._arrow)
        return self._words.rows(tokens)

    def take(self, rows: npt.ArrayLike) -> Vocabulary:
        """The vocabulary of some rows, in their order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Vocabulary(self._arrow.take(_as_int64(chosen)), None if self._counts is None else self._counts[chosen])

    def slice(self, start: int, stop: int) -> Vocabulary:
        """The vocabulary of consecutive rows; nothing is copied."""
        counts = None if self._counts is None else self._counts[start:stop]
        return Vocabulary._trusted(self._arrow.slice(start, stop - start), counts)

    def nearest_spellings(self, key: str, k: int = 3) -> list[str]:
        """Keys that are spelt like `key`, the likeliest first: for "did you mean"."""
        if not isinstance(key, str) or not key or any("\ud800" <= character <= "\udfff" for character in key):
            return []  # half a surrogate pair (an argument that was not UTF-8) is no string for Arrow
        folded = key.casefold()
        lengths = pc.utf8_length(self._arrow)
        near = pc.and_(pc.greater_equal(lengths, len(key) - 2), pc.less_equal(lengths, len(key) + 2))
        # Two of three misspellings keep the first letter; the rest of a vocabulary is too much for difflib to read.
        first = pc.or_(
            pc.starts_with(self._arrow, key[0], ignore_case=True), pc.equal(pc.utf8_lower(self._arrow), folded)
        )
        candidates = self._arrow.filter(pc.and_(near, first)).slice(0, 20_000).to_pylist()
        by_fold: dict[str, str] = {}
        for candidate in candidates:
            by_fold.setdefault(candidate.casefold(), candidate)
        return [by_fold[match] for match in difflib.get_close_matches(folded, list(by_fold), n=k, cutoff=0.7)]

    def unknown(self, key: Any) -> UnknownKey:
        """The error for a key that is not here (to be raised by the caller)."""
        if not isinstance(key, str):
            return UnknownKey(f"A key is a string, not {type(key).__name__} ({key!r}).")
        meant = self.nearest_spellings(key)
        hint = f" Did you mean {' or '.join(repr(m) for m in meant)}?" if meant else ""
        return UnknownKey(
            f'{key!r} is not in this embedding ({len(self):,} keys).{hint} Pass unknown="skip" to leave such keys out.'
        )

    def _find(self, key: str) -> int:
        if self._index is None:
            self._scans += 1
            if self._scans <= _SCANS_BEFORE_INDEX:
                try:
                    return int(pc.index(self._arrow, _as_scalar(key)).as_py())
                except UnicodeEncodeError:  # a lone surrogate: cannot be in any file of ours
                    return -1
        return self._built_index().get(key, -1)

    def _built_index(self) -> dict[str, int]:
        if self._index is None:
            self._index = dict(zip(self._arrow.to_pylist(), range(len(self._arrow)), strict=True))
        return self._index

    def _refuse_duplicates(self) -> None:
        if pc.count_distinct(self._arrow).as_py() == len(self._arrow):
            return
        seen: dict[str, int] = {}
        for row, key in enumerate(self._arrow.to_pylist()):
            if key in seen:
                raise BadInput(f"The key {key!r} stands twice, in rows {seen[key]} and {row}: keys must be unique.")
            seen[key] = row


class _Keys(Sequence[str]):
    """Arrow's strings, read as Python's."""

    __slots__ = ("_arrow",)

    def __init__(self, arrow: pa.Array) -> None:
        self._arrow = arrow

    def __len__(self) -> int:
        return len(self._arrow)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step == 1:
                return self._arrow.slice(start, max(0, stop - start)).to_pylist()
            return [self._arrow[i].as_py() for i in range(start, stop, step)]
        if isinstance(at, int | np.integer):
            return self._arrow[int(at)].as_py()
        return self._arrow.take(_as_int64(at)).to_pylist()

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrow.to_pylist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self[:4]!r}{' …' if len(self) > 4 else ''}"


def _as_arrow(keys: Iterable[str] | pa.Array) -> pa.Array:
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.combine_chunks()
    if isinstance(keys, pa.Array):
        return keys.cast(pa.large_string())
    if isinstance(keys, str):
        raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}).")
    given = list(keys)
    for row, key in enumerate(given):
        if not isinstance(key, str):
            raise BadInput(f"Key {row} is {key!r}, a {type(key).__name__}: every key must be a string.")
    try:
        return pa.array(given, type=pa.large_string())
    except UnicodeEncodeError as error:
        raise BadInput(f"The key {error.object!r} holds half a surrogate pair and is not valid Unicode.") from error


# `pa.array` and `pa.scalar` import pandas where that is installed, to know its types: 0.3 s. These two do not.
def _as_int64(rows: npt.ArrayLike) -> pa.Array:
    chosen = np.ascontiguousarray(rows, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(chosen), [None, pa.py_buffer(chosen)])


def _as_scalar(key: str) -> pa.Scalar:
    content = key.encode()
    ends = np.array([0, len(content)], dtype=np.int64)
    return pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(ends), pa.py_buffer(content)])[0]


def _first_null(arrow: pa.Array) -> int:
    return int(pc.index(arrow.is_null(), True).as_py())
