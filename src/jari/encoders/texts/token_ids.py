"""The tokens of texts as the numbers that an encoder has for them."""

from __future__ import annotations

from collections.abc import Sequence

from jari.encoders.texts.batches import texts_of
from jari.encoders.texts.encoder import TextEncoder
from jari.errors import BadInput
from jari.types import Counts


def token_counts(encoder: TextEncoder, texts: Sequence[str]) -> Counts:
    """How many tokens each text has for an encoder, shape (texts,), those that it puts at the ends among them."""
    ready = encoder._opened()
    return ready.network.tokens(texts_of(texts), encoder.max_tokens_).lengths


def text_of_tokens(encoder: TextEncoder, ids: Sequence[int]) -> str:
    """The text of some tokens; those that mark the ends of a text are left out.

    Raises
    ------
    BadInput
        A number that no token has.
    """
    tokens = encoder._opened().network.tokens
    size = tokens.size
    for number in ids:
        if not 0 <= number < size:
            raise BadInput(
                f"There is no token {number}: the tokenizer of this encoder has the numbers 0 to {size - 1}."
            )
    return tokens.decoded(ids)
