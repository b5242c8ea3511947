"""`Neighbours`, and the exact search for them: every row is looked at, and none is copied.

A block of rows is multiplied with the queries by BLAS; of the bounds that come out (see `metrics.py`) only those that
reach the k-th best score so far are looked at again. After the first few thousand rows that is nearly none, so that a
query takes about as long as a bare ``matrix @ query`` (measured by ``python -m benchmarks open_and_ask``), and a batch
as the bare product of two matrices (``python -m benchmarks topk``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import Coded, Floats, Linear, Scores, Table, scores_by
from jari.embedding.norms import norms_of
from jari.embedding.queries import rows_among
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Counts, Matrix, Metric, Rows, Vector

_FIRST_ROWS = 4096
_MOST_QUERIES = 256
# A block of products. Each is one call of BLAS, whose threads wait for one another at its end: on a machine with other
# work to do that costs up to 8 ms: in blocks of 131,072 rows a query of 1,000,000 took 2.4 times the bare product.
_MOST_PRODUCTS = 1 << 22  # 16 MB
_WORTH_A_KERNEL = 1 << 22  # products: 10 ms of BLAS; less is done before a kernel is fetched from the disk
_WORTH_A_CALL = 1 << 17  # products, once it was fetched
_SHORT_BLOCK = 1 << 18  # products of a block: 1 MB, which the kernel finds in the L2 cache where BLAS left them
_FEW = 64  # queries, whose products a kernel makes sooner than BLAS
_GRAIN = 8  # such kernels take so many at once
_ROOM = 1024  # of a list, besides 4 k: k ln(n / k) are about a hundred, of a million rows and for the ten nearest
_PIECE = 1 << 17  # bounds looked at together: 512 KB, which stays in the L2 cache
_LOWEST = float(np.finfo(np.float32).min)


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The nearest keys, best first; equal scores stand in the order of their rows.

    Parameters
    ----------
    keys
        Strings, shape (k,) for one query, (m, k) for many.
    scores
        float32 of the same shape: the cosine or the dot product, descending; for ``metric="euclidean"`` the
        distance, ascending.
    rows
        Rows of the embedding, of the same shape; -1 where a query of many has fewer neighbours than others.

    Notes
    -----
    One query's neighbours iterate as pairs (key, score); those of many iterate as the `Neighbours` of each query.

    Examples
    --------
    >>> found = Neighbours(np.array(["queen", "prince"], dtype=object), np.array([0.75, 0.5]), np.array([7, 3]))
    >>> list(found)
    [('queen', 0.75), ('prince', 0.5)]
    """

    keys: npt.NDArray[np.object_]
    scores: Vector
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: int) -> Any:
        if self.rows.ndim == 1:
            return str(self.keys[at]), float(self.scores[at])
        there = self.rows[at] >= 0
        return Neighbours(self.keys[at][there], self.scores[at][there], self.rows[at][there])

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self)))

    def __repr__(self) -> str:
        if self.rows.ndim == 2:
            return f"Neighbours({self.rows.shape[0]} queries × {self.rows.shape[1]} keys)"
        width = max((len(key) for key in self.keys), default=0)
        lines = [f"  {key:<{width}}  {score:.4f}" for key, score in self]
        return "\n".join(["Neighbours(", *lines, ")"]) if lines else "Neighbours()"

    def _repr_html_(self) -> str:
        from jari.embedding import display

        return display.table(self)

    @classmethod
    def of(cls, vocabulary: Vocabulary, rows: Rows, scores: Vector) -> Neighbours:
        """The neighbours in these rows, with the keys of the vocabulary."""
        keys = np.empty(rows.size, dtype=object)
        keys[:] = vocabulary.keys[rows.ravel()]
        return cls(keys.reshape(rows.shape), scores, rows)


