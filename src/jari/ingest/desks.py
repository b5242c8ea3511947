"""Desks: where threads count blocks of rows, and from where the results are taken in order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.types import Counts, Ids

Block = tuple[int, int]  # its first row, and the one after its last


class Desk:
    """What counting a block of rows needs, and what comes of it: `rows` rows, `written` entries.

    Parameters
    ----------
    n
        How many words there are.
    room, rows
        How many entries a block has at most, and how many rows.
    """

    __slots__ = ("_bits", "_columns", "_ends", "_row", "_sums", "_touched", "_values", "rows", "written")

    def __init__(self, n: int, room: int, rows: int) -> None:
        self._row, self._bits = np.zeros(n, np.uint64), np.zeros(n // 64 + 1, np.uint64)
        self._touched = np.empty(n + 1, np.uint32)
        self._columns, self._values = np.empty(room + 1, np.int32), np.empty(room + 1, np.uint64)
        self._ends, self._sums = np.empty(min(n, rows), np.int64), np.empty(min(n, rows), np.uint64)
        self.rows = self.written = 0

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """In the order in which the kernels take them."""
        return self._row, self._touched, self._bits, self._columns, self._values, self._ends, self._sums

    @property
    def columns(self) -> Ids:
        """Of the entries."""
        return self._columns[: self.written]

    @property
    def values(self) -> npt.NDArray[np.uint64]:
        """Of the entries, whole."""
        return self._values[: self.written]

    @property
    def lengths(self) -> Counts:
        """How many entries each row has."""
        return np.diff(self._ends[: self.rows], prepend=0)

    @property
    def sums(self) -> npt.NDArray[np.uint64]:
        """Of the rows."""
        return self._sums[: self.rows]


def at_desks(
    pool: Executor, desks: Iterable[Desk], blocks: Iterable[Block], work: Callable[[Desk, Block], None]
) -> Iterator[Desk]:
    """Work on each block. Gives the desks in the order of the blocks; one is free again when the next is asked for."""
    free = list(desks)
    pending: deque[tuple[Desk, Future[None]]] = deque()
    for block in itertools.chain(blocks, itertools.repeat(None)):
        if block is None and not pending:
            return
        if block is None or not free:
            desk, future = pending.popleft()
            future.result()
            yield desk
            free.append(desk)
        if block is not None:
            desk = free.pop()
            pending.append((desk, pool.submit(work, desk, block)))
