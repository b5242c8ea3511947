"""The arrays of codes, as they come from a file, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput


def taken(
    arrays: Mapping[str, npt.NDArray[Any]],
    expected: Mapping[str, tuple[type[np.generic], tuple[int, ...]]],
    *,
    finite: Collection[str],
) -> list[npt.NDArray[Any]]:
    """The arrays that are expected, in this order.

    Parameters
    ----------
    arrays
        By name.
    expected
        The type and the shape of each.
    finite
        The names of small arrays, of which every value is looked at.

    Raises
    ------
    BadInput
        One is missing or too many, of another type or shape, or holds NaN or infinity.
    """
    if set(arrays) != set(expected):
        raise BadInput(f"The arrays are {sorted(arrays)}, and {sorted(expected)} belong there.")
    for name, (kind, shape) in expected.items():
        array = arrays[name]
        if array.dtype != np.dtype(kind) or array.shape != shape:
            raise BadInput(f"{name} is {array.dtype} of shape {array.shape}, not {np.dtype(kind)} of shape {shape}.")
        if name in finite and not np.isfinite(array).all():
            raise BadInput(f"{name} holds {array[~np.isfinite(array)][0]}: every value must be a finite number.")
    return [arrays[name] for name in expected]
