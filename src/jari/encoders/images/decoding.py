"""Pictures decoded in processes of their own, in order, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

import numpy.typing as npt

from jari.encoders.images.decode_pool import DecodePool
from jari.encoders.images.decode_worker import Found, Setting, read
from jari.encoders.images.files import ImageFile
from jari.encoders.images.opening import MAX_PIXELS
from jari.encoders.images.preprocessing import Preprocessing
from jari.parameters import whole
from jari.threads import thread_count

_MOST: Final = 16  # processes that None starts at most: each may hold a few hundred MB while it decodes
_AHEAD: Final = 32  # pictures ready or in work, beside two a process, so that none waits while a batch is encoded


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file, read.

    Parameters
    ----------
    file
        Which.
    digest
        SHA-256 of its bytes (32 bytes); none (``b""``) where they could not be read.
    pixels
        What `Preprocessing.shaped` made of it; None where it is unchanged or unreadable.
    reason
        Why it is unreadable, for a person; None where it is not.
    """

    file: ImageFile
    digest: bytes
    pixels: npt.NDArray[Any] | None = None
    reason: str | None = None

    @property
    def unchanged(self) -> bool:
        """Whether its digest is the known one, so that it was not decoded."""
        return self.pixels is None and self.reason is None


def decode(
    files: Iterable[ImageFile],
    preprocessing: Preprocessing,
    *,
    workers: int | None = None,
    known: Mapping[str, bytes] | None = None,
    max_pixels: int = MAX_PIXELS,
    fast: bool = False,
) -> Generator[Decoded, None, None]:
    """Read and decode files, in their order.

    Whatever is wrong with a file is said of that file, and the next one follows; so it is where the process that was
    at it is killed. The processes end when all is read or when the generator is closed; whoever may leave it before has
    `contextlib.closing` close it.

    Parameters
    ----------
    workers
        How many processes; None for one a core, 16 at most. With 0, or where there is one file, this process does it.
    known
        Digests by key: a file that still has its digest is not decoded.
    max_pixels
        Larger pictures are unreadable.
    fast
        Decode JPEGs at a half, a quarter or an eighth of their size where twice what is wanted is left.

    Raises
    ------
    BadInput
        A parameter cannot be.

    Examples
    --------
    >>> here = ImageFile("/nowhere.jpg", "nowhere.jpg", 0, True)
    >>> [one.reason for one in decode([here], Preprocessing.torchvision())]
    ['not there']
    """
    count = min(thread_count(), _MOST) if workers is None else whole("workers", workers, 0, "processes cannot be fewer")
    whole("max_pixels", max_pixels, 1, "a picture has at least one pixel")
    return _decode(iter(files), Setting(preprocessing, int(max_pixels), bool(fast)), count, known or {})


def _decode(
    files: Iterator[ImageFile], setting: Setting, count: int, known: Mapping[str, bytes]
) -> Generator[Decoded, None, None]:
    first = list(islice(files, 2))
    if count == 0 or len(first) < 2:
        for file in chain(first, files):
            yield Decoded(file, *read(file.path, known.get(file.key), setting))
        return
    pool = DecodePool(setting, count)
    try:
        waiting: deque[tuple[ImageFile, Future[Found]]] = deque()
        for file in chain(first, files):
            waiting.append((file, pool.submit(file.path, known.get(file.key))))
            if len(waiting) >= _AHEAD + 2 * count:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        pool.close()


def _next(waiting: deque[tuple[ImageFile, Future[Found]]]) -> Decoded:
    file, found = waiting.popleft()
    return Decoded(file, *found.result())
