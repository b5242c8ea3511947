"""`Codes`: a matrix in fewer bytes, and what a search needs of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import METRICS, Floats
from jari.kernels._vector import GRAIN
from jari.kernels.products import dots
from jari.types import Matrix, Metric, Rows, Vector

NONE: Final = np.empty(0, dtype=np.float32)  # where every row would say 1, or 0
_DECODED_AT_ONCE = 1 << 22  # values


class Codes(ABC):
    """n rows of d values in fewer bytes; immutable.

    A row is a scale times a raw row. A search takes raw products with the queries, which differ from code to code, and
    weighs them with scales and norms, which is the same for all.
    """

    __slots__ = ("_inverses", "_norms")

    name: ClassVar[str]
    """As in `jari.embedding.compression.compress`."""

    exact: ClassVar[bool] = True
    """Whether products are those of what `decode` gives, up to rounding."""

    metrics: ClassVar[tuple[Metric, ...]] = METRICS
    """What can be asked."""

    def __init__(self) -> None:
        self._norms: Vector | None = None
        self._inverses: Vector | None = None

    @classmethod
    @abstractmethod
    def encode(cls, matrix: Matrix) -> Codes:
        """Codes of a matrix (n, d)."""

    @property
    @abstractmethod
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """All there is, by name; `from_arrays` makes the codes again."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Codes:
        """Codes for a matrix of some shape.

        Raises
        ------
        BadInput
            These are not the arrays of such codes.
        """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int]:
        """(n, d) of the matrix."""

    @abstractmethod
    def decode(self, rows: Rows | slice) -> Matrix:
        """Some rows as float32, shape (k, d)."""

    @property
    def scales(self) -> Vector:
        """By what each raw row is to be multiplied, shape (n,); empty for 1."""
        return NONE

    @abstractmethod
    def prepare(self, directions: Floats) -> Any:
        """What `products` needs of the queries (m, d), each of length 1 or 0."""

    @abstractmethod
    def products(self, prepared: Any, first: int, n: int, out: Matrix) -> None:
        """Raw rows from `first` times the queries, into ``out[:n, :m]``; `out` has room for a multiple of 4 of each."""

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def bytes_per_key(self) -> float:
        """All bytes ÷ n; tables that all rows share are counted too."""
        return sum(array.nbytes for array in self.arrays.values()) / max(len(self), 1)

    @property
    def norms(self) -> Vector:
        """The length of each raw row, shape (n,); found when first asked for, and kept: 4 bytes a key in memory."""
        if self._norms is None:
            self._norms = self._find_norms()
        return self._norms

    @property
    def inverses(self) -> Vector:
        """1 ÷ `norms`, and 0 for rows of zeros; kept as they are."""
        if self._inverses is None:
            norms = self.norms
            self._inverses = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
        return self._inverses

    def _find_norms(self) -> Vector:
        norms = np.empty(len(self), dtype=np.float32)
        step = max(1, _DECODED_AT_ONCE // self.shape[1])
        for start in range(0, len(self), step):
            some = slice(start, start + step)
            rows = self.decode(some).astype(np.float64)
            if len(self.scales):
                rows /= np.where(self.scales[some] > 0, self.scales[some], 1.0)[:, None]
            norms[some] = np.sqrt(np.vecdot(rows, rows))
        return norms

    def __repr__(self) -> str:
        n, d = self.shape
        return f"{type(self).__name__}({n:,} × {d}, {self.bytes_per_key:.4g} bytes a key)"


class Tiles:
    """Many queries for `jari.kernels.products.dots`: padded, with room for a block of rows.

    Parameters
    ----------
    directions
        Shape (m, d).
    """

    __slots__ = ("d", "queries")

    def __init__(self, directions: Floats) -> None:
        m, d = directions.shape
        self.d = d + -d % GRAIN
        self.queries = np.zeros((m + -m % 4, self.d + -self.d % 16), dtype=np.float32)
        self.queries[:m, :d] = directions

    def room(self, n: int) -> Matrix:
        """Zeros for n rows, as long as the queries."""
        return np.zeros((n + -n % 4, self.queries.shape[1]), dtype=np.float32)

    def products(self, rows: Matrix, n: int, out: Matrix) -> None:
        """``out[:n, :m] = rows[:n] queriesᵀ``."""
        dots(out, rows, n, self.queries, len(self.queries), self.d)
