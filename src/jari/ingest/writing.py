"""Encoded text on its way to its files: worked on by several threads, written in order."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from jari.embedding.formats.atomic import new_folder
from jari.embedding.vocabulary import Vocabulary
from jari.ingest.arrayfile import ArrayFile
from jari.ingest.corpus import FILES, IDS, OFFSETS, Corpus, seal_files
from jari.ingest.sealed import mapped
from jari.types import Ids, Path

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(pool: Executor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int) -> Iterator[Result]:
    """``map(work, items)`` on a pool, with no more than so many items under way.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as pool:
    ...     list(in_order(pool, str, range(5), ahead=2))
    ['0', '1', '2', '3', '4']
    """
    pending: deque[Future[Result]] = deque()
    for item in items:
        pending.append(pool.submit(work, item))
        if len(pending) > ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def written_corpus(
    fill: Callable[[pathlib.Path], tuple[Vocabulary, dict[str, Any]]], out: Path | None, *, force: bool
) -> Corpus:
    """A corpus that `fill` makes in a folder, all of it or nothing.

    Parameters
    ----------
    fill
        Puts ids and offsets into the folder that it is given; answers with the vocabulary and the statistics.
    out
        Where to keep it; without it, the corpus is there while it is in use.
    force
        Replace a corpus that is at `out`.
    """
    if out is None:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="jari-corpus-"))
        try:
            vocabulary, statistics = fill(folder)
            ids, offsets = mapped(folder / IDS, np.int32), mapped(folder / OFFSETS, np.int64)
            return Corpus(ids, offsets, vocabulary, statistics)._deleted_with(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    place = pathlib.Path(out)
    with new_folder(place, force=force, ours=FILES) as folder:
        vocabulary, statistics = fill(folder)
        for name in (IDS, OFFSETS):
            with (folder / name).open("rb") as file:
                os.fsync(file.fileno())
        seal_files(folder, vocabulary, statistics)
    return Corpus.open(place)


class SentenceFiles:
    """``ids.npy`` and ``offsets.npy`` of a corpus, to append to; closed, they are whole.

    Parameters
    ----------
    folder
        Must hold neither of them yet.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self._ids, self._offsets = ArrayFile(folder / IDS, np.int32), ArrayFile(folder / OFFSETS, np.int64)
        self._last = 0
        self._offsets.append(np.zeros(1, np.int64))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ids.__exit__(kind, error, at)
        self._offsets.__exit__(kind, error, at)

    @property
    def tokens(self) -> int:
        """How many were written."""
        return len(self._ids)

    @property
    def sentences(self) -> int:
        """How many were ended."""
        return len(self._offsets) - 1

    def append(self, ids: Ids, ends: Ids) -> None:
        """Write some more: sentences end before ``ids[ends]``, and those of which nothing is left are none."""
        positions = ends + np.int64(len(self._ids))
        rising = np.diff(positions, prepend=self._last) > 0  # an empty sentence ends where the one before did
        self._offsets.append(positions[rising])
        self._ids.append(ids)
        self._last = int(positions[-1]) if len(positions) else self._last
