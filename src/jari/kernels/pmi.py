"""Pointwise mutual information of counted pairs.

``PMI(i, j) - log k = log(data · row[i] · column[j])``, where data is how often i and j stood together and the factors
hold everything else: ``row[i] = 1 / (k · P(i) · total)`` and ``column[j] = 1 / P(j)``. What is above 0 is found without
a logarithm, so that the positive entries can be counted before there is room for them.
"""

from __future__ import annotations

import math

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Ids, Offsets, Vector


@kernel
def count_above(
    data: Vector,
    indices: Ids,
    indptr: Offsets,
    begin: int,
    end: int,
    row: np.ndarray,
    column: np.ndarray,
    counts: Offsets,
) -> None:
    """``counts[i]`` = entries of row i with ``data · row[i] · column[j] > 1``, for begin ≤ i < end."""
    for i in range(begin, end):
        above = 0
        for p in range(indptr[i], indptr[i + 1]):
            above += np.float64(data[p]) * row[i] * column[indices[p]] > 1.0
        counts[i] = above


@kernel
def logs_above(
    data: Vector,
    indices: Ids,
    indptr: Offsets,
    begin: int,
    end: int,
    row: np.ndarray,
    column: np.ndarray,
    starts: Offsets,
    kept: Ids,
    out: Vector,
) -> None:
    """The entries that `count_above` counts and their logarithms, those of row i from ``starts[i]`` on."""
    for i in range(begin, end):
        at = starts[i]
        for p in range(indptr[i], indptr[i + 1]):
            ratio = np.float64(data[p]) * row[i] * column[indices[p]]
            if ratio > 1.0:
                kept[at] = indices[p]
                out[at] = math.log(ratio)
                at += 1


@kernel
def logs(
    data: Vector,
    indices: Ids,
    indptr: Offsets,
    begin: int,
    end: int,
    row: np.ndarray,
    column: np.ndarray,
    out: Vector,
) -> None:
    """``out = log(data · row[i] · column[j])``, entry by entry, for the rows from `begin` to `end`."""
    for i in range(begin, end):
        for p in range(indptr[i], indptr[i + 1]):
            out[p] = math.log(np.float64(data[p]) * row[i] * column[indices[p]])
