"""`Intake`: pictures, decoded and encoded, into a log: those that have no vector yet."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Any, Final, Protocol

import numpy as np

from jari.encoders.images.decoding import Decoded, decode
from jari.encoders.images.files import ImageFile
from jari.encoders.images.preceding import Preceding
from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.images.vector_log import VectorLog
from jari.errors import BadFile
from jari.ingest.listing import Skipped
from jari.ingest.resources import Report
from jari.types import Callback, Matrix, Vector

_TOGETHER: Final = 256  # files without pixels that are written at once


class Encoder(Protocol):
    """What of `jari.encoders.images.encoder.ImageEncoder` this needs."""

    workers: int | None
    max_pixels: int
    fast: bool

    @property
    def preprocessing_(self) -> Preprocessing:
        """What is done to a picture before the network looks at it."""
        ...

    def describe(self) -> dict[str, Any]:
        """Whatever makes its vectors what they are, JSON."""
        ...

    def vectors(self, decoded: Iterable[Decoded]) -> Iterator[tuple[list[Decoded], Matrix]]:
        """Batches in order: files, and the vectors of those that have pixels."""
        ...


class Intake:
    """Brings into a log what neither it nor the embedding before has.

    Batches are those of an unbroken run, wherever a run before this one was stopped: what is encoded depends on the
    order of the files alone, and the log has whole batches. So the last bits of vectors are the same too.

    Parameters
    ----------
    encoder
        What makes vectors.
    before
        The embedding that is brought up to date; None where there is none.
    log
        Entered.

    Attributes
    ----------
    counts
        Of ``"new"``, ``"changed"``, ``"unchanged"``, ``"taken"`` and ``"resumed"``, as
        `jari.encoders.images.folder.EmbeddedImages` tells them.
    skipped
        What could not be read.
    without
        The keys of files that have no vector.
    """

    def __init__(self, encoder: Encoder, before: Preceding | None, log: VectorLog) -> None:
        self._encoder, self._before, self._log = encoder, before, log
        self._coming: set[bytes] = set()  # digests of what is being encoded
        self.counts = dict.fromkeys(("new", "changed", "unchanged", "taken", "resumed"), 0)
        self.skipped: list[Skipped] = []
        self.without: set[str] = set()

    def take(self, files: Sequence[ImageFile], *, strict: bool, callback: Callback | None) -> None:
        """Take in files.

        Raises
        ------
        BadFile
            A file cannot be read, under `strict`.
        """
        report = Report(callback, "encoding", len(files), "images")
        report(0)
        encoder, done = self._encoder, 0
        decoded = decode(
            files,
            encoder.preprocessing_,
            workers=encoder.workers,
            known=_Known(self._log, self._before),
            max_pixels=encoder.max_pixels,
            fast=encoder.fast,
        )
        with closing(decoded), closing(self._batches(self._without_copies(decoded))) as batches:
            for batch, vectors in batches:
                unreadable = self._keep(batch, vectors)
                if strict and unreadable:
                    raise self._stop(unreadable[0])
                self.skipped += unreadable
                done += len(batch)
                report(done)
        report.end()

    def _without_copies(self, decoded: Iterable[Decoded]) -> Iterator[Decoded]:
        """What has a vector already, under whatever name, loses its pixels: it is not encoded."""
        for one in decoded:
            if one.pixels is not None:
                if one.digest in self._coming or self._vector(one.digest) is not None:
                    yield replace(one, pixels=None)
                    continue
                self._coming.add(one.digest)
            yield one

    def _batches(self, decoded: Iterator[Decoded]) -> Generator[tuple[list[Decoded], Matrix], None, None]:
        """From the encoder, which is not asked, and need not be loaded, before there is something to encode."""
        waiting: list[Decoded] = []
        none = np.empty((0, 0), np.float32)
        for one in decoded:
            if one.pixels is not None:
                yield waiting, none
                yield from self._encoder.vectors(chain([one], decoded))
                return
            waiting.append(one)
            if len(waiting) == _TOGETHER:
                yield waiting, none
                waiting = []
        yield waiting, none

    def _keep(self, batch: Sequence[Decoded], vectors: Matrix) -> list[Skipped]:
        """Write to the log what is new of a batch; what of it has no vector."""
        fresh: dict[bytes, Vector] = {}
        rows: list[tuple[str, bytes, Vector]] = []
        unreadable: list[Skipped] = []
        encoded = iter(vectors)
        for one in batch:
            file, reason, vector = one.file, one.reason, None
            there = reason is None and self._is_there(file.key, one.digest)
            if one.pixels is not None:
                vector = fresh[one.digest] = next(encoded)
            elif reason is None and not there:
                vector = fresh[one.digest] if one.digest in fresh else self._vector(one.digest)
                self.counts["taken"] += 1
            if reason is None and not there and (vector is None or not np.isfinite(vector).all()):
                reason = "the network does not give finite numbers for it"
            if reason is not None:
                unreadable.append(Skipped(file.path, reason, named=file.named))
                self.without.add(file.key)
                continue
            before = None if self._before is None else self._before.digests.get(file.key)
            happened = "new" if before is None else "unchanged" if before == one.digest else "changed"
            self.counts[happened] += 1
            if vector is not None:
                rows.append((file.key, one.digest, vector))
            elif happened != "unchanged":
                self.counts["resumed"] += 1
        if rows:
            keys, digests, written = zip(*rows, strict=True)
            self._log.append(keys, digests, np.stack(written))
        self._coming.difference_update(fresh)
        return unreadable

    def _is_there(self, key: str, digest: bytes) -> bool:
        """Whether a key has the vector of this content."""
        of_log = self._log.digest(key)
        if of_log is not None:
            return of_log == digest
        return self._before is not None and self._before.digests.get(key) == digest

    def _vector(self, digest: bytes) -> Vector | None:
        """The vector of a content, under whatever name."""
        row = self._log.row_of(digest)
        if row is not None:
            return self._log.vector(row)
        if self._before is None:
            return None
        row = self._before.digests.row_of(digest)
        return None if row is None else self._before.embedding.vectors[row]

    def _stop(self, unreadable: Skipped) -> BadFile:
        return BadFile(
            f"{unreadable}. Mend or remove the file, or let it be left out (without strict, --strict). "
            + self._log.told()
        )


class _Known(Mapping[str, bytes]):
    """The digests of what need not be decoded: of the log, and where that has none, of the embedding before."""

    def __init__(self, log: VectorLog, before: Preceding | None) -> None:
        self._log = log
        self._before: Mapping[str, bytes] = {} if before is None else before.digests

    def __getitem__(self, key: str) -> bytes:
        digest = self._log.digest(key)
        return self._before[key] if digest is None else digest

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(self._log, self._before)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return len(self._log) + len(self._before) > 0
