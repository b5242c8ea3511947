"""Sentences that come from Python: strings, or lists of tokens."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jari.errors import BadInput
from jari.ingest.tokens import Block, Place, Tokens, joined, padded

_TOKENS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Strings:
    """Any iterable of strings, each one sentence."""

    sentences: Iterable[Any]
    errors: str
    name: str = "the sentences given"
    size: int | None = None

    def blocks(self, size: int, *, whole_lines: bool) -> Iterator[Block]:
        """The strings as lines; a line feed inside one counts as a space."""
        yield from blocks_of(self._batches(), size, errors=self.errors)

    def _batches(self) -> Iterator[tuple[list[str | None], int]]:
        number = done = 0
        sentences = iter(self.sentences)
        while batch := list(itertools.islice(sentences, 1024)):
            for sentence in batch:
                number += 1
                if not isinstance(sentence, str):
                    raise BadInput(
                        f"Sentence {number:,} is {_named(sentence)}: give strings only, or lists of strings only."
                    )
            done += sum(map(len, batch))
            yield batch, done


@dataclass(frozen=True, slots=True)
class TokenLists:
    """Any iterable of lists of tokens; nothing is changed about them."""

    sentences: Iterable[Any]
    name: str = "the sentences given"
    size: int | None = None

    def tokens(self) -> Iterator[Tokens]:
        """The tokens, some at a time.

        Raises
        ------
        BadInput
            A sentence is no list of strings.
        """
        return gathered(self._checked())

    def _checked(self) -> Iterator[tuple[list[str], int]]:
        for number, sentence in enumerate(self.sentences, 1):
            if isinstance(sentence, str | bytes) or not isinstance(sentence, Iterable):
                raise BadInput(
                    f"Sentence {number:,} is {_named(sentence)}: give lists of strings only, or strings only."
                )
            yield list(sentence), 0


def gathered(sentences: Iterable[tuple[list[str], int]]) -> Iterator[Tokens]:
    """Sentences, each with how far into its source it is, put together for the kernels."""
    tokens: list[str] = []
    ends: list[int] = []
    done = 0
    for sentence, at in sentences:
        done = at
        tokens += sentence
        ends.append(len(tokens))
        if len(tokens) >= _TOKENS_AT_ONCE or len(ends) >= _TOKENS_AT_ONCE:
            yield _joined(tokens, ends, done)
            tokens, ends = [], []
    if ends:
        yield _joined(tokens, ends, done)


def blocks_of(batches: Iterable[tuple[list[str | None], int]], size: int, *, errors: str) -> Iterator[Block]:
    """Strings as lines of UTF-8, some `size` bytes at a time; None is an empty line."""
    parts: list[bytes] = []
    length = at = number = 0
    broken = False
    for batch, done in batches:
        at = done
        for sentence in batch:
            number += 1
            part = (sentence or "").replace("\n", " ")
            try:
                line = part.encode()
            except UnicodeEncodeError as error:
                if errors == "strict":
                    raise BadInput(
                        f"Sentence {number:,} holds half a surrogate pair, {error.object[error.start]!r} at character "
                        f'{error.start:,}, which is not Unicode. Repair it, or pass errors="replace".'
                    ) from error
                line, broken = _broken(part), True
            parts += (line, b"\n")
            length += len(line) + 1
            if length >= size:
                yield Block(*padded(parts), Place("", 0) if broken else None, at)
                parts, length, broken = [], 0, False
    if parts:
        yield Block(*padded(parts), Place("", 0) if broken else None, at)


def _broken(part: str) -> bytes:
    """What is not Unicode as bytes that are not UTF-8, for whoever replaces those."""
    try:
        return part.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return part.encode("utf-8", "surrogatepass")


def _joined(tokens: list[str], ends: list[int], done: int) -> Tokens:
    try:
        return joined(tokens, ends, done)
    except UnicodeEncodeError as error:
        raise BadInput(f"The token {error.object!r} holds half a surrogate pair and is not valid Unicode.") from error
    except (pa.ArrowException, TypeError):
        wrong = next((token for token in tokens if not isinstance(token, str)), None)
        raise BadInput(f"A token is {_named(wrong)}: every token must be a string.") from None


def _named(value: object) -> str:
    return f"{value!r:.40} ({type(value).__name__})"
