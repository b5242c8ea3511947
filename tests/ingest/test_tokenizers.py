"""The definitions, by examples."""

import functools

import pytest

from jari import encode
from jari.ingest.tokenizers import TOKENIZERS, chars, jamo, name_of, tokenizer_named, whitespace, words


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("To be", ["T", "o", "b", "e"]),
        ("cafe\u0301 ẞ", ["c", "a", "f", "é", "ẞ"]),
        ("\u1112\u1161\u11ab국\u3000👍🏽", ["한", "국", "👍🏽"]),
    ],
)
def test_chars(text, expected):
    assert chars(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("한국 A", ["ㅎ", "ㅏ", "ㄴ", "ㄱ", "ㅜ", "ㄱ", "A"]),
        ("\u1112\u1161\u11abㅋㅋ", ["ㅎ", "ㅏ", "ㄴ", "ㅋ", "ㅋ"]),
        ("앉은 e\u0301", ["ㅇ", "ㅏ", "ㄵ", "ㅇ", "ㅡ", "ㄴ", "é"]),
    ],
)
def test_jamo(text, expected):
    assert jamo(text) == expected


def test_a_name_or_a_function():
    assert tokenizer_named("words") is words
    assert tokenizer_named(str.split) is str.split
    for unknown in ("word", "kiwis:NNG", "tokenizer.txt", None, 3):
        with pytest.raises(ValueError, match=r"no tokenizer .*\. Choose one of 'words', .* 'kiwi', .* or a function"):
            tokenizer_named(unknown)


def test_what_is_written_down_finds_the_tokenizer_again():
    for name in TOKENIZERS:
        assert name_of(tokenizer_named(name)) == name_of(name) == name
    assert name_of(lambda text: []).endswith("<lambda>")
    assert name_of(functools.partial(str.split, sep=",")) == "a function"


@pytest.mark.parametrize("name", TOKENIZERS)
def test_encoding_by_name_is_encoding_by_function(name):
    lines = ["Cafe\u0301 한국 👍🏽 to\u3000be", "", "to be 🇰🇷🇰🇷 of 값"]
    found = []
    for tokenizer in (name, TOKENIZERS[name]):
        with encode(lines, tokenizer=tokenizer, min_count=1) as corpus:
            keys = corpus.vocabulary.keys
            found.append([keys[i] for i in corpus.ids])
            assert corpus.statistics["tokenizer"] == name
            assert corpus.statistics["bytes_read"] == len("\n".join([*lines, ""]).encode())
    assert found[0] == found[1]
    assert sorted(found[0]) == sorted(token for line in lines for token in TOKENIZERS[name](line))
