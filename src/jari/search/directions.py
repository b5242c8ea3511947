"""Vectors at unit length: of texts, and of a query that is given as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import units
from jari.errors import BadInput
from jari.types import Vector


def directions(vectors: npt.NDArray[Any]) -> list[Vector | None]:
    """Each row at unit length, float32; None for a row of zeros, which has no direction.

    Examples
    --------
    >>> directions(np.array([[3, 4], [0, 0]]))
    [array([0.6, 0.8], dtype=float32), None]
    """
    rows = units(vectors.astype(np.float64)).astype(np.float32)
    return [row if row.any() else None for row in rows]


def direction(given: Any, dim: int) -> Vector:
    """What was given as a query, as one vector (dim,) at unit length.

    Raises
    ------
    BadInput
        It is no vector, of another dimension, holds NaN, or is zero.

    Examples
    --------
    >>> direction([3, 4], dim=2)
    array([0.6, 0.8], dtype=float32)
    """
    try:
        vector = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(f"The query is neither a text nor a vector of {dim} numbers: {given!r}.") from error
    if vector.shape != (dim,):
        raise BadInput(f"The query is a vector of shape {vector.shape}: this collection has vectors of {dim} numbers.")
    if not np.isfinite(vector).all():
        raise BadInput(f"Value {int(np.argmin(np.isfinite(vector)))} of the query is not finite: give numbers only.")
    (found,) = directions(vector[None, :])
    if found is None:
        raise BadInput("The query is a vector of zeros, which has no direction: nothing is near it.")
    return found
