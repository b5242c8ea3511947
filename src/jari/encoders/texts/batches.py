"""Texts as ids of tokens, and the batches that they are encoded in.

All texts are tokenised at once, by the tokenizer's own threads. Sorted by their number of tokens, they are cut into
batches of so many tokens rather than texts: then hardly anything is padded, and a batch of long texts needs no more
memory than one of short ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jari.errors import BadFile, BadInput
from jari.types import Counts, Ids, Rows

_SAMPLE: Final = "place"


@dataclass(frozen=True, slots=True)
class TextIds:
    """Tokenised texts.

    Parameters
    ----------
    ids
        Of each text those of its tokens, cut to the limit.
    lengths
        How many tokens each text has, as a whole.
    """

    ids: list[Ids]
    lengths: Counts

    def batches(self, budget: int) -> list[Rows]:
        """The rows of texts in batches of at most so many tokens with their padding, the longest texts first.

        A text that is longer than the budget is a batch.
        """
        kept = np.array([len(one) for one in self.ids], np.int64)
        order = np.argsort(-kept, kind="stable")
        found, begin = [], 0
        while begin < len(order):
            size = max(1, budget // max(1, int(kept[order[begin]])))
            found.append(order[begin : begin + size])
            begin += size
        return found

    def padded(self, rows: Rows, pad: int) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Counts]:
        """The ids of some texts, (texts, tokens), with padding to the right; and their lengths."""
        lengths = np.array([len(self.ids[row]) for row in rows], np.int64)
        block = np.full((len(rows), int(lengths.max(initial=0))), pad, np.int64)
        for place, row in enumerate(rows):
            block[place, : lengths[place]] = self.ids[row]
        return block, lengths


class TextTokens:
    """A tokenizer of transformers, as batches need it.

    Parameters
    ----------
    tokenizer
        Of transformers, and fast: one that the package tokenizers runs.
    name
        Of the model, for messages.

    Raises
    ------
    BadInput
        The tokenizer is not fast, or tells first and second parts of a text apart.

    Notes
    -----
    Truncation and padding that ``tokenizer.json`` asks for is not done: texts are cut here, so that it can be said how
    long they were.
    """

    def __init__(self, tokenizer: Any, name: str) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise BadInput(
                f"The tokenizer of {name} ({type(tokenizer).__name__}) has no tokenizer.json: choose another."
            )
        self._name = name
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._cuts_left = getattr(tokenizer, "truncation_side", "right") == "left"
        self.pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        sample = self._backend.encode(_SAMPLE)
        if any(sample.type_ids):
            raise BadInput(f"The tokenizer of {name} marks parts of a text, which is not known here: choose another.")
        special = sample.special_tokens_mask
        self.before = special.index(0) if 0 in special else len(special)
        self.after = special[::-1].index(0) if 0 in special else 0

    def __call__(self, texts: Sequence[str], limit: int) -> TextIds:
        """The ids of texts, cut to a limit, special tokens counted."""
        try:
            found = self._backend.encode_batch_fast(list(texts))
        except Exception as error:  # the package has no kinds of errors
            raise BadFile(f"The tokenizer of {self._name} fails: {error}") from error
        ids = [np.array(one.ids, np.int32) for one in found]
        lengths = np.array([len(one) for one in ids], np.int64)
        return TextIds([one if len(one) <= limit else self.cut(one, limit) for one in ids], lengths)

    def encoding(self, text: str) -> Any:
        """Of one text the encoding of the package tokenizers: ids, spellings, characters."""
        return self._backend.encode(text)

    @property
    def size(self) -> int:
        """How many tokens there are: they are numbered from 0."""
        return int(self._backend.get_vocab_size())

    def decoded(self, ids: Sequence[int]) -> str:
        """The text of tokens, without the special ones."""
        text: str = self._backend.decode(list(ids))
        return text

    def cut(self, ids: Any, limit: int) -> Any:
        """So many tokens of a text, the special ones at its ends among them."""
        if self._cuts_left:
            return np.concatenate([ids[: self.before], ids[len(ids) - (limit - self.before) :]])
        return np.concatenate([ids[: limit - self.after], ids[len(ids) - self.after :]])


def texts_of(texts: Iterable[Any]) -> list[str]:
    """Texts as a list.

    Raises
    ------
    BadInput
        What was given is one text, or not all are strings, or one holds half a character (a lone surrogate).

    Examples
    --------
    >>> texts_of(["river", None])
    Traceback (most recent call last):
    jari.errors.BadInput: Text 1 is None, of the type NoneType. Each text must be a string.
    """
    if isinstance(texts, str | bytes):
        raise BadInput(f"texts={texts[:40]!r}: give a list of texts, [text] for one.")
    if isinstance(texts, Mapping) or hasattr(texts, "columns"):
        raise BadInput(f"texts is a {type(texts).__name__}: give one column of it, or a list of texts.")
    try:
        found = list(texts)
    except TypeError:
        raise BadInput(f"texts={texts!r}: give a list of texts.") from None
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise BadInput(
                f"Text {place} is {text!r:.40}, of the type {type(text).__name__}. Each text must be a string."
            )
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise BadInput(
                f"Text {place} holds half a character, {text[error.start]!r}, at its place {error.start}. Decode it "
                "with errors='replace', or leave it out."
            ) from None
    return found
