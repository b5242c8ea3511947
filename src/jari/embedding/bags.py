"""Texts, and anything else that is many of something, as rows of a vocabulary: what pooling sums up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from jari.embedding.spans import Spanning, Whitespace, spans_of
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Ids, Offsets, Vector

Tokenizer: TypeAlias = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """What some texts hold.

    Parameters
    ----------
    rows
        The row of each token, -1 for those that are not in the vocabulary; shape (tokens,).
    counts
        How often each stands there; None for once. Shape (tokens,).
    ends
        Text i has the tokens from ``ends[i]`` to ``ends[i + 1]``; shape (texts + 1,).
    token
        Gives the token at a place.
    """

    rows: Ids
    counts: Vector | None
    ends: Offsets
    token: Callable[[int], Any]

    def __len__(self) -> int:
        return len(self.ends) - 1

    def document_frequencies(self, n: int) -> Offsets:
        """In how many of the texts each of `n` keys stands, shape (n,)."""
        text = np.repeat(np.arange(len(self)), np.diff(self.ends))
        known = self.rows >= 0 if self.counts is None else (self.rows >= 0) & (self.counts > 0)
        distinct = np.unique(text[known] * np.int64(n) + self.rows[known])
        return np.bincount(distinct % n, minlength=n) if n else np.zeros(0, np.int64)


def bag_of(vocabulary: Vocabulary, texts: Sequence[Any], tokenizer: Tokenizer | None) -> Bag:
    """Look up the tokens of some texts.

    Parameters
    ----------
    texts
        Strings, lists of tokens, or mappings from tokens to how often they count.
    tokenizer
        From a string to tokens; at white space if not given.

    Raises
    ------
    BadInput
        A text is none of these; a count is negative or no number.
    """
    split = tokenizer or Whitespace()
    if isinstance(split, Spanning) and all(isinstance(text, str) for text in texts):
        found = split.spans(texts)
        return Bag(vocabulary.rows_of(found), None, np.append(0, found.ends).astype(np.int64), found.token)
    weighed = any(isinstance(text, Mapping) for text in texts)
    tokens: list[Any] = []
    counts: list[Any] = []
    ends = [0]
    for text in _taken_apart(texts, split):
        tokens += text
        if weighed:
            counts += text.values() if isinstance(text, Mapping) else [1] * len(text)
        ends.append(len(tokens))
    try:
        rows = vocabulary.rows_of(spans_of(tokens, ends[1:]))
    except (UnicodeEncodeError, TypeError, pa.ArrowException):  # no string, or none that could be a key
        rows = vocabulary.rows(tokens, unknown="mark").astype(np.int32)
    return Bag(rows, _checked(counts, tokens.__getitem__) if weighed else None, np.array(ends), tokens.__getitem__)


def bag_of_matrix(vocabulary: Vocabulary, matrix: Any) -> Bag:
    """The rows of a sparse matrix (texts, keys) as bags.

    Raises
    ------
    BadInput
        It has another number of columns; a value is negative or not finite.
    """
    texts, n = matrix.tocsr(), len(vocabulary)
    if texts.ndim != 2 or texts.shape[1] != n:
        raise BadInput(f"A matrix of shape {texts.shape} cannot be pooled: give one column for each of the {n:,} keys.")
    rows = texts.indices.astype(np.int32)

    def token(at: int) -> Any:
        return vocabulary.keys[rows[at]]

    return Bag(rows, _checked(texts.data, token), texts.indptr.astype(np.int64), token)


def _taken_apart(texts: Sequence[Any], split: Tokenizer) -> Iterable[Any]:
    """The tokens of each text; with a tokenizer that is faster on many texts, it gets them together."""
    strings = [text for text in texts if isinstance(text, str)]
    many = getattr(split, "many", None)
    found = iter(map(split, strings) if many is None else many(strings))
    for text in texts:
        if isinstance(text, str):
            yield list(next(found))
        elif isinstance(text, Mapping):
            yield text
        elif isinstance(text, Iterable) and not isinstance(text, bytes | bytearray):
            yield list(text)
        else:
            raise BadInput(
                f"{text!r:.40} ({type(text).__name__}) cannot be pooled: give strings, lists of keys, or mappings from "
                "keys to counts."
            )


def _checked(counts: Any, token: Callable[[int], Any]) -> Vector:
    try:
        found = np.asarray(counts, dtype=np.float64).astype(np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput(f"A count is no number: {error}.") from error
    right = np.isfinite(found) & (found >= 0)
    if not right.all():
        wrong = int(np.argmin(right))
        raise BadInput(f"{token(wrong)!r} counts {found[wrong]:g} times: give finite numbers, none below 0.")
    return found
