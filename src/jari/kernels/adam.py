"""Steps of Adam: over whole arrays, and over the rows of embedding layers that a batch has touched.

A touched row keeps one number, the running mean of its gradients' mean square, and how many steps it has made: Adam
without momentum, with a d-th of what it would keep. Rows that no batch touches cost nothing and stay as they are.
Row-wise as the Adagrad of Naumov et al. 2019, *Deep Learning Recommendation Model*; the mean and its correction are of
Kingma & Ba 2015, *Adam*, counted for each row by itself; weights decay as in Loshchilov & Hutter 2019, *AdamW*.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import kernel
from jari.types import Ids, Matrix, Offsets, Vector

_FIRST, _SECOND = 0.9, 0.999
_LOG_SECOND = math.log(_SECOND)
_LEAST = 1e-8


@kernel
def adam(
    weights: Vector, slopes: Vector, means: Vector, squares: Vector, steps: int, rate: float, decay: float
) -> None:
    """One step for all weights.

    Parameters
    ----------
    weights, means, squares
        Shape (n,): in and out; the running means are 0 at first.
    slopes
        The gradient, shape (n,).
    steps
        How many steps this makes.
    rate
        The learning rate.
    decay
        The share of each weight that is taken away before.
    """
    first, second = np.float32(_FIRST), np.float32(_SECOND)
    rest_first, rest_second = np.float32(1 - _FIRST), np.float32(1 - _SECOND)
    size = np.float32(rate / (1 - _FIRST**steps))
    unbiased = np.float32(1 / (1 - _SECOND**steps))
    kept, least = np.float32(1 - decay), np.float32(_LEAST)
    for j in range(weights.shape[0]):
        g = slopes[j]
        m = first * means[j] + rest_first * g
        v = second * squares[j] + rest_second * g * g
        means[j], squares[j] = m, v
        weights[j] = kept * weights[j] - size * m / (np.sqrt(v * unbiased) + least)


@kernel
def row_size(square: float, steps: float, rate: float) -> float:
    """How far along its gradient a row goes that has made so many steps."""
    return np.float32(rate / (math.sqrt(square / (1.0 - math.exp(steps * _LOG_SECOND))) + _LEAST))


@kernel
def _move(vector: Vector, slope: Vector, squares: Vector, steps: Vector, row: int, rate: float, decay: float) -> None:
    """One step of one row."""
    d = vector.shape[0]
    square = np.float32(0)
    for k in range(d):
        square += slope[k] * slope[k]
    squares[row] = np.float32(_SECOND) * squares[row] + np.float32(1 - _SECOND) * square / np.float32(d)
    steps[row] += np.float32(1)
    size, kept = row_size(squares[row], steps[row], rate), np.float32(1 - decay)
    for k in range(d):
        vector[k] = kept * vector[k] - size * slope[k]


@kernel
def adam_of_categories(
    vectors: Vector,
    starts: Offsets,
    dims: Offsets,
    tops: Offsets,
    asked: npt.NDArray[np.int32],
    slopes: Matrix,
    squares: Vector,
    steps: Vector,
    slots: Ids,
    held: Ids,
    sums: Matrix,
    rate: float,
    decay: float,
) -> None:
    """One step for each vector that stands in a batch.

    Parameters
    ----------
    vectors, starts, dims
        As `jari.kernels.tablerows.put_categories` has them: in and out.
    tops
        Where each column's rows begin among all rows, shape (columns,).
    asked
        Which row of each column stands where, shape (batch, columns).
    slopes
        The gradient of the inputs, shape (batch, width or more).
    squares, steps
        What each row keeps, shape (all rows,): in and out, 0 at first.
    slots
        Shape (all rows,), -1 everywhere, before and after.
    held, sums
        Room for the rows of a batch and their gradients, shapes (batch,) and (batch, largest dim).
    rate, decay
        As of `adam`.
    """
    at = 0
    for c in range(dims.shape[0]):
        d, top = dims[c], tops[c]
        n = 0
        for i in range(asked.shape[0]):
            row = top + asked[i, c]
            slot = slots[row]
            if slot < 0:
                slots[row], held[n] = n, asked[i, c]
                for k in range(d):
                    sums[n, k] = slopes[i, at + k]
                n += 1
            else:
                for k in range(d):
                    sums[slot, k] += slopes[i, at + k]
        for slot in range(n):
            row, first = top + held[slot], starts[c] + np.int64(held[slot]) * d
            slots[row] = -1
            _move(vectors[first : first + d], sums[slot], squares, steps, row, rate, decay)
        at += d


@kernel
def adam_of_words(
    table: Matrix,
    kept_words: Ids,
    shares: Vector,
    kept_ends: Offsets,
    slopes: Matrix,
    at: int,
    squares: Vector,
    steps: Vector,
    slots: Ids,
    held: Ids,
    sums: Matrix,
    rate: float,
    decay: float,
) -> None:
    """One step for each word that stands in a batch.

    Parameters
    ----------
    table
        Shape (n, d): in and out.
    kept_words, shares, kept_ends
        As `jari.kernels.tablerows.put_words` has left them.
    slopes, at
        The gradient of the inputs, shape (batch, width), and where those of the texts begin.
    squares, steps, slots
        As of `adam_of_categories`, shape (n,).
    held, sums
        Room, shapes (words, ) and (words, d), for as many different words as a batch has.
    """
    d = table.shape[1]
    n = 0
    for i in range(kept_ends.shape[0] - 1):
        for p in range(kept_ends[i], kept_ends[i + 1]):
            word, share = kept_words[p], shares[p]
            slot = slots[word]
            if slot < 0:
                slots[word], held[n] = n, word
                for k in range(d):
                    sums[n, k] = share * slopes[i, at + k]
                n += 1
            else:
                for k in range(d):
                    sums[slot, k] += share * slopes[i, at + k]
    for slot in range(n):
        slots[held[slot]] = -1
        _move(table[held[slot]], sums[slot], squares, steps, held[slot], rate, decay)
