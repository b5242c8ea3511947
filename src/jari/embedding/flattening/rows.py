"""Rows of a matrix as a map sees them, a block at a time: a million are never copied whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jari.types import Matrix, Rows, Vector

_BLOCK = 8192  # rows: 3 MB of float32 at 100 dimensions, which a cache holds


@dataclass(frozen=True, slots=True, eq=False)
class VectorRows:
    """Vectors, at unit length or as they are.

    Parameters
    ----------
    vectors
        Shape (n, d), float32.
    norms
        The length of each, shape (n,), where rows are to be brought to unit length; None leaves them as they are.
        A vector of zeros stays one.

    Examples
    --------
    >>> rows = VectorRows(np.array([[3, 4], [0, 0]], np.float32), np.array([5, 0], np.float32))
    >>> rows.take(slice(None)).round(1)
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """

    vectors: Matrix
    norms: Vector | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])

    def take(self, at: slice | npt.NDArray[np.integer]) -> Matrix:
        """Some of the rows; a copy where they are brought to unit length."""
        vectors = self.vectors[at]
        if self.norms is None:
            return vectors
        lengths = self.norms[at, None]
        return np.asarray(vectors / np.where(lengths == 0, np.float32(1), lengths), dtype=np.float32)

    def blocks(self, size: int = _BLOCK, only: Rows | None = None) -> Iterator[tuple[slice, Matrix]]:
        """All rows in their order, or those of `only`, `size` at a time, with which of them these are."""
        count = len(self) if only is None else len(only)
        for start in range(0, count, size):
            at = slice(start, min(start + size, count))
            yield at, self.take(at if only is None else only[at])
