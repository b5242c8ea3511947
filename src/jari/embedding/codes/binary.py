"""`Signs`: one bit for each value of a vector's direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.arrays import taken
from jari.embedding.codes.code import Codes
from jari.embedding.metrics import Floats, units
from jari.kernels import codes as kernels
from jari.types import Matrix, Metric, Rows, Vector

_ROWS = 8192
_WORD = 8  # bytes


class Signs(Codes):
    """Whether each value, of the vector at length 1, lies above the mean of its column: bits, in words of 64.

    Rows are compared by how many bits differ (Hamming distance), which tells roughly of their angle: 300 values take
    40 bytes, and a search looks at a few words a row. Alone this is coarse; it is meant to find a shortlist, whose
    order then comes from finer codes. The score is ``1 - 2·distance/d``, the cosine of two rows of signs.

    Decoded, a bit is the mean of its column plus or minus the mean distance from it: a direction; lengths are lost.

    Examples
    --------
    >>> codes = Signs.encode(np.array([[3, 4], [30, 40], [4, 3]], dtype=np.float32))
    >>> codes.decode(slice(None)).round(2)
    array([[0.58, 0.82],
           [0.58, 0.82],
           [0.76, 0.64]], dtype=float32)
    """

    __slots__ = ("_bits", "_mean", "_spread")
    name: ClassVar[str] = "binary"
    exact: ClassVar[bool] = False
    metrics: ClassVar[tuple[Metric, ...]] = ("cosine",)

    def __init__(self, bits: npt.NDArray[np.uint8], mean: Vector, spread: Vector) -> None:
        super().__init__()
        self._bits, self._mean, self._spread = bits, mean, spread

    @classmethod
    def encode(cls, matrix: Matrix) -> Self:
        """One bit a value."""
        n, d = matrix.shape
        total = np.zeros(d)
        for start in range(0, n, _ROWS):
            total += units(matrix[start : start + _ROWS].astype(np.float64)).sum(axis=0)
        mean = (total / max(n, 1)).astype(np.float32)
        bits = np.zeros((n, _width(d)), dtype=np.uint8)
        spread = np.zeros(d)
        for start in range(0, n, _ROWS):
            directions = units(matrix[start : start + _ROWS].astype(np.float64))
            bits[start : start + _ROWS] = _packed(directions, mean)
            spread += np.abs(directions - mean).sum(axis=0)
        return cls(bits, mean, (spread / max(n, 1)).astype(np.float32))

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"bits": self._bits, "mean": self._mean, "spread": self._spread}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Self:
        n, d = shape
        bits, mean, spread = taken(
            arrays,
            {"bits": (np.uint8, (n, _width(d))), "mean": (np.float32, (d,)), "spread": (np.float32, (d,))},
            finite=("mean", "spread"),
        )
        return cls(bits, mean, spread)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self._bits), len(self._mean)

    def decode(self, rows: Rows | slice) -> Matrix:
        above = np.unpackbits(self._bits[rows], axis=1, count=len(self._mean), bitorder="little")
        decoded: Matrix = np.where(above, self._mean + self._spread, self._mean - self._spread)
        return decoded

    def prepare(self, directions: Floats) -> npt.NDArray[np.uint64]:
        return _packed(directions, self._mean).view(np.uint64)

    def products(self, prepared: npt.NDArray[np.uint64], first: int, n: int, out: Matrix) -> None:
        kernels.agreements(out, self._bits.view(np.uint64), first, n, prepared, len(self._mean))


def _width(d: int) -> int:
    """Bytes of a row: whole words."""
    return -(-d // (8 * _WORD)) * _WORD


def _packed(directions: Floats, mean: Vector) -> npt.NDArray[np.uint8]:
    packed = np.packbits(directions > mean, axis=1, bitorder="little")
    padded = np.zeros((len(packed), _width(len(mean))), dtype=np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded
