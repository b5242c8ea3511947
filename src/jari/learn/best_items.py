"""The best items of many users at once, exactly.

Items are looked at by the length of their vectors, the longest first. No score is greater than the lengths of the two
vectors multiplied: whoever has k items that are better than that, for all items still to come, is done (Teflioudi,
Gemulla & Mykytiuk 2015, *LEMP: Fast Retrieval of Large Entries in a Matrix Product*, section 3). What is popular has
long vectors, so most users are done early; for those who are not, a block of scores is one product of matrices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from jari.kernels.best import sort_best, take_best
from jari.learn.sharing import share_out
from jari.types import Matrix, Rows, Vector

Doubles = npt.NDArray[np.float64]

_USERS = 256  # at once
_ITEMS = 1024  # in a block: its scores are 1 MB, which stay in the second cache
_FEW_USERS = 16  # for whom the items are not put in order
_SLACK = 1 + 1e-5  # of a bound: products are rounded


def best_items(
    users: Matrix,
    items: Matrix,
    k: int,
    *,
    biases: Vector | None = None,
    seen: csr_array[Any] | None = None,
    allowed: Rows | None = None,
    threads: int = 1,
) -> tuple[Rows, Vector]:
    """The k items with the greatest ``users @ items.T + biases`` of each user.

    Parameters
    ----------
    users, items
        Shapes (m, d) and (n, d).
    biases
        Shape (n,).
    seen
        Shape (m, n), indices rising in each row: entries are left out.
    allowed
        The only rows of `items` that may be answered, rising.
    threads
        How many to use.

    Returns
    -------
    rows, scores
        Shape (m, k), the best first, equal scores in the order of their rows; -1 and -inf where none is left.

    Examples
    --------
    >>> users, items = np.eye(2, dtype=np.float32), np.array([[1, 0], [2, 3], [4, 0]], np.float32)
    >>> rows, scores = best_items(users, items, k=2)
    >>> rows.tolist(), scores.tolist()
    ([[2, 1], [1, 0]], [[4.0, 2.0], [3.0, 0.0]])
    """
    m, chosen = len(users), np.arange(len(items), dtype=np.int64) if allowed is None else allowed
    lengths = None
    if m > _FEW_USERS:
        if biases is not None:  # one more column
            users = np.hstack([users, np.ones((m, 1), np.float32)])
            items, biases = np.hstack([items, biases[:, None].astype(np.float32)]), None
        every: Doubles = np.linalg.norm(items, axis=1).astype(np.float64)
        chosen = chosen[np.argsort(-every[chosen], kind="stable")]
        lengths = every[chosen]
    if m > _FEW_USERS or allowed is not None:
        items = np.ascontiguousarray(items[chosen])
        biases = None if biases is None else biases[chosen]
    best = Best(m, k, chosen, seen)

    def work(piece: int) -> float:
        begin, end = piece * _USERS, min((piece + 1) * _USERS, m)
        _some(users, begin, end, items, biases, lengths, best)
        best.sort(begin, end)
        return 0.0

    with threadpool_limits(1 if m > _USERS else threads, "blas"):
        share_out(work, -(-m // _USERS), threads if m > _USERS else 1)
    return best.answers()


class Best:
    """The best items of each user so far, of those whose scores were taken in; each user is one thread's.

    Parameters
    ----------
    users, k
        How many users, and how many items of each.
    items
        The numbers of the items, in the order of the columns of scores.
    seen
        Shape (users, all items), indices rising in each row: entries are left out. None leaves nothing out.

    Examples
    --------
    >>> best = Best(1, 2, np.array([5, 6, 7]), None)
    >>> best.take(np.array([[0.5, 2.0, 1.0]], np.float32), np.array([0]))
    >>> best.sort(0, 1)
    >>> best.answers()[0].tolist()
    [[6, 7]]
    """

    __slots__ = ("_heap", "_items", "_places", "_seen", "_starts")

    def __init__(self, users: int, k: int, items: Rows, seen: csr_array[Any] | None) -> None:
        self._items = items
        self._seen = np.empty(0, np.int32) if seen is None else seen.indices
        self._starts = np.zeros(users + 1, np.int64) if seen is None else seen.indptr.astype(np.int64)
        self._heap = np.full((users, k), -np.inf, np.float32)
        self._places = np.full((users, k), np.iinfo(np.int64).max)

    def worst(self, users: Rows) -> Vector:
        """The score that an item must reach to be among the best of each of some users."""
        bar: Vector = self._heap[users, 0]
        return bar

    def take(self, scores: Matrix, users: Rows, first: int = 0) -> None:
        """Take in the scores of some users, a row each, for the items from the column `first` on."""
        take_best(scores, len(users), self._items, first, users, self._seen, self._starts, self._heap, self._places)

    def sort(self, begin: int, end: int) -> None:
        """Put the best of these users first; nothing of theirs can be taken in afterwards."""
        sort_best(self._heap, self._places, begin, end)

    def answers(self) -> tuple[Rows, Vector]:
        """Numbers of items and scores of all users, sorted, shape (users, k); -1 and -inf where there are no more."""
        self._places[np.isneginf(self._heap)] = -1
        return self._places, self._heap


def _some(
    users: Matrix,
    begin: int,
    end: int,
    items: Matrix,
    biases: Vector | None,
    lengths: Doubles | None,
    best: Best,
) -> None:
    asking = np.arange(begin, end)
    vectors = users[begin:end]
    reach = np.linalg.norm(vectors, axis=1).astype(np.float64)
    for first in range(0, len(items), _ITEMS):
        if lengths is not None:
            hopeful = reach * lengths[first] * _SLACK >= best.worst(asking)
            if not hopeful.any():
                return
            if np.count_nonzero(hopeful) < 0.9 * len(asking):
                asking, vectors, reach = asking[hopeful], vectors[hopeful], reach[hopeful]
        scores = vectors @ items[first : first + _ITEMS].T
        if biases is not None:
            scores += biases[first : first + _ITEMS]
        best.take(scores, asking, first)
