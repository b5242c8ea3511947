"""Text that goes through a tokenizer in Python, many lines at a time where that is faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from jari.errors import BadInput
from jari.ingest.files import TextFile
from jari.ingest.sentences import Strings, TokenLists, gathered
from jari.ingest.tokenizers import Tokenizer
from jari.ingest.tokens import Block, Tokens
from jari.ingest.utf8 import broken_text, first_broken, repair

if TYPE_CHECKING:
    from jari.ingest.tables import TableFile

_SECONDS_AT_ONCE = 0.1  # an analyser of Korean needs a second for what is little to the kernels after it


@runtime_checkable
class Batched(Protocol):
    """A tokenizer that is faster on many texts than on one."""

    def __call__(self, text: str) -> Iterable[str]:
        """The tokens of one text."""
        ...

    def many(self, texts: Iterable[str], threads: int | None = None) -> Iterator[list[str]]:
        """The tokens of each text, in the order of the texts."""
        ...


def tokenised(
    tokenizer: Tokenizer, blocks: Iterable[Block], make_valid: Callable[[Block, int], None], threads: int | None = None
) -> Iterator[Tokens]:
    """Lines of text tokenised by a function, which is called here and now.

    Parameters
    ----------
    tokenizer
        Called with each line; a `Batched` one with the lines of a whole block.
    blocks
        Of whole lines.
    make_valid
        Called with each block, and with how many lines came before, to see to what is not UTF-8 in it.
    threads
        For a `Batched` tokenizer.

    Yields
    ------
    tokens
        What was found in a tenth of a second, or more where that is still little.

    Raises
    ------
    BadInput
        The function gives something else than strings.
    """
    sentences: list[tuple[list[str], int]] = []
    number = size = 0
    due = time.monotonic() + _SECONDS_AT_ONCE
    for block in blocks:
        make_valid(block, number)
        size += block.length
        lines = [line.removesuffix("\r") for line in block.data[: block.length].decode().split("\n")[:-1]]
        for tokens in tokenizer.many(lines, threads) if isinstance(tokenizer, Batched) else map(tokenizer, lines):
            number += 1
            sentences.append((_checked(tokens, number), block.done))
            if time.monotonic() >= due:
                yield from _of_size(sentences, size)
                sentences, size = [], 0
                due = time.monotonic() + _SECONDS_AT_ONCE
    yield from _of_size(sentences, size)


def _checked(tokens: Any, number: int) -> list[str]:
    if isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
        raise BadInput(f"The tokenizer gave {tokens!r:.40} for line {number:,}: it must give a list of strings.")
    return list(tokens)


def _of_size(sentences: list[tuple[list[str], int]], size: int) -> Iterator[Tokens]:
    """Sentences for the kernels; `size` is how many bytes of text they are, or the last of them belong to."""
    for tokens in gathered(sentences):
        yield replace(tokens, size=size)
        size = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenisedText(TokenLists):
    """A source of text behind a tokenizer, as a source of tokens.

    Parameters
    ----------
    source
        Where the text comes from.
    tokenizer, threads
        As for `tokenised`.
    errors
        ``"strict"`` or ``"replace"``.
    block
        Bytes of text in one block.
    replaced
        How many bytes were not UTF-8, an entry for each block that had some.
    """

    source: TextFile | Strings | TableFile
    tokenizer: Tokenizer
    threads: int
    errors: str
    block: int
    replaced: list[int] = field(default_factory=list)
    sentences: Iterable[Any] = field(default=(), init=False)
    name: str = field(init=False)
    size: int | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.source.name)
        object.__setattr__(self, "size", self.source.size)

    def tokens(self) -> Iterator[Tokens]:
        """The tokens, some at a time."""
        blocks = self.source.blocks(self.block, whole_lines=True)
        return tokenised(self.tokenizer, blocks, self._make_valid, self.threads)

    def _make_valid(self, block: Block, lines: int) -> None:
        broken = first_broken(block) if block.place is not None else -1
        if broken >= 0 and self.errors == "strict":
            raise broken_text(block, broken, lines)
        if broken >= 0:
            self.replaced.append(repair(block))
