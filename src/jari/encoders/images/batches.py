"""Pictures go through the network in batches, and whoever waits is told how many have."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.devices import threads_of_torch
from jari.encoders.halving import Halving
from jari.encoders.images.decoding import Decoded
from jari.encoders.images.model import ImageModel
from jari.errors import BadFile, NoSuchFile
from jari.ingest.resources import Report
from jari.threads import thread_count
from jari.types import Callback, Matrix

_AT_ONCE: Final = 8  # pictures that a thread takes through the network; 16 are no faster
_PASSED: Final = 1024  # files without pixels that are held before they are passed on


def vectors(
    model: ImageModel, decoded: Iterable[Decoded], *, batch_size: int, threads: int | None, precision: str
) -> Iterator[tuple[list[Decoded], Matrix]]:
    """Batches in order, as `ImageEncoder.vectors` describes them."""
    halving = Halving("pictures", "Give device='cpu' or a smaller network", stacklevel=4)
    batch: list[Decoded] = []
    ready = 0
    with _Network(model, thread_count(threads), precision) as network:
        for one in decoded:
            batch.append(one)
            ready += one.pixels is not None
            if ready == batch_size or (not ready and len(batch) == _PASSED):
                yield batch, _of_batch(batch, network, halving)
                batch, ready = [], 0
        if batch:
            yield batch, _of_batch(batch, network, halving)


def _of_batch(batch: list[Decoded], network: _Network, halving: Halving) -> Matrix:
    pixels = [one.pixels for one in batch if one.pixels is not None]
    found = np.empty((len(pixels), network.model.dim), np.float32)
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for row, one in enumerate(pixels):
        by_shape.setdefault(one.shape, []).append(row)
    for rows in by_shape.values():

        def part(begin: int, end: int, rows: list[int] = rows) -> Matrix:
            return network([pixels[row] for row in rows[begin:end]])

        for begin, end, made in halving.parts(part, len(rows)):
            found[rows[begin:end]] = made
    return found


class _Network:
    """Pictures of one shape through the network.

    On the CPU each thread takes some of them at a time through the whole of it: where threads share a picture, they
    wait for each other after every layer, and of many pictures at once the layers take much memory.
    """

    def __init__(self, model: ImageModel, threads: int, precision: str) -> None:
        self.model, self._threads, self._precision = model, threads, precision
        self._pool = ThreadPoolExecutor(threads, "jari-encode")  # which starts no thread before there is work

    def __enter__(self) -> _Network:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, pixels: list[npt.NDArray[Any]]) -> Matrix:
        backbone = self.model.backbone
        if backbone.device.type != "cpu" or len(pixels) < self._threads:
            with threads_of_torch(self._threads):
                return self._vectors(pixels)
        shares = self._threads * -(-len(pixels) // (self._threads * _AT_ONCE))
        parts = [share * len(pixels) // shares for share in range(shares + 1)]
        with threads_of_torch(1):
            made = self._pool.map(self._vectors, (pixels[begin:end] for begin, end in pairwise(parts)))
            return np.concatenate(list(made))

    def _vectors(self, pixels: list[npt.NDArray[Any]]) -> Matrix:
        ready = self.model.preprocessing.normalised(np.stack(pixels))
        return self.model.backbone.vectors(ready, precision=self._precision)


def told(
    batches: Iterator[tuple[list[Decoded], Matrix]], total: int | None, callback: Callback | None
) -> Iterator[tuple[list[Decoded], Matrix]]:
    """The batches, with a word to the callback after each, but not too often."""
    report, done = Report(callback, "encoding", total, "pictures"), 0
    for batch, matrix in batches:
        yield batch, matrix
        done += len(batch)
        report(done)
    report.end()


def counted(decoded: Iterable[Decoded], total: int, callback: Callback | None) -> Iterator[Decoded]:
    """The files, with a word to the callback now and then."""
    report = Report(callback, "decoding", total, "pictures")
    for done, one in enumerate(decoded, 1):
        yield one
        report(done)
    report.end()


def whole(decoded: Iterable[Decoded]) -> Iterator[Decoded]:
    """The files, up to the first that cannot be read.

    Raises
    ------
    BadFile, NoSuchFile
        There is one.
    """
    for one in decoded:
        if one.reason is not None:
            if not one.file.path.startswith("picture ") and not pathlib.Path(one.file.path).exists():
                raise NoSuchFile(f"There is no file {one.file.path!r}. Check the name.")
            raise BadFile(f"{one.file.path}: {one.reason}.")
        yield one
