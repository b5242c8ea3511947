"""`Decoded`: rows of codes as float32, where a matrix is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.code import Codes
from jari.errors import BadInput
from jari.types import Matrix, Rows


class Decoded:
    """The rows of codes as float32, each time anew: nothing is kept.

    Examples
    --------
    >>> from jari.embedding.codes import Bytes
    >>> rows = Decoded(Bytes.encode(np.array([[2, 0], [0, 1]], dtype=np.float32)))
    >>> rows[np.array([1])], rows.shape
    (array([[0., 1.]], dtype=float32), (2, 2))
    """

    __slots__ = ("_codes",)

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self._codes.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Rows | slice) -> Matrix:
        return self._codes.decode(rows)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            raise BadInput("Codes are decoded into new memory: copy=False cannot be had.")
        return np.asarray(self._codes.decode(slice(None)), dtype=dtype)
