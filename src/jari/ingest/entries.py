"""Columns and values of sparse rows on their way into a matrix, in memory while they are few, else on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from jari.ingest.arrayfile import ArrayFile
from jari.ingest.sealed import mapped
from jari.types import Counts, Ids, Offsets

_COLUMNS, _VALUES = "columns.npy", "values.npy"
BYTES = 8  # of a column and its float32


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A matrix as `scipy.sparse.csr_array` has it, and the sum of each row."""

    starts: Offsets
    columns: Ids
    values: npt.NDArray[np.float32]
    sums: npt.NDArray[np.float64]
    on_disk: bool


class Entries:
    """Columns (int32) and values (float32), appended in order, read when all are there.

    Parameters
    ----------
    most
        No more will ever come.
    held
        With more than that, all go to disk. As much address space is asked for at once, so that nothing is copied when
        it grows; memory is only what is written to.
    folder
        To write in.

    Attributes
    ----------
    on_disk
        Whether they were too many for the memory given.
    """

    def __init__(self, most: int, held: int, folder: Path) -> None:
        room = min(most, held)
        self._columns, self._values = np.empty(room, np.int32), np.empty(room, np.float32)
        self._length = 0
        self._folder = folder
        self._files: tuple[ArrayFile, ...] = ()
        self.on_disk = False

    def __len__(self) -> int:
        return self._length

    def append(self, columns: Ids, values: npt.NDArray[np.uint64], denominator: float) -> None:
        """Add some more: whole values, to be divided."""
        begin, end = self._length, self._length + len(columns)
        if not self.on_disk and end > len(self._columns):
            self.on_disk = True
            self._files = ArrayFile(self._folder / _COLUMNS, np.int32), ArrayFile(self._folder / _VALUES, np.float32)
            self._write(self._columns[:begin], self._values[:begin])
            self._columns, self._values = np.empty(0, np.int32), np.empty(0, np.float32)
        if self.on_disk:
            self._write(columns, (values / denominator).astype(np.float32))
        else:
            self._columns[begin:end] = columns
            np.divide(values, denominator, out=self._values[begin:end], casting="same_kind")
        self._length = end

    def finish(self) -> tuple[Ids, npt.NDArray[np.float32]]:
        """All columns and all values; mapped where they are on disk."""
        if not self.on_disk:
            return self._columns[: self._length], self._values[: self._length]
        self.close()
        return mapped(self._folder / _COLUMNS, np.int32), mapped(self._folder / _VALUES, np.float32)

    def close(self) -> None:
        """Let go of the files, if any."""
        for file in self._files:
            file.__exit__(None, None, None)
        self._files = ()

    def _write(self, columns: Ids, values: npt.NDArray[np.float32]) -> None:
        for file, array in zip(self._files, (columns, values), strict=True):
            file.append(array)


class Run:
    """The rows of a part of the text, on disk: columns (int32) and whole values (uint64).

    Parameters
    ----------
    file
        Two files of this name, with an ending each.
    """

    def __init__(self, file: Path) -> None:
        self._paths = file.with_suffix(".columns"), file.with_suffix(".values")
        self._files: tuple[BinaryIO, ...] = tuple(path.open("xb") for path in self._paths)
        self._lengths: list[Counts] = []
        self.starts = np.zeros(1, np.int64)  # of the rows, when all are written

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()
        self.starts = from_lengths(np.concatenate(self._lengths or [np.empty(0, np.int64)]))

    def append(self, columns: Ids, values: npt.NDArray[np.uint64], lengths: Counts) -> None:
        """Add some rows."""
        for file, content in zip(self._files, (columns.data, values.data), strict=True):
            file.write(content)
        self._lengths.append(lengths)

    def read(self, first: int, last: int) -> tuple[Ids, npt.NDArray[np.uint64]]:
        """The entries of some rows."""
        begin, count = int(self.starts[first]), int(self.starts[last] - self.starts[first])
        columns = np.fromfile(self._paths[0], np.int32, count, offset=4 * begin)
        return columns, np.fromfile(self._paths[1], np.uint64, count, offset=8 * begin)

    def delete(self) -> None:
        """Take it off the disk."""
        for path in self._paths:
            path.unlink()


def from_lengths(lengths: Counts) -> Offsets:
    """Where each of some rows begins, and where the last ends.

    Examples
    --------
    >>> from_lengths(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
