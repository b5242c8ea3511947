"""`Spans`: the words of many texts as stretches of one array of bytes, which kernels can look up without Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.types import Ids

Bytes: TypeAlias = npt.NDArray[np.uint8]

SPARE = 32  # kernels look at up to sixteen bytes beyond a token, and twice that after the last space


@dataclass(frozen=True, slots=True)
class Spans:
    """Tokens as stretches of bytes: token i is ``text[starts[i] : stops[i]]``; text j ends before token ``ends[j]``.

    Parameters
    ----------
    text
        uint8, UTF-8, at least `SPARE` bytes longer than the last token's end.
    starts, stops, ends
        int32.
    """

    text: Bytes
    starts: Ids
    stops: Ids
    ends: Ids

    def token(self, i: int) -> str:
        """The token with this number."""
        return self.text[self.starts[i] : self.stops[i]].tobytes().decode("utf-8", "surrogatepass")

    def by_text(self) -> list[list[str]]:
        """The tokens of each text."""
        text = self.text.tobytes()
        bounds = zip(self.starts.tolist(), self.stops.tolist(), strict=True)
        tokens = [text[start:stop].decode("utf-8", "surrogatepass") for start, stop in bounds]
        return [tokens[start:stop] for start, stop in pairwise([0, *self.ends.tolist()])]


@runtime_checkable
class Spanning(Protocol):
    """A tokenizer that finds the tokens of many texts without making a string of each."""

    def __call__(self, text: str) -> Iterable[str]:
        """The tokens of one text."""
        ...

    def spans(self, texts: Sequence[str]) -> Spans:
        """The tokens of all, in arrays of their own; called by several threads at once."""
        ...


class Whitespace:
    """`str.split`, and the same for many texts at once.

    Examples
    --------
    >>> found = Whitespace().spans(["to be", "", "or"])
    >>> found.by_text(), found.token(2)
    ([['to', 'be'], [], ['or']], 'or')
    """

    def __call__(self, text: str) -> list[str]:
        """The tokens of one text."""
        return text.split()

    def spans(self, texts: Sequence[str]) -> Spans:
        """The tokens of all."""
        from jari.kernels.whitespace import split_whitespace  # compiling machinery that an embedding opens without

        data, length = lines_of(texts)
        text = np.frombuffer(data, np.uint8)
        starts, stops, ends = (np.empty(length + SPARE, np.int32) for _ in range(3))
        state = np.zeros(4, np.int64)
        split_whitespace(text, 0, length, starts, stops, ends, state)
        tokens, lines = state[:2].tolist()
        return Spans(text, starts[:tokens], stops[:tokens], ends[:lines])


def lines_of(texts: Sequence[str]) -> tuple[bytearray, int]:
    """Texts as lines, each with its line feed, and room after them; a line feed inside one counts as a space."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        joined = "\n".join([text.replace("\n", " ") for text in texts])
    data = bytearray(joined.encode("utf-8", "surrogatepass"))
    if texts:
        data += b"\n"
    length = len(data)
    data += b" " * SPARE
    return data, length


def spans_of(tokens: Sequence[str], ends: Sequence[int]) -> Spans:
    """Tokens that Python made; text j ends before token ``ends[j]``.

    Raises
    ------
    UnicodeEncodeError, pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, TypeError
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
    return Spans(text, bounds[:-1].copy(), bounds[1:].copy(), np.array(ends, dtype=np.int32))
