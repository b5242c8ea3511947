"""The entries of interactions, dealt out to parts of a split."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from scipy.sparse import coo_array

from jari.embedding.vocabulary import Vocabulary
from jari.ingest.interactions import Interactions, Times
from jari.types import Rows

Marks: TypeAlias = npt.NDArray[np.bool_]  # (entries,) or (users,)
Parts: TypeAlias = tuple[Interactions, Interactions, Interactions]


class Entries:
    """The entries of interactions, in the order of the matrix: marks say which of them are meant."""

    def __init__(self, interactions: Interactions) -> None:
        matrix = interactions.matrix
        self._interactions = interactions
        self.lengths = np.diff(matrix.indptr)  # (users,)
        self.rows = np.repeat(np.arange(len(self.lengths), dtype=np.int32), self.lengths)
        self.columns = matrix.indices

    def count(self, marks: Marks) -> Rows:
        """How many of the entries each user has, shape (users,)."""
        return np.bincount(self.rows[marks], minlength=len(self.lengths))

    def where(self, marks: Marks, users: Marks) -> Marks:
        """Of the entries those of some users."""
        return marks & users[self.rows]

    def foretellable(self, train: Marks, asked: Marks) -> Marks:
        """Of the entries asked about those whose items are in train."""
        known = np.zeros(self._interactions.shape[1], dtype=bool)
        known[self.columns[train]] = True
        return asked & known[self.columns]

    def greatest(self, values: Times, among: Marks) -> Marks:
        """The entry with the greatest value of each user, more than one where they are equal."""
        starts = self._interactions.matrix.indptr[:-1][self.lengths > 0]
        marked = np.where(among, values, -np.inf)
        best = np.repeat(np.maximum.reduceat(marked, starts), self.lengths[self.lengths > 0]) if len(starts) else marked
        greatest: Marks = among & (marked == best)
        return greatest

    def parts(self, kind: str, train: Marks, given: Marks, wanted: Marks) -> Parts:
        """Train with rows and columns of its own; the others with the users of `wanted` and the columns of train."""
        source = self._interactions
        users = _in_order(source.users, self.count(train))
        items = _in_order(source.items, np.bincount(self.columns[train], minlength=source.shape[1]))
        asked = np.flatnonzero(self.count(wanted) > 0)
        return (
            self._part(kind, "train", train, users, items),
            self._part(kind, "given", given, asked, items),
            self._part(kind, "wanted", wanted, asked, items),
        )

    def _part(self, kind: str, name: str, marks: Marks, users: Rows, items: Rows) -> Interactions:
        source = self._interactions
        at = np.flatnonzero(marks)
        rows = _renumbered(users, source.shape[0])[self.rows[at]]
        columns = _renumbered(items, source.shape[1])[self.columns[at]]
        matrix = coo_array((at, (rows, columns)), shape=(len(users), len(items))).tocsr()  # where each entry was
        at = matrix.data
        matrix.data = source.matrix.data[at]
        return Interactions(
            _counted(source.users, users, np.diff(matrix.indptr)),
            _counted(source.items, items, np.bincount(matrix.indices, minlength=len(items))),
            matrix,
            times=None if source.times is None else source.times[at],
            statistics={"split": kind, "part": name, "of": source.statistics},
        )


def _in_order(vocabulary: Vocabulary, counts: Rows) -> Rows:
    """The rows that are counted at all, by count and then by key."""
    used = np.flatnonzero(counts > 0)
    by_key = used[pc.sort_indices(vocabulary.take(used).arrow).to_numpy()]
    rows: Rows = by_key[np.argsort(-counts[by_key], kind="stable")]
    return rows


def _counted(vocabulary: Vocabulary, rows: Rows, counts: Rows) -> Vocabulary:
    return Vocabulary(vocabulary.take(rows).arrow, counts)


def _renumbered(rows: Rows, count: int) -> npt.NDArray[np.int32]:
    """From each old row to its new one."""
    new = np.full(count, -1, dtype=np.int32)
    new[rows] = np.arange(len(rows), dtype=np.int32)
    return new
