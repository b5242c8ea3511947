"""The parts of an embedding, as it holds them: matrices in float32 that cannot be written, metadata as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.types import Matrix


def as_matrix(given: npt.ArrayLike, name: str) -> Matrix:
    """A matrix (n, d) as float32 in C order, itself where it is that; raises `BadInput` where it is none."""
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise BadInput(f"{name} is ragged: give every row the same number of values.") from error
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise BadInput(f"{name} has shape {array.shape} and type {array.dtype}: give a matrix (n, d) of numbers.")
    if array.shape[1] < 1:
        raise BadInput(f"{name} has shape {array.shape}: give vectors of one dimension or more.")
    with np.errstate(over="ignore"):  # too large for float32: found as infinite, and refused with its row
        return np.ascontiguousarray(array, dtype=np.float32)


def frozen(array: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The same memory, read-only; the caller's own array stays as it was."""
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view


def as_json(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON would bring it back, so that what is saved is what was held."""
    try:
        text = json.dumps(dict(metadata), ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(
            f"The metadata cannot be written as JSON: {error}. Give strings, finite numbers, lists, dicts."
        ) from error
    held: dict[str, Any] = json.loads(text)
    return held
