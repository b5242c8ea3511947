from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix

from jari.embedding import Embedding, Subwords
from jari.embedding.pooling import smooth_inverse_frequency
from jari.errors import BadInput, UnknownKey
from jari.ingest.bags import bag_of_words

EMBEDDING = Embedding(["a", "b", "c d"], [[1, 0], [0, 2], [4, 4]])


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c d", "x"]), max_size=6), max_size=6))
def test_pooling_is_what_its_name_says(texts):
    for weights in ("mean", "sum"):
        pooled = EMBEDDING.pool(texts, weights)
        assert (pooled.shape, pooled.dtype) == ((len(texts), 2), np.float32)
        for tokens, vector in zip(texts, pooled, strict=True):
            known = EMBEDDING.vectors_of(tokens, unknown="skip")
            expected = known.sum(axis=0)
            if weights == "mean" and len(known):
                expected = expected / len(known)
            np.testing.assert_allclose(vector, expected, rtol=1e-6)


def test_strings_are_split():
    np.testing.assert_array_equal(EMBEDDING.pool(["a  b\nb", ""], "sum"), [[1, 4], [0, 0]])
    np.testing.assert_array_equal(EMBEDDING.pool(["a|c d"], "sum", tokenizer=lambda t: t.split("|")), [[5, 4]])


def test_lengths_are_made_one_where_there_is_any():
    pooled = EMBEDDING.pool([["a", "c d"], ["x"]], normalize=True)
    np.testing.assert_allclose(np.linalg.norm(pooled, axis=1), [1, 0])


def test_unknown_tokens_follow_the_policy():
    with pytest.raises(UnknownKey, match="'x' is not in this embedding"):
        EMBEDDING.pool(["a x"], unknown="raise")
    subwords = Subwords(np.full((7, 2), 3, np.float32))
    both = Embedding(["a"], [[1, 0]], subwords=subwords)
    np.testing.assert_array_equal(both.pool(["a xyz", "a"], unknown="subword"), [[2, 1.5], [1, 0]])


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(BadInput, match="Give a list of texts, not one text"):
        EMBEDDING.pool("a b")
    with pytest.raises(BadInput, match="choose 'mean' or 'sum'"):
        EMBEDDING.pool(["a"], "max")


texts_of_words = st.lists(st.lists(st.sampled_from(["a", "b", "c d", "x"]), max_size=6), min_size=1, max_size=6)


@given(texts_of_words, st.lists(st.sampled_from([0, 0.25, 1, 7]), min_size=3, max_size=3))
def test_pooling_is_a_bag_of_words_times_the_vectors(texts, weights):
    S = bag_of_words(texts, vocabulary=EMBEDDING.vocabulary).matrix.toarray()
    E = EMBEDDING.vectors
    np.testing.assert_allclose(EMBEDDING.pool(texts, "sum"), S @ E, rtol=1e-6)
    weighted = S * weights
    for bag, pooled in ((S, EMBEDDING.pool(texts)), (weighted, EMBEDDING.pool(texts, weights))):
        sums = bag.sum(axis=1, keepdims=True)
        normalised = np.divide(bag, sums, out=np.zeros_like(bag), where=sums > 0)
        np.testing.assert_allclose(pooled, normalised @ E, rtol=1e-5)


def test_weights_of_one_are_the_mean():
    texts = ["a b b", "x", "b a"]
    np.testing.assert_array_equal(EMBEDDING.pool(texts, np.ones(3)), EMBEDDING.pool(texts))
    np.testing.assert_array_equal(EMBEDDING.pool(texts, [5, 5, 5]), EMBEDDING.pool(texts))


def test_frequent_words_count_little():
    counts = np.array([1_000_000, 1000, 1])
    weights = smooth_inverse_frequency(counts)
    np.testing.assert_allclose(weights, 1e-3 / (1e-3 + counts / 1_001_001), rtol=1e-6)
    pooled = EMBEDDING.pool(["a a b"], weights)
    expected = (2 * weights[0] * EMBEDDING["a"] + weights[1] * EMBEDDING["b"]) / (2 * weights[0] + weights[1])
    np.testing.assert_allclose(pooled[0], expected, rtol=1e-6)
    with pytest.raises(BadInput, match="came without counts"):
        smooth_inverse_frequency(EMBEDDING.vocabulary.counts)
    with pytest.raises(BadInput, match="a=0: it is a frequency"):
        smooth_inverse_frequency(counts, a=0)


def test_what_is_put_together_from_subwords_counts_as_the_heaviest():
    subwords = Subwords(np.full((7, 2), 3, np.float32))
    both = Embedding(["a", "b"], [[1, 0], [0, 1]], subwords=subwords)
    pooled = both.pool(["a xyz xyz uvw"], [1, 2], unknown="subword")
    np.testing.assert_allclose(pooled, [[(1 + 6 * 3) / 7, (0 + 6 * 3) / 7]], rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"weights of shape \(2,\) and type int64: give one number a key, shape \(3,\)"),
        (["1", "2", "3"], "weights of shape .* and type <U1"),
        ([1, -0.5, 1], "The weight of 'b' is -0.5: weights are finite numbers, none below 0"),
        ([1, 1, np.nan], "The weight of 'c d' is nan"),
    ],
)
def test_weights_that_are_none(weights, message):
    with pytest.raises(BadInput, match=message):
        EMBEDDING.pool(["a"], weights)


def test_no_texts_and_no_keys():
    assert EMBEDDING.pool([]).shape == (0, 2)
    assert EMBEDDING.pool([], [1, 2, 3]).shape == (0, 2)


@pytest.mark.parametrize("kind", [csr_array, csr_matrix, csc_array, coo_array, np.asarray])
def test_a_matrix_times_an_embedding(kind):
    S = kind(np.array([[1, 0, 2], [0, 0, 0]], np.float32))
    np.testing.assert_array_equal(S @ EMBEDDING, [[9, 8], [0, 0]])
    one_column = Embedding(["a", "b", "c"], [[1], [2], [3]])
    np.testing.assert_array_equal(S @ one_column, [[7], [0]])
    with pytest.raises(ValueError, match="mismatch"):
        S @ EMBEDDING.top(2)
