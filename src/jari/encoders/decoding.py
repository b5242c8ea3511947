"""Pictures decoded in processes of their own, in order, a few at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from jari.encoders.image_files import ImageFile
from jari.encoders.opening import MAX_PIXELS
from jari.encoders.preprocessing import Preprocessing


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

    Parameters
    ----------
    workers
        How many processes; None for one a core. With 0, or where there is one file, this process does it.
    known
        Digests by key: a file that has its digest still is not decoded.
    max_pixels
        Larger pictures are unreadable.
    fast
        Decode JPEGs at a reduced scale where that leaves more than is wanted.
    """
    raise NotImplementedError
    yield
