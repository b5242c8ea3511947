"""What all learners of words do with texts once they have learnt."""

import numpy as np
import pytest

import jari
from jari.errors import BadInput

TEXTS = ["Rome is New York", "Rome is old", "New York is new", "old York", "New York"] * 4


def test_texts_are_taken_apart_as_those_that_were_learnt_from():
    with jari.encode(TEXTS, tokenizer="whitespace", min_count=1) as corpus:
        learner = jari.RandomEmbedding(dim=4, random_state=1).fit(corpus)
    vectors = learner.transform(["Rome", "rome", ["Rome"]])
    np.testing.assert_array_equal(vectors[[0, 2]], learner.embedding_[["Rome", "Rome"]])
    assert not vectors[1].any()


def test_texts_are_joined_to_the_phrases_that_were_learnt():
    others = [f"word{i} word{i * 7 % 40} word{i * 3 % 40}" for i in range(40)] * 40
    with jari.encode(["New York"] * 20 + others, tokenizer="whitespace", min_count=5, phrases=1) as corpus:
        assert "New_York" in corpus.vocabulary
        learner = jari.RandomEmbedding(dim=4, random_state=1).fit(corpus)
    np.testing.assert_array_equal(learner.transform(["New York"])[0], learner.embedding_["New_York"])


def test_documents_are_taken_apart_as_those_that_were_learnt_from():
    with jari.encode(TEXTS, tokenizer="whitespace", min_count=1) as corpus:
        learner = jari.LSA(dim=2, min_count=1, random_state=1).fit(corpus)
    np.testing.assert_allclose(learner.transform(TEXTS[:2]), learner.documents_.vectors[:2], atol=1e-5)


def test_a_function_that_nobody_knows_any_more_is_asked_for_with_text_only():
    with jari.encode(TEXTS, tokenizer=lambda text: text.split(), min_count=1) as corpus:
        learner = jari.RandomEmbedding(dim=4, random_state=1).fit(corpus)
    assert learner.transform([["Rome"]]).any()
    with pytest.raises(BadInput, match="give it as tokenizer="):
        learner.transform(["Rome"])
    assert learner.set_params(tokenizer=lambda text: text.split()).transform(["Rome"]).any()


def test_a_tokenizer_that_is_faster_on_many_texts_gets_them_together():
    asked = []

    class Tokenizer:
        def __call__(self, text):
            raise AssertionError("one by one")

        def many(self, texts, threads=None):
            asked.append(list(texts))
            return map(str.split, asked[-1])

    embedding = jari.Embedding(["a", "b"], [[1, 0], [0, 1]])
    pooled = embedding.pool(["a b", ["b"], "a"], tokenizer=Tokenizer())
    assert asked == [["a b", "a"]]
    assert pooled.tolist() == [[0.5, 0.5], [0, 1], [1, 0]]
