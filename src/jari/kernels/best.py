"""The best items of each of many users, from blocks of scores that come one after the other.

Each user's k best so far are a heap with the worst of them in front: the bar. A block is read a stretch at a time,
and only of a stretch that reaches the bar are single scores looked at: after the first thousands that is hardly ever.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Ids, Matrix, Rows

STRETCH = 64


@kernel
def take_best(
    scores: Matrix,
    count: int,
    items: Rows,
    first: int,
    users: Rows,
    seen: Ids,
    starts: Rows,
    heap: Matrix,
    places: Rows,
) -> None:
    """Take up the scores of some users for some items.

    Parameters
    ----------
    scores
        Shape (m, width) or more: row i is of the user ``users[i]``; column j is of the item ``items[first + j]``.
    count
        How many users, m.
    items
        Their numbers, in the order of the columns; the block has as many as `scores` has columns.
    users
        Rows of `heap` and of `places`.
    seen, starts
        User u has ``seen[starts[u] : starts[u + 1]]``, rising; none of that is taken up.
    heap, places
        Shape (users, k): the best scores so far, and the items that have them. -inf and -1 where there are not so many.
        Of equal scores the one with the lower number is the better.
    """
    width = scores.shape[1]
    for i in range(count):
        user, row = users[i], scores[i]
        begin = 0
        while begin < width:
            end = min(begin + STRETCH, width)
            bar = heap[user, 0]
            hits = np.int32(0)
            if end - begin == STRETCH:
                part = row[begin : begin + STRETCH]
                for j in range(STRETCH):  # a number known beforehand: whole vectors
                    hits += np.int32(part[j] >= bar)
            else:
                hits = np.int32(1)
            if hits > 0:
                for j in range(begin, end):
                    score, item = row[j], items[first + j]
                    if not _better(score, item, heap[user, 0], places[user, 0]):
                        continue
                    if not _holds(seen, starts[user], starts[user + 1], item):
                        _replace_worst(heap, places, user, score, item)
            begin = end


@kernel
def sort_best(heap: Matrix, places: Rows, begin: int, end: int) -> None:
    """Turn the heaps of some users into lists, the best first."""
    k = heap.shape[1]
    for user in range(begin, end):
        for last in range(k - 1, 0, -1):
            heap[user, 0], heap[user, last] = heap[user, last], heap[user, 0]
            places[user, 0], places[user, last] = places[user, last], places[user, 0]
            _sink(heap, places, user, last)


@kernel
def _better(score: float, item: int, other: float, its: int) -> bool:
    return score > other or (score == other and item < its)


@kernel
def _holds(seen: Ids, start: int, stop: int, item: int) -> bool:
    while start < stop:
        middle = (start + stop) // 2
        if seen[middle] < item:
            start = middle + 1
        elif seen[middle] > item:
            stop = middle
        else:
            return True
    return False


@kernel
def _replace_worst(heap: Matrix, places: Rows, user: int, score: float, item: int) -> None:
    heap[user, 0], places[user, 0] = score, item
    _sink(heap, places, user, heap.shape[1])


@kernel
def _sink(heap: Matrix, places: Rows, user: int, size: int) -> None:
    """Let what stands in front of the first `size` of a heap find its place: the worse is nearer to the front."""
    score, item = heap[user, 0], places[user, 0]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _better(
            heap[user, child], places[user, child], heap[user, child + 1], places[user, child + 1]
        ):
            child += 1
        if _better(heap[user, child], places[user, child], score, item):
            break
        heap[user, at], places[user, at] = heap[user, child], places[user, child]
        at = child
    heap[user, at], places[user, at] = score, item
