"""From a corpus to the rows of its co-occurrence matrix: on all cores, in bounded memory, exactly.

A part of the text at a time: its places are sorted by word, and the rows are counted in blocks, by whichever thread is
free; the main thread takes them in order, so that an interrupt finds it. A text of one part, as most are, is done then.
The rows of several parts are runs on disk, which are read side by side and added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadFile
from jari.ingest.corpus import Corpus
from jari.ingest.desks import Block, Desk, at_desks
from jari.ingest.entries import BYTES, Entries, Rows, Run, from_lengths
from jari.ingest.nearness import Nearness
from jari.ingest.resources import Report
from jari.kernels.cooccurrence import add_rows, count_rows, place, tally
from jari.types import Callback, Counts, Offsets

_BLOCK = 1 << 18  # entries: with what they are counted from they stay in the caches
_LONGEST_PART = 1 << 27  # tokens: no single piece of work is so long that an interrupt would have to wait
_MOST_PLACING = 8  # threads that sort places, each with a count of every word


@dataclass(frozen=True, slots=True)
class Limits:
    """What counting may take.

    Parameters
    ----------
    part
        Tokens whose places are held at once.
    entries
        Entries of the result that are held in memory.
    block
        Entries that are counted at once.
    """

    part: int
    entries: int
    block: int

    @classmethod
    def within(cls, memory: int) -> Limits:
        """A quarter of the bytes for places, half for the result; the rest is for the text and the desks."""
        return cls(min(memory // 4 // 8, _LONGEST_PART), memory // 2 // BYTES, min(memory // 1024, _BLOCK))


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The places of the words of a part of the text; those of word a are ``packed[starts[a] : starts[a + 1]]``."""

    packed: npt.NDArray[np.uint64]
    starts: Offsets


