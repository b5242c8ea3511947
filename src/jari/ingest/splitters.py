"""From a block of text to its tokens, by the kernels.

A splitter belongs to one thread: the arrays that it fills are its own, and what it answers is good until it is asked
again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import numpy as np

from jari.embedding.spans import SPARE, Bytes, Spans, lines_of
from jari.ingest import characters, graphemes
from jari.ingest.graphemes import Points
from jari.ingest.jamo import spelled_points
from jari.ingest.tokens import Block, Tokens, padded
from jari.kernels.whitespace import split_whitespace
from jari.kernels.words import NORMALISE, UNKNOWN, split_words
from jari.types import Ids

# How much is normalised at once where a text turns out not to be in Form C. More would waste time on text that holds
# one loose accent a page; less would call Python for every word of one that is wholly decomposed.
_NORMALISED_BYTES = 2048


class Splitter(Protocol):
    """What finds the tokens of a block."""

    def split(self, block: Block) -> Tokens:
        """The tokens, in arrays that the next call overwrites."""
        ...


class WhitespaceSplitter:
    """`jari.ingest.tokenizers.whitespace`, fast."""

    def __init__(self) -> None:
        self._starts = self._stops = self._ends = np.empty(0, np.int32)
        self._state = np.zeros(4, np.int64)

    def split(self, block: Block) -> Tokens:
        """The tokens, in arrays that the next call overwrites."""
        if len(self._ends) <= block.length:
            self._starts, self._stops, self._ends = (np.empty(block.length + SPARE, np.int32) for _ in range(3))
        text = np.frombuffer(block.data, np.uint8)
        split_whitespace(text, 0, block.length, self._starts, self._stops, self._ends, self._state)
        tokens, lines = self._state[:2].tolist()
        return Tokens(text, self._starts[:tokens], self._stops[:tokens], self._ends[:lines], block.length, block.done)


class WordSplitter:
    """`jari.ingest.tokenizers.words`, fast."""

    def __init__(self) -> None:
        self._table = characters.table()
        self._out: Bytes = np.empty(0, np.uint8)
        self._offsets = self._ends = np.empty(0, np.int32)
        self._state = np.zeros(4, np.int64)

    def split(self, block: Block) -> Tokens:
        """The tokens, in arrays that the next call overwrites."""
        self._state[:] = 0
        self._reserve(block.length)
        self._offsets[0] = 0
        data = np.frombuffer(block.data, np.uint8)
        at = 0
        while at < block.length:
            at = self._split(data, at, block.length, normal=False)
            if self._state[2] == NORMALISE:
                stop = _stretch(block, at)
                self._split_normalised(block.data[at:stop], rest=block.length - stop)
                at = stop
        tokens, lines = self._state[:2].tolist()
        bounds = self._offsets[: tokens + 1]
        return Tokens(self._out, bounds[:-1], bounds[1:], self._ends[:lines], block.length, block.done)

    def _split(self, data: Bytes, at: int, end: int, *, normal: bool) -> int:
        """Go on until the end, or until something is not in Form C."""
        while True:
            at = int(split_words(data, at, end, normal, self._table, self._out, self._offsets, self._ends, self._state))
            if self._state[2] != UNKNOWN:
                return at
            characters.learn_about(int(self._state[3]))

    def _split_normalised(self, stretch: bytearray, rest: int) -> None:
        data, length = padded([unicodedata.normalize("NFC", stretch.decode()).encode()])
        used = int(self._offsets[self._state[0]])
        self._reserve(used + length + rest)
        self._split(np.frombuffer(data, np.uint8), 0, length, normal=True)

    def _reserve(self, length: int) -> None:
        """Room for the words of that many bytes, in all; what is there stays."""
        if len(self._ends) > length:
            return
        tokens, lines = self._state[:2].tolist()
        out, offsets, ends = self._out, self._offsets, self._ends
        room = max(length, 2 * len(ends)) + SPARE
        # One and a half times: Ⱥ takes two bytes, and its small form three
        self._out = np.empty(room + room // 2 + SPARE, np.uint8)
        self._offsets, self._ends = np.empty(room, np.int32), np.empty(room, np.int32)
        if len(offsets):
            self._out[: offsets[tokens]] = out[: offsets[tokens]]
            self._offsets[: tokens + 1], self._ends[:lines] = offsets[: tokens + 1], ends[:lines]


def _stretch(block: Block, at: int) -> int:
    """Where to stop normalising: after a space or a line feed, which nothing composes with."""
    start = min(at + _NORMALISED_BYTES, block.length)
    space, line = block.data.find(b" ", start, block.length), block.data.find(b"\n", start, block.length)
    return min((found + 1 for found in (space, line) if found >= 0), default=block.length)


class CharacterSplitter:
    """`jari.ingest.tokenizers.chars`, fast."""

    def split(self, block: Block) -> Tokens:
        """The tokens, in arrays of their own."""
        text = unicodedata.normalize("NFC", block.data[: block.length].decode())
        points = self._points(np.frombuffer(text.encode("utf-32-le"), np.uint32))
        kinds = graphemes.kinds_of(points)
        first = np.flatnonzero(graphemes.begins(kinds))
        is_token = kinds[first] != graphemes.SPACE
        bounds = _byte_bounds(points).take(np.append(first, len(points)))
        lines = np.flatnonzero(points == ord("\n"))
        ends = np.searchsorted(first[is_token], lines).astype(np.int32)
        out, _ = padded([points.tobytes().decode("utf-32-le").encode()])
        return Tokens(
            text=np.frombuffer(out, np.uint8),
            starts=bounds[:-1][is_token],
            stops=bounds[1:][is_token],
            ends=ends,
            size=block.length,
            done=block.done,
        )

    def _points(self, points: Points) -> Points:
        return points


class JamoSplitter(CharacterSplitter):
    """`jari.ingest.tokenizers.jamo`, fast."""

    def _points(self, points: Points) -> Points:
        return spelled_points(points)


def _byte_bounds(points: Points) -> Ids:
    """Where each code point begins in UTF-8, and where the last ends."""
    bounds = np.zeros(len(points) + 1, np.int32)
    widths = bounds[1:]
    widths += 1
    for least in (0x80, 0x800, 0x10000):
        widths += points >= least
    np.cumsum(widths, out=widths)
    return bounds


SPLITTERS: Final[dict[str, Callable[[], Splitter]]] = {
    "whitespace": WhitespaceSplitter,
    "words": WordSplitter,
    "chars": CharacterSplitter,
    "jamo": JamoSplitter,
}


class Splitting:
    """A tokenizer that has a name and a splitter: `jari.embedding.spans.Spanning`.

    Parameters
    ----------
    name
        A key of `SPLITTERS`.

    Examples
    --------
    >>> Splitting("words").spans(["To be,", "or not"]).by_text()
    [['to', 'be'], ['or', 'not']]
    """

    def __init__(self, name: str) -> None:
        self.name = self.__name__ = name

    def __call__(self, text: str) -> list[str]:
        """The tokens of one text."""
        return self.spans([text]).by_text()[0]

    def spans(self, texts: Sequence[str]) -> Spans:
        """The tokens of many."""
        data, length = lines_of(texts)
        found = SPLITTERS[self.name]().split(Block(data, length, None, 0))
        return Spans(found.text, found.starts, found.stops, found.ends)
