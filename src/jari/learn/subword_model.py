"""What words are made of, and `SubwordSampling`: skip-gram and CBOW over words that are put together from n-grams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding import Vocabulary
from jari.embedding.subwords import hashed
from jari.kernels import subwords
from jari.kernels.skipgram import band_width, nearness
from jari.kernels.windows import pairs_near
from jari.learn.matrices import in_use
from jari.learn.negative import CBOW_GROUP, SKIPGRAM_GROUP, shared_noise
from jari.learn.sampling import Noise
from jari.learn.walk import Kept
from jari.types import Ids, Matrix, Offsets, Vector

_CROWD = 1.5  # as in jari.learn.negative: the longest step, in units of one pair's gradient, of one group
_COMMON = 0.01  # of the text; docs/decisions/0009-subwords.md
_DENSE = 1 << 24  # buckets; fewer are numbered through a table of them all, ten times as fast as by sorting


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows that make up each word: its own, and those of its n-grams.

    Parameters
    ----------
    rows, starts
        Word i is the mean of ``rows[starts[i] : starts[i + 1]]``; the first of them is i.
    buckets
        The bucket of each row after the words', the most used first: row ``len(starts) - 1 + k`` is that of
        ``buckets[k]``. Buckets that no word needs have no row: of 2 million, 79,000 English words need 343,000.
    """

    rows: Ids
    starts: Offsets
    buckets: Ids

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        uses: npt.NDArray[np.float64],
        shortest: int,
        longest: int,
        size: int,
        jamo: tuple[int, int] | None,
    ) -> Parts:
        """The parts of a vocabulary's words.

        Parameters
        ----------
        uses
            How often each word will be learnt from, shape (n,): rows that are needed often stand together in memory.
        shortest, longest, size, jamo
            As for `jari.embedding.Subwords`.

        Examples
        --------
        >>> parts = Parts.of(Vocabulary(["cat", "at"]), np.array([1.0, 2.0]), 3, 3, 5, None)
        >>> parts.rows.tolist(), parts.starts.tolist(), parts.buckets.tolist()
        ([0, 4, 2, 2, 1, 3, 2], [0, 4, 7], [1, 4, 2])
        """
        n = len(vocabulary)
        found = hashed(vocabulary.arrow, shortest, longest, size, jamo)
        counts = np.diff(found.starts)
        used, numbers = _numbered(found.buckets, size)
        order = np.argsort(-np.bincount(numbers, np.repeat(uses, counts), len(used)), kind="stable")
        row_of = np.empty(len(used), np.int32)
        row_of[order] = np.arange(n, n + len(used), dtype=np.int32)
        return cls(*found.with_own(row_of[numbers]), used[order])

    @property
    def where(self) -> tuple[Ids, Offsets]:
        """`rows` and `starts`, as kernels take them."""
        return self.rows, self.starts

    def shares(self, of_words: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The share of the text whose words have each row, shape (rows of the matrix,).

        Parameters
        ----------
        of_words
            The share of the text that falls to each word, shape (n,).
        """
        each = np.repeat(of_words, np.diff(self.starts))
        rows: npt.NDArray[np.float64] = np.zeros(len(self.starts) - 1 + len(self.buckets))
        rows += np.bincount(self.rows, each, len(rows))
        return rows

    def scales(self, shares: npt.NDArray[np.float64]) -> Vector:
        """How much of a word's step each row takes: all of it, unless more than a hundredth of the text has the row.

        A row takes the steps of all its words. In a text whose words all begin alike, the rows of that beginning would
        take hundreds of steps at once, the same way, and never come back; and what *ing* or *-다* has learnt from
        everything says little.
        """
        return np.minimum(1, _COMMON / np.maximum(shares, _COMMON)).astype(np.float32)

    def overlap(self, shares: npt.NDArray[np.float64]) -> float:
        """How much of a word moves with an average word of the text, at most.

        Words that have rows in common move together: a step of the one is, by the share of the other's rows that are
        the same, a step of the other.

        Parameters
        ----------
        shares
            Of each row, in how much of the text it moves by a whole step.
        """
        return float((np.add.reduceat(shares[self.rows], self.starts[:-1]) / np.diff(self.starts)).max())


def _numbered(buckets: Ids, size: int) -> tuple[Ids, npt.NDArray[np.int64]]:
    """The distinct buckets in ascending order, and the place of each one among them."""
    if size > _DENSE:
        used, numbers = np.unique(buckets, return_inverse=True)
        return used, numbers
    is_used = np.zeros(size, bool)
    is_used[buckets] = True
    used = np.flatnonzero(is_used).astype(np.int32)
    return used, (np.cumsum(is_used) - 1)[buckets]


@dataclass(slots=True)
class SubwordSampling:
    """A `Model`: true pairs against noise, with input vectors that are means of rows.

    Parameters
    ----------
    W
        The rows that words are made of, changed in place: the words' own and those of n-grams, `padded`.
    C
        Output vectors, one a word.
    parts
        Which rows of W make up a word.
    scales
        From `Parts.scales`.
    largest
        From `Parts.overlap`.
    dim, is_cbow, window, shrink, negative, noise, rate
        As for `jari.learn.negative.NegativeSampling`.
    """

    W: Matrix
    C: Matrix
    parts: Parts
    scales: Vector
    dim: int
    is_cbow: bool
    window: int
    shrink: bool
    negative: int
    noise: Noise
    largest: float
    rate: float

    _near: Vector = field(init=False)

    def __post_init__(self) -> None:
        self._near = np.empty(band_width(self.window), np.float32)
        nearness(self.window, self.shrink, self._near)

    @property
    def drawn(self) -> bool:
        """CBOW draws its windows; skip-gram takes all pairs and weighs them."""
        return self.shrink and self.is_cbow

    @property
    def matrices(self) -> Mapping[str, Matrix]:
        """``parts`` (words, then n-grams) and ``context``."""
        return {"parts": self.W, "context": self.C}

    @property
    def group(self) -> int:
        """Centres in a group: fewer than usual where so many would trip over one row.

        As in `jari.learn.negative.NegativeSampling`; here a word takes the steps of those that it shares rows with.
        """
        pairs = self.window + 1 if self.shrink else 2 * self.window
        share = max(self.largest, self.negative * self.noise.largest)
        most = int(_CROWD / (share * pairs * self.rate))
        return int(np.clip(most // 4 * 4, 4, CBOW_GROUP if self.is_cbow else SKIPGRAM_GROUP))

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, over its weighed pairs for skip-gram and its centres for CBOW."""
        sizes = self.group, shared_noise(self.negative, self.is_cbow), float(self.negative), rate, in_use(self.dim)
        text = kept.words, kept.left, kept.right, kept.count, self.window
        rest = *sizes, state, self.noise.limits, self.noise.others, *self.parts.where, self.scales, self.W, self.C
        given: Any = (*text, *rest) if self.is_cbow else (*text, self._near, *rest)
        if self.is_cbow:
            return subwords.learn_cbow(*given), kept.centres
        loss = subwords.learn_skipgram(*given)
        return loss, pairs_near(kept.left, kept.right, kept.count, self.window, self._near)

    def composed(self, count: int) -> Matrix:
        """A copy of the vectors of the first `count` words, as they are now."""
        starts = self.parts.starts[: count + 1]
        sums = np.add.reduceat(self.W[self.parts.rows[: starts[-1]]], starts[:-1], axis=0)
        means: Matrix = (sums / np.diff(starts)[:, None]).astype(np.float32)
        return means

    def compose(self) -> Matrix:
        """The vectors of the words, in the place of their own rows: learning is over."""
        n = len(self.C)
        subwords.compose(self.W, *self.parts.where, np.arange(n, dtype=np.int32), 0, n, self.W, 0)
        return self.W[:n]
