"""`jari.kernels.selection`, one score after another."""

from __future__ import annotations

import heapq

from jari.types import Counts, Matrix, Rows, Vector


def shortlist(
    products: Matrix,
    first: int,
    by_query: Vector,
    by_place: Vector,
    plus: Vector,
    gap_query: Vector,
    gap_place: Vector,
    heap: Matrix,
    bar: Vector,
    places: Rows,
    uppers: Matrix,
    counts: Counts,
) -> bool:
    n, m = products.shape
    for each in range(n * m):
        j, q = divmod(each, m)
        upper = products[j, q] * by_query[q] * by_place[j] + plus[j]
        if not upper >= bar[q]:
            continue
        if counts[q] == places.shape[1]:
            kept = uppers[q] >= bar[q]
            counts[q] = kept.sum()
            places[q, : counts[q]], uppers[q, : counts[q]] = places[q, kept], uppers[q, kept]
            if 2 * counts[q] > places.shape[1]:
                return False
        places[q, counts[q]], uppers[q, counts[q]] = first + j, upper
        counts[q] += 1
        least = heap[q].tolist()
        heapq.heappushpop(least, upper - gap_query[q] - gap_place[j])
        heap[q] = least
        bar[q] = least[0]
    return True


def shortlist_rows(
    vectors: Matrix,
    directions: Matrix,
    by_query: Vector,
    by_place: Vector,
    plus: Vector,
    gap_query: Vector,
    gap_place: Vector,
    heap: Matrix,
    bar: Vector,
    places: Rows,
    uppers: Matrix,
    counts: Counts,
) -> bool:
    bounds = by_query, by_place, plus, gap_query, gap_place
    return shortlist(vectors @ directions, 0, *bounds, heap, bar, places, uppers, counts)
