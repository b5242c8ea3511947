"""Searching among codes: products of queries with rows that are stored in fewer bytes, and the best of them.

A row x̂ᵢ is sᵢ·rᵢ: a scale and a raw row, which is what the codes say. One pass over a block of rows: raw products with
the queries, by one of

- `row_dots`, `half_dots`: rᵢ · q, for one query, the codes being int8 or float32, or float16;
- `widen`, `widen_halves`, and then `jari.kernels.products.dots`: the same for many queries, in register tiles;
- `lookups`: Σₛ T[s, codeᵢₛ], for product quantisation (Jégou, Douze & Schmid, TPAMI 2011, section III);
- `agreements`: d less twice the Hamming distance, which is the product of two rows of signs;

and then `keep_best`, which turns products into scores and keeps the k best of each query in a heap.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from jari.kernels._jit import inlined, kernel
from jari.types import Matrix, Rows, Vector

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Halves = npt.NDArray[np.uint16]  # the bits of float16, for which numba has no arithmetic


@intrinsic
def _ones(typing: Any, word: Any) -> Any:
    """How many bits are set."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


@intrinsic
def _from_half(typing: Any, bits: Any) -> Any:
    """float16 as float32: one instruction for eight of them where the machine has F16C, as all since 2013 do."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fpext(builder.bitcast(args[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), generate


@kernel
def row_dots(out: Matrix, codes: Matrix, first: int, n: int, query: Vector) -> None:
    """``out[i, 0] = codes[first + i] · query`` for i < n; codes are int8 or float32."""
    for i in range(n):
        total = np.float32(0)
        for j in range(query.shape[0]):
            total += np.float32(codes[first + i, j]) * query[j]
        out[i, 0] = total


@kernel
def half_dots(out: Matrix, codes: Halves, first: int, n: int, query: Vector) -> None:
    """``out[i, 0] = codes[first + i] · query`` for i < n; codes are the bits of float16."""
    for i in range(n):
        total = np.float32(0)
        for j in range(query.shape[0]):
            total += _from_half(codes[first + i, j]) * query[j]
        out[i, 0] = total


@kernel
def widen(out: Matrix, codes: Matrix, first: int, n: int) -> None:
    """``out[:n, :d] = codes[first : first + n]`` as float32; codes are int8 or float32."""
    for i in range(n):
        for j in range(codes.shape[1]):
            out[i, j] = np.float32(codes[first + i, j])


@kernel
def widen_halves(out: Matrix, codes: Halves, first: int, n: int) -> None:
    """``out[:n, :d] = codes[first : first + n]`` as float32; codes are the bits of float16."""
    for i in range(n):
        for j in range(codes.shape[1]):
            out[i, j] = _from_half(codes[first + i, j])


@kernel
def lookups(out: Matrix, codes: Bytes, first: int, n: int, tables: Matrix) -> None:
    """``out[i, j] = Σₛ tables[j, s, codes[first + i, s]]`` for i < n; tables have the shape (m, parts, 256)."""
    parts = codes.shape[1]
    for j in range(tables.shape[0]):  # one table at a time: it stays in the cache
        for i in range(n):
            # Four sums: one would wait for each addition before the next.
            a, b, c, d = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
            whole = parts - parts % 4
            for s in range(0, whole, 4):
                a += tables[j, s, codes[first + i, s]]
                b += tables[j, s + 1, codes[first + i, s + 1]]
                c += tables[j, s + 2, codes[first + i, s + 2]]
                d += tables[j, s + 3, codes[first + i, s + 3]]
            for s in range(whole, parts):
                a += tables[j, s, codes[first + i, s]]
            out[i, j] = (a + b) + (c + d)


@kernel
def agreements(out: Matrix, codes: Words, first: int, n: int, queries: Words, d: int) -> None:
    """``out[i, j] = d - 2·|codes[first + i] xor queries[j]|`` for i < n: signs that agree less those that do not."""
    for i in range(n):
        for j in range(queries.shape[0]):
            apart = np.uint64(0)
            for word in range(codes.shape[1]):
                apart += _ones(codes[first + i, word] ^ queries[j, word])
            out[i, j] = np.float32(d - 2 * np.int64(apart))


@kernel
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
    """Take rows ``first : first + n`` into the heaps of the best so far.

    The score of row i for query j is ``products[i, j] · weights[first + i] - slopes[j] · offsets[first + i]``. No
    weights are ones, no offsets zeros. Rows whose `allowed` is 0 do not count; nothing there allows all.

    Heaps are rows of `scores` and `places`, the worst at the root: the least score, of equal scores the last place.
    Rows must come in ascending order: then a row of an equal score never takes another's place.
    """
    m = scores.shape[0]
    for i in range(n):
        place = first + i
        if len(allowed) and not allowed[place]:
            continue
        weight = weights[place] if len(weights) else np.float32(1)
        offset = offsets[place] if len(offsets) else np.float32(0)
        for j in range(m):
            score = products[i, j] * weight - slopes[j] * offset
            if score > scores[j, 0]:
                _replace_root(scores, places, j, score, place)


@inlined
def _replace_root(scores: Matrix, places: Rows, j: int, score: float, place: int) -> None:
    k = scores.shape[1]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= k:
            break
        if child + 1 < k and (
            scores[j, child + 1] < scores[j, child]
            or (scores[j, child + 1] == scores[j, child] and places[j, child + 1] > places[j, child])
        ):
            child += 1
        if scores[j, child] >= score:  # of equal scores this one is the worse: its place comes last
            break
        scores[j, at], places[j, at] = scores[j, child], places[j, child]
        at = child
    scores[j, at], places[j, at] = score, place
