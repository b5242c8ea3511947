"""`compare`: what two embeddings say differently of the same keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jari.embedding.alignment import Alignment, procrustes
from jari.embedding.embedding import Embedding
from jari.embedding.neighbours import Neighbours, whole_k
from jari.embedding.projection import project
from jari.errors import BadInput, UnknownKey
from jari.evaluate.estimates import estimates
from jari.types import Callback, Counts, Matrix, Progress, Rows, Vector

_AT_ONCE = 2048  # keys between two words of progress
_BINS = 11


@dataclass(frozen=True, slots=True)
class Overlap:
    """The Jaccard indices of all keys that were compared.

    Parameters
    ----------
    mean
        0: no key has a neighbour in both; 1: all have the same.
    low, high
        95 % interval of the mean, over bootstrap samples of the keys.
    histogram
        How many keys have an index below 1/11, from 1/11 to 2/11, … from 10/11 to 1.
    """

    mean: float
    low: float
    high: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One key: how much its neighbours are the same, and its vector after the alignment."""

    key: str
    jaccard: float
    cosine: float
    count: int | None


@dataclass(frozen=True, slots=True, eq=False)
class KeyComparison:
    """One key in both embeddings: its neighbours here and there, of the keys that both know.

    Parameters
    ----------
    key
        The key.
    jaccard
        Of both lists: how many keys are in both, to how many there are in all.
    cosine
        Of its vectors, after the alignment.
    a, b
        Its neighbours in each; rows are those of that embedding.
    both
        Keys in both lists, in the order of the first.
    """

    key: str
    jaccard: float
    cosine: float
    a: Neighbours
    b: Neighbours
    both: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LinkedMap:
    """The same keys on two planes that lie upon one another.

    Parameters
    ----------
    keys
        One a point.
    xy_a, xy_b
        Shape (n, 2), float32.
    jaccard
        Shape (n,), float32; NaN for a key beyond those that were compared.
    """

    keys: tuple[str, ...]
    xy_a: Matrix
    xy_b: Matrix
    jaccard: Vector


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two embeddings and the keys that both have; from `compare`.

    Parameters
    ----------
    a, b
        The embeddings.
    k
        How many neighbours a list has.
    rows_a, rows_b
        Where the shared keys are, shape (shared,), in a's order.
    jaccard
        Of the neighbours of the first shared keys, shape (compared,), float32.
    cosine
        Of their vectors, after the alignment, shape (compared,), float32.
    overlap
        The mean of `jaccard`, its interval and a histogram.
    alignment
        Turns b's vectors onto a's; fitted on all shared keys at unit length.
    notes
        What a reader of the figures should know.
    """

    a: Embedding
    b: Embedding
    k: int
    rows_a: Rows
    rows_b: Rows
    jaccard: Vector
    cosine: Vector
    overlap: Overlap
    alignment: Alignment
    notes: tuple[str, ...] = field(default=())

    @property
    def shared(self) -> int:
        """How many keys are in both."""
        return len(self.rows_a)

    @property
    def only_a(self) -> int:
        """How many are in a alone."""
        return len(self.a) - self.shared

    @property
    def only_b(self) -> int:
        """How many are in b alone."""
        return len(self.b) - self.shared

    @property
    def compared(self) -> int:
        """How many keys were compared: the first of those that both have."""
        return len(self.jaccard)

    def changed(self, n: int = 50) -> tuple[Change, ...]:
        """The keys with the least overlap, of equal ones those with the lesser cosine."""
        return self._first(np.lexsort((self.cosine, self.jaccard)), n)

    def steady(self, n: int = 50) -> tuple[Change, ...]:
        """The keys with the greatest overlap, of equal ones those with the greater cosine."""
        return self._first(np.lexsort((-self.cosine, -self.jaccard)), n)

    def of_key(self, key: str, k: int | None = None) -> KeyComparison:
        """One key that both have, whether or not it is among those that were compared."""
        raise NotImplementedError

    def linked_map(self, top: int = 1500) -> LinkedMap:
        """The first `top` shared keys on the plane of a's first two principal components, and b turned onto it."""
        raise NotImplementedError

    def _first(self, order: Rows, n: int) -> tuple[Change, ...]:
        raise NotImplementedError


def compare(
    a: Embedding, b: Embedding, *, k: int = 10, top: int = 10_000, callback: Callback | None = None
) -> Comparison:
    """How far two embeddings agree on who is near whom."""
    raise NotImplementedError
