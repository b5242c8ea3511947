from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from gensim.models.fasttext_inner import compute_ngrams, ft_hash_bytes
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Embedding, Subwords
from jari.embedding.subwords import bucket, hashed, ngrams
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


def test_a_word_of_hangul_has_ngrams_of_jamo_besides():
    subwords = Subwords(np.arange(200, dtype=np.float32).reshape(100, 2), 2, 2, jamo=(3, 3))
    apart = "<\u1112\u1161\u11ab\u1100\u116e\u11a8>"  # ㅎㅏㄴㄱㅜㄱ
    expected = ["<한", "한국", "국>", *(apart[at : at + 3] for at in range(6))]
    np.testing.assert_allclose(
        subwords.compose("한국"), subwords.vectors[[bucket(ngram, 100) for ngram in expected]].mean(axis=0), rtol=1e-6
    )
    plain = Subwords(subwords.vectors, 2, 2)
    np.testing.assert_array_equal(subwords.compose("Seoul"), plain.compose("Seoul"))


def test_ngrams_without_a_row_do_not_count():
    whole = Subwords(np.arange(200, dtype=np.float32).reshape(100, 2), 3, 4)
    buckets = [bucket(ngram, 100) for ngram in ngrams("king", 3, 4)]
    some = np.array([buckets[3], 8, buckets[0], 99], np.int32)
    assert len({*some.tolist()} & {*buckets}) == 2
    part = Subwords(whole.vectors[some], 3, 4, size=100, buckets=some)
    np.testing.assert_allclose(part.compose("king"), whole.vectors[[buckets[0], buckets[3]]].mean(axis=0))
    np.testing.assert_array_equal(part.compose("zz"), [0, 0])


@given(st.lists(WORDS | st.just("한국어") | st.just(""), max_size=6), st.integers(1, 3), st.booleans())
def test_many_keys_are_hashed_as_one_is(keys, shortest, jamo):
    lengths = shortest, shortest + 2, 1000
    found = hashed(pa.array(keys, pa.large_string()), *lengths, (3, 5) if jamo else None)
    assert len(found.starts) == len(keys) + 1
    one = Subwords(np.ones((1000, 1), np.float32), *lengths[:2], jamo=(3, 5) if jamo else None)
    for key, begin, end in zip(keys, found.starts, found.starts[1:], strict=False):
        assert found.buckets[begin:end].tolist() == one.ngram_buckets(key)


def test_a_slice_of_keys_is_hashed_as_they_stand():
    keys = pa.array(["left out", "in", "and in"], pa.large_string()).slice(1)
    again = pa.array(["in", "and in"], pa.large_string())
    np.testing.assert_array_equal(hashed(keys, 1, 3, 50).buckets, hashed(again, 1, 3, 50).buckets)


def test_a_word_can_be_without_ngrams():
    found = hashed(pa.array(["ab", "</s>", "cd"], pa.large_string()), 3, 3, 50)
    less = found.without(1)
    assert less.starts.tolist() == [0, 2, 2, 4]
    assert less.buckets.tolist() == [*found.buckets[:2], *found.buckets[-2:]]


@pytest.mark.parametrize(
    ("given_", "what"),
    [
        ({"size": 7}, "2 subword vectors for 7 buckets: say whose they are"),
        ({"size": 0}, "Subwords of 0 buckets: give 1 to 2,147,483,647"),
        ({"size": 2**31}, "Subwords of 2,147,483,648 buckets"),
        ({"size": 7, "buckets": [1, 2, 3]}, r"Buckets of shape \(3,\) and type int32 for 2 subword vectors"),
        ({"size": 7, "buckets": [1, 7]}, "Buckets from 1 to 7: they must lie between 0 and 6"),
        ({"size": 7, "buckets": [-1, 2]}, "Buckets from -1 to 2"),
        ({"size": 7, "buckets": [2, 2]}, "A bucket of subwords stands twice"),
        ({"jamo": (4, 3)}, "n-grams from 4 to 3 jamo: give 1 ≤ shortest ≤ longest"),
    ],
)
def test_tables_that_make_no_sense_are_refused(given_, what):
    if "buckets" in given_:
        given_ = given_ | {"buckets": np.array(given_["buckets"], np.int32)}
    with pytest.raises(BadInput, match=what):
        Subwords(np.ones((2, 2), np.float32), **given_)


def test_buckets_that_are_no_int32_are_refused():
    with pytest.raises(BadInput, match="type int64"):
        Subwords(np.ones((2, 2), np.float32), size=7, buckets=np.array([1, 2]))


def test_nothing_is_found_in_an_embedding_without_keys():
    empty = Embedding([], np.empty((0, 2)), subwords=Subwords(np.ones((9, 2), np.float32)))
    np.testing.assert_array_equal(empty.vectors_of(["word"], unknown="subword"), [[1, 1]])


@pytest.mark.parametrize("jamo", [None, (3, 5)])
@pytest.mark.parametrize("buckets", [None, np.array([9, 2, 4, 17, 0, 11, 3], np.int32)])
def test_many_are_composed_as_one(jamo, buckets):
    vectors = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    table = Subwords(vectors, 2, 4, size=None if buckets is None else 20, buckets=buckets, jamo=jamo)
    keys = ["cat", "", "한국어", "a", "cats and dogs", "🌍"]
    for asked in (keys, [*keys, "half \ud800 a pair"]):
        np.testing.assert_array_equal(table.compose_many(asked), [table.compose(key) for key in asked])
    with pytest.raises(BadInput, match="The subword vectors of 'cat' are not all finite"):
        Subwords(np.full((7, 3), np.nan, np.float32), 2, 4).compose_many(["cat"])
