from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Embedding, Subwords
from jari.errors import BadInput, UnknownKey

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
