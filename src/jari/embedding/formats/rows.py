"""Rows that arrive a block at a time, gathered in one array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jari.embedding.embedding import Embedding
from jari.embedding.norms import finite_norms
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput
from jari.types import Matrix


class Rows:
    """One float32 array that blocks of rows are copied into.

    Parameters
    ----------
    path
        The file that they come from, for errors.
    n
        How many rows will come, or None where nobody knows: then the array grows by half each time it is full.
    dim
        How many numbers a row has.
    """

    __slots__ = ("_array", "_grows", "_keys", "_path", "filled")

    def __init__(self, path: Path, n: int | None, dim: int) -> None:
        self._path, self._grows, self.filled = path, n is None, 0
        self._keys: list[pa.Array] = []
        try:
            self._array: Matrix = np.empty((1024 if n is None else n, dim), dtype=np.float32)
        except (MemoryError, ValueError) as error:
            raise BadFile(f"{path}: {n} rows of {dim} numbers do not fit in the memory of this machine.") from error

    def add(self, keys: pa.Array, values: Matrix) -> None:
        """Append rows; there must be room where n was given."""
        end = self.filled + len(values)
        self.make_room(end)
        self._array[self.filled : end] = values
        self._keys.append(keys)
        self.filled = end

    def make_room(self, end: int) -> None:
        """Have place for `end` rows in all."""
        if self._grows and end > len(self._array):
            # realloc moves pages, not bytes, when an array is large; refcheck would count debuggers' references
            self._array.resize((max(end, len(self._array) * 3 // 2), self._array.shape[1]), refcheck=False)

    def embedding(self, first_line: int | None) -> Embedding:
        """All rows, checked.

        Parameters
        ----------
        first_line
            The line that row 0 stands in, for errors; None where the file has no lines.
        """
        if self._grows:
            self._array.resize((self.filled, self._array.shape[1]), refcheck=False)
        keys = pa.concat_arrays(self._keys) if self._keys else pa.array([], type=pa.large_string())
        try:
            vocabulary = Vocabulary(keys)
        except BadInput as error:
            raise BadFile(f"{self._path}: {error}{_lines(first_line)} Remove one of the two.") from error
        return checked(self._path, vocabulary, self._array)


def checked(path: Path, vocabulary: Vocabulary, vectors: Matrix) -> Embedding:
    """An embedding from a foreign file; what is wrong with it is said with the file's name."""
    try:
        return Embedding(vocabulary, vectors)
    except BadInput as error:
        raise BadFile(f"{path}: {error}") from error


def refuse_not_finite(path: Path, values: Matrix, where: str, first: int) -> None:
    """Raise `BadFile` for NaN or infinity; `where` and `first` name the row: ``"line"``, 2."""
    try:
        finite_norms(values, name=lambda row: f"{path}: {where} {first + row}")
    except BadInput as error:
        raise BadFile(str(error)) from error


def _lines(first_line: int | None) -> str:
    return "" if first_line is None else f" Row 0 is line {first_line}."
