"""The rows of a sparse matrix: in blocks of about equal work for several threads, and put together again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from jari.types import Ids, Offsets, Vector

_A_ROW = 4  # entries: what a row costs before its first
_A_BLOCK = 1 << 17  # entries: some milliseconds of work, so that threads end together and Ctrl-C is heard at once


def row_blocks(indptr: Offsets, entries: int | None = None) -> list[tuple[int, int]]:
    """Consecutive ranges of rows, of about so many `entries` each (131,072); together they are all rows.

    Parameters
    ----------
    indptr
        Shape (rows + 1,): where the entries of each row begin and end.

    Examples
    --------
    >>> row_blocks(np.array([0, 50, 52, 52, 60]), entries=20)
    [(0, 1), (1, 4)]
    """
    if entries is None:
        entries = _A_BLOCK
    rows = len(indptr) - 1
    work = indptr + np.arange(0, _A_ROW * rows + 1, _A_ROW)
    count = max(1, int(work[-1] - work[0]) // entries)
    borders = np.searchsorted(work, np.linspace(work[0], work[-1], count + 1)[1:-1])
    edges = np.unique([0, *borders.tolist(), rows]).tolist()
    return list(itertools.pairwise(edges))


def over_blocks(
    pool: ThreadPoolExecutor, blocks: list[tuple[int, int]], work: Callable[[int, int], Any]
) -> Iterator[tuple[int, int]]:
    """Do ``work(begin, end)`` for every block, the blocks as they are done.

    Whatever ends the loop, Ctrl-C included, no block is begun any more.
    """
    running = {pool.submit(work, begin, end): (begin, end) for begin, end in blocks}
    try:
        for future in as_completed(running):
            future.result()
            yield running[future]
    finally:
        for future in running:
            future.cancel()


def csr_of(data: Vector, indices: Ids, indptr: Any, shape: tuple[int, int]) -> Any:
    """A `scipy.sparse.csr_array` that holds these arrays, but for row pointers of 32 bits where those suffice.

    SciPy would widen the indices of all entries to what the row pointers are.

    Examples
    --------
    >>> ones = np.ones(2, np.float32)
    >>> csr_of(ones, np.array([0, 1], np.int32), np.array([0, 1, 2]), (2, 2)).indices.dtype
    dtype('int32')
    """
    fits = len(data) <= np.iinfo(np.int32).max
    return csr_array((data, indices, indptr.astype(np.int32) if fits else indptr), shape=shape)
