"""`NumberColumns`: the columns of numbers, each bent at its own quantiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.errors import BadInput
from jari.ingest.table_numbers import Decimal, Numbers, decimal_of, numbers_of
from jari.types import Matrix, Offsets, Vector

_FARTHEST: Final = 1e150  # from 0: squares of larger ones are infinite
_MOST: Final = 1e30  # scaled: what lies between two such is a finite float32 still
_LEAST: Final = 1e-30  # of a bin: what some devices take for 0 is smaller
_STEEPEST: Final = 1e30  # 1 / the width of a bin: times 0 it is still 0


@dataclass(frozen=True, slots=True, eq=False)
class NumberColumn:
    """How the numbers of a column become inputs.

    Parameters
    ----------
    name
        As the table has it.
    center, scale
        The median, and half of the distance between the 5th and the 95th of a hundred; of a column that hardly varies,
        what there is of variation.
    edges
        Quantiles that differ, scaled; shape (bins + 1,), or empty where all values are the same.
    has_missing
        Whether some were missing. Then whether one is, is an input too.
    decimal
        What stands before the fraction, where the numbers were text.
    """

    name: str
    center: float
    scale: float
    edges: tuple[float, ...]
    has_missing: bool
    decimal: Decimal | None = None

    @classmethod
    def fit(cls, name: str, values: pa.Array, bins: int) -> tuple[NumberColumn, Vector]:
        """Find the quantiles, and scale the numbers.

        Raises
        ------
        BadInput
            All rows are missing; a cell holds no number, or an infinite one.
        """
        numbers = _within(numbers_of(name, values))
        there = numbers[~np.isnan(numbers)]
        if not len(there):
            raise BadInput(f"Column {name!r} holds no number: its {len(numbers):,} rows are missing. Leave it out.")
        low, center, high = np.quantile(there, [0.05, 0.5, 0.95])
        spread = float((high - low) / 2 or there.std())
        scale = spread if spread > 0 and there.min() < there.max() else 1.0
        scaled = _scaled(numbers, center, scale)
        edges = np.unique(np.quantile(scaled[~np.isnan(scaled)], np.linspace(0, 1, bins + 1)).astype(np.float32))
        edges = edges[np.diff(edges, prepend=-np.inf) > _LEAST]
        kept = tuple(map(float, edges)) if len(edges) > 1 else ()
        return cls(name, float(center), scale, kept, len(there) < len(numbers), decimal_of(values)), scaled

    def encode(self, values: pa.Array) -> Vector:
        """Scaled, NaN where one is missing; shape (rows,)."""
        return _scaled(_within(numbers_of(self.name, values, decimal=self.decimal)), self.center, self.scale)

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": "numeric",
            "name": self.name,
            "center": self.center,
            "scale": self.scale,
            "edges": list(self.edges),
            "has_missing": self.has_missing,
            "decimal": self.decimal,
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> NumberColumn:
        """Take back what `described` gave."""
        edges = tuple(map(float, said["edges"]))
        return cls(
            str(said["name"]),
            float(said["center"]),
            float(said["scale"]),
            edges,
            bool(said["has_missing"]),
            said["decimal"],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Bends:
    """Scaled numbers as inputs: how far each has come through each of its column's bins.

    A bin from e to e' gives ``(x - e) / (e' - e)``, not below 0 and not above 1; but the first goes down to -1 and the
    last up to 2, for numbers beyond those that were learnt. A missing number is the median.

    Parameters
    ----------
    ends
        Column c has the bins from ``ends[c]`` to ``ends[c + 1]``; shape (columns + 1,).
    starts, scales, lows, highs
        Of each bin e, ``1 / (e' - e)`` and the bounds; shape (bins,).
    flagged
        The columns of which it is an input whether a number is missing.

    Notes
    -----
    The piecewise linear encoding of Gorishniy, Rubachev & Babenko 2022, *On Embeddings for Numerical Features in
    Tabular Deep Learning*, with ends that are bounded.
    """

    ends: Offsets
    starts: Vector
    scales: Vector
    lows: Vector
    highs: Vector
    flagged: npt.NDArray[np.int64]

    @classmethod
    def of(cls, columns: Sequence[NumberColumn]) -> Bends:
        """Those of some columns."""
        sizes = [max(len(column.edges) - 1, 0) for column in columns]
        ends = np.cumsum([0, *sizes])
        starts, scales, lows, highs = (np.zeros(ends[-1], np.float32) for _ in range(4))
        highs[:] = 1
        for column, first, n in zip(columns, ends, sizes, strict=False):
            if n:
                edges = np.array(column.edges, np.float32)
                starts[first : first + n] = edges[:-1]
                scales[first : first + n] = np.minimum(1 / np.diff(edges.astype(np.float64)), _STEEPEST)
                lows[first], highs[first + n - 1] = -1, 2
        flagged = np.array([at for at, column in enumerate(columns) if column.has_missing], np.int64)
        return cls(ends, starts, scales, lows, highs, flagged)

    @property
    def width(self) -> int:
        """How many inputs there are."""
        return int(self.starts.size + len(self.flagged))

    def inputs(self, numbers: Matrix) -> Matrix:
        """Of numbers, shape (rows, columns), the inputs, shape (rows, width)."""
        missing = np.isnan(numbers)
        whole = np.where(missing, np.float32(0), numbers)
        whole = np.repeat(whole, np.diff(self.ends), axis=1)
        with np.errstate(over="ignore"):  # infinitely far through a narrow bin is through it
            bent = np.clip((whole - self.starts) * self.scales, self.lows, self.highs)
        return np.hstack([bent, missing[:, self.flagged].astype(np.float32)])


def _within(numbers: Numbers) -> Numbers:
    within: Numbers = np.clip(numbers, -_FARTHEST, _FARTHEST)
    return within


def _scaled(numbers: Numbers, center: float, scale: float) -> Vector:
    with np.errstate(over="ignore"):
        scaled: Vector = np.clip((numbers - center) / scale, -_MOST, _MOST).astype(np.float32)
    return scaled
