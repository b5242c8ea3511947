from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jari.embedding import Embedding, Vocabulary
from jari.embedding.layers import LayerIds
from jari.embedding.pooling import pool
from jari.errors import BadInput, UnknownKey

KEYS = ["the", "king", "New York", "자리"]
EMBEDDING = Embedding(KEYS, np.arange(8, dtype=np.float32).reshape(4, 2) + 1)
PLAIN, PADDED = EMBEDDING.layer_ids(), EMBEDDING.layer_ids(padding=True)
WITH_ROW = EMBEDDING.layer_ids(padding=True, unknown=True)


@pytest.mark.parametrize(
    ("ids", "first", "padding", "unknown", "rows"),
    [
        (PLAIN, 0, None, None, 4),
        (PADDED, 1, 0, None, 5),
        (WITH_ROW, 1, 0, 5, 6),
        (EMBEDDING.layer_ids(unknown="zeros"), 0, None, 4, 5),
    ],
)
def test_rows_are_arranged_as_they_say(ids, first, padding, unknown, rows):
    assert (ids.first, ids.padding_id, ids.unknown_id, len(ids)) == (first, padding, unknown, rows)
    found = ids.of(KEYS)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, np.arange(4) + first)


def test_keys_that_are_not_there_follow_the_policy():
    asked = ["king", "quen", "the", "quen"]
    with pytest.raises(UnknownKey, match=r"'kin' is not in this embedding .* Did you mean 'king'"):
        PADDED.of(["the", "kin"])
    np.testing.assert_array_equal(PADDED.of(asked, unknown="skip"), [2, 1])
    np.testing.assert_array_equal(WITH_ROW.of(asked), [2, 5, 1, 5])
    np.testing.assert_array_equal(WITH_ROW.of(asked, unknown="skip"), [2, 1])
    with pytest.raises(UnknownKey, match="'quen' is not in"):
        WITH_ROW.of(asked, unknown="raise")
    assert PLAIN.of([]).shape == (0,)


@pytest.mark.parametrize("key", [None, 3, ["king"]])
def test_what_is_no_string_is_no_unknown_key(key):
    for keys in ([key], ["king"] * 20 + [key]):  # few are found by scanning, many by a dictionary
        for ids in (PADDED, WITH_ROW):
            with pytest.raises(UnknownKey, match="A key is a string, not"):
                ids.of(keys)
    for ids in (PADDED, WITH_ROW):
        if not isinstance(key, list):
            with pytest.raises(UnknownKey, match="A key is a string, not"):
                ids.bags([["king", key]])


def test_lists_become_a_matrix_with_padding_at_the_ends():
    found = WITH_ROW.padded([["king", "New York", "the"], ["자리"], [], "the  nobody"])
    assert found.ids.dtype == np.int64
    np.testing.assert_array_equal(found.ids, [[2, 3, 1], [4, 0, 0], [0, 0, 0], [1, 5, 0]])
    np.testing.assert_array_equal(found.lengths, [3, 1, 0, 2])
    assert (found.shortened, found.cut, found.skipped, found.empty) == (0, 0, 0, 1)
    np.testing.assert_array_equal(PADDED.padded(["the"], length=3).ids, [[1, 0, 0]])
    split = PADDED.padded(["the|New York"], tokenizer=lambda text: text.split("|"))
    np.testing.assert_array_equal(split.ids, [[1, 3]])
    assert PADDED.padded([]).ids.shape == (0, 0)
    assert PADDED.padded([[], []]).ids.shape == (2, 0)


def test_what_is_cut_and_skipped_is_counted():
    texts = ["the king the king", "king", "the nobody king the"]
    first = PADDED.padded(texts, length=2, longer="first", unknown="skip")
    np.testing.assert_array_equal(first.ids, [[1, 2], [2, 0], [1, 2]])
    last = PADDED.padded(texts, length=2, longer="last", unknown="skip")
    np.testing.assert_array_equal(last.ids, [[1, 2], [2, 0], [2, 1]])
    for found in (first, last):
        assert (found.shortened, found.cut, found.skipped) == (2, 3, 1)
    with pytest.raises(BadInput, match=r"Text 0 holds 4 keys, more than length=3 \(1 of 3 texts do\)"):
        PADDED.padded(texts, length=3, unknown="skip")


def test_lists_become_flat_bags():
    bags = WITH_ROW.bags([["king", "the"], [], "the nobody 자리"])
    np.testing.assert_array_equal(bags.ids, [2, 1, 1, 5, 4])
    np.testing.assert_array_equal(bags.offsets, [0, 2, 2])
    assert (bags.weights, bags.skipped, bags.ids.dtype, bags.offsets.dtype) == (None, 0, np.int64, np.int64)
    skipped = PADDED.bags(["nobody king", "nobody"], unknown="skip")
    np.testing.assert_array_equal(skipped.ids, [2])
    np.testing.assert_array_equal(skipped.offsets, [0, 1])
    assert skipped.skipped == 2
    assert PLAIN.bags([]).ids.shape == PLAIN.bags([]).offsets.shape == (0,)


