from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix

from jari.embedding import Embedding, Subwords, Vocabulary
from jari.embedding.pooling import Pooling, smooth_inverse_frequency
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
    with pytest.raises(BadInput, match="choose 'mean', 'sum', 'tfidf' or 'sif'"):
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


def test_bags_of_anything():
    bags = [{"a": 2, "c d": 1}, {}, {"x": 5, "b": 0.5}]
    expected = [[2 + 4, 4], [0, 0], [0, 1]]
    np.testing.assert_array_equal(EMBEDDING.pool(bags, "sum"), expected)
    matrix = [[2, 0, 1], [0, 0, 0], [0, 0.5, 0]]
    for made in (csr_array(matrix), csc_array(matrix), coo_array(matrix), csr_matrix(matrix)):
        np.testing.assert_array_equal(EMBEDDING.pool(made, "sum"), expected)
        np.testing.assert_allclose(EMBEDDING.pool(made), [[2, 4 / 3], [0, 0], [0, 2]], rtol=1e-6)
    np.testing.assert_array_equal(EMBEDDING.pool([{"a": 3}, "a b", ["c d", 7]], "sum"), [[3, 0], [1, 2], [4, 4]])


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (csr_array([[1, 2]]), r"A matrix of shape \(1, 2\) cannot be pooled: give one column for each of the 3 keys"),
        (csr_array([[1, -2, 0]]), "'b' counts -2 times: give finite numbers, none below 0"),
        ([{"a": float("nan")}], "'a' counts nan times"),
        ([{"a": "many"}], "A count is no number"),
        ([3], r"3 \(int\) cannot be pooled: give strings, lists of keys, or mappings"),
    ],
)
def test_bags_that_are_none(texts, message):
    with pytest.raises(BadInput, match=message):
        EMBEDDING.pool(texts)


def test_a_key_of_a_bag_that_is_not_there():
    with pytest.raises(UnknownKey, match="'x' is not in this embedding"):
        EMBEDDING.pool([{"a": 1, "x": 2}], unknown="raise")
    with pytest.raises(UnknownKey, match="A key is a string, not int"):
        Embedding(["a"], [[1]], subwords=Subwords(np.ones((7, 1), np.float32))).pool([[7]], unknown="subword")


def test_rare_words_count_more_by_tfidf():
    texts = ["a a b", "a", "a ?"]
    idf = np.log((1 + 3) / (1 + np.array([3, 1, 0]))) + 1
    expected = (2 * idf[0] * np.array([1, 0]) + idf[1] * np.array([0, 2])) / (2 * idf[0] + idf[1])
    np.testing.assert_allclose(EMBEDDING.pool(texts, "tfidf")[0], expected, rtol=1e-6)
    fitted = Pooling.fit(EMBEDDING, texts, "tfidf")
    np.testing.assert_allclose(fitted(["a a b"])[0], expected, rtol=1e-6)
    counts = bag_of_words(texts, vocabulary=EMBEDDING.vocabulary).matrix
    np.testing.assert_allclose(EMBEDDING.pool(counts, "tfidf"), EMBEDDING.pool(texts, "tfidf"), rtol=1e-6)


def test_sif_is_as_its_paper_has_it():
    generator = np.random.default_rng(0)
    keys = [f"w{i}" for i in range(50)]
    embedding = Embedding(Vocabulary(keys, np.arange(50, 0, -1)), generator.standard_normal((50, 6)) + 1)
    texts = [" ".join(generator.choice(keys, 9)) for _ in range(40)]
    weights = smooth_inverse_frequency(embedding.vocabulary.counts)
    plain = embedding.pool(texts, weights).astype(np.float64)
    first = np.linalg.svd(plain)[2][0]
    expected = plain - np.outer(plain @ first, first)
    np.testing.assert_allclose(embedding.pool(texts, "sif"), expected, atol=1e-5)
    fitted = Pooling.fit(embedding, texts, "sif", normalize=True)
    units = expected / np.linalg.norm(expected, axis=1)[:, None]
    np.testing.assert_allclose(fitted(texts), units, atol=1e-5)
    np.testing.assert_array_equal(fitted(["?"]), np.zeros((1, 6)))


def test_sif_of_one_text_is_refused():
    embedding = Embedding(Vocabulary(["a"], [1]), [[1, 2]])
    with pytest.raises(BadInput, match="1 of the texts given holds a known word: fit it on many texts"):
        embedding.pool(["a", "?"], "sif")
    with pytest.raises(BadInput, match="came without counts"):
        EMBEDDING.pool(["a"], "sif")


def test_any_number_of_threads_gives_the_same_bits():
    generator = np.random.default_rng(0)
    keys = ["a", "b", "c", "x", "é", "한국"]
    texts = [" ".join(generator.choice(keys, generator.integers(0, 9))) for _ in range(9000)]
    subwords = Subwords(generator.standard_normal((50, 3)).astype(np.float32))
    embedding = Embedding(["a", "b", "한국"], generator.standard_normal((3, 3)), subwords=subwords)
    for options in ({}, {"unknown": "subword"}, {"weights": "tfidf"}):
        one, three = embedding.pool(texts, threads=1, **options), embedding.pool(iter(texts), threads=3, **options)
        np.testing.assert_array_equal(one, three)
        np.testing.assert_array_equal(one, embedding.pool([text.split() for text in texts], **options))
    with pytest.raises(UnknownKey, match=r"'[xcé]' is not"):
        embedding.pool(texts, unknown="raise", threads=3)


@pytest.mark.parametrize("text", ["a\nb", "a b", "\n", "", "a\x00b a", "b\ud800 a", " a\r\nb\t"])
def test_whitespace_is_that_of_python(text):
    split = EMBEDDING.pool([text, "a"], "sum", tokenizer=str.split)
    np.testing.assert_array_equal(EMBEDDING.pool([text, "a"], "sum"), split)
