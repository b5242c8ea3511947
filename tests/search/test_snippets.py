"""Snippets: around the words that were looked for, in one line."""

import time

import pytest

from jari.search.snippets import snippet

FILLER = "One two three four five six. " * 40


@pytest.mark.parametrize("before", ["", FILLER, "x " * 300])
@pytest.mark.parametrize("after", ["", FILLER])
def test_around_the_words(before, after):
    found = snippet(f"{before}Spring Tides\n\n are high. {after}", ["tides", "spring"])
    assert [found.text[start:stop] for start, stop in found.found] == ["Spring", "Tides"]
    assert len(found.text) < 260
    assert found.text.startswith("… ") == bool(before)
    assert found.text.endswith(" …") == bool(after)
    assert "\n" not in found.text


def test_rare_words_go_before_frequent_ones():
    found = snippet("the of in the of in the of " * 50 + FILLER + "tide " + FILLER, ["the", "of", "in", "tide"])
    assert "tide" in found.text


def test_without_them_it_begins_at_the_beginning():
    found = snippet(FILLER, ["tide"])
    assert found.text.startswith("One two")
    assert found.found == []


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("tide tides untied TIDE", ["tide"], ["tide", "TIDE"]),
        ("자리는 자리에 빈자리", ["자리"], ["자리", "자리"]),
        ("e\u0301te\u0301 été", ["été"], ["été", "été"]),
        ("a+b (c)", ["a+b"], ["a+b"]),
        ("text", [], []),
    ],
)
def test_what_is_marked(text, words, marked):
    found = snippet(text, words)
    assert [found.text[start:stop] for start, stop in found.found] == marked


def test_control_characters_are_blanks():
    assert snippet("a\x1b[2J\x00b\t\tc", []).text == "a [2J b c"


@pytest.mark.parametrize("text", ["", " \n"])
def test_of_nothing(text):
    assert snippet(text, ["a"]).text == ""


def test_long_texts_in_bounded_time():
    began = time.monotonic()
    for text in ("word " * 1_000_000, "x" * 1_000_000, "我爱" * 500_000):
        assert len(snippet(text, ["word", "x"]).text) < 600
    assert time.monotonic() - began < 5
