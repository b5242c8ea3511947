"""The nearest rows among codes: every code is looked at, on all cores.

Products are float32. What they find is then scored again in float64, from decoded rows, with a few rows more than were
asked for: so scores and order are those of an exact search among the decoded vectors, whether a query comes alone or
with others, on one core or on many. Equal rows have equal products, and the first of them is found.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.code import NONE, Codes
from jari.embedding.metrics import Floats, cosines, dots, lengths_of, units
from jari.errors import BadInput
from jari.kernels.codes import keep_best
from jari.threads import thread_count
from jari.types import Metric, Rows, Vector

_MOST_QUERIES = 256
_SPARE = 16  # rows more than asked for, so that rounding cannot push one out
_ROWS_FOR_ONE, _ROWS_FOR_MANY = 1 << 14, 1 << 9  # a block's products stay in the cache, as do its decoded rows
_BYTES_OF_A_THREAD = 1 << 21  # times queries; less is done before a thread has begun
_DOUBLES_AT_ONCE = 1 << 22


def nearest(
    codes: Codes, queries: Floats, k: int, metric: Metric, allowed: npt.NDArray[np.bool_] | None = None
) -> tuple[Rows, Vector]:
    """The k nearest rows of each query.

    Parameters
    ----------
    codes
        n rows.
    queries
        Shape (m, d), finite.
    k
        How many.
    metric
        One of ``codes.metrics``.
    allowed
        Which rows may be found, shape (n,); None for all.

    Returns
    -------
    rows, scores
        Shape (m, j), best first, equal scores by row; j is k or as many rows as there are. For ``"euclidean"`` a score
        is less than 0: the distance, negated.
    """
    k = min(k, len(codes) if allowed is None else int(np.count_nonzero(allowed)))
    rows, scores = np.empty((len(queries), k), dtype=np.int64), np.empty((len(queries), k), dtype=np.float32)
    if k == 0:
        return rows, scores
    for start in range(0, len(queries), _MOST_QUERIES):
        some = slice(start, start + _MOST_QUERIES)
        rows[some], scores[some] = _nearest(codes, queries[some], k, metric, allowed)
    return rows, scores


def scored(codes: Codes, queries: Floats, rows: Rows, metric: Metric) -> Vector:
    """The score of each of the rows (m, j) for its query, from decoded vectors, in float64 and then rounded."""
    m, j = rows.shape
    scores = np.empty(rows.shape, dtype=np.float32)
    step = max(1, _DOUBLES_AT_ONCE // max(1, j * queries.shape[1]))
    with np.errstate(over="ignore"):  # the product of vectors of 1e20 is infinite in float32, and says so
        for start in range(0, m, step):
            some = slice(start, start + step)
            vectors = codes.decode(rows[some].ravel()).astype(np.float64)
            asked = np.repeat(queries[some], j, axis=0)
            if metric == "euclidean":
                found = -lengths_of(vectors - asked)
            else:
                found = (cosines if metric == "cosine" else dots)(vectors, asked)
            scores[some] = found.reshape(-1, j)
    return scores


def sorted_best(rows: Rows, scores: Vector, k: int) -> tuple[Rows, Vector]:
    """The k best of each line, equal scores by row."""
    lines = np.broadcast_to(np.arange(len(rows))[:, None], rows.shape)
    order = np.lexsort((rows.ravel(), -scores.ravel(), lines.ravel())).reshape(rows.shape)[:, :k]
    return rows.ravel()[order], scores.ravel()[order]


def _nearest(
    codes: Codes, queries: Floats, k: int, metric: Metric, allowed: npt.NDArray[np.bool_] | None
) -> tuple[Rows, Vector]:
    n, d = codes.shape
    wanted = min(n if allowed is None else int(np.count_nonzero(allowed)), k + _SPARE * codes.exact)
    prepared = codes.prepare(units(queries))
    weights, offsets, slopes = _weighing(codes, queries, metric)
    mask = np.empty(0, dtype=np.uint8) if allowed is None else allowed.view(np.uint8)

    def scan(begin: int, end: int) -> tuple[Vector, Rows]:
        best = np.full((len(queries), wanted), -np.inf, dtype=np.float32)
        places = np.full((len(queries), wanted), n, dtype=np.int64)
        size = _ROWS_FOR_ONE if len(queries) == 1 else _ROWS_FOR_MANY
        out = np.empty((size, 1 if len(queries) == 1 else len(queries) + -len(queries) % 4), dtype=np.float32)
        for first in range(begin, end, size):
            many = min(size, end - first)
            codes.products(prepared, first, many, out)
            keep_best(best, places, out, first, many, weights, offsets, slopes, mask)
        return best, places

    own, *others = _slices(codes, len(queries))
    if others:
        with ThreadPoolExecutor(len(others)) as pool:
            begun = [pool.submit(scan, *part) for part in others]
            found = [scan(*own), *(part.result() for part in begun)]
        best, places = (np.concatenate(each, axis=1) for each in zip(*found, strict=True))
    else:
        best, places = scan(*own)
    rows, scores = sorted_best(places, best, wanted)
    if rows.max() == n:
        raise BadInput("Some codes are not finite numbers: they are damaged. Encode the vectors again.")
    if codes.exact:
        return sorted_best(rows, scored(codes, queries, rows, metric), k)
    return rows, scores / np.float32(d)


def _weighing(codes: Codes, queries: Floats, metric: Metric) -> tuple[Vector, Vector, Vector]:
    """What makes scores of products: see `keep_best`. Everything is divided by what could overflow."""
    flat = np.ones(len(queries), dtype=np.float32)
    if not codes.exact:
        return NONE, NONE, flat
    if metric == "cosine":
        return codes.inverses, NONE, flat
    scales = codes.scales
    greatest = float(scales.max()) if len(scales) else 1.0
    weights = scales / np.float32(greatest) if len(scales) and greatest > 0 else NONE
    if metric == "dot":
        return weights, NONE, flat
    # -|x - q|² = 2x·q - |x|² - |q|², divided by 2|q| and by the length of the longest row
    lengths = codes.norms * (weights if len(weights) else np.float32(1))
    longest = float(lengths.max()) or 1.0
    weights = (weights if len(weights) else np.ones_like(lengths)) / np.float32(longest)
    asked = np.maximum(lengths_of(queries) / (greatest or 1.0) / longest, 1e-30)
    offsets = np.square(lengths / np.float32(longest)) / 2
    return np.asarray(weights, np.float32), np.asarray(offsets, np.float32), (1 / asked).astype(np.float32)


def _slices(codes: Codes, queries: int) -> list[tuple[int, int]]:
    """Runs of rows, one for each thread that has enough to do."""
    n = len(codes)
    threads = max(1, min(thread_count(), int(n * codes.bytes_per_key * queries) // _BYTES_OF_A_THREAD))
    ends = [n * each // threads for each in range(threads + 1)]
    return list(itertools.pairwise(ends))
