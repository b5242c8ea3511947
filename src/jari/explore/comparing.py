"""`compare`: what two embeddings say differently of the same keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jari.embedding.alignment import Alignment, procrustes
from jari.embedding.embedding import Embedding
from jari.embedding.metrics import Floats, cosines, units
from jari.embedding.neighbours import Neighbours, whole_k
from jari.errors import BadInput, UnknownKey
from jari.explore.overlap import Overlap, SharedLists, jaccard_of, overlap_of
from jari.types import Callback, Matrix, Progress, Rows, Vector

_AT_ONCE = 1024  # keys between two words of progress
_FITTED = 100_000  # keys that the alignment is fitted on: the first, which are the most frequent; later ones add noise


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


@dataclass(frozen=True, slots=True, eq=False)
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
        Turns b's vectors onto a's; fitted at unit length on the first 100,000 shared keys.
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
    notes: tuple[str, ...] = ()

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

    def __repr__(self) -> str:
        return (
            f"Comparison({self.shared:,} shared keys, {self.only_a:,} in a alone, {self.only_b:,} in b alone: "
            f"Jaccard@{self.k} {self.overlap.mean:.3f} over {self.compared:,})"
        )

    def changed(self, n: int = 50) -> tuple[Change, ...]:
        """The keys with the least overlap; of equal ones those with the lesser cosine first."""
        return self._first(np.lexsort((self.cosine, self.jaccard)), n)

    def steady(self, n: int = 50) -> tuple[Change, ...]:
        """The keys with the greatest overlap; of equal ones those with the greater cosine first."""
        return self._first(np.lexsort((-self.cosine, -self.jaccard)), n)

    def of_key(self, key: str, k: int | None = None) -> KeyComparison:
        """One key that both have, whether or not it is among those that were compared.

        Parameters
        ----------
        key
            The key.
        k
            How many neighbours; None for as many as in the comparison.

        Raises
        ------
        UnknownKey
            The key is not in both.
        """
        k = self.k if k is None else whole_k(k)
        rows = self.a.vocabulary.row(key), self.b.vocabulary.rows([key], unknown="mark")
        if rows[1][0] < 0:
            raise UnknownKey(f"{key!r} is in the first embedding only: compare keys that both have.")
        here = self.a.similar(key, k, rows=self.rows_a)
        there = self.b.similar(key, k, rows=self.rows_b)
        theirs = set(there.keys)
        both = tuple(str(each) for each in here.keys if each in theirs)
        apart = len(here) + len(there) - len(both)
        cosine = _aligned_cosines(self.a, self.b, np.array([rows[0]]), rows[1], self.alignment)
        return KeyComparison(key, len(both) / apart if apart else 1.0, float(cosine[0]), here, there, both)

    def linked_map(self, top: int = 1500) -> LinkedMap:
        """The first shared keys as both embeddings place them, on one plane.

        The plane is that of a's first two principal components. b's vectors are turned by the alignment before they
        are laid on it: what lies elsewhere on b's map has moved against the rest, not with it.

        Parameters
        ----------
        top
            How many keys.

        Raises
        ------
        BadInput
            `top` is below 1.
        """
        if top < 1:
            raise BadInput(f"top={top} leaves no keys to draw: give 1 or more.")
        ours, theirs = self.rows_a[:top], self.rows_b[:top]
        here = _centred(units(self.a.vectors[ours].astype(np.float64)))
        there = _centred(self._turned(units(self.b.vectors[theirs].astype(np.float64))))
        _, components = np.linalg.eigh(here.T @ here)
        plane = components[:, ::-1][:, :2]  # eigh sorts upwards
        plane = plane * np.sign(plane[np.abs(plane).argmax(axis=0), np.arange(plane.shape[1])])
        wide = np.zeros((len(plane), 2))  # one dimension alone makes a line on the plane
        wide[:, : plane.shape[1]] = plane
        jaccard = np.full(len(ours), np.nan, dtype=np.float32)
        jaccard[: self.compared] = self.jaccard[: len(ours)]
        xy_a, xy_b = (np.ascontiguousarray(side @ wide, dtype=np.float32) for side in (here, there))
        return LinkedMap(tuple(self.a.vocabulary.keys[ours]), xy_a, xy_b, jaccard)

    def _turned(self, vectors: Floats) -> Floats:
        turn = self.alignment.rotation[: vectors.shape[1], : self.a.dim]
        return np.asarray(vectors @ turn, dtype=np.float64)

    def _first(self, order: Rows, n: int) -> tuple[Change, ...]:
        counts = self.a.vocabulary.counts
        chosen = order[: max(0, n)]
        rows = self.rows_a[chosen]
        seen = [None] * len(rows) if counts is None else counts[rows].tolist()
        told = zip(self.a.vocabulary.keys[rows], self.jaccard[chosen], self.cosine[chosen], seen, strict=True)
        return tuple(Change(str(key), float(jaccard), float(cosine), count) for key, jaccard, cosine, count in told)


def compare(
    a: Embedding, b: Embedding, *, k: int = 10, top: int = 10_000, callback: Callback | None = None
) -> Comparison:
    """How far two embeddings agree on who is near whom.

    Neighbours are compared and not vectors, whose axes are another each time that they are learnt: for each key, the
    Jaccard index of its k nearest keys here and there, among the keys that both have (as stability is measured by
    Antoniak and Mimno, Evaluating the Stability of Embedding-based Word Similarities, TACL 6, 2018). Vectors are
    compared after b has been turned onto a (`procrustes`; as change of meaning is measured by Hamilton, Leskovec and
    Jurafsky, Diachronic Word Embeddings Reveal Statistical Laws of Semantic Change, ACL 2016).

    Parameters
    ----------
    a, b
        The embeddings; they may differ in dimensions.
    k
        Neighbours a list.
    top
        How many of the shared keys are compared: the first in a's order, which is the most frequent first where Jari
        learnt it. All shared keys may be neighbours.
    callback
        Told how many keys are compared.

    Raises
    ------
    BadInput
        No key is in both, or `k` or `top` is below 1.

    Examples
    --------
    >>> old = Embedding(["mouse", "rat", "screen", "cat"], [[1, 0], [1, 0.2], [0, 1], [0.9, 0.3]])
    >>> new = Embedding(["screen", "mouse", "rat", "mat"], [[0, 1], [0.1, 1], [1, 0.2], [1, 0]])
    >>> both = compare(old, new, k=1)
    >>> both.shared, both.only_a, both.only_b
    (3, 1, 1)
    >>> [(each.key, each.jaccard) for each in (*both.changed(1), *both.steady(1))]
    [('mouse', 0.0), ('rat', 1.0)]
    >>> both.of_key("mouse").a.keys, both.of_key("mouse").b.keys
    (array(['rat'], dtype=object), array(['screen'], dtype=object))
    """
    k = whole_k(k)
    if top < 1:
        raise BadInput(f"top={top} leaves no keys to compare: give 1 or more.")
    rows_b = b.vocabulary.rows(a.keys, unknown="mark")
    rows_a = np.flatnonzero(rows_b >= 0)
    rows_b = rows_b[rows_a]
    if not len(rows_a):
        raise BadInput(
            f"No key is in both embeddings ({len(a):,} keys and {len(b):,}): compare two of the same things, with "
            "keys written in the same way."
        )
    many = min(top, len(rows_a))
    here, there = SharedLists(a, rows_a, k), SharedLists(b, rows_b, k)
    jaccard = np.empty(many, dtype=np.float32)
    for start in range(0, many, _AT_ONCE):
        if callback is not None:
            callback(Progress("comparing", start, many, "keys"))
        asked = np.arange(start, min(start + _AT_ONCE, many))
        jaccard[asked] = jaccard_of(here.of(asked), there.of(asked))
    if callback is not None:
        callback(Progress("comparing", many, many, "keys"))
    fitted = slice(0, _FITTED)
    alignment = procrustes(_unit_rows(b, rows_b[fitted]), _unit_rows(a, rows_a[fitted]))
    cosine = _aligned_cosines(a, b, rows_a[:many], rows_b[:many], alignment)
    notes = []
    if len(rows_a) <= 2 * k:
        few = "1 key is" if len(rows_a) == 1 else f"{len(rows_a):,} keys are"
        notes.append(f"Only {few} in both: {k} neighbours of so few are much the same whatever was learnt.")
    return Comparison(a, b, k, rows_a, rows_b, jaccard, cosine, overlap_of(jaccard), alignment, tuple(notes))


def _unit_rows(embedding: Embedding, rows: Rows) -> Matrix:
    lengths = embedding.norms[rows]
    return np.divide(embedding.vectors[rows], np.where(lengths > 0, lengths, 1)[:, None], dtype=np.float32)


def _aligned_cosines(a: Embedding, b: Embedding, rows_a: Rows, rows_b: Rows, alignment: Alignment) -> Vector:
    """In the larger of both spaces: what b has besides a's dimensions is a difference."""
    width = len(alignment.rotation)
    found = np.empty(len(rows_a), dtype=np.float32)
    for start in range(0, len(rows_a), _AT_ONCE):
        now = slice(start, start + _AT_ONCE)
        ours, theirs = a.vectors[rows_a[now]].astype(np.float64), b.vectors[rows_b[now]].astype(np.float64)
        turned = theirs @ alignment.rotation[: b.dim]
        found[now] = cosines(np.pad(ours, ((0, 0), (0, width - a.dim))), turned)
    return found


def _centred(points: Floats) -> Floats:
    moved: Floats = points - points.mean(axis=0)
    return moved
