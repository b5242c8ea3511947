"""`jari.kernels.codes`, by NumPy: products of whole blocks, and a sort for the best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.types import Matrix, Rows, Vector

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Halves = npt.NDArray[np.uint16]


def row_dots(out: Matrix, codes: Matrix, first: int, n: int, query: Vector) -> None:
    out[:n, 0] = codes[first : first + n].astype(np.float32) @ query


def half_dots(out: Matrix, codes: Halves, first: int, n: int, query: Vector) -> None:
    out[:n, 0] = codes[first : first + n].view(np.float16).astype(np.float32) @ query


def widen(out: Matrix, codes: Matrix, first: int, n: int) -> None:
    out[:n, : codes.shape[1]] = codes[first : first + n]


def widen_halves(out: Matrix, codes: Halves, first: int, n: int) -> None:
    out[:n, : codes.shape[1]] = codes[first : first + n].view(np.float16)


def lookups(out: Matrix, codes: Bytes, first: int, n: int, tables: Matrix) -> None:
    parts = np.arange(codes.shape[1])
    for j, table in enumerate(tables):
        out[:n, j] = table[parts, codes[first : first + n]].sum(axis=1)


def agreements(out: Matrix, codes: Words, first: int, n: int, queries: Words, d: int) -> None:
    apart = np.bitwise_count(codes[first : first + n, None] ^ queries).sum(axis=2, dtype=np.int64)
    out[:n, : len(queries)] = d - 2 * apart


def keep_best(
    scores: Matrix,
    places: Rows,
    products: Matrix,
    first: int,
    n: int,
    weights: Vector,
    offsets: Vector,
    slopes: Vector,
    allowed: Bytes,
) -> None:
    rows = np.arange(first, first + n)
    for j in range(len(scores)):
        new = products[:n, j].copy()
        if len(weights):
            new *= weights[rows]
        if len(offsets):
            new -= slopes[j] * offsets[rows]
        kept = new > -np.inf
        if len(allowed):
            kept &= allowed[rows] != 0
        all_scores = np.concatenate([scores[j], new[kept]])
        all_places = np.concatenate([places[j], rows[kept]])
        best = np.lexsort((all_places, -all_scores))[: scores.shape[1]]
        scores[j], places[j] = all_scores[best], all_places[best]
