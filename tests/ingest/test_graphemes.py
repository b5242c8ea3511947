"""Characters as readers count them; the table of kinds against the characters one by one."""

import unicodedata

import numpy as np
import pytest

from jari.ingest import graphemes
from jari.ingest.graphemes import clusters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab c", ["a", "b", "c"]),
        ("a\u0323\u0301b", ["a\u0323\u0301", "b"]),
        ("한국", ["한", "국"]),
        ("\u1100\u1161\u11eb\u1100", ["\u1100\u1161\u11eb", "\u1100"]),  # an old final consonant
        ("가\u11eb각\u11a8", ["가\u11eb", "각\u11a8"]),
        ("각\u1161", ["각", "\u1161"]),
        ("हिन्दी", ["हि", "न्", "दी"]),
        ("ก\u0e33", ["ก\u0e33"]),
        ("👍🏽👩‍🚀❤️", ["👍🏽", "👩‍🚀", "❤️"]),
        ("👨‍👩‍👧‍👦", ["👨‍👩‍👧‍👦"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("🇰🇷🇫🇷🇩", ["🇰🇷", "🇫🇷", "🇩"]),
        ("🇰 🇷🇫", ["🇰", "🇷🇫"]),
        ("🏴\U000e0067\U000e0062\U000e007f!", ["🏴\U000e0067\U000e0062\U000e007f", "!"]),
        (" \u0301a\n\u0301", ["\u0301", "a", "\u0301"]),
        ("\u200da\u200d😀", ["\u200d", "a\u200d😀"]),
        ("", []),
        (" \t\u3000\n", []),
    ],
)
def test_clusters(text, expected):
    assert clusters(text) == expected


def test_whitespace_is_in_no_cluster():
    spaces = [chr(point) for point in range(0x3001) if chr(point).isspace()]
    assert clusters("x".join(spaces)) == ["x"] * (len(spaces) - 1)


def test_kinds_are_looked_up_as_they_are_found(monkeypatch):
    table = np.full(0x110000, 255, np.uint8)
    monkeypatch.setattr(graphemes, "_table", lambda: table)
    every = np.array([*range(0xD800), *range(0xE000, 0x110000, 97)], np.uint32)
    expected = [graphemes.kind_of(chr(point)) for point in every.tolist()]
    assert graphemes.kinds_of(every).tolist() == expected
    assert graphemes.kinds_of(every[:0]).tolist() == []


def test_every_mark_is_joined():
    marks = [chr(p) for p in range(0x110000) if unicodedata.category(chr(p))[0] == "M"]
    assert len(marks) > 2000
    assert all(clusters(f"a{mark}b") == [f"a{mark}", "b"] for mark in marks[::17])