class Pairs:
    """The pairs of one corpus.

    Parameters
    ----------
    corpus
        Not empty.
    nearness
        What a pair counts.
    both
        Whether words look to both sides.
    folder
        For runs, and for a result that does not fit into memory.
    """

    def __init__(
        self,
        corpus: Corpus,
        nearness: Nearness,
        both: bool,
        threads: int,
        limits: Limits,
        folder: Path,
        callback: Callback | None,
    ) -> None:
        # Mapped or in memory, the corpus has one type for the kernels, which are compiled for each.
        self._ids, self._offsets = _still(corpus.ids, np.int32).view(np.uint32), _still(corpus.offsets, np.int64)
        self._n = len(corpus.vocabulary)
        self._nearness, self._both, self._threads, self._limits = nearness, both, threads, limits
        self._folder, self._callback = folder, callback
        self._window = len(nearness.units) - 1

    def count(self) -> Rows:
        """Count them all.

        Raises
        ------
        BadFile
            The corpus holds numbers that no word has.
        """
        tokens, part = len(self._ids), self._limits.part
        report = Report(self._callback, "pairing", tokens, "words")
        with ThreadPoolExecutor(self._threads, thread_name_prefix="jari-pairs") as pool:  # at its end waits for blocks
            if tokens <= part:
                places = self._places(pool, 0, tokens)
                rows = self._collected(int(self._most(places).sum()), self._counted(pool, places, 0, report))
                report.end()
                return rows
            runs = [self._run(pool, begin, report) for begin in range(0, tokens, part)]
            report.end()
            return self._merged(pool, runs)

    def _places(self, pool: Executor, begin: int, end: int) -> _Places:
        """Sort by counting: a thread knows from the counts of those before it where its places go."""
        workers = min(self._threads, _MOST_PLACING)
        borders = [begin + (end - begin) * k // workers for k in range(workers + 1)]
        counts = np.zeros((workers, self._n), np.int64)

        def count(k: int) -> None:
            at = tally(self._ids, borders[k], borders[k + 1], counts[k])
            if at < borders[k + 1]:
                raise BadFile(
                    f"Token {at:,} of the corpus is the number {self._ids[at].view(np.int32)}, which none of its "
                    f"{self._n:,} words has: it is damaged. Encode the text again."
                )

        list(pool.map(count, range(workers)))
        starts = from_lengths(counts.sum(axis=0))
        cursors = np.cumsum(counts, axis=0) - counts + starts[:-1]
        packed = np.empty(end - begin, np.uint64)

        def sort(k: int) -> None:
            place(self._ids, self._offsets, borders[k], borders[k + 1], self._window, self._both, cursors[k], packed)

        list(pool.map(sort, range(workers)))
        return _Places(packed, starts)

    def _most(self, places: _Places) -> Counts:
        """How many entries each row can have."""
        most: Counts = np.minimum(np.diff(places.starts) * (self._window * (1 + self._both)), self._n)
        return most

    def _counted(self, pool: Executor, places: _Places, begin: int, report: Report) -> Iterator[Desk]:
        """Desks with the rows of a part of the text that begins with token `begin`."""
        most = self._most(places)

        def work(desk: Desk, block: Block) -> None:
            first, last = block
            desk.rows = last - first
            desk.written = count_rows(
                self._ids, places.packed, places.starts, first, last, self._nearness.units, *desk.arrays
            )

        row = 0
        for desk in at_desks(pool, self._desks(most), self._blocks(most), work):
            yield desk
            row += desk.rows
            report(begin + int(places.starts[row]))

    def _run(self, pool: Executor, begin: int, report: Report) -> Run:
        """The rows of the part that begins with token `begin`, on disk."""
        places = self._places(pool, begin, min(begin + self._limits.part, len(self._ids)))
        with Run(self._folder / f"run-{begin}") as run:
            for desk in self._counted(pool, places, begin, report):
                run.append(desk.columns, desk.values, desk.lengths)
        return run

    def _merged(self, pool: Executor, runs: list[Run]) -> Rows:
        """The sum of all runs."""
        starts = np.stack([run.starts for run in runs])
        lengths = np.diff(starts).sum(axis=0)
        most = np.minimum(lengths, self._n)

        def work(desk: Desk, block: Block) -> None:
            first, last = block
            desk.rows = last - first
            parts = [run.read(first, last) for run in runs]
            columns, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
            within = starts[:, first : last + 1] - starts[:, first : first + 1]
            begins = np.cumsum(within[:, -1]) - within[:, -1]
            desk.written = add_rows(columns, values, within + begins[:, np.newaxis], *desk.arrays)

        def merged() -> Iterator[Desk]:
            report = Report(self._callback, "merging", self._n, "rows")
            row = 0
            for desk in at_desks(pool, self._desks(most), self._blocks(lengths), work):
                yield desk
                row += desk.rows
                report(row)
            report.end()

        rows = self._collected(int(most.sum()), merged())
        for run in runs:
            run.delete()
        return rows

    def _collected(self, most: int, desks: Iterable[Desk]) -> Rows:
        """The blocks one after the other, whole numbers as fractions."""
        entries = Entries(most, self._limits.entries, self._folder)
        denominator = float(self._nearness.denominator)
        lengths, sums = [], []
        try:
            for desk in desks:
                entries.append(desk.columns, desk.values, denominator)
                lengths.append(desk.lengths)
                sums.append(desk.sums / denominator)
            columns, values = entries.finish()
        finally:
            entries.close()
        return Rows(from_lengths(np.concatenate(lengths)), columns, values, np.concatenate(sums), entries.on_disk)

    def _blocks(self, sizes: Counts) -> Iterator[Block]:
        """Rows one after the other, as many as have no more than a block's entries together, but one at least."""
        ends, block = np.cumsum(sizes), self._limits.block
        first = 0
        while first < self._n:
            before = ends[first - 1] if first else 0
            fitting = int(np.searchsorted(ends, before + block, side="right"))
            last = min(max(fitting, first + 1), first + block)
            yield first, last
            first = last

    def _desks(self, most: Counts) -> list[Desk]:
        """One for each thread, and two whose results are waited for or taken."""
        room = max(self._limits.block, int(most.max()))
        return [Desk(self._n, room, self._limits.block) for _ in range(self._threads + 2)]


def _still(array: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    view = np.ascontiguousarray(array, dtype).view(np.ndarray)
    view.flags.writeable = False
    return view
