"""``A X`` for a sparse A (compressed rows) and a dense X of some hundred columns, the inside of `learn.svd`.

A row of the result is a weighted sum of rows of X. Its sums stay in registers, up to 8 vectors side by side; wider
matrices are cut into strips of about equal width, and a strip is finished for all rows before the next, so that more
of the frequent rows stay in cache. Words are numbered by frequency, so most terms are among the first rows of X.
"""

from __future__ import annotations

from jari.kernels._gathered import gathered_sums
from jari.kernels._jit import LANES, kernel
from jari.types import Ids, Matrix, Offsets, Vector

_WIDEST = 8  # vectors: half of AVX-512's registers, and of AVX2's with what is loaded beside them

_sums_1, _sums_2, _sums_3, _sums_4, _sums_5, _sums_6, _sums_7, _sums_8 = (
    gathered_sums(width) for width in range(1, _WIDEST + 1)
)


@kernel
def product(data: Vector, indices: Ids, indptr: Offsets, begin: int, end: int, X: Matrix, out: Matrix) -> None:
    """``out[begin:end] = A[begin:end] X``; the columns of X are whole vectors."""
    vectors = X.shape[1] // LANES
    strips = (vectors + _WIDEST - 1) // _WIDEST
    for strip in range(strips):
        first, after = strip * vectors // strips, (strip + 1) * vectors // strips
        for i in range(begin, end):
            _row(data, indices, indptr[i], indptr[i + 1], X, first * LANES, after - first, out, i)


@kernel
def _row(
    data: Vector, indices: Ids, begin: int, end: int, X: Matrix, column: int, width: int, out: Matrix, i: int
) -> None:
    d, last = X.shape[1], indices.shape[0] - 1
    o = i * d + column
    if width == 8:
        _sums_8(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 7:
        _sums_7(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 6:
        _sums_6(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 5:
        _sums_5(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 4:
        _sums_4(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 3:
        _sums_3(out, o, data, indices, begin, end, last, X, d, column)
    elif width == 2:
        _sums_2(out, o, data, indices, begin, end, last, X, d, column)
    else:
        _sums_1(out, o, data, indices, begin, end, last, X, d, column)
