"""`Subwords`: vectors of character n-grams, from which a vector for any key can be put together.

After Bojanowski, Grave, Joulin & Mikolov, *Enriching Word Vectors with Subword Information*, TACL 2017: a word is the
set of the n-grams of ``<word>``; each n-gram is hashed to a bucket. For Korean, after Park, Byun, Baek, Cho & Oh,
*Subword-level Word Vector Representations for Korean*, ACL 2018: n-grams of jamo besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.embedding.jamo import decomposed, has_syllables
from jari.errors import BadInput
from jari.types import Ids, Matrix, Offsets, Rows, Vector

Bytes: TypeAlias = npt.NDArray[np.uint8]

JAMO: Final = (3, 5)  # the lengths of n-grams of jamo that Park et al. found best
MOST_BUCKETS: Final = 2**31 - 1  # their numbers are int32, here and in fastText's files


@dataclass(frozen=True, slots=True, eq=False)
class Subwords:
    """A table of n-gram vectors.

    Parameters
    ----------
    vectors
        Shape (rows, d), float32.
    shortest, longest
        Lengths of the n-grams in characters, both included.
    size
        How many buckets n-grams are hashed to; None for as many as there are rows.
    buckets
        Which bucket each row belongs to, shape (rows,), int32, no two alike: n-grams of other buckets were never seen
        and have no vector. None where row i belongs to bucket i and none is missing.
    jamo
        Lengths of the n-grams of jamo that words with Hangul syllables have besides, both included; None for none.

    Raises
    ------
    BadInput
        The shapes do not agree, the lengths make no sense, or a bucket is out of range or stands twice.

    Examples
    --------
    >>> list(ngrams("자리", 3, 4))
    ['<자리', '<자리>', '자리>']
    >>> table = Subwords(np.eye(5, dtype=np.float32), 3, 3)
    >>> table.compose("cat").round(2)
    array([0.  , 0.67, 0.33, 0.  , 0.  ], dtype=float32)
    """

    vectors: Matrix
    shortest: int = 3
    longest: int = 6
    size: int | None = None
    buckets: Ids | None = None
    jamo: tuple[int, int] | None = None

    _sorted: list[tuple[Ids, Rows]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) == 0:
            raise BadInput(
                f"Subword vectors of shape {self.vectors.shape}: give a matrix (buckets, d), 1 bucket or more."
            )
        _check_lengths(self.shortest, self.longest, "characters")
        if self.jamo is not None:
            _check_lengths(*self.jamo, "jamo")
        if self.size is None:
            object.__setattr__(self, "size", len(self.vectors))
        if not 1 <= self.modulus <= MOST_BUCKETS:
            raise BadInput(f"Subwords of {self.modulus:,} buckets: give 1 to {MOST_BUCKETS:,}.")
        if self.buckets is None:
            if self.modulus != len(self.vectors):
                raise BadInput(
                    f"{len(self.vectors):,} subword vectors for {self.modulus:,} buckets: say whose they are."
                )
        else:
            self._check_buckets(self.buckets)

    @property
    def modulus(self) -> int:
        """How many buckets n-grams are hashed to."""
        return len(self.vectors) if self.size is None else self.size

    def compose(self, key: str) -> Vector:
        """The mean of the vectors of a key's n-grams, shape (d,).

        N-grams that were never seen do not count; zeros where none is left, or the key is too short to have any.

        Raises
        ------
        BadInput
            A vector of the table is NaN or infinite.
        """
        rows = self._rows(self.ngram_buckets(key))
        total = np.zeros(self.vectors.shape[1], dtype=np.float32)
        for row in rows:  # one after another, as fastText adds them: the same bits
            total += self.vectors[row]
        total *= np.float32(1 / max(len(rows), 1))
        if not np.isfinite(total).all():
            raise self._damaged(key)
        return total

    def compose_many(self, keys: Sequence[str]) -> Matrix:
        """`compose` for many keys at once, shape (keys, d).

        Raises
        ------
        BadInput
            A vector of the table is NaN or infinite.
        """
        from jari.kernels.pooling import weighted_sums

        try:
            found = hashed(pa.array(keys, pa.large_string()), self.shortest, self.longest, self.modulus, self.jamo)
        except UnicodeEncodeError:  # half a surrogate pair is no string for Arrow
            return np.array([self.compose(key) for key in keys])
        rows = self._marked_rows(found.buckets).astype(np.int32)
        pooled = np.empty((len(keys), self.vectors.shape[1]), np.float32)
        totals = np.empty(len(keys), np.float32)
        ones = np.ones(len(rows), np.float32)
        weighted_sums(self.vectors, rows, ones, found.starts, 0, len(keys), pooled, totals)
        pooled *= (1 / np.maximum(totals, 1))[:, None]
        finite = np.isfinite(pooled).all(axis=1)
        if not finite.all():
            raise self._damaged(keys[int(np.argmin(finite))])
        return pooled

    def ngram_buckets(self, key: str) -> list[int]:
        """The bucket of each n-gram of a key; characters first, then jamo."""
        found = [bucket(ngram, self.modulus) for ngram in ngrams(key, self.shortest, self.longest)]
        if self.jamo is not None and has_syllables(key):
            found += [bucket(ngram, self.modulus) for ngram in ngrams(decomposed(key), *self.jamo)]
        return found

    def _rows(self, buckets: list[int]) -> Rows:
        """The rows of those buckets that have one."""
        rows = self._marked_rows(np.array(buckets, dtype=np.int64))
        return rows[rows >= 0]

    def _marked_rows(self, buckets: npt.NDArray[np.integer[Any]]) -> Rows:
        """The row of each bucket, -1 for those that have none."""
        asked = buckets.astype(np.int64)
        if self.buckets is None:
            return asked
        if not self._sorted:  # when it is first asked: 30 ms for half a million
            order = np.argsort(self.buckets, kind="stable")
            self._sorted.append((self.buckets[order], order))
        known, order = self._sorted[0]
        places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        rows: Rows = np.where(known[places] == asked, order[places], -1)
        return rows

    def _damaged(self, key: str) -> BadInput:
        return BadInput(f"The subword vectors of {key!r} are not all finite numbers: the table is damaged.")

    def _check_buckets(self, buckets: Ids) -> None:
        if buckets.shape != (len(self.vectors),) or buckets.dtype != np.int32:
            raise BadInput(
                f"Buckets of shape {buckets.shape} and type {buckets.dtype} for {len(self.vectors):,} subword vectors: "
                "give one int32 a vector."
            )
        if int(buckets.min()) < 0 or int(buckets.max()) >= self.modulus:
            raise BadInput(
                f"Buckets from {buckets.min()} to {buckets.max()}: they must lie between 0 and {self.modulus - 1}."
            )
        if len(np.unique(buckets)) != len(buckets):
            raise BadInput("A bucket of subwords stands twice: each has one vector.")


@dataclass(frozen=True, slots=True)
class Hashed:
    """The buckets of the n-grams of many words: those of word i are ``buckets[starts[i] : starts[i + 1]]``."""

    starts: Offsets
    buckets: Ids

    def without(self, word: int) -> Hashed:
        """The same, but that one word has no n-grams."""
        begin, end = int(self.starts[word]), int(self.starts[word + 1])
        starts = self.starts.copy()
        starts[word + 1 :] -= end - begin
        return Hashed(starts, np.delete(self.buckets, slice(begin, end)))

    def with_own(self, rows: Ids) -> tuple[Ids, Offsets]:
        """Rows of a table, one a bucket here, with each word's number before its own: and where each word begins.

        Examples
        --------
        >>> rows, starts = Hashed(np.array([0, 2, 2, 3]), np.array([7, 8, 7])).with_own(np.array([3, 4, 3], np.int32))
        >>> rows.tolist(), starts.tolist()
        ([0, 3, 4, 1, 2, 3], [0, 3, 4, 6])
        """
        words = np.arange(len(self.starts), dtype=np.int32)
        starts = self.starts + words
        all_rows = np.empty(int(starts[-1]), np.int32)
        own = np.zeros(len(all_rows), bool)
        own[starts[:-1]] = True
        all_rows[own], all_rows[~own] = words[:-1], rows
        return all_rows, starts


def hashed(keys: pa.Array, shortest: int, longest: int, size: int, jamo: tuple[int, int] | None = None) -> Hashed:
    """What `Subwords` finds for each key, for a whole vocabulary at once.

    Parameters
    ----------
    keys
        Arrow ``large_string``: `Vocabulary.arrow`.
    shortest, longest, size, jamo
        As for `Subwords`.

    Examples
    --------
    >>> found = hashed(pa.array(["cat", "a"], pa.large_string()), 3, 3, 5)
    >>> found.starts.tolist(), found.buckets.tolist()
    ([0, 3, 4], [2, 1, 1, 0])
    """
    from jari.kernels.ngrams import count_ngrams, hash_ngrams  # half a second that opening an embedding does not need

    everyone = np.arange(len(keys))
    kinds = [(everyone, *_marked(*_bytes_of(keys)), shortest, longest)]
    if jamo is not None:
        kinds.append((*_marked_jamo(keys.to_pylist()), *jamo))
    counts = [np.zeros(len(keys), np.int64) for _ in kinds]
    for (who, text, offsets, low, high), count in zip(kinds, counts, strict=True):
        found = np.empty(len(who), np.int64)
        count_ngrams(text, offsets, low, high, found)
        count[who] = found
    starts = np.zeros(len(keys) + 1, np.int64)
    np.cumsum(sum(counts), out=starts[1:])
    buckets = np.empty(int(starts[-1]), np.int32)
    begin = starts[:-1].copy()
    for (who, text, offsets, low, high), count in zip(kinds, counts, strict=True):
        hash_ngrams(text, offsets, low, high, size, begin[who], buckets)
        begin += count
    return Hashed(starts, buckets)


def ngrams(key: str, shortest: int, longest: int) -> Iterator[str]:
    """The n-grams of ``<key>`` by where they begin, the shorter first; a lone ``<`` or ``>`` is none."""
    word = f"<{key}>"
    for start in range(len(word)):
        for length in range(shortest, min(longest, len(word) - start) + 1):
            ngram = word[start : start + length]
            if length > 1 or 0 < start < len(word) - 1:
                yield ngram


def bucket(ngram: str, buckets: int) -> int:
    """fastText's hash: FNV-1a of 32 bits over UTF-8, each byte taken as signed, modulo the number of buckets."""
    value = 2166136261
    for byte in ngram.encode("utf-8", "surrogatepass"):
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16777619 & 0xFFFFFFFF
    return value % buckets