def top_k(
    vectors: Coded,
    queries: npt.ArrayLike,
    k: int = 10,
    metric: Metric = "cosine",
    *,
    rows: npt.ArrayLike | None = None,
    scales: npt.ArrayLike | None = None,
    norms: Vector | None = None,
) -> tuple[Rows, Vector]:
    """The k nearest rows of a matrix to each query, exactly.

    Parameters
    ----------
    vectors
        Shape (n, d), float32, float16 or int8. A `numpy.memmap` is read a block at a time, and may be larger than
        memory.
    queries
        Shape (m, d).
    k
        How many; fewer come back where fewer are there.
    metric
        ``"cosine"``, ``"dot"`` or ``"euclidean"``; the cosine with a row of zeros is 0.
    rows
        Search only among these rows: numbers, or booleans (n,).
    scales
        What each row is to be multiplied with, shape (n,): ``scales[i] * vectors[i]`` is searched.
    norms
        The length of each row that is searched, shape (n,), where somebody has them; otherwise the matrix is read once
        more to find them.

    Returns
    -------
    rows, scores
        Shape (m, j), best first, equal scores in the order of their rows: int64, and float32, for
        ``metric="euclidean"`` distances. j is k, or the number of rows if there are fewer.

    Raises
    ------
    BadInput
        Shapes that do not agree, another type of numbers, a value that is NaN or infinite, a k below 1.

    Examples
    --------
    >>> rows, scores = top_k(np.array([[3, 4], [1, 0], [0, -2]], np.int8), [[1, 0]], k=2)
    >>> rows.tolist(), scores.round(1).tolist()
    ([[1, 0]], [[1.0, 0.6000000238418579]])
    """
    if vectors.ndim != 2 or vectors.dtype not in (np.float32, np.float16, np.int8):
        raise BadInput(
            f"A matrix of shape {vectors.shape} and type {vectors.dtype} cannot be searched: give (n, d), float32, "
            "float16 or int8."
        )
    asked = np.asarray(queries, dtype=np.float64)
    if asked.ndim != 2 or asked.shape[1] != vectors.shape[1]:
        raise BadInput(f"Queries of shape {asked.shape}: give (m, {vectors.shape[1]}), as the matrix has.")
    if not np.isfinite(asked).all():
        raise BadInput(f"Query {int(np.argmin(np.isfinite(asked).all(axis=1)))} is not finite: give numbers only.")
    table = Table(vectors, np.empty(0, np.float32), scales=None if scales is None else _scales(scales, len(vectors)))
    searched = replace(
        table,
        norms=norms_of(table) if norms is None else norms,
        rows=None if rows is None else rows_among(vectors, rows),
    )
    return best(scores_by(metric, searched, asked), k)


def _scales(scales: npt.ArrayLike, n: int) -> Vector:
    factors = np.asarray(scales, dtype=np.float32)
    if factors.shape != (n,) or not np.isfinite(factors).all():
        raise BadInput(f"scales of shape {factors.shape}: give a finite number a row, shape ({n},).")
    return factors


