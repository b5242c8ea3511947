"""`jari.kernels.pmi`, a row at a time."""

from __future__ import annotations

import numpy as np

from jari.types import Ids, Offsets, Vector


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
    for i in range(begin, end):
        counts[i] = np.count_nonzero(_ratios(data, indices, indptr, i, row, column) > 1)


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
    for i in range(begin, end):
        ratios = _ratios(data, indices, indptr, i, row, column)
        places = slice(starts[i], starts[i] + np.count_nonzero(ratios > 1))
        kept[places] = indices[indptr[i] : indptr[i + 1]][ratios > 1]
        out[places] = np.log(ratios[ratios > 1])


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
    for i in range(begin, end):
        out[indptr[i] : indptr[i + 1]] = np.log(_ratios(data, indices, indptr, i, row, column))


def _ratios(data: Vector, indices: Ids, indptr: Offsets, i: int, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    entries = slice(indptr[i], indptr[i + 1])
    return data[entries].astype(np.float64) * row[i] * column[indices[entries]]
