"""Alternating least squares for implicit feedback, one side of it: every row of X anew, for a Y that stays as it is.

A row's loss is ``Σ_s c_s (x·y_s - 1)² + x·B x + l2 x·x``, the sum over what it has, with ``B = α YᵀY`` for all that
there is (Hu, Koren & Volinsky 2008; Rendle, Krichene, Zhang & Koren 2022, *Revisiting the Performance of iALS on Item
Recommendation Benchmarks*, equation 2). It is quadratic in x, and least where ``(Σ c_s y_s y_sᵀ + B + l2) x = Σ c_s
y_s``. Either that is solved, or, a block of columns after the other, what is left of it (Rendle, Krichene, Zhang &
Koren 2021, *iALS++: Speeding up Matrix Factorization with Subspace Optimization*).

The rows y_s are gathered, multiplied with √c_s, a piece at a time that stays in the first cache, and the sum of their
outer products is a product of blocks in registers.
"""

from __future__ import annotations

import math

import numpy as np

from jari.kernels import cholesky
from jari.kernels._jit import kernel
from jari.kernels._vector import add_scaled, dots, prefetch, set_scaled
from jari.kernels.products import gram
from jari.types import Ids, Matrix, Vector

PIECE = 128  # rows of Y that are gathered at once
ROOM = 1024  # rows of Y that a sweep holds; whoever has more is solved as a whole: the rows count then, not the columns

_dots = dots(1)


@kernel
def solve_rows(
    X: Matrix,
    Y: Matrix,
    B: Matrix,
    l2: Vector,
    weights: Vector,
    indices: Ids,
    indptr: Ids,
    begin: int,
    end: int,
    Z: Matrix,
    A: Matrix,
    N: Matrix,
) -> float:
    """Put rows `begin` to `end` of X where their loss is least; answers the sum of these losses.

    Parameters
    ----------
    X, Y
        Rows are whole vectors long, the padding is 0.
    B
        Shape (d, d), symmetric.
    l2
        One a row of X, above 0.
    weights, indices, indptr
        What each row of X has, as compressed rows. Of `weights` only the first is looked at if there is only one.
    Z, A, N
        Room: shapes (PIECE, d), (d, d) and (d, d).
    """
    d = X.shape[1]
    flat = X.ravel()
    loss = 0.0
    for row in range(begin, end):
        x = X[row]
        for k in range(d):
            x[k] = np.float32(0)
        for i in range(d):
            from_row, to_row = B[i], A[i]
            for j in range(d):
                to_row[j] = from_row[j]
            to_row[i] += l2[row]
        start, stop = indptr[row], indptr[row + 1]
        while start < stop:
            count = min(stop - start, np.int64(PIECE))
            loss += _gather(Z, Y, weights, indices, start, count, flat, row * d, d)
            gram(A, Z, count, 0, d, True)
            start += count
        squared = 0.0
        cholesky.factor(A, 0, d, N)
        for k in range(d):
            Z[0, k] = x[k]
        cholesky.solve(A, N, 0, d, x)
        for k in range(d):
            squared += Z[0, k] * x[k]
        loss -= squared
    return loss


@kernel
def _gather(
    Z: Matrix, Y: Matrix, weights: Vector, indices: Ids, start: int, count: int, x: Vector, o: int, d: int
) -> float:
    """``Z[s] = √c_s y_s``, and ``x += Σ c_s y_s``; the sum of the c_s."""
    total = 0.0
    weight = weights[0]
    each = weights.shape[0] > 1
    last = indices.shape[0] - 1
    for s in range(count):
        if each:
            weight = weights[start + s]
        root = np.float32(math.sqrt(weight))
        ahead = np.int64(indices[min(start + s + 16, last)]) * d
        for k in range(0, d, 16):
            prefetch(Y, ahead + k)
        set_scaled(Z, s * d, root, Y, np.int64(indices[start + s]) * d, d)
        add_scaled(x, o, root, Z, s * d, d)
        total += weight
    return total


@kernel
def sweep_rows(
    X: Matrix,
    Y: Matrix,
    B: Matrix,
    l2: Vector,
    weights: Vector,
    indices: Ids,
    indptr: Ids,
    begin: int,
    end: int,
    block: int,
    Z: Matrix,
    A: Matrix,
    N: Matrix,
    e: Vector,
    g: Vector,
) -> float:
    """Make the loss of rows `begin` to `end` of X less, a block of columns after the other, each as well as it can be.

    Parameters
    ----------
    X, Y, B, l2, weights, indices, indptr, begin, end
        As for `solve_rows`.
    block
        How many columns, a multiple of a vector's width. Rows of X that have more than `ROOM` entries are solved as a
        whole.
    Z, A, N, e, g
        Room: shapes (ROOM + 4, d), (d, d), (d, d), (ROOM + 4,) and (d,).

    Returns
    -------
    loss
        The sum over the rows, after all blocks.
    """
    d = X.shape[1]
    flat = X.ravel()
    four = np.empty(4, np.float32)
    loss = 0.0
    for row in range(begin, end):
        start, count = indptr[row], indptr[row + 1] - indptr[row]
        if count > ROOM:
            loss += solve_rows(X, Y, B, l2, weights, indices, indptr, row, row + 1, Z, A, N)
            continue
        o = row * d
        for k in range(d):
            g[k] = np.float32(0)
        _gather(Z, Y, weights, indices, start, count, g, 0, d)
        for s in range(0, count, 4):
            _dots(e, s, 0, flat, o, Z, s * d, d, d)
        weight = weights[0]
        for s in range(count):
            if weights.shape[0] > 1:
                weight = weights[start + s]
            e[s] = np.float32(math.sqrt(weight)) - e[s]
        for first in range(0, d, block):
            after = min(first + block, d)
            for i in range(first, after, 4):
                _dots(g, i, 0, flat, o, B, i * d, d, d)
            for i in range(first, after):
                g[i] = -g[i] - l2[row] * flat[o + i]
                from_row, to_row = B[i], A[i]
                for j in range(first, after):
                    to_row[j] = from_row[j]
                to_row[i] += l2[row]
            for s in range(count):
                add_scaled(g, first, e[s], Z, s * d + first, after - first)
            gram(A, Z, count, first, after, True)
            cholesky.factor(A, first, after, N)
            cholesky.solve(A, N, first, after, g)
            add_scaled(flat, o + first, np.float32(1), g, first, after - first)
            for s in range(0, count, 4):
                _dots(four, 0, 0, g, first, Z, s * d + first, d, after - first)
                for r in range(4):
                    e[s + r] -= four[r]
        for s in range(count):
            loss += e[s] * e[s]
        for i in range(0, d, 4):
            _dots(g, i, 0, flat, o, B, i * d, d, d)
        for k in range(d):
            loss += (g[k] + l2[row] * flat[o + k]) * flat[o + k]
    return loss
