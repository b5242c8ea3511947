"""`truncated_svd`: the largest singular values of a large sparse matrix and their vectors, by random projection."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from jari import parameters
from jari.errors import BadInput
from jari.ingest.rowblocks import over_blocks, row_blocks
from jari.kernels import sparse
from jari.learn.matrices import padded, zeros
from jari.threads import thread_count
from jari.types import Matrix

Doubles: TypeAlias = npt.NDArray[np.float64]  # (k,)
Square: TypeAlias = npt.NDArray[np.float64]  # (k, k)

_ROWS = 4096  # of a dense block
_NOTHING = 1e-6  # of the largest: a singular value below is the rounding of float32


def truncated_svd(
    matrix: Any,
    dim: int,
    *,
    oversampling: int = 10,
    iterations: int = 5,
    generator: np.random.Generator,
    threads: int | None = None,
    transposed: Any = None,
    tell: Callable[[int, int], None] | None = None,
) -> tuple[Matrix, Doubles, Matrix]:
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
        Times that ``A Aᵀ`` is applied again, each two products with the matrix: 2 where singular values fall fast, 5
        where they hardly fall, as those of a PPMI matrix.
    generator
        Of the random block.
    threads
        None uses every core. The result is the same bits with any number of them.
    transposed
        The transpose as CSR where it is at hand: for a symmetric matrix the matrix itself. None makes it.
    tell
        Told of rows done and rows in all, every few milliseconds.

    Returns
    -------
    U, s, Vt
        Shapes (m, dim), (dim,), (dim, n): float32, float64, float32; s falls. Of each column of U the number largest in
        size is positive. Where the matrix has a lower rank, the rest of s, U and Vt is 0.

    Raises
    ------
    BadInput
        `dim` is more than the matrix has rows or columns, or a value is NaN or infinite.

    Notes
    -----
    Halko, Martinsson & Tropp 2011, *Finding structure with randomness*, algorithms 4.4 and 5.1, with the shifts of
    Feng, Yu & Xie 2022, *Faster randomized SVD with dynamic shifts*: ``A Aᵀ - α`` instead of ``A Aᵀ``, α half of the
    least squared singular value that is looked for. What is to be forgotten is damped twice as fast, at no cost.

    Blocks are made orthonormal by their Gram matrix, ``Q = Y R Λ^-½`` with ``YᵀY = R Λ Rᵀ`` in float64: two products,
    where a QR of so many rows takes longer than the sparse product.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> U, s, Vt = truncated_svd(csr_array([[3, 0], [0, 4], [0, 0]]), 2, generator=np.random.default_rng(0))
    >>> s.round(4).tolist(), (U.round(4) + 0).tolist()
    ([4.0, 3.0], [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    """
    m, n = matrix.shape
    parameters.whole("dim", dim, 1, "a vector needs at least one number")
    if dim > min(m, n):
        raise BadInput(f"dim={dim}: a matrix of {m:,} × {n:,} has only {min(m, n):,} singular values. Lower dim.")
    parameters.whole("oversampling", oversampling, 0, "it is a number of columns")
    parameters.whole("iterations", iterations, 0, "it is a number of times")
    A = _Operand(matrix)
    if not np.isfinite(A.data).all():
        raise BadInput("The matrix holds a value that is NaN or infinite: it has no singular values.")
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

    count = thread_count(threads)
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(count, thread_name_prefix="jari-svd") as pool:
        Q = A.times(start, pool, told)
        del start
        _orthonormalise(Q, pool)
        for _ in range(iterations):
            Z = At.times(Q, pool, told)
            found, R = _singular(_gram(Z, pool))
            _apply(Z, R * _inverse(found), Z, pool)
            Y = A.times(Z, pool, told)
            shift = found[used - 1] ** 2 / 2
            _apply(Y, _whitening(_gram(Y, pool, less=(Q, R * (shift * _inverse(found))))), Q, pool)
        _orthonormalise(Q, pool)  # once more: rounding left columns that are not quite
        Z = At.times(Q, pool, told)
        found, R = _singular(_gram(Z, pool))
        s = found[:dim]
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


def _gram(Y: Matrix, pool: ThreadPoolExecutor, less: tuple[Matrix, Square] | None = None) -> Square:
    """``YᵀY`` in float64, summed up in the order of the rows whatever the threads; first Y loses the product `less`."""
    Q, R = (None, None) if less is None else (less[0], less[1].astype(np.float32))

    def part(block: tuple[int, int]) -> Square:
        rows = Y[block[0] : block[1]]
        if Q is not None and R is not None:
            rows -= Q[block[0] : block[1]] @ R
        exact = rows.astype(np.float64)
        return exact.T @ exact

    total = np.zeros((Y.shape[1], Y.shape[1]))
    for one in pool.map(part, _dense_blocks(Y)):
        total += one
    return total


def _singular(gram: Square) -> tuple[Doubles, Square]:
    """Of a matrix Y with this Gram matrix: its singular values, the largest first, and what turns Y to them.

    The columns of ``Y R`` are orthogonal, and as long as the singular values. What is only rounding is 0, values and
    columns.
    """
    squares, R = np.linalg.eigh(gram)
    squares, R = squares[::-1].copy(), R[:, ::-1].copy()
    nothing = squares <= squares[0] * _NOTHING**2
    squares[nothing] = 0
    R[:, nothing] = 0
    return np.sqrt(squares), R


def _inverse(values: Doubles) -> Doubles:
    return np.divide(1, values, out=np.zeros_like(values), where=values > 0)


def _orthonormalise(Y: Matrix, pool: ThreadPoolExecutor) -> None:
    """Orthonormal columns that span what the columns of Y do, in its place; columns of 0 for those too many."""
    _apply(Y, _whitening(_gram(Y, pool)), Y, pool)


def _whitening(gram: Square) -> Square:
    """What makes the columns of Y orthonormal."""
    values, R = _singular(gram)
    return R * _inverse(values)


def _apply(Y: Matrix, R: Square, out: Matrix, pool: ThreadPoolExecutor) -> None:
    """``out = Y R``."""
    small = R.astype(np.float32)

    def part(block: tuple[int, int]) -> None:
        out[block[0] : block[1]] = Y[block[0] : block[1]] @ small

    for _ in pool.map(part, _dense_blocks(Y)):
        pass
