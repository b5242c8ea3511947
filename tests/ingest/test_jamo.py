"""Syllables spelled by the table and by Unicode's own decomposition."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.ingest.jamo import spelled, spelled_points


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한국어", "ㅎㅏㄴㄱㅜㄱㅇㅓ"),
        ("값 꽃 왜", "ㄱㅏㅄ ㄲㅗㅊ ㅇㅙ"),
        ("가힣", "ㄱㅏㅎㅣㅎ"),
        ("ㅋㅋ abc 😀 漢", "ㅋㅋ abc 😀 漢"),
        ("", ""),
    ],
)
def test_spelled(text, expected):
    assert spelled(text) == expected


def test_every_syllable_is_what_unicode_takes_it_for():
    """The compatibility jamo of a letter is the one whose compatibility decomposition is, as a lead, that letter."""
    leads = {unicodedata.normalize("NFKD", chr(p)): chr(p) for p in range(0x3131, 0x3164)}
    names = {unicodedata.name(letter).removeprefix("HANGUL LETTER "): letter for letter in leads.values()}
    for syllable in map(chr, range(0xAC00, 0xD7A4)):
        parts = [unicodedata.name(part).split(maxsplit=2)[2] for part in unicodedata.normalize("NFD", syllable)]
        assert spelled(syllable) == "".join(names[part] for part in parts)


@given(st.text("가각힣뷁ㄱa漢😀 \n\uabff\ud7a4\ud7fb", max_size=40))
def test_points_are_spelled_alike(text):
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    assert spelled_points(points).tobytes().decode("utf-32-le") == spelled(text)
