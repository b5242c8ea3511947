"""`jari.kernels.glove_strips`, by dictionaries and masks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels.reference.random import mixed, seeded, step
from jari.types import Ids, Offsets, Vector

Sums = npt.NDArray[np.float64]  # (n,)


def row_pairs(
    i: int,
    indptr: Offsets,
    indices: Ids,
    data: Vector,
    upper: bool,
    left: Sums,
    right: Sums,
    ends: Sums,
    guide: Ids,
    draws: float,
    shape: float,
    seed: int,
    columns: Ids,
    counts: Vector,
) -> int:
    pairs = {int(indices[p]): data[p] for p in range(indptr[i], indptr[i + 1]) if not (upper and indices[p] < i)}
    begin = ends[i] if upper else 0.0
    density = draws * (ends[i + 1] - ends[i]) * (2 if upper else 1)
    state = seeded(seed, 0, i)
    for taken in range(int(density) + 1 if density > 0 else 0):
        state = step(state)
        place = begin + (taken + mixed(state) // 2**11 / 2**53) / density
        j = int(np.searchsorted(ends, place, side="right")) - 1
        expected = left[i] * right[j] if place < 1 else 0.0
        if expected > 0 and j not in pairs:
            pairs[j] = -np.float32(shape * expected / (shape + expected))
    for p, j in enumerate(sorted(pairs)):
        columns[p], counts[p] = j, pairs[j]
    return len(pairs)


def measure_strips(
    order: Ids,
    width: int,
    indptr: Offsets,
    indices: Ids,
    data: Vector,
    upper: bool,
    left: Sums,
    right: Sums,
    ends: Sums,
    guide: Ids,
    draws: float,
    shape: float,
    seed: int,
    entries: Offsets,
    runs: Offsets,
) -> None:
    columns, counts = np.empty(len(right), np.int32), np.empty(len(right), np.float32)
    for i in order:
        m = row_pairs(i, indptr, indices, data, upper, left, right, ends, guide, draws, shape, seed, columns, counts)
        strips, sizes = np.unique(columns[:m] // width, return_counts=True)
        entries[strips] += sizes
        runs[strips] += 1


def fill_strips(
    order: Ids,
    width: int,
    indptr: Offsets,
    indices: Ids,
    data: Vector,
    upper: bool,
    left: Sums,
    right: Sums,
    ends: Sums,
    guide: Ids,
    draws: float,
    shape: float,
    seed: int,
    entry: Offsets,
    run: Offsets,
    columns: npt.NDArray[np.uint16],
    counts: Vector,
    rows: Ids,
    starts: Offsets,
) -> None:
    own_columns, own_counts = np.empty(len(right), np.int32), np.empty(len(right), np.float32)
    for i in order:
        m = row_pairs(
            i, indptr, indices, data, upper, left, right, ends, guide, draws, shape, seed, own_columns, own_counts
        )
        for strip in np.unique(own_columns[:m] // width):
            inside = np.flatnonzero(own_columns[:m] // width == strip)
            at = entry[strip] + np.arange(len(inside))
            columns[at], counts[at] = own_columns[inside] - strip * width, own_counts[inside]
            rows[run[strip]], starts[run[strip]] = i, at[0]
            entry[strip] += len(inside)
            run[strip] += 1
