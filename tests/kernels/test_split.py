"""Splitting text: both kernels against their twins, byte for byte, and against answers that are obvious."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.ingest import characters
from jari.kernels import whitespace, words
from jari.kernels.reference import whitespace as whitespace_twin
from jari.kernels.reference import words as words_twin

SPARE = 32
# ASCII of all kinds, odd lower cases, marks in and out of order, jamo, apostrophes, spaces of Unicode, four bytes
STRANGE = "aZ_9 \n'’.-ßẞİΣσςȺK½ªﬁ\u0300\u0301\u0327\u0338=한ᄒ\u1161\u11a8\u3000\u2028\x85\x1c\xa0𝔘𐐀\u05bc\u05b8א;"
texts = st.one_of(st.text(max_size=40), st.text(STRANGE, max_size=40), st.text("ab 'É", max_size=60))


def block(text):
    raw = text.encode()
    return np.frombuffer(raw + b" " * SPARE, np.uint8).copy(), len(raw)


def split_whitespace(function, text):
    data, end = block(text)
    starts, stops, ends = (np.zeros(len(data), np.int32) for _ in range(3))
    state = np.zeros(4, np.int64)
    assert function(data, 0, end, starts, stops, ends, state) == end
    n, m = state[:2].tolist()
    tokens = [data[a:b].tobytes().decode() for a, b in zip(starts[:n], stops[:n], strict=True)]
    return tokens, ends[:m].tolist()


def split_words(function, text, *, normal, known=None):
    """All calls that it takes, stopping short at what must be normalised."""
    data, end = block(text)
    table = np.zeros_like(characters.table()) if known is None else known
    table[:256] = characters.table()[:256]
    out, offsets, ends = np.zeros(3 * len(data), np.uint8), np.zeros(len(data), np.int32), np.zeros(len(data), np.int32)
    state = np.zeros(4, np.int64)
    at, calls = 0, []
    while True:
        at = function(data, at, end, normal, table, out, offsets, ends, state)
        n, m = state[:2].tolist()
        calls.append((at, *state[:3].tolist(), int(state[3]) if state[2] else 0))
        if state[2] != words.UNKNOWN:
            break
        point = int(state[3])
        characters.learn_about(point)
        start = point // 256 * 256
        table[start : start + 256] = characters.table()[start : start + 256]
    return calls, offsets[: n + 1].tolist(), out[: offsets[n]].tobytes(), ends[:m].tolist()


@given(texts)
def test_whitespace_is_its_twin_and_str_split(text):
    found = split_whitespace(whitespace.split_whitespace, text)
    assert found == split_whitespace(whitespace_twin.split_whitespace, text)
    assert found[0] == text.split()


@pytest.mark.parametrize("length", range(1, 40))
@pytest.mark.parametrize("end", [" ", "\n", "\t", "\u3000", "é ", ""])
def test_whitespace_at_every_length(length, end):
    text = "x" * length + end + "y"
    tokens, _ = split_whitespace(whitespace.split_whitespace, text)
    assert tokens == text.split()


def test_every_whitespace_parts_tokens_and_nothing_else_does():
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    tokens, _ = split_whitespace(whitespace.split_whitespace, "a".join(every))
    assert len(tokens) == 1 + sum(character.isspace() for character in every)


@given(texts, st.booleans())
def test_words_is_its_twin(text, normal):
    tables = [np.zeros(0x110000, np.uint64) for _ in range(2)]
    assert split_words(words.split_words, text, normal=normal, known=tables[0]) == split_words(
        words_twin.split_words, text, normal=normal, known=tables[1]
    )


@pytest.mark.parametrize(
    ("text", "stops_at"),
    [
        ("cafe\u0301", 0),  # a word must be composed from its start
        ("one cafe\u0301", 4),
        ("=\u0338", 0),  # not a word, yet it composes: ≠
        ("a =\u0325\u0338", 2),
        ("a \u1112\u1161", 2),  # jamo
        ("a <\u064b\u0338", 2),  # the mark between begins a word, and moves: ≮\u064b
        ("א\u05b8\u05bc", 0),  # two marks out of order
    ],
)
def test_what_may_not_be_in_form_c_is_left_to_others(text, stops_at):
    calls, *_ = split_words(words.split_words, text, normal=False)
    at, _, _, reason, _ = calls[-1]
    assert reason == words.NORMALISE
    assert at == len(text[:stops_at].encode())
