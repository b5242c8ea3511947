"""Tokens as numbers: counted, and made text of again."""

from __future__ import annotations

import pytest

from jari.encoders.texts.encoder import TextEncoder
from jari.encoders.texts.token_ids import text_of_tokens, token_counts
from jari.errors import BadInput


def test_tokens_are_counted_with_those_at_the_ends(tiny):
    encoder = TextEncoder(tiny())
    assert token_counts(encoder, ["the bank", "", "강 은행에서 fishes"]).tolist() == [4, 2, 7]


def test_tokens_become_the_text_that_they_are_of(tiny):
    encoder = TextEncoder(tiny())
    text = "the river bank"
    ids = encoder._opened().network.tokens([text], 30).ids[0].tolist()
    assert len(ids) == 5
    assert text_of_tokens(encoder, ids) == text
    assert text_of_tokens(encoder, ids[1:-1]) == text


@pytest.mark.parametrize("number", [-1, 10**6, 2**70])
def test_numbers_that_no_token_has(tiny, number):
    with pytest.raises(
        BadInput, match=f"There is no token {number}: the tokenizer of this encoder has the numbers 0 to"
    ):
        text_of_tokens(TextEncoder(tiny()), [3, number])
