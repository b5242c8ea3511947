import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import ngrams
from jari.kernels.reference import ngrams as twin

WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5)


def all_of(module, words, shortest, longest, buckets):
    encoded = [f"<{word}>".encode() for word in words]
    offsets = np.cumsum([0, *map(len, encoded)])
    text = np.frombuffer(b"".join(encoded), np.uint8)
    counts = np.full(len(words), -1)
    module.count_ngrams(text, offsets, shortest, longest, counts)
    starts = np.cumsum([0, *counts]) + 2  # need not begin at 0
    out = np.full(starts[-1] + 2, -1, np.int32)
    module.hash_ngrams(text, offsets, shortest, longest, buckets, starts, out)
    return counts.tolist(), out.tolist()


@given(WORDS, st.integers(1, 4), st.integers(0, 3), st.integers(1, 2**31 - 1))
def test_a_kernel_is_its_twin(words, shortest, more, buckets):
    ours = all_of(ngrams, words, shortest, shortest + more, buckets)
    assert ours == all_of(twin, words, shortest, shortest + more, buckets)
    assert ours[1][:2] == ours[1][-2:] == [-1, -1]  # nothing is written beside


@pytest.mark.parametrize("module", [ngrams, twin])
def test_the_ngrams_of_a_word_by_hand(module):
    counts, out = all_of(module, ["자리"], 1, 3, 2**31 - 1)
    by_hand = ["<자", "<자리", "자", "자리", "자리>", "리", "리>"]
    expected = []
    for ngram in by_hand:
        value = 0x811C9DC5
        for byte in ngram.encode():
            value = ((value ^ (byte if byte < 128 else 0xFFFFFF00 + byte)) * 0x01000193) % 2**32
        expected.append(value % (2**31 - 1))
    assert counts == [7]
    assert out[2:-2] == expected


def test_nothing_is_none():
    text, offsets, counts = np.empty(0, np.uint8), np.zeros(2, np.int64), np.empty(1, np.int64)
    for module in (ngrams, twin):
        module.count_ngrams(text, offsets, 1, 3, counts)
        assert counts.tolist() == [0]
