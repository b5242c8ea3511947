"""Pairs of words for GloVe, those counted and some that were not, in strips of columns.

Some pairs that were never counted are drawn, to be learnt too: else nothing says that two words have nothing to do with
each other. By chance a pair would have been counted ``E = x_i· x_·j / x_··`` times. If what chance brings were known no
better than to follow a Gamma distribution of mean E and shape k, then of a pair seen 0 times it would leave the mean
``k E / (k + E)``: of a pair that was hardly to be expected, nothing is learnt; of one that was, that it is rare.

A matrix of counts is cut into strips of some hundred columns, whose vectors stay in the second cache while a strip is
learnt. A row's entries in a strip are a run.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import kernel
from jari.kernels.random import mixed, seeded, step
from jari.types import Ids, Offsets, Vector

Sums = npt.NDArray[np.float64]  # (n,)

f32 = np.float32


@kernel
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
    """Write the pairs of row i, those counted and those drawn, in the order of their columns; return how many.

    Parameters
    ----------
    indptr, indices, data
        Of a CSR matrix, the columns of a row in order.
    upper
        Leave out what stands below the diagonal: a symmetric matrix says everything twice.
    left, right
        The sums of the matrix's rows, and each column's share of the whole sum.
    ends
        Shape (n + 1,), from 0 to 1: word j is drawn with the probability ``ends[j + 1] - ends[j]``.
    guide
        Shape (buckets,): at ``guide[b]`` begins the search for the word that the number ``b / buckets`` stands for.
    draws
        How many pairs of words are drawn in all rows together, those counted and those drawn twice included.
    shape
        k: an unseen pair has the count ``k E / (k + E)``.
    seed
        Of the draws.
    columns, counts
        Room for n entries. Counts of unseen pairs are written with a minus.
    """
    n, share = right.shape[0], ends[i + 1] - ends[i]
    at, stop = indptr[i], indptr[i + 1]
    while upper and at < stop and indices[at] < i:
        at += 1
    # One draw from each of many stretches of equal length: in order, and spread better than independent ones.
    density = draws * share * (2.0 if upper else 1.0)
    begin, taken, m, last = ends[i] if upper else 0.0, 0, 0, -1
    state = np.uint64(seeded(seed, 0, i))
    while density > 0.0:
        state = step(state)
        place = begin + (taken + (mixed(state) >> np.uint64(11)) * 2.0**-53) / density
        taken += 1
        if place >= 1.0:
            break
        j = max(last, int(guide[int(place * guide.shape[0])]))
        while j + 1 < n and ends[j + 1] <= place:
            j += 1
        if j == last:
            continue
        last = j
        while at < stop and indices[at] < j:
            columns[m], counts[m] = indices[at], data[at]
            at, m = at + 1, m + 1
        if at < stop and indices[at] == j:
            continue
        expected = left[i] * right[j]
        if expected > 0.0:
            columns[m], counts[m] = j, -f32(shape * expected / (shape + expected))
            m += 1
    while at < stop:
        columns[m], counts[m] = indices[at], data[at]
        at, m = at + 1, m + 1
    return m


@kernel
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
    """Add up how many entries and runs stand in each strip of `width` columns.

    Parameters
    ----------
    order
        The rows to look at.
    indptr, …, seed
        As for `row_pairs`.
    entries, runs
        Shape (strips,).
    """
    columns, counts = np.empty(right.shape[0], np.int32), np.empty(right.shape[0], np.float32)
    for i in order:
        m = row_pairs(
            np.int64(i), indptr, indices, data, upper, left, right, ends, guide, draws, shape, seed, columns, counts
        )
        last = -1
        for p in range(m):
            strip = columns[p] // width
            entries[strip] += 1
            if strip != last:
                runs[strip] += 1
                last = strip


@kernel
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
    """Write the entries of each strip together, row by row in the given order.

    Parameters
    ----------
    order, …, seed
        As for `measure_strips`.
    entry, run
        Shape (strips,): where the next entry and the next run of each strip go. Moved on.
    columns, counts
        Shape (entries,): of each entry, its column from the strip's first on, and its count.
    rows, starts
        Shape (runs,): of each run, its row and its first entry.
    """
    some_columns, some_counts = np.empty(right.shape[0], np.int32), np.empty(right.shape[0], np.float32)
    for i in order:
        m = row_pairs(
            np.int64(i),
            indptr,
            indices,
            data,
            upper,
            left,
            right,
            ends,
            guide,
            draws,
            shape,
            seed,
            some_columns,
            some_counts,
        )
        last = -1
        for p in range(m):
            strip = some_columns[p] // width
            at = entry[strip]
            if strip != last:
                rows[run[strip]] = i
                starts[run[strip]] = at
                run[strip] += 1
                last = strip
            columns[at] = some_columns[p] - strip * width
            counts[at] = some_counts[p]
            entry[strip] = at + 1
