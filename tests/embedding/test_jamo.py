from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from jari.embedding.jamo import EMPTY, SYLLABLES, decomposed, has_syllables


def test_every_syllable_has_the_parts_that_unicode_says():
    for syllable in map(chr, SYLLABLES):
        parts = decomposed(syllable)
        assert len(parts) == 3
        assert unicodedata.normalize("NFC", parts.removesuffix(EMPTY)) == syllable


@given(st.text())
def test_what_is_no_syllable_stays(text):
    assert has_syllables(text) == (decomposed(text) != text)
    assert decomposed(text) == "".join(decomposed(character) for character in text)
    others = "".join(character for character in text if not has_syllables(character))
    assert decomposed(others) == others


def test_no_two_words_are_decomposed_alike():
    assert decomposed("가가") != decomposed("각가") != decomposed("각아")
    assert [f"{ord(jamo):x}" for jamo in decomposed("값x가")] == ["1100", "1161", "11b9", "78", "1100", "1161", "11a7"]
