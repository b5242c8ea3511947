"""The one pass over the text: blocks in, numbered tokens out, all words counted.

The main thread reads, so that an interrupt finds it wherever it waits, and collects in order, so that the result does
not depend on which thread did what. The others split and number, each with a table of its own.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jari.errors import BadInput
from jari.ingest.sentences import TokenLists
from jari.ingest.splitters import SPLITTERS, Splitter
from jari.ingest.spool import Piece, Spool
from jari.ingest.tokens import Block, Tokens
from jari.ingest.utf8 import broken_text, first_broken, repair
from jari.ingest.wordtable import Words, WordTable
from jari.types import Ids

if TYPE_CHECKING:
    from jari.ingest.sources import Source
    from jari.ingest.tables import TableFile

BLOCK_BYTES = 1 << 18  # with its tokens and the hot part of the table, what a core's own cache holds


@dataclass(frozen=True, slots=True)
class Limits:
    """What one pass may take.

    Parameters
    ----------
    table
        Bytes that a table may grow to before it is spilled.
    spool
        Bytes of encoded text to hold in memory.
    sheet
        Bytes that each thread asks for at once, to write encoded text to.
    block
        Bytes of text in one block.
    """

    table: int
    spool: int
    sheet: int
    block: int


class Counting:
    """Sources read once.

    Parameters
    ----------
    splitter
        What splits blocks into tokens; nobody asks it about lists of tokens.
    errors
        ``"strict"`` or ``"replace"``.
    pool, threads
        Who does the work, and how many there are.
    folder
        For what does not fit into memory.
    report
        Called with the bytes that were read so far.
    """

    def __init__(
        self,
        splitter: str,
        errors: str,
        pool: Executor,
        threads: int,
        limits: Limits,
        folder: Path,
        report: Callable[[int], None],
    ) -> None:
        self._errors, self._limits = errors, limits
        self._pool, self._threads, self._folder, self._report = pool, threads, folder, report
        self._numbering = threading.Lock()
        self._desks: queue.SimpleQueue[_Desk] = queue.SimpleQueue()
        self.tables: list[Words] = []
        self.spool = Spool(folder / "spool", limits.spool)
        self.bytes_read = self.bytes_replaced = self.lines = 0
        for _ in range(threads):
            self._desks.put(_Desk(self, splitter))

    def read(self, sources: Iterable[Source | TableFile]) -> None:
        """Read everything.

        Raises
        ------
        BadInput
            There is not one word in it.
        """
        before = 0
        for source in sources:
            lines = 0
            pending: deque[tuple[Block | Tokens, Future[_Counted]]] = deque()
            for unit in itertools.chain(self._units(source), itertools.repeat(None)):
                if unit is not None:
                    pending.append((unit, self._pool.submit(self._count, unit)))
                if len(pending) > 2 * self._threads or (unit is None and pending):
                    done, future = pending.popleft()
                    lines += self._collect(done, future.result(), lines)
                    self._report(before + done.done)
                elif unit is None:
                    break
            before += source.size or 0
            self.lines += lines
        self._put_away()
        if not any(table.words for table in self.tables):
            names = ", ".join(itertools.islice((source.name for source in sources), 3))
            raise BadInput(f"There is not one word in {names}: {self.bytes_read:,} bytes, {self.lines:,} lines.")

    def new_table(self) -> tuple[int, WordTable]:
        """One more table, and its number."""
        with self._numbering:
            table = WordTable()
            self.tables.append(table)
            return len(self.tables) - 1, table

    def spill(self, number: int, table: WordTable) -> None:
        """Move a table to disk."""
        self.tables[number] = table.spill(self._folder / f"words-{number}")

    def _units(self, source: Source | TableFile) -> Iterator[Block | Tokens]:
        if isinstance(source, TokenLists):
            return source.tokens()
        return source.blocks(self._limits.block, whole_lines=False)

    def _count(self, unit: Block | Tokens) -> _Counted:
        desk = self._desks.get()
        try:
            return desk.count(unit)
        finally:
            self._desks.put(desk)

    def _collect(self, unit: Block | Tokens, counted: _Counted, lines: int) -> int:
        if counted.broken >= 0 and isinstance(unit, Block):
            raise broken_text(unit, counted.broken, lines)
        if counted.piece is not None:  # as it is of all that is not broken
            self.spool.put(counted.piece)
        self.bytes_read += counted.size
        self.bytes_replaced += counted.replaced
        return counted.lines

    def _put_away(self) -> None:
        """With one table on disk the merge goes by buckets, for which the others must be there too."""
        self.tables = [table for table in self.tables if table.words or len(self.tables) == 1] or self.tables
        if all(isinstance(table, WordTable) for table in self.tables):
            return
        for number, table in enumerate(self.tables):
            if isinstance(table, WordTable):
                self.spill(number, table)


@dataclass(frozen=True, slots=True)
class _Counted:
    """What became of one block; `broken` is the first byte that is not UTF-8, or -1."""

    piece: Piece | None
    size: int = 0
    lines: int = 0
    replaced: int = 0
    broken: int = -1


class _Desk:
    """What one worker needs: arrays to split into, and a table."""

    def __init__(self, counting: Counting, splitter: str) -> None:
        self._counting = counting
        self._splitter: Splitter = SPLITTERS[splitter]()
        self._number, self._table = counting.new_table()
        self._sheet: Ids = np.empty(0, np.int32)

    def count(self, unit: Block | Tokens) -> _Counted:
        """Split a block where it is not split yet, and number its tokens."""
        replaced = 0
        if isinstance(unit, Block):
            broken = first_broken(unit) if unit.place is not None else -1
            if broken >= 0:
                if self._counting._errors == "strict":
                    return _Counted(None, broken=broken)
                replaced = repair(unit)
            tokens = self._splitter.split(unit)
        else:
            tokens = unit
        ids = self._table.number(tokens, self._room(len(tokens.starts)))
        piece = Piece(self._number, ids, tokens.ends.copy())
        if self._table.is_nearly_full() and self._table.bytes_when_grown() > self._counting._limits.table:
            self._counting.spill(self._number, self._table)
            self._number, self._table = self._counting.new_table()
        return _Counted(piece, tokens.size, len(piece.ends), replaced)

    def _room(self, n: int) -> Ids:
        """Room for n ids, cut from a large sheet.

        The operating system gives large sheets in large pages. Small ones, asked for one by one, cost 17,000 page
        faults for 100 MB of text, a fifth of the processor's time.
        """
        if len(self._sheet) < n:
            self._sheet = np.empty(max(n, self._counting._limits.sheet // 4), np.int32)
        room, self._sheet = self._sheet[:n], self._sheet[n:]
        return room