def best(scores: Scores, k: int, left_out: Sequence[Rows] | None = None) -> tuple[Rows, Vector]:
    """The k best places for each query, exactly.

    Parameters
    ----------
    scores
        m queries against a table of n places.
    k
        How many; fewer come back where fewer are there.
    left_out
        Places that must not be answered, for each query.

    Returns
    -------
    rows, scores
        Shape (m, j): j is k, or the number of places less the most that are left out of any one query.

    Raises
    ------
    BadInput
        k is not a whole number of 1 or more.
    """
    k = whole_k(k)
    out = [np.unique(each) if len(each) > 1 else each for each in left_out or ()]
    k = min(k, max(0, len(scores.table) - max(map(len, out), default=0)))
    places = np.zeros((len(scores), k), dtype=np.int64)
    found = np.zeros((len(scores), k), dtype=np.float32)
    if k:
        first = min(len(scores.table), max(_FIRST_ROWS, 4 * k))
        many = max(1, min(_MOST_QUERIES, _MOST_PRODUCTS // (first * scores.vectors_each)))
        for start in range(0, len(scores), many):
            now = slice(start, start + many)
            part = scores if many >= len(scores) else scores.some(now)
            places[now], found[now] = _one_pass(part, k, first, out[now])
    rows = places if scores.table.rows is None else scores.table.rows[places]
    return rows, scores.shown(found)


def whole_k(k: int) -> int:
    """`k` where it is a whole number of 1 or more; raises `BadInput` otherwise."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise BadInput(f"k={k!r}: ask for a whole number of neighbours, 1 or more.")
    return int(k)


def _one_pass(scores: Scores, k: int, first: int, left_out: Sequence[Rows]) -> tuple[Rows, Vector]:
    least = _WORTH_A_CALL if "jari.kernels.selection" in sys.modules else _WORTH_A_KERNEL
    if isinstance(scores, Linear) and len(scores) > 1 and len(scores) * len(scores.table) >= least:
        found = _shortlisted(scores, k, left_out)
        if found is not None:
            return found
    return _scan(scores, k, first, left_out)


def _shortlisted(scores: Linear, k: int, left_out: Sequence[Rows]) -> tuple[Rows, Vector] | None:
    """`_scan` of many queries at once: all places are looked at by a kernel, and few of them again.

    None where so many places are about as near as the k-th that their list would grow too long.
    """
    m = len(scores)
    width = -(-m // _GRAIN) * _GRAIN  # with queries of zeros that nothing is near to
    asked = k + max(map(len, left_out), default=0)
    heap = np.full((width, asked), -np.inf, dtype=np.float32)
    bar, counts = np.full(width, np.inf, dtype=np.float32), np.zeros(width, dtype=np.int64)
    bar[:m] = -np.inf
    room = 4 * asked + _ROOM
    places, uppers = np.empty((width, room), dtype=np.int64), np.empty((width, room), dtype=np.float32)
    directions = np.zeros((scores.queries.shape[1], width), dtype=np.float32)
    directions[:, :m] = scores.columns()
    by_query, gap_query = (np.pad(each, (0, width - m)) for each in (scores.by_query, scores.gap_query))
    lists = heap, bar, places, uppers, counts
    plain = scores.table.plain if width <= _FEW else None
    if plain is None:
        done = _look_at_products(scores, directions, by_query, gap_query, lists)
    else:
        done = _look_at_rows(plain, scores, directions, by_query, gap_query, lists)
    if not done:
        return None
    found = [places[q, : counts[q]][uppers[q, : counts[q]] >= bar[q]] for q in range(m)]  # in ascending order
    if left_out:
        found = [each[~np.isin(each, out)] for each, out in zip(found, left_out, strict=True)]
    queries = np.repeat(np.arange(m), [len(each) for each in found])
    exact = scores.exact(queries, np.concatenate(found))
    ends = np.cumsum([0, *map(len, found)])
    best_places, best_scores = np.empty((m, k), dtype=np.int64), np.empty((m, k), dtype=np.float32)
    for q, each in enumerate(found):
        mine = exact[ends[q] : ends[q + 1]]
        order = np.argsort(-mine, kind="stable")[:k]  # equal scores stay in the order of their places
        best_places[q], best_scores[q] = each[order], mine[order]
    return best_places, best_scores


_Lists: TypeAlias = tuple[Matrix, Vector, Rows, Matrix, Counts]  # heap, bar, places, uppers, counts


def _look_at_rows(
    vectors: Matrix, scores: Linear, directions: Matrix, by_query: Vector, gap_query: Vector, lists: _Lists
) -> bool:
    """All places, in one call of a kernel: for few queries."""
    from jari.kernels.selection import shortlist_rows  # half a second that one question to a small table does not need

    norms = scores.table.norms
    by_place, plus = scores.by_place(norms)
    return bool(
        shortlist_rows(vectors, directions, by_query, by_place, plus, gap_query, scores.gap_place(norms), *lists)
    )


def _look_at_products(scores: Linear, directions: Matrix, by_query: Vector, gap_query: Vector, lists: _Lists) -> bool:
    """All places, a block of products after another: for many queries, and for vectors that are to be decoded."""
    from jari.kernels.selection import shortlist

    n, width = len(scores.table), directions.shape[1]
    size = max(256, _SHORT_BLOCK // width)
    buffer = np.empty((size, width), dtype=np.float32)
    for start in range(0, n, size):
        vectors, norms = scores.table.block(start, start + size)
        products = buffer[: len(vectors)]
        np.matmul(vectors, directions, out=products)
        by_place, plus = scores.by_place(norms)
        bounds = by_query, by_place, plus, gap_query, scores.gap_place(norms)
        if not shortlist(products, start, *bounds, *lists):
            return False
    return True


def _scan(scores: Scores, k: int, first: int, left_out: Sequence[Rows]) -> tuple[Rows, Vector]:
    """One pass over the table."""
    m, n = len(scores), len(scores.table)
    vectors = m * scores.vectors_each
    most = _MOST_PRODUCTS // vectors
    buffer = np.empty(vectors * min(n, most), dtype=np.float32)
    places = np.full((m, k), n, dtype=np.int64)  # n: no place yet
    found = np.full((m, k), -np.inf, dtype=np.float32)
    out_places, out_queries = _by_place(left_out)
    size = first
    for start in range(0, n, most):
        stop = min(n, start + most)
        products = buffer[: vectors * (stop - start)].reshape(vectors, stop - start)
        norms = scores.products(start, stop, products)
        at = start
        while at < stop:  # pieces that stay in the cache, and that grow while the bar is still low
            end = min(stop, at + size)
            upper = scores.upper(products[:, at - start : end - start], norms[at - start : end - start])
            inside = slice(*np.searchsorted(out_places, (at, end)))
            upper[out_queries[inside], out_places[inside] - at] = -np.inf
            worst = found[:, -1] if at else _worst_of_likeliest(scores, upper, k)
            worst = np.minimum(worst, np.float32(-_LOWEST))  # a product beyond float32 says so much and no more
            queries, columns = _reaching(upper, _in_float32(scores.bar(worst.astype(np.float64))))
            if len(queries):
                _merge(places, found, queries, columns + at, scores.exact(queries, columns + at))
            at, size = end, max(first, min(2 * size, _PIECE // m))
    return places, found


def _by_place(left_out: Sequence[Rows]) -> tuple[Rows, Rows]:
    """Places left out and the queries that leave them out, ordered by place."""
    if not left_out:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    places = np.concatenate(left_out)
    queries = np.repeat(np.arange(len(left_out)), [len(each) for each in left_out])
    order = np.argsort(places, kind="stable")
    return places[order], queries[order]


def _worst_of_likeliest(scores: Scores, upper: npt.NDArray[np.float32], k: int) -> Vector:
    """A first bar for each query: the k places with the highest bounds score at least this, shape (m,)."""
    m, n = upper.shape
    if k >= n:
        return np.full(m, -np.inf, dtype=np.float32)
    likeliest = np.argpartition(upper, n - k, axis=1)[:, n - k :]
    allowed = np.take_along_axis(upper, likeliest, axis=1).min(axis=1) > -np.inf
    exact = scores.exact(np.repeat(np.arange(m), k), likeliest.ravel()).reshape(m, k)
    return np.where(allowed, exact.min(axis=1), np.float32(-np.inf))


def _in_float32(bar: Floats) -> Vector:
    """The bar rounded down; never so low that a place left out (-inf) would reach it."""
    with np.errstate(over="ignore"):
        rounded = np.nextafter(bar.astype(np.float32), np.float32(-np.inf))
    return np.maximum(rounded, np.float32(_LOWEST))


def _reaching(upper: npt.NDArray[np.float32], bar: Vector) -> tuple[Rows, Rows]:
    """Where the bounds reach the bar: queries and columns, by query."""
    if len(bar) == 1:
        columns = np.flatnonzero(upper[0] >= bar[0])
        return np.zeros(len(columns), dtype=np.int64), columns
    # A row's greatest bound first: late in a scan few queries find anything, and max is the cheapest pass there is.
    hopeful = np.flatnonzero(upper.max(axis=1) >= bar)
    hits = np.flatnonzero(upper[hopeful] >= bar[hopeful, None])  # twice as fast as nonzero of two axes
    queries, columns = np.divmod(hits, upper.shape[1])
    return hopeful[queries], columns


def _merge(places: Rows, found: Vector, queries: Rows, new_places: Rows, new_scores: Vector) -> None:
    """Sort new places into the best so far, in place."""
    k = places.shape[1]
    touched = np.unique(queries)
    all_queries = np.concatenate([np.repeat(touched, k), queries])
    all_places = np.concatenate([places[touched].ravel(), new_places])
    all_scores = np.concatenate([found[touched].ravel(), new_scores])
    order = np.lexsort((all_places, -all_scores, all_queries))
    begins = np.searchsorted(all_queries[order], touched)
    chosen = order[begins[:, None] + np.arange(k)]  # each touched query brings k of its own: never too few
    places[touched], found[touched] = all_places[chosen], all_scores[chosen]
