from __future__ import annotations

import numpy as np
import pytest
from gensim.models.fasttext_inner import compute_ngrams, ft_hash_bytes
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Subwords
from jari.embedding.subwords import bucket, ngrams
from jari.errors import BadInput

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(WORDS)
def test_ngrams_and_their_buckets_are_those_of_fasttext(word):
    ours = list(ngrams(word, 3, 6))
    assert sorted(ours) == sorted(compute_ngrams(word, 3, 6))
    assert [bucket(ngram, 1000) for ngram in ours] == [ft_hash_bytes(ngram.encode()) % 1000 for ngram in ours]


def test_a_lone_bracket_is_no_ngram():
    assert list(ngrams("ab", 1, 2)) == ["<a", "a", "ab", "b", "b>"]


def test_a_key_is_the_mean_of_its_ngrams():
    subwords = Subwords(np.arange(20, dtype=np.float32).reshape(10, 2), 3, 3)
    rows = [bucket(ngram, 10) for ngram in ("<ab", "ab>")]
    np.testing.assert_array_equal(subwords.compose("ab"), subwords.vectors[rows].mean(axis=0))
    np.testing.assert_array_equal(subwords.compose(""), [0, 0])


@pytest.mark.parametrize("lengths", [(0, 3), (4, 3)])
def test_lengths_that_make_no_sense_are_refused(lengths):
    with pytest.raises(BadInput, match="give 1 ≤ shortest ≤ longest"):
        Subwords(np.ones((2, 2), np.float32), *lengths)


def test_a_table_without_rows_is_refused():
    with pytest.raises(BadInput, match="1 bucket or more"):
        Subwords(np.ones((0, 2), np.float32))
