"""Which places of a table can be among the k best of a query: the selection of an exact search, in one pass.

Products come from BLAS and are rounded, so a score is known to lie between two bounds. Per query the k greatest lower
bounds are kept in a heap; the least of them is a bar, and a place whose upper bound does not reach it is not among the
k best, whatever comes. Those that reach it are put on a list, k ln(n / k) of n in random order, and looked at again in
the end. Nothing else is written: 0.3 ns a score.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels.products import sums
from jari.types import Counts, Matrix, Rows, Vector

_BLOCK = 1024  # rows, whose products with 64 queries are 256 KB: they stay in the L2 cache


@kernel
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
    """Take up a block of places, whose upper bounds are ``products[j, q] · by_query[q] · by_place[j] + plus[j]``.

    Parameters
    ----------
    products
        Shape (n, m): n places, m queries.
    first
        The number of the first place.
    by_query, gap_query
        Shape (m,).
    by_place, plus, gap_place
        Shape (n,). A lower bound is the upper less ``gap_query[q] + gap_place[j]``.
    heap, bar
        Shape (m, k), the least in front: the k greatest lower bounds so far, -inf where there are not so many. And the
        least, shape (m,).
    places, uppers, counts
        Shapes (m, room), (m, room) and (m,): the list of each query, and how long it is. Places whose upper bound no
        longer reaches the bar are struck off when room is short.

    Returns
    -------
    done
        False where a list is full of places that must stay.
    """
    n, m = products.shape
    for j in range(n):
        row, factor, summand = products[j], by_place[j], plus[j]
        hits = np.int32(0)
        for q in range(
            m
        ):  # without a branch, a whole vector at a time: after the first thousands it is hardly ever met
            hits += np.int32(row[q] * by_query[q] * factor + summand >= bar[q])
        if hits == 0:
            continue
        for q in range(m):
            upper = row[q] * by_query[q] * factor + summand
            if not upper >= bar[q]:
                continue
            if counts[q] == places.shape[1]:
                counts[q] = _without_hopeless(places, uppers, q, bar[q])
                if 2 * counts[q] > places.shape[1]:
                    return False
            places[q, counts[q]], uppers[q, counts[q]] = first + j, upper
            counts[q] += 1
            lower = upper - gap_query[q] - gap_place[j]
            if lower > bar[q]:
                _replace_least(heap, q, lower)
                bar[q] = heap[q, 0]
    return True


@kernel
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
    """`shortlist` of ``vectors @ directions``, a block of rows after another, from place 0 on.

    For up to some sixty queries: BLAS copies all rows to where it likes them, which takes longer than the products of
    sixteen queries. 100,000 rows of 100 take 5 ms here and 10 ms there; and nothing is held but this call's time, where
    a call of NumPy a block waits for the interpreter each time.

    Parameters
    ----------
    vectors
        Shape (n, d), row after row.
    directions
        Shape (d, m); m is a multiple of 8. Whoever has fewer queries adds zeros, and a bar of infinity for each.
    """
    (n, d), m = vectors.shape, directions.shape[1]
    products = np.empty((_BLOCK, m), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        rows = min(_BLOCK, n - start)
        whole = rows // 4 * 4
        sums(products, 0, whole, vectors, start * d, d, 1, directions, 0, d, False, m)
        for i in range(whole, rows):  # a tile of four would read beyond the last row
            for q in range(m):
                products[i, q] = 0
            for j in range(d):
                for q in range(m):
                    products[i, q] += vectors[start + i, j] * directions[j, q]
        at = slice(start, start + rows)
        if not shortlist(
            products[:rows],
            start,
            by_query,
            by_place[at],
            plus[at],
            gap_query,
            gap_place[at],
            heap,
            bar,
            places,
            uppers,
            counts,
        ):
            return False
    return True


@kernel
def _without_hopeless(places: Rows, uppers: Matrix, q: int, bar: float) -> int:
    """Strike places off a full list; answers how many are left."""
    kept = 0
    for i in range(places.shape[1]):
        if uppers[q, i] >= bar:
            places[q, kept], uppers[q, kept] = places[q, i], uppers[q, i]
            kept += 1
    return kept


@kernel
def _replace_least(heap: Matrix, q: int, value: float) -> None:
    k, at = heap.shape[1], 0
    while True:
        child = 2 * at + 1
        if child >= k:
            break
        if child + 1 < k and heap[q, child + 1] < heap[q, child]:
            child += 1
        if heap[q, child] >= value:
            break
        heap[q, at] = heap[q, child]
        at = child
    heap[q, at] = value