def _check_lengths(shortest: int, longest: int, of: str) -> None:
    if not 1 <= shortest <= longest:
        raise BadInput(f"n-grams from {shortest} to {longest} {of}: give 1 ≤ shortest ≤ longest.")


def _bytes_of(strings: pa.Array) -> tuple[Bytes, Offsets]:
    """The UTF-8 bytes of a string array, and where each string begins in them."""
    _, ends, text = strings.buffers()
    if not len(strings):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    offsets = np.frombuffer(ends, np.int64)[strings.offset : strings.offset + len(strings) + 1]
    return np.frombuffer(text, np.uint8)[offsets[0] : offsets[-1]], offsets - offsets[0]


def _marked(text: Bytes, offsets: Offsets) -> tuple[Bytes, Offsets]:
    """Each string between ``<`` and ``>``."""
    offsets = offsets + 2 * np.arange(len(offsets))
    marked = np.empty(len(text) + 2 * (len(offsets) - 1), np.uint8)
    inside = np.ones(len(marked), bool)
    inside[offsets[:-1]] = inside[offsets[1:] - 1] = False
    marked[inside] = text
    marked[offsets[:-1]], marked[offsets[1:] - 1] = ord("<"), ord(">")
    return marked, offsets


def _marked_jamo(keys: list[str]) -> tuple[Rows, Bytes, Offsets]:
    """Which keys have Hangul syllables, and these keys decomposed and marked."""
    who, apart = [], []
    for row, key in enumerate(keys):
        taken = decomposed(key)
        if taken != key:
            who.append(row)
            apart.append(taken.encode())
    offsets = np.zeros(len(apart) + 1, np.int64)
    np.cumsum([len(one) for one in apart], out=offsets[1:])
    return np.array(who, np.int64), *_marked(np.frombuffer(b"".join(apart), np.uint8), offsets)
