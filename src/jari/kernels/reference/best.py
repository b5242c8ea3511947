"""`jari.kernels.best`, by sorting."""

from __future__ import annotations

import numpy as np

from jari.types import Ids, Matrix, Rows


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
    new = items[first : first + scores.shape[1]]
    for i in range(count):
        user = users[i]
        fresh = ~np.isin(new, seen[starts[user] : starts[user + 1]])
        all_scores = np.concatenate([heap[user], scores[i][fresh]])
        all_places = np.concatenate([places[user], new[fresh]])
        order = np.lexsort((all_places, -all_scores))[: heap.shape[1]][::-1]  # the worst in front is a heap too
        heap[user], places[user] = all_scores[order], all_places[order]


def sort_best(heap: Matrix, places: Rows, begin: int, end: int) -> None:
    for user in range(begin, end):
        order = np.lexsort((places[user], -heap[user]))
        heap[user], places[user] = heap[user][order], places[user][order]
