"""The definitions, by examples."""

import pytest

from jari.ingest.tokenizers import tokenizer_named, whitespace, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t panic, aren't you?", ["don't", "panic", "aren't", "you"]),
        ("the ‘rows’ of o'clock's", ["the", "rows", "of", "o'clock's"]),
        ("rock 'n' roll '90s", ["rock", "n", "roll", "90s"]),
        ("x_1 = 3.14", ["x_1", "3", "14"]),
        ("well-known e-mail", ["well", "known", "e", "mail"]),
        ("''a''b''", ["a", "b"]),
        ("a'1 1'a a’ ’a", ["a", "1", "1", "a", "a", "a"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8 한국", ["한국", "한국"]),
        ("ΟΔΟΣ ΟΔΟΣ1 Σ ΣΑΣ", ["οδος", "οδος1", "σ", "σας"]),
        ("İstanbul", ["i\u0307stanbul"]),
        ("STRAẞE Straße", ["straße", "straße"]),
        ("हिन्दी", ["हिन्दी"]),
        ("😀 🙂", []),
        ("", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_whitespace_changes_nothing():
    assert whitespace("Don’t\u3000PANIC!\x1c\xa0ok\r\n") == ["Don’t", "PANIC!", "ok"]


def test_a_name_or_a_function():
    assert tokenizer_named("words") is words
    assert tokenizer_named(str.split) is str.split
    with pytest.raises(ValueError, match=r"no tokenizer 'word'. Choose one of 'words', 'whitespace', or"):
        tokenizer_named("word")
