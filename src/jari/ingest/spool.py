"""`Spool`: encoded text on its way from counting to the final file, in memory while it is little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jari.types import Ids


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens of one block as numbers of one table.

    Parameters
    ----------
    table
        Which table numbered them.
    ids, ends
        int32; line j ends before token ``ends[j]``.
    """

    table: int
    ids: Ids
    ends: Ids


class Spool:
    """Pieces in the order in which they were put, to be taken out once.

    Parameters
    ----------
    file
        Where to write when there is more than `limit` bytes; made when needed.
    """

    def __init__(self, file: Path, limit: int) -> None:
        self._path, self._limit = file, limit
        self._kept: list[Piece] = []
        self._written: list[tuple[int, int, int]] = []
        self._file: BinaryIO | None = None
        self._bytes = 0

    @property
    def tokens(self) -> int:
        """How many tokens were put."""
        return sum(len(piece.ids) for piece in self._kept) + sum(tokens for _, tokens, _ in self._written)

    def put(self, piece: Piece) -> None:
        """Add one more."""
        self._bytes += piece.ids.nbytes + piece.ends.nbytes
        if self._file is None and self._bytes <= self._limit:
            self._kept.append(piece)
            return
        if self._file is None:
            self._file = self._path.open("x+b")
        for array in (piece.ids, piece.ends):
            self._file.write(array.data)
        self._written.append((piece.table, len(piece.ids), len(piece.ends)))

    def __iter__(self) -> Iterator[Piece]:
        self._kept.reverse()
        while self._kept:
            yield self._kept.pop()  # let go of: memory shrinks as the output grows
        if self._file is not None:
            self._file.seek(0)
            for table, tokens, lines in self._written:
                both = np.fromfile(self._file, np.int32, count=tokens + lines)
                yield Piece(table, both[:tokens], both[tokens:])

    def close(self) -> None:
        """Let go of everything; the file itself goes with its folder."""
        self._kept.clear()
        if self._file is not None:
            self._file.close()
