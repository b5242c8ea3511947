"""Rows of a table as inputs of a network: the vectors of categories, the bends of numbers, the sums of words' vectors.

What is left out at random is drawn here, sixteen bits a draw, and what was drawn is written down for the way back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import kernel
from jari.kernels.random import mixed, seeded, step
from jari.types import Ids, Matrix, Offsets, Rows, Vector

Small = npt.NDArray[np.int32]  # (batch, columns)


@kernel
def put_categories(
    vectors: Vector,
    starts: Offsets,
    dims: Offsets,
    ids: Small,
    unknown: Ids,
    rows: Rows,
    share: float,
    seed: int,
    moment: int,
    asked: Small,
    x: Matrix,
) -> None:
    """``x[i] = [… vectors of column c at ids[rows[i], c] …]``, of a share of which the unknown one instead.

    Parameters
    ----------
    vectors
        The layers of all columns, one after another, each row by row.
    starts, dims
        Where each column's begins, and how many numbers a vector of it has; shape (columns,).
    ids
        Shape (rows of the table, columns).
    unknown
        The row of each column that stands for what was not learnt.
    rows
        Which rows of the table.
    share
        Of categories that count as unknown.
    seed, moment
        What chance begins with; the moment is another in each batch.
    asked
        Shape (batch, columns): out, the ids that were taken.
    x
        Shape (batch, width): out, the first columns.
    """
    state = seeded(seed, moment, 0)
    barred = np.uint64(share * 65536.0)
    for i in range(rows.shape[0]):
        at = 0
        for c in range(dims.shape[0]):
            one = ids[rows[i], c]
            if barred > np.uint64(0):
                if (mixed(state) >> np.uint64(48)) < barred:
                    one = unknown[c]
                state = step(state)
            asked[i, c] = one
            d = dims[c]
            first = starts[c] + np.int64(one) * d
            for k in range(d):
                x[i, at + k] = vectors[first + k]
            at += d


@kernel
def put_words(
    table: Matrix,
    ends: Offsets,
    words: Ids,
    weights: Vector,
    rows: Rows,
    share: float,
    seed: int,
    moment: int,
    which: int,
    kept: Ids,
    shares: Vector,
    kept_ends: Offsets,
    x: Matrix,
    at: int,
) -> None:
    """``x[i, at : at + d] = Σ_p shares[p] table[kept[p]]`` over the words of row i that are not left out.

    Parameters
    ----------
    table
        Shape (n, d).
    ends, words, weights
        A sparse matrix of the table's rows: row r has the words from ``ends[r]`` to ``ends[r + 1]``.
    share
        Of words that are left out; the weights of the others rise by as much.
    which
        Of several columns of texts, for chance.
    kept, shares, kept_ends
        Out: the words that are not left out, their weights, and where each row's end, shape (batch + 1,).
    """
    state = seeded(seed, moment, 1 + which)
    barred = np.uint64(share * 65536.0)
    risen = np.float32(1.0 / (1.0 - share))
    d = table.shape[1]
    n = 0
    kept_ends[0] = 0
    for i in range(rows.shape[0]):
        for k in range(d):
            x[i, at + k] = np.float32(0)
        for p in range(ends[rows[i]], ends[rows[i] + 1]):
            if barred > np.uint64(0):
                drawn = mixed(state) >> np.uint64(48)
                state = step(state)
                if drawn < barred:
                    continue
            word, weight = words[p], weights[p] * risen
            kept[n], shares[n] = word, weight
            n += 1
            for k in range(d):
                x[i, at + k] += weight * table[word, k]
        kept_ends[i + 1] = n


@kernel
def put_numbers(
    numbers: Matrix,
    rows: Rows,
    ends: Offsets,
    starts: Vector,
    scales: Vector,
    lows: Vector,
    highs: Vector,
    flagged: Rows,
    x: Matrix,
    at: int,
) -> None:
    """``x[i, at + j] = clip((v - starts[j]) scales[j], lows[j], highs[j])``; then whether flagged ones are missing.

    Parameters
    ----------
    numbers
        Shape (rows of the table, columns), NaN where one is missing, which counts as 0.
    rows
        Which rows of the table.
    ends
        Column c has the bins from ``ends[c]`` to ``ends[c + 1]``.
    starts, scales, lows, highs
        Of each bin.
    flagged
        Columns.
    """
    zero = np.float32(0)
    for i in range(rows.shape[0]):
        for c in range(ends.shape[0] - 1):
            v = numbers[rows[i], c]
            if np.isnan(v):
                v = zero
            for j in range(ends[c], ends[c + 1]):
                x[i, at + j] = min(max((v - starts[j]) * scales[j], lows[j]), highs[j])
        after = at + starts.shape[0]
        for f in range(flagged.shape[0]):
            x[i, after + f] = np.float32(1) if np.isnan(numbers[rows[i], flagged[f]]) else zero


@kernel
def thin(x: Matrix, share: float, seed: int, moment: int, which: int, factors: Matrix) -> None:
    """Multiply x by factors that are drawn: 0 for a share of its numbers, ``1 / (1 - share)`` for the others.

    Parameters
    ----------
    x
        Shape (n, d): in and out.
    factors
        Of the same shape: out.
    """
    state = seeded(seed, moment, 1000 + which)
    barred = np.uint64(share * 65536.0)
    risen = np.float32(1.0 / (1.0 - share))
    d = x.shape[1]
    bits = np.uint64(0)
    for i in range(x.shape[0]):
        for k in range(d):
            if k & 3 == 0:
                bits = mixed(state)
                state = step(state)
            factors[i, k] = np.float32(0) if (bits & np.uint64(0xFFFF)) < barred else risen
            bits >>= np.uint64(16)
        for k in range(d):
            x[i, k] *= factors[i, k]
