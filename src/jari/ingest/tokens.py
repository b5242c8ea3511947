"""`Block` and `Tokens`: what goes through the ingest, a quarter of a megabyte at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.types import Ids

Bytes = npt.NDArray[np.uint8]

SPARE = 32  # kernels look at up to sixteen bytes beyond a token, and twice that after the last space


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a block of text begins, in bytes of the text itself (of a compressed file: what comes out)."""

    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text, each with its line feed; the last may go on in the next block, cut at a space.

    Parameters
    ----------
    data
        At least `SPARE` bytes longer than the text.
    length
        How many bytes are text.
    place
        For errors; None for text that came from Python, which is valid Unicode.
    done
        How many bytes of its source were read so far, as the progress counts them.
    """

    data: bytearray
    length: int
    place: Place | None
    done: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as stretches of bytes: token i is ``text[starts[i] : stops[i]]``; line j ends before token ``ends[j]``.

    Parameters
    ----------
    text
        uint8, UTF-8.
    starts, stops, ends
        int32.
    size
        How many bytes of text these are, as the statistics count them.
    done
        As in `Block`.
    """

    text: Bytes
    starts: Ids
    stops: Ids
    ends: Ids
    size: int
    done: int


def joined(tokens: list[str], ends: list[int], done: int) -> Tokens:
    """Tokens that Python made.

    Raises
    ------
    UnicodeEncodeError, pyarrow.ArrowInvalid, pyarrow.ArrowTypeError
        A token is not a string, or holds half a surrogate pair.
    """
    array = pa.array(tokens, type=pa.string())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32, count=len(tokens) + 1) if tokens else np.zeros(1, np.int32)
    size = int(bounds[-1])
    text = np.zeros(size + SPARE, dtype=np.uint8)
    if size:
        text[:size] = np.frombuffer(data, dtype=np.uint8, count=size)
    # Copies: a kernel is compiled once for arrays that may be written to, and again for those that may not
    return Tokens(text, bounds[:-1].copy(), bounds[1:].copy(), np.array(ends, dtype=np.int32), size, done)


def padded(parts: Iterable[bytes]) -> tuple[bytearray, int]:
    """Text with room after it, as `Block` wants it."""
    data = bytearray().join(parts)
    length = len(data)
    data += b" " * SPARE
    return data, length
