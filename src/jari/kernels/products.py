"""Products of small blocks of rows: ``A Bᵀ`` and ``S X``, in register tiles.

Only the first `d` columns count, a multiple of `GRAIN`. Rows may be longer, so that each begins on a cache line: what
lies beyond is neither read nor written. Blocks have room for a multiple of 4 rows: the tiles write whole fours, and
what they write past the end nobody reads.
"""

from __future__ import annotations

import numpy as np

from jari.kernels import _vector
from jari.kernels._jit import LANES, inlined, kernel
from jari.types import Matrix, Vector

# 16 sums of 16 floats fill half of AVX-512's 32 registers and leave room for what is multiplied; AVX2 has 16 registers.
ROWS = 4 if LANES == 16 else 2
WIDTH = 3 if LANES == 8 else 4

_dots = _vector.dots(ROWS)
_sums_4, _sums_3, _sums_2, _sums_1 = (_vector.sums(width, half=False) for width in (4, 3, 2, 1))
_sums_3_half, _sums_2_half, _sums_1_half, _sums_half = (_vector.sums(width, half=True) for width in (3, 2, 1, 0))


@kernel
def dots(out: Matrix, A: Matrix, n: int, B: Matrix, m: int, d: int) -> None:
    """``out[:n, :m] = A[:n] B[:m]ᵀ``; m is a multiple of 4."""
    width, stride = out.shape[1], A.shape[1]
    for i in range(0, n, ROWS):
        for j in range(0, m, 4):
            _dots(out, i * width + j, width, A, i * stride, B, j * stride, stride, d)


@kernel
def skewed_dots(out: Vector, o: int, by_row: int, A: Matrix, a: int, B: Matrix, b: int, m: int, d: int) -> None:
    """``out[o + i·by_row + j] = A[a + i] · B[b + j]`` for i < 4, j < m; up to 3 more of each row are overwritten."""
    stride = A.shape[1]
    for i in range(0, 4, ROWS):
        for j in range(0, m, 4):
            _dots(out, o + i * by_row + j, by_row, A, (a + i) * stride, B, (b + j) * stride, stride, d)


@kernel
def paired_dots(out: Vector, A: Matrix, a: int, B: Matrix, b: int, n: int, d: int) -> None:
    """``out[i] = A[a + i] · B[b + i]`` for i < n, `out` flat; up to 3 more entries are overwritten."""
    stride = A.shape[1]
    for i in range(0, n, 4):
        _vector.paired_dots(out, i, A, (a + i) * stride, B, (b + i) * stride, stride, d)


@inlined
def sums(
    out: Matrix,
    first: int,
    n: int,
    S: Matrix,
    start: int,
    by_row: int,
    by_column: int,
    X: Matrix,
    x: int,
    m: int,
    add: bool,
    d: int,
) -> None:
    """``out[first : first + n] (+)= Σ_j S.flat[start + i·by_row + j·by_column] X[x + j]`` for i < n, j < m.

    The strides let the same loop serve S and Sᵀ, whole or a part. With `add` the sums are added to what is there.
    """
    # Without constants: 8 tiles would be compiled for each.
    integers = np.int64(first), np.int64(n), np.int64(start), np.int64(by_row), np.int64(by_column)
    _sums(out, S, X, integers, np.int64(x), np.int64(m), np.int64(add), np.int64(d))


@kernel
def _sums(out: Matrix, S: Matrix, X: Matrix, integers: tuple[int, ...], x: int, m: int, add: int, d: int) -> None:
    first, n, start, by_row, by_column = integers
    stride = out.shape[1]
    for i in range(0, n, 4):
        s, column = start + i * by_row, 0
        while column < d:
            o, source = (first + i) * stride + column, x * stride + column
            width = min(WIDTH * LANES, d - column)
            if width == 4 * LANES:
                _sums_4(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width == 3 * LANES:
                _sums_3(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width == 2 * LANES:
                _sums_2(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width == LANES:
                _sums_1(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width > 3 * LANES:
                _sums_3_half(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width > 2 * LANES:
                _sums_2_half(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            elif width > LANES:
                _sums_1_half(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            else:
                _sums_half(out, o, stride, S, s, by_row, by_column, X, source, stride, m, add != 0)
            column += width


@kernel
def gram(out: Matrix, Z: Matrix, n: int, first: int, after: int, add: bool) -> None:
    """``out[first:after, first:after] (+)= Z[:n, first:after]ᵀ Z[:n, first:after]``, of it the upper triangle.

    Columns are whole vectors, and the part below the diagonal is written to within a vector's width. Rows of `out` and
    `Z` are equally long.
    """
    d = out.shape[1]
    for i in range(first, after, 4):
        column = i // LANES * LANES
        while column < after:
            width = min(WIDTH * LANES, after - column)
            o = i * d + column
            if width == 4 * LANES:
                _sums_4(out, o, d, Z, i, 1, d, Z, column, d, n, add)
            elif width == 3 * LANES:
                _sums_3(out, o, d, Z, i, 1, d, Z, column, d, n, add)
            elif width == 2 * LANES:
                _sums_2(out, o, d, Z, i, 1, d, Z, column, d, n, add)
            else:
                _sums_1(out, o, d, Z, i, 1, d, Z, column, d, n, add)
            column += width


@kernel
def take_earlier(U: Matrix, N: Matrix, first: int, row: int, after: int) -> None:
    """``U[row : row + 4, row:after] += N[first:row, row : row + 4]ᵀ U[first:row, row:after]``.

    For ``N = -U``, what a Cholesky factorisation takes from four rows for all rows above them. Columns are whole
    vectors: some before `row` are written to as well.
    """
    d = U.shape[1]
    column = row // LANES * LANES
    while column < after:
        width = min(WIDTH * LANES, after - column)
        o, c, x = row * d + column, first * d + row, first * d + column
        if width == 4 * LANES:
            _sums_4(U, o, d, N, c, 1, d, U, x, d, row - first, True)
        elif width == 3 * LANES:
            _sums_3(U, o, d, N, c, 1, d, U, x, d, row - first, True)
        elif width == 2 * LANES:
            _sums_2(U, o, d, N, c, 1, d, U, x, d, row - first, True)
        else:
            _sums_1(U, o, d, N, c, 1, d, U, x, d, row - first, True)
        column += width
