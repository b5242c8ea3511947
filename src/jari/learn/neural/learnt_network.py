"""`Layers`: the network of a `SoftmaxRecommender` once it is learnt, in NumPy: a user's vector, without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from jari.errors import BadInput
from jari.learn.centred import product
from jari.learn.neural.activations import activated
from jari.types import Matrix, Vector

POOLINGS: Final = ("sqrt", "mean", "sum")


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What makes a user's vector of a history and of features.

    ``x = pooled(history) + features · C + b``, and where there are hidden layers ``x + f(… f(x W + w) …) V + v``.

    Parameters
    ----------
    items
        The embedding layer, shape (items, dim).
    bias
        b, shape (dim,): the vector of somebody of whom nothing is known.
    features
        C, shape (columns, dim); None where no features were given. The last row stands for users without any.
    hidden
        W and w of each hidden layer, then V and v; empty where there is none.
    activation
        f.
    pooling
        How the vectors of a history become one.
    """

    items: Matrix
    bias: Vector
    features: Matrix | None
    hidden: tuple[tuple[Matrix, Vector], ...]
    activation: str
    pooling: str

    def users(self, histories: csr_array[Any], features: csr_array[Any] | None, *, threads: int) -> Matrix:
        """The vectors of users, shape (m, dim).

        Parameters
        ----------
        histories
            Shape (m, items).
        features
            Shape (m, columns); None where nothing but the histories is known.
        """
        x = product(pooled(histories, self.pooling), self.items, threads)
        x += self.bias
        if self.features is not None:
            x += self.features[-1] if features is None else features @ self.features
        if not self.hidden:
            return x
        h = x
        for weights, bias in self.hidden[:-1]:
            h = activated(h @ weights + bias, self.activation)
        weights, bias = self.hidden[-1]
        x += h @ weights + bias
        return x

    def arrays(self) -> dict[str, Matrix]:
        """All but the embedding layer, by name."""
        found = {"bias": self.bias}
        if self.features is not None:
            found["features"] = self.features
        for at, (weights, bias) in enumerate(self.hidden):
            found |= {f"hidden{at}_weights": weights, f"hidden{at}_bias": bias}
        return found

    @classmethod
    def of(
        cls,
        items: Matrix,
        arrays: Mapping[str, Matrix],
        *,
        sizes: tuple[int, ...],
        columns: int | None,
        activation: str,
        pooling: str,
    ) -> Layers:
        """Take back what `arrays` gave.

        Parameters
        ----------
        sizes
            Of the hidden layers.
        columns
            How many columns features have; None for none.

        Raises
        ------
        BadInput
            An array is missing, is one too many or has another shape.
        """
        dim = items.shape[1]
        shapes: dict[str, tuple[int, ...]] = {"bias": (dim,)}
        if columns is not None:
            shapes["features"] = (columns, dim)
        widths = (dim, *sizes, dim) if sizes else ()
        for at in range(max(len(widths) - 1, 0)):
            shapes |= {f"hidden{at}_weights": widths[at : at + 2], f"hidden{at}_bias": widths[at + 1 : at + 2]}
        found = {name: tuple(array.shape) for name, array in arrays.items()}
        if found != shapes:
            raise BadInput(f"arrays of shapes {found}, where {shapes} are due")
        pairs = [(arrays[f"hidden{at}_weights"], arrays[f"hidden{at}_bias"]) for at in range(max(len(widths) - 1, 0))]
        return cls(items, arrays["bias"], arrays.get("features"), tuple(pairs), activation, pooling)


def pooled(histories: csr_array[Any], pooling: str) -> csr_array[Any]:
    """The weights with which the vectors of each history are added up, as a matrix of the same entries.

    Examples
    --------
    >>> pooled(csr_array([[1.0, 0, 1, 1, 1]]), "sqrt").toarray().tolist()
    [[0.5, 0.0, 0.5, 0.5, 0.5]]
    """
    weights = histories.data.astype(np.float32)
    rows = np.repeat(np.arange(histories.shape[0]), np.diff(histories.indptr))
    if pooling == "sqrt":
        sums = np.sqrt(np.bincount(rows, weights=weights.astype(np.float64) ** 2, minlength=histories.shape[0]))
    elif pooling == "mean":
        sums = np.bincount(rows, weights=weights.astype(np.float64), minlength=histories.shape[0])
    else:
        sums = np.ones(histories.shape[0])
    parts = (weights / sums[rows]).astype(np.float32), histories.indices, histories.indptr
    return csr_array(parts, shape=histories.shape)