def test_counts_become_weights():
    bags = PADDED.bags([{"king": 2, "nobody": 9, "the": 0.5}, ["the"]], unknown="skip")
    np.testing.assert_array_equal(bags.ids, [2, 1, 1])
    np.testing.assert_array_equal(bags.weights, [2, 0.5, 1])
    of_matrix = PADDED.bags(csr_array([[0.5, 2, 0, 0], [1, 0, 0, 0]]))
    np.testing.assert_array_equal(of_matrix.ids, [1, 2, 1])
    np.testing.assert_array_equal(of_matrix.offsets, [0, 2])
    np.testing.assert_array_equal(of_matrix.weights, [0.5, 2, 1])
    with pytest.raises(BadInput, match=r"Counts have no place in a matrix of ids: take bags\(\)"):
        PADDED.padded([{"king": 2}])


texts_of_words = st.lists(st.lists(st.sampled_from([*KEYS, "nobody"]), max_size=6), max_size=6)


@given(texts_of_words, st.integers(1, 7), st.sampled_from(["first", "last"]))
def test_the_matrix_holds_what_the_lists_do(texts, length, longer):
    found = PADDED.padded(texts, length=length, longer=longer, unknown="skip")
    assert found.ids.shape == (len(texts), length)
    cut = 0
    for row, tokens in zip(found.ids, texts, strict=True):
        ids = [KEYS.index(token) + 1 for token in tokens if token in KEYS]
        kept = ids[:length] if longer == "first" else ids[-length:]
        cut += len(ids) - len(kept)
        assert row.tolist() == kept + [0] * (length - len(kept))
    assert found.cut == cut


@given(texts_of_words)
def test_bags_pool_as_the_embedding_does(texts):
    bags = PLAIN.bags(texts, unknown="skip")
    ends = np.append(bags.offsets, len(bags.ids))
    sums = [EMBEDDING.vectors[bags.ids[a:b]].sum(axis=0) for a, b in pairwise(ends)]
    np.testing.assert_allclose(np.reshape(sums, (-1, 2)), pool(EMBEDDING, texts, weights="sum"), rtol=1e-6)


def test_many_texts_are_read_some_at_a_time(monkeypatch):
    texts = ["the king", "", {"the": 3}, "nobody 자리"] * 5
    whole = WITH_ROW.bags(texts)
    monkeypatch.setattr("jari.embedding.layers.layer_ids._AT_ONCE", 3)
    parts = WITH_ROW.bags(texts)
    for name in ("ids", "offsets", "weights"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (
            lambda: EMBEDDING.layer_ids(padding=0),
            r"padding=0: give True for a row of padding, which is row 0, or False",
        ),
        (lambda: EMBEDDING.layer_ids(unknown="nonsense"), r"unknown='nonsense' is not known: give False"),
        (lambda: LayerIds(Vocabulary(KEYS), unknown=np.ones(2)), r"unknown=array.* is not known"),
        (lambda: PADDED.of("king"), r"Give a list of keys, not one string \('king'\)"),
        (lambda: PADDED.padded("the king"), r"Give a list of texts, not one text \('the king'\)"),
        (
            lambda: PADDED.bags(["the"], unknown="subword"),
            "unknown='subword' is not known: choose 'raise', 'skip' or 'row'",
        ),
        (lambda: PADDED.of(["the"], unknown="row"), r"needs a row for unknown keys, and this layer has none"),
        (lambda: PLAIN.padded(["the"]), r"this layer has none: pass padding=True"),
        (lambda: PADDED.padded(["the"], length=0), r"length=0 must be a whole number"),
        (lambda: PADDED.padded(["the"], length=True), r"length=True must be a whole number"),
        (lambda: PADDED.padded(["the"], longer="cut"), r"longer='cut' is not known"),
        (lambda: PADDED.bags([5]), r"5 \(int\) cannot be pooled: give strings"),
        (lambda: PADDED.bags(csr_array(np.ones((2, 3)))), r"one column for each of the 4 keys"),
    ],
)
def test_what_cannot_be_is_refused(ask, match):
    with pytest.raises(BadInput, match=match):
        ask()


def test_workers_that_load_data_get_a_copy():
    before = WITH_ROW.padded(["the nobody", "자리"])
    copied = pickle.loads(pickle.dumps(WITH_ROW))
    np.testing.assert_array_equal(copied.padded(["the nobody", "자리"]).ids, before.ids)


def test_booleans_of_numpy_are_booleans():
    assert len(EMBEDDING.layer_ids(padding=np.True_, unknown=np.bool_(False))) == 5


def test_half_a_surrogate_pair_is_an_unknown_key():
    np.testing.assert_array_equal(WITH_ROW.of(["\ud800", "the"]), [5, 1])
    np.testing.assert_array_equal(WITH_ROW.bags([["\ud800", "the"], "the \ud800"]).ids, [5, 1, 1, 5])


def test_neither_torch_nor_keras_is_needed():
    program = (
        "import sys; from jari.embedding import Embedding; Embedding(['a'], [[1]]).layer_ids().bags(['a']);"
        "sys.exit(any(name in sys.modules for name in ('torch', 'keras')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
