"""`LearntTable`: the network of an `EntityEmbedder` once it is learnt, in NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from jari.errors import BadInput
from jari.learn.neural.activations import activated
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.number_columns import Bends
from jari.types import Matrix

_AT_ONCE: Final = 4096  # rows


@dataclass(frozen=True, slots=True, eq=False)
class LearntTable:
    """What foretells the target of a row.

    ``x`` is the row: the vectors of its categories, the sums of its words' vectors, its numbers (`Bends`). It gives
    ``x S + s + f(… f(x W + w) …) V``: a linear model, and what hidden layers add to it.

    Parameters
    ----------
    encoding
        How a table becomes arrays.
    vectors
        By column the embedding layer, shape (categories or words, dim).
    arrays
        ``"linear_weights"`` and ``"linear_bias"``, S and s; ``"hidden0_weights"``, ``"hidden0_bias"``, …, W and w of
        each hidden layer; ``"output_weights"``, V, where there is one.
    activation
        f.
    """

    encoding: TableEncoding
    vectors: Mapping[str, Matrix]
    arrays: Mapping[str, Matrix]
    activation: str

    def outputs(self, rows: Encoded) -> Matrix:
        """Shape (rows, outputs)."""
        parts = [self._outputs(self.row(part)) for part in _parts(rows)]
        return np.concatenate([np.empty((0, self.arrays["linear_weights"].shape[1]), np.float32), *parts])

    def row(self, rows: Encoded) -> Matrix:
        """x, shape (rows, width)."""
        categories = self.encoding.categories
        return np.hstack(
            [
                *(self.vectors[column.name][rows.ids[:, at]] for at, column in enumerate(categories)),
                *self.texts(rows),
                Bends.of(self.encoding.numbers).inputs(rows.numbers),
            ]
        )

    def texts(self, rows: Encoded) -> list[Matrix]:
        """The vectors of the texts of each text column, shape (rows, dim)."""
        bags = zip(self.encoding.texts, rows.bags, strict=True)
        return [np.asarray(bag @ self.vectors[column.name], np.float32) for column, bag in bags]

    def _outputs(self, x: Matrix) -> Matrix:
        arrays = self.arrays
        outputs = x @ arrays["linear_weights"] + arrays["linear_bias"]
        if "output_weights" not in arrays:
            return outputs
        h = x
        for at in range(sum(name.startswith("hidden") for name in arrays) // 2):
            h = activated(h @ arrays[f"hidden{at}_weights"] + arrays[f"hidden{at}_bias"], self.activation)
        return outputs + h @ arrays["output_weights"]

    @classmethod
    def of(
        cls,
        encoding: TableEncoding,
        vectors: Mapping[str, Matrix],
        arrays: Mapping[str, Matrix],
        *,
        hidden: tuple[int, ...],
        outputs: int,
        activation: str,
    ) -> LearntTable:
        """Put together what was kept.

        Raises
        ------
        BadInput
            An array is missing, is one too many or has another shape.
        """
        shapes = array_shapes(width_of(encoding), hidden, outputs)
        found = {name: tuple(array.shape) for name, array in arrays.items()}
        if found != shapes:
            raise BadInput(f"arrays of shapes {found}, where {shapes} are due")
        for column in encoding.embedded:
            due = len(column.vocabulary), column.dim
            if vectors[column.name].shape != due:
                raise BadInput(f"{column.name!r} has vectors of shape {vectors[column.name].shape}, where {due} is due")
        return cls(encoding, vectors, arrays, activation)


def width_of(encoding: TableEncoding) -> int:
    """How many numbers a row is."""
    dims = sum(column.dim for column in encoding.embedded)
    return dims + Bends.of(encoding.numbers).width


def array_shapes(width: int, hidden: tuple[int, ...], outputs: int) -> dict[str, tuple[int, ...]]:
    """The arrays of a network by name, without the embedding layers."""
    shapes: dict[str, tuple[int, ...]] = {"linear_weights": (width, outputs), "linear_bias": (outputs,)}
    low = width
    for at, high in enumerate(hidden):
        shapes |= {f"hidden{at}_weights": (low, high), f"hidden{at}_bias": (high,)}
        low = high
    if hidden:
        shapes["output_weights"] = (low, outputs)
    return shapes


def _parts(rows: Encoded) -> Iterator[Encoded]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows.slice(start, start + _AT_ONCE)
