"""`jari.kernels.cooccurrence`, with lists of pairs."""

from __future__ import annotations

import numpy as np

from jari.types import Counts, Ids, Offsets


def tally(ids: np.ndarray, begin: int, end: int, counts: Counts) -> int:
    strange = np.flatnonzero(ids[begin:end] >= len(counts))
    stop = begin + int(strange[0]) if len(strange) else end
    counts += np.bincount(ids[begin:stop], minlength=len(counts))
    return stop


def place(
    ids: np.ndarray,
    offsets: Offsets,
    begin: int,
    end: int,
    window: int,
    both: bool,
    cursors: Counts,
    places: np.ndarray,
) -> None:
    positions = np.arange(begin, end)
    sentences = np.searchsorted(offsets, positions, side="right") - 1
    before = np.minimum(window, positions - offsets[sentences]) * both
    after = np.minimum(window, offsets[sentences + 1] - 1 - positions)
    packed = positions << 24 | before << 12 | after
    for word in np.unique(ids[begin:end]):
        here = packed[ids[begin:end] == word]
        places[cursors[word] : cursors[word] + len(here)] = here
        cursors[word] += len(here)


def count_rows(
    ids: np.ndarray,
    places: np.ndarray,
    starts: Offsets,
    first: int,
    last: int,
    units: np.ndarray,
    row: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: Ids,
    values: np.ndarray,
    ends: Offsets,
    sums: np.ndarray,
) -> int:
    written = 0
    for r in range(first, last):
        counted = np.zeros(len(row), np.uint64)
        for packed in places[starts[r] : starts[r + 1]]:
            at, before, after = int(packed) >> 24, int(packed) >> 12 & 4095, int(packed) & 4095
            neighbours = [at - d for d in range(1, before + 1)] + [at + d for d in range(1, after + 1)]
            np.add.at(counted, ids[neighbours], units[np.abs(np.array(neighbours, int) - at)])
        written = _append(counted, columns, values, written)
        ends[r - first], sums[r - first] = written, counted.sum()
    return written


def add_rows(
    columns_in: Ids,
    values_in: np.ndarray,
    starts: np.ndarray,
    row: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: Ids,
    values: np.ndarray,
    ends: Offsets,
    sums: np.ndarray,
) -> int:
    written = 0
    for r in range(starts.shape[1] - 1):
        added = np.zeros(len(row), np.uint64)
        for begin, end in zip(starts[:, r], starts[:, r + 1], strict=True):
            added[columns_in[begin:end]] += values_in[begin:end]
        written = _append(added, columns, values, written)
        ends[r], sums[r] = written, added.sum()
    return written


def _append(row: np.ndarray, columns: Ids, values: np.ndarray, written: int) -> int:
    held = np.flatnonzero(row)
    columns[written : written + len(held)] = held
    values[written : written + len(held)] = row[held]
    return written + len(held)
