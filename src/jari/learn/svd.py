"""`truncated_svd`: the largest singular values of a large sparse matrix and their vectors, by random projection."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from jari.errors import BadInput
from jari.ingest.rowblocks import over_blocks, row_blocks
from jari.kernels import sparse
from jari.learn import parameters
from jari.learn.matrices import padded, zeros
from jari.types import Matrix

Square = npt.NDArray[np.float64]  # (k, k)

_ROWS = 4096  # of a dense block
_NOTHING = 1e-6  # of the largest: a singular value below is the rounding of float32


def truncated_svd(
    matrix: Any,
    dim: int,
    *,
    oversampling: int = 10,
    iterations: int = 2,
    generator: np.random.Generator,
    threads: int | None = None,
    transposed: Any = None,
    tell: Callable[[int, int], None] | None = None,
) -> tuple[Matrix, npt.NDArray[np.float64], Matrix]:
    """The best approximation of rank `dim`, nearly: ``matrix ≈ U diag(s) Vt``.

    Parameters
    ----------
    matrix
        Shape (m, n), any scipy sparse matrix or array; CSR with float32 data and int32 indices is not copied.
    dim
        How many singular values.
    oversampling
        Columns of the random block beyond `dim`, at least: the block is made of whole vectors.
    iterations
        Times that ``A Aᵀ`` is applied again, each two products with the matrix. 2 serve embeddings; a flat spectrum
        whose last components must be right needs more.
    generator
        Of the random block.
    threads
        None uses every core. The result is the same bits with any number of them.
    transposed
        The transpose as CSR where it is at hand: for a symmetric matrix the matrix itself. None makes it.
    tell
        Told of rows done and rows in all, some ten times a second.

    Returns
    -------
    U, s, Vt
        Shapes (m, dim), (dim,), (dim, n): float32, float64, float32; s falls. Of each column of U the number largest in
        size is positive. Where the matrix has a lower rank, the rest of s, U and Vt is 0.

    Raises
    ------
    BadInput
        `dim` is more than the matrix has rows or columns.

    Notes
    -----
    Halko, Martinsson & Tropp 2011, *Finding structure with randomness*, algorithms 4.4 and 5.1. Blocks are made
    orthonormal from their Gram matrix, ``Q = Y R Λ^-½`` with ``YᵀY = R Λ Rᵀ`` in float64: two products, where a QR
    of so many rows takes longer than the sparse product itself.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> U, s, Vt = truncated_svd(csr_array([[3, 0], [0, 4], [0, 0]]), 2, generator=np.random.default_rng(0))
    >>> s.round(4).tolist(), U.round(4).tolist()
    ([4.0, 3.0], [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    """
    m, n = matrix.shape
    parameters.whole("dim", dim, 1, "a vector needs at least one number")
    if dim > min(m, n):
        raise BadInput(f"dim={dim}: a matrix of {m:,} × {n:,} has only {min(m, n):,} singular values. Lower dim.")
    parameters.whole("oversampling", oversampling, 0, "it is a number of columns")
    parameters.whole("iterations", iterations, 0, "it is a number of times")
    A = _Operand(matrix)
    At = A if transposed is matrix else _Operand(matrix.T if transposed is None else transposed)
    width = padded(dim + oversampling)
    used = min(width, m, n)
    start = zeros(n, width)
    start[:, :used] = generator.standard_normal((n, used), dtype=np.float32)
    done, total = 0, (iterations + 1) * (m + n)

    def told(rows: int) -> None:
        nonlocal done
        done += rows
        if tell is not None:
            tell(done, total)

    count = parameters.thread_count(threads)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(count, thread_name_prefix="jari-svd") as pool:
        Q = A.times(start, pool, told)
        del start
        _orthonormalise(Q, pool)
        shift = 0.0
        for _ in range(iterations):
            Y = A.times(At.times(Q, pool, told), pool, told)
            values, R = _eigen(_gram(Y, pool, shift, Q))
            _apply(Y, R * _inverse(np.sqrt(values)), Q, pool)
            shift = max(shift, (shift + float(np.sqrt(values[used - 1]))) / 2)
        _orthonormalise(Q, pool)  # once more: rounding left columns that are not quite
        Z = At.times(Q, pool, told)
        squares, R = _eigen(_gram(Z, pool))
        s = np.sqrt(squares[:dim])
        U, V = np.empty((m, dim), np.float32), np.empty((n, dim), np.float32)
        _apply(Q, R[:, :dim], U, pool)
        _apply(Z, R[:, :dim] * _inverse(s), V, pool)
    signs = np.where(U[np.abs(U).argmax(axis=0), np.arange(dim)] < 0, np.float32(-1), np.float32(1))
    U *= signs
    V *= signs
    return U, s, V.T


class _Operand:
    """A sparse matrix as the kernel takes it: of one type, so that it is compiled once."""

    def __init__(self, matrix: Any) -> None:
        csr = matrix.tocsr()
        self.rows = csr.shape[0]
        self.data = _still(csr.data, np.float32)
        self.indices = _still(csr.indices, np.int32)
        self.indptr = _still(csr.indptr, np.int64)
        self.blocks = row_blocks(self.indptr)

    def times(self, X: Matrix, pool: ThreadPoolExecutor, told: Callable[[int], None]) -> Matrix:
        out = zeros(self.rows, X.shape[1])

        def work(begin: int, end: int) -> None:
            sparse.product(self.data, self.indices, self.indptr, begin, end, X, out)

        for begin, end in over_blocks(pool, self.blocks, work):
            told(end - begin)
        return out


def _still(array: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    view = np.ascontiguousarray(array, dtype).view(np.ndarray)
    view.flags.writeable = False
    return view


def _dense_blocks(Y: Matrix) -> list[tuple[int, int]]:
    return [(begin, min(begin + _ROWS, len(Y))) for begin in range(0, len(Y), _ROWS)]


def _gram(Y: Matrix, pool: ThreadPoolExecutor, shift: float = 0.0, Q: Matrix | None = None) -> Square:
    """``YᵀY`` in float64, summed up in the order of the rows whatever the threads; Y becomes ``Y - shift·Q`` first."""

    def part(block: tuple[int, int]) -> Square:
        rows = Y[block[0] : block[1]]
        if Q is not None and shift:
            rows -= np.float32(shift) * Q[block[0] : block[1]]
        exact = rows.astype(np.float64)
        return exact.T @ exact

    total = np.zeros((Y.shape[1], Y.shape[1]))
    for one in pool.map(part, _dense_blocks(Y)):
        total += one
    return total


def _eigen(gram: Square) -> tuple[npt.NDArray[np.float64], Square]:
    """Eigenvalues, the largest first, and their vectors; what is only rounding is 0, values and vectors."""
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1].copy(), vectors[:, ::-1].copy()
    nothing = values <= values[0] * _NOTHING**2
    values[nothing] = 0
    vectors[:, nothing] = 0
    return values, vectors


def _inverse(s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(1, s, out=np.zeros_like(s), where=s > 0)


def _orthonormalise(Y: Matrix, pool: ThreadPoolExecutor) -> None:
    """Orthonormal columns that span what the columns of Y do, in its place; columns of 0 for those too many."""
    values, R = _eigen(_gram(Y, pool))
    _apply(Y, R * _inverse(np.sqrt(values)), Y, pool)


def _apply(Y: Matrix, R: Square, out: Matrix, pool: ThreadPoolExecutor) -> None:
    """``out = Y R``."""
    small = R.astype(np.float32)

    def part(block: tuple[int, int]) -> None:
        out[block[0] : block[1]] = Y[block[0] : block[1]] @ small

    for _ in pool.map(part, _dense_blocks(Y)):
        pass
