"""Keys as somebody types."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Vocabulary
from jari.errors import BadInput
from jari.explore.suggesting import Suggester


def suggested(keys: list[str], text: str, k: int = 8, counts: list[int] | None = None) -> list[str]:
    suggester = Suggester(Vocabulary(keys, counts))
    return [keys[row] for row in suggester.suggest(text, k)]


def test_beginnings_come_before_what_is_within() -> None:
    assert suggested(["viking", "King", "kin", "asking"], "kin") == ["King", "kin", "viking", "asking"]


def test_the_most_frequent_first_though_rows_are_in_another_order() -> None:
    assert suggested(["ab", "ac", "ad", "xa"], "a", counts=[1, 9, 5, 99]) == ["ac", "ad", "ab", "xa"]
    assert suggested(["ab", "ac", "ad", "xa"], "a", 2, counts=[1, 9, 5, 99]) == ["ac", "ad"]


def test_nothing_typed_gives_the_most_frequent() -> None:
    assert suggested(["a", "b", "c"], "", 2) == ["a", "b"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ㅎ", ["한국", "하나", "학교"]),
        ("하", ["하나", "한국", "학교"]),  # what begins exactly so comes first
        ("한", ["한국", "하나"]),
        ("한ㄱ", ["한국"]),
        ("한구", ["한국"]),
        ("ㅅ", ["서울"]),
        ("서우", ["서울"]),
    ],
)
def test_syllables_that_are_not_finished(typed: str, found: list[str]) -> None:
    assert suggested(["한국", "하나", "서울", "학교"], typed) == found


def test_one_letter_written_in_two_ways() -> None:
    assert suggested(["Café", "한국"], "cafe\u0301") == ["Café"]
    assert suggested(["Cafe\u0301", "한국"], "한국") == ["한국"]


def test_odd_keys() -> None:
    assert suggested(["", "a b", "🌍", "%_", "a\nb"], "a") == ["a b", "a\nb"]
    assert suggested(["%", "abc"], "%") == ["%"]
    assert suggested(["🌍"], "🌍") == ["🌍"]
    assert suggested(["a"], "\ud800") == []
    assert suggested([], "a") == []


def test_k_is_1_or_more() -> None:
    with pytest.raises(BadInput, match="k=0"):
        suggested(["a"], "a", 0)


@given(st.lists(st.text("abcABﬀß🌍", max_size=4), unique=True, max_size=30), st.text("abA", max_size=2))
def test_the_answer_is_that_of_two_passes_over_all_keys(keys: list[str], text: str) -> None:
    beginning = [key for key in keys if key.lower().startswith(text.lower())]
    holding = [key for key in keys if text.lower() in key.lower() and key not in beginning]
    assert suggested(keys, text, 100) == beginning + holding
    assert suggested(keys, text, 3) == (beginning + holding)[:3]


def test_a_million_keys_are_no_burden() -> None:
    draw = np.random.default_rng(0)
    keys = [f"{number:x}" for number in draw.permutation(1 << 16)]
    suggester = Suggester(Vocabulary(keys))
    rows = suggester.suggest("f00", 8)
    assert [keys[row] for row in rows] == [key for key in keys if key.startswith("f00")][:8]
