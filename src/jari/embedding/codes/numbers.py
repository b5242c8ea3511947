"""`Floats32`, `Halves`, `Bytes`: each value by itself, in four bytes, two, or one and a scale for its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.arrays import taken
from jari.embedding.codes.code import Codes, Tiles
from jari.embedding.metrics import Floats
from jari.errors import BadInput
from jari.kernels import codes as kernels
from jari.types import Matrix, Rows, Vector

_GREATEST_HALF = 65504.0
_MOST = 127
_ROWS = 8192


class _Numbers(Codes):
    """Codes whose raw rows are numbers that a machine can widen to float32."""

    __slots__ = ("_values",)

    def __init__(self, values: npt.NDArray[Any]) -> None:
        super().__init__()
        self._values = values

    @property
    def shape(self) -> tuple[int, int]:
        n, d = self._values.shape
        return n, d

    def decode(self, rows: Rows | slice) -> Matrix:
        return np.asarray(self._values[rows], dtype=np.float32)

    def prepare(self, directions: Floats) -> Vector | Tiles:
        return directions[0].astype(np.float32) if len(directions) == 1 else Tiles(directions)

    def products(self, prepared: Vector | Tiles, first: int, n: int, out: Matrix) -> None:
        if isinstance(prepared, Tiles):
            rows = prepared.room(n)
            self._widen(rows, first, n)
            prepared.products(rows, n, out)
        else:
            self._dots(out, first, n, prepared)

    def _widen(self, out: Matrix, first: int, n: int) -> None:
        kernels.widen(out, self._values, first, n)

    def _dots(self, out: Matrix, first: int, n: int, query: Vector) -> None:
        kernels.row_dots(out, self._values, first, n, query)


class Floats32(_Numbers):
    """float32 as it was: what other codes are measured by, and rescored from.

    Examples
    --------
    >>> Floats32.encode(np.eye(2, dtype=np.float32)).bytes_per_key
    8.0
    """

    __slots__ = ()
    name: ClassVar[str] = "float32"

    @classmethod
    def encode(cls, matrix: Matrix) -> Self:
        """The matrix itself, not copied."""
        return cls(matrix)

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"values": self._values}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Self:
        (values,) = taken(arrays, {"values": (np.float32, shape)}, finite=())
        return cls(values)


class Halves(_Numbers):
    """float16: three digits of each value.

    Examples
    --------
    >>> Halves.encode(np.array([[1, 0.1]], dtype=np.float32)).decode(slice(None))
    array([[1.        , 0.09997559]], dtype=float32)
    """

    __slots__ = ()
    name: ClassVar[str] = "float16"

    @classmethod
    def encode(cls, matrix: Matrix) -> Self:
        """The nearest float16 to each value.

        Raises
        ------
        BadInput
            A value is beyond 65504, which is the greatest float16.
        """
        values = np.empty(matrix.shape, dtype=np.float16)
        for start in range(0, len(matrix), _ROWS):
            block = matrix[start : start + _ROWS]
            greatest = float(np.abs(block).max(initial=0.0))
            if greatest > _GREATEST_HALF:
                raise BadInput(
                    f"A value of {greatest:g} cannot be a float16, which ends at {_GREATEST_HALF:g}: choose 'int8', "
                    "which scales each row."
                )
            values[start : start + _ROWS] = block
        return cls(values)

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"values": self._values}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Self:
        (values,) = taken(arrays, {"values": (np.float16, shape)}, finite=())
        return cls(values)

    def _widen(self, out: Matrix, first: int, n: int) -> None:
        kernels.widen_halves(out, self._values.view(np.uint16), first, n)

    def _dots(self, out: Matrix, first: int, n: int, query: Vector) -> None:
        kernels.half_dots(out, self._values.view(np.uint16), first, n, query)


class Bytes(_Numbers):
    """int8 with a scale for each row: x̂ = s·c, s = max |x| / 127. No value is off by more than s/2.

    Queries stay float32. To quantise them too would cost recall and, with numba, time: it sums products of bytes no
    faster than float32 (80,000 × 300: 2.3 ms against 1.4 ms).

    Examples
    --------
    >>> codes = Bytes.encode(np.array([[1, -0.5], [200, 0]], dtype=np.float32))
    >>> codes.decode(slice(None)).round(3)
    array([[  1.   ,  -0.504],
           [200.   ,   0.   ]], dtype=float32)
    """

    __slots__ = ("_scales",)
    name: ClassVar[str] = "int8"

    def __init__(self, values: npt.NDArray[np.int8], scales: Vector) -> None:
        super().__init__(values)
        self._scales = scales

    @classmethod
    def encode(cls, matrix: Matrix) -> Self:
        """The nearest of 255 steps for each value."""
        values = np.empty(matrix.shape, dtype=np.int8)
        scales = np.empty(len(matrix), dtype=np.float32)
        for start in range(0, len(matrix), _ROWS):
            some = slice(start, start + _ROWS)
            block = matrix[some].astype(np.float64)
            scales[some] = np.abs(block).max(axis=1, initial=0.0) / _MOST
            block /= np.where(scales[some] > 0, scales[some], np.float32(1))[:, None]
            # Of numbers below 1e-38 few digits are left, and the scale may be too small by much
            values[some] = np.clip(np.rint(block), -_MOST, _MOST)
        return cls(values, scales)

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"values": self._values, "scales": self._scales}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Self:
        values, scales = taken(
            arrays, {"values": (np.int8, shape), "scales": (np.float32, shape[:1])}, finite=("scales",)
        )
        if len(scales) and scales.min() < 0:
            raise BadInput(f"scales go down to {scales.min()}: none is less than 0.")
        return cls(values, scales)

    @property
    def scales(self) -> Vector:
        return self._scales

    def decode(self, rows: Rows | slice) -> Matrix:
        return self._values[rows] * self._scales[rows][:, None]
