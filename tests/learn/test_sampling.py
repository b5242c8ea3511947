import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.learn.sampling import Noise, keep_thresholds, largest_kept, share_kept

counts = arrays(np.int64, st.integers(1, 30), elements=st.integers(1, 10**9))


@given(counts, st.floats(1e-6, 1.0))
def test_the_more_frequent_a_word_the_less_of_it_is_kept(given_counts, sample):
    keep = keep_thresholds(np.sort(given_counts), sample)
    assert np.all(keep[1:] <= keep[:-1])


def test_words_are_kept_as_word2vec_keeps_them():
    keep = keep_thresholds(np.array([9_998, 1, 1]), sample=1e-4) / 2**32
    assert keep == pytest.approx([np.sqrt(1e-4 / 0.9998) + 1e-4 / 0.9998, 1, 1], rel=1e-6)


@given(counts)
def test_0_keeps_every_word(given_counts):
    keep = keep_thresholds(given_counts, 0)
    assert share_kept(given_counts, keep) == pytest.approx(1)
    assert largest_kept(given_counts, keep) == pytest.approx(given_counts.max() / given_counts.sum())


def test_the_share_that_is_kept_counts_words_as_often_as_they_stand():
    keep = np.array([2**30, 2**32 - 1], np.uint32)  # a quarter, all
    assert share_kept(np.array([30, 10]), keep) == pytest.approx(17.5 / 40)
    assert largest_kept(np.array([30, 10]), keep) == pytest.approx(10 / 17.5)


def test_words_never_seen_are_drawn_as_if_seen_once():
    assert Noise.of(np.array([3, 0]), -1.0).largest == pytest.approx(3 / 4)
