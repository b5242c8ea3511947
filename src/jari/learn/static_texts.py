"""`TextSample`: some of the texts of a source, chosen by chance while all of them pass by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jari.errors import BadInput
from jari.ingest.corpus import Corpus
from jari.ingest.counting import BLOCK_BYTES
from jari.ingest.passages import passages
from jari.ingest.resources import Report
from jari.ingest.sentences import TokenLists
from jari.ingest.sources import find
from jari.ingest.utf8 import broken_text, first_broken
from jari.types import Callback


class TextSample:
    """Passages, each as likely as any other.

    Parameters
    ----------
    size
        How many to keep.
    words
        How many words a passage has at most: longer texts are cut.
    generator
        Of random numbers.

    Attributes
    ----------
    kept : list of str
        In the order in which they stood, once all has passed by.
    seen : int
        How many passages there were.
    sources : list of str
        The names of what was read.

    Examples
    --------
    >>> import numpy as np
    >>> sample = TextSample(2, words=3, generator=np.random.default_rng(1))
    >>> list(sample.of(iter(["To be or not to be.", ""])))
    ['To be or not to be.']
    >>> sample.seen, sample.kept
    (2, ['To be or', 'not to be.'])
    """

    def __init__(self, size: int, *, words: int, generator: Any) -> None:
        self._size, self._words, self._generator = size, words, generator
        self._held: list[tuple[int, str]] = []
        self.seen = 0
        self.sources: list[str] = []

    @property
    def kept(self) -> list[str]:
        """The passages."""
        return [text for _, text in sorted(self._held)]

    def of(self, source: Any, callback: Callback | None = None, *, column: str | None = None) -> Iterator[str]:
        """Every text of a source that is not blank, while some are kept.

        Parameters
        ----------
        source
            Anything that `jari.encode` takes, but lists of words and a `Corpus`: an encoder reads texts.
        callback
            Told about every tenth of a second how many bytes were read.
        column
            As for `jari.encode`.

        Raises
        ------
        BadInput
            It is one of those.
        BadEncoding, BadFile, NoSuchFile
            As for `jari.encode`.
        """
        if isinstance(source, Corpus):
            raise BadInput("A Corpus holds words, and an encoder reads texts as they were written: give the text.")
        found = find(source, column=column, errors="strict")
        report, before = Report(callback, "reading", found.size, "bytes"), 0
        self.sources += [each.name for each in found.sources]
        for each in found.sources:
            if isinstance(each, TokenLists):
                raise BadInput("These are lists of words, and an encoder reads texts as they were written: give those.")
            lines = 0
            for block in each.blocks(BLOCK_BYTES, whole_lines=True):
                broken = first_broken(block) if block.place is not None else -1
                if broken >= 0:
                    raise broken_text(block, broken, lines)
                for line in block.data[: block.length].decode("utf-8", "surrogatepass").split("\n"):
                    lines += 1
                    if text := line.strip():
                        self._offer(text)
                        yield text
                lines -= 1  # what follows the last line feed is no line
                report(before + block.done)
            before += each.size or 0
        report.end()

    def _offer(self, text: str) -> None:
        for passage in passages(text, self._words, 0):
            self.seen += 1
            if len(self._held) < self._size:
                self._held.append((self.seen, passage.text))
                continue
            at = int(self._generator.integers(self.seen))
            if at < self._size:
                self._held[at] = self.seen, passage.text
