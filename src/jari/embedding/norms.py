"""The lengths of a matrix's rows, found in the one pass that also refuses NaN and infinity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from jari.embedding.metrics import Table, lengths_of
from jari.errors import BadInput
from jari.types import Matrix, Vector

_ROWS = 8192
_FAINT, _GREAT = np.float32(1e-30), np.float32(1e37)  # squares beyond these have lost digits in float32


def finite_norms(vectors: Matrix, name: Callable[[int], str] = "Row {}".format) -> Vector:
    """The Euclidean length of each row, shape (n,).

    Parameters
    ----------
    vectors
        Shape (n, d).
    name
        What to call a row in an error.

    Raises
    ------
    BadInput
        A value is NaN or infinite, or a row is longer than float32 can say.

    Examples
    --------
    >>> finite_norms(np.array([[3, 4], [0, 0]], dtype=np.float32))
    array([5., 0.], dtype=float32)
    """
    norms = np.empty(len(vectors), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(vectors), _ROWS):
            block = vectors[start : start + _ROWS]
            squares = np.vecdot(block, block)
            # A NaN or an infinity anywhere in a row shows in its sum of squares; so do too great and too small values,
            # whose rows are done again with care.
            careful = np.flatnonzero(~((squares >= _FAINT) & (squares <= _GREAT)))
            found = np.sqrt(squares)
            if len(careful):
                _refuse_not_finite(block, careful, start, name)
                found[careful] = lengths_of(block[careful].astype(np.float64))
                _refuse_too_long(found, start, name)
            norms[start : start + _ROWS] = found
    return norms


def norms_of(table: Table) -> Vector:
    """`finite_norms` of all rows of a table, which becomes float32 a block at a time."""
    norms = np.empty(len(table.vectors), dtype=np.float32)
    for start in range(0, len(norms), _ROWS):
        block, _ = table.block(start, start + _ROWS)
        norms[start : start + _ROWS] = finite_norms(block, name=partial(_row_after, start))
    return norms


def _row_after(start: int, row: int) -> str:
    return f"Row {start + row}"


def _refuse_not_finite(block: Matrix, rows: np.ndarray, start: int, name: Callable[[int], str]) -> None:
    finite = np.isfinite(block[rows])
    if finite.all():
        return
    row = int(rows[np.flatnonzero(~finite.all(axis=1))[0]])
    column = int(np.argmin(np.isfinite(block[row])))
    raise BadInput(
        f"{name(start + row)} holds {block[row, column]} in column {column}: every value must be a finite float32 "
        f"number. Leave the row out or mend it."
    )


def _refuse_too_long(norms: Vector, start: int, name: Callable[[int], str]) -> None:
    if np.isfinite(norms).all():
        return
    longest = name(start + int(np.argmin(np.isfinite(norms))))
    raise BadInput(
        f"{longest} is longer than {np.finfo(np.float32).max:.1e}, the greatest number of float32: scale the vectors "
        "down."
    )
