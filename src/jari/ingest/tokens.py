"""`Block` and `Tokens`: what goes through the ingest, a quarter of a megabyte at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jari.embedding.spans import SPARE, Spans, spans_of


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
class Tokens(Spans):
    """The tokens of some lines: text j of `Spans` is a line.

    Parameters
    ----------
    size
        How many bytes of text these are, as the statistics count them.
    done
        As in `Block`.
    """

    size: int
    done: int


def joined(tokens: list[str], ends: list[int], done: int) -> Tokens:
    """Tokens that Python made.

    Raises
    ------
    UnicodeEncodeError, pyarrow.ArrowInvalid, pyarrow.ArrowTypeError
        A token is not a string, or holds half a surrogate pair.
    """
    made = spans_of(tokens, ends)
    return Tokens(made.text, made.starts, made.stops, made.ends, len(made.text) - SPARE, done)


def padded(parts: Iterable[bytes]) -> tuple[bytearray, int]:
    """Text with room after it, as `Block` wants it."""
    data = bytearray().join(parts)
    length = len(data)
    data += b" " * SPARE
    return data, length
