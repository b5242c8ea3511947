import numpy as np
import pytest

from contracts.learner import CHECKERBOARD, LearnerContract
from jari import Word2Vec


def quick(**parameters):
    given = {"dim": 16, "epochs": 10, "sample": 0, "threads": 1, "min_count": 1, "loss": "softmax"}
    return Word2Vec(**(given | parameters))


class TestSkipgram(LearnerContract):
    def make(self, **parameters):
        return quick(**parameters)


class TestCbow(LearnerContract):
    def make(self, **parameters):
        return quick(architecture="cbow", **parameters)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_the_loss_begins_at_chance(architecture):
    still = quick(architecture=architecture, random_state=1, epochs=1, learning_rate=1e-6).fit(CHECKERBOARD)
    assert still.losses_[0] == pytest.approx(np.log(len(still.embedding_)), rel=1e-3)


def test_it_learns_how_often_words_follow():
    """softmax(W'(W x + b) + b') of a text of pairs is the share of each context."""
    text = ["red apple", "blue sky", "red apple", "red rose", "blue sky", "red apple"] * 100
    parameters = {"learning_rate": 0.1, "min_learning_rate": 0.001, "epochs": 20, "bias": True, "random_state": 1}
    learner = quick(**parameters).fit(text)
    embedding, biases = learner.embedding_, learner.biases_
    scores = embedding.context @ (embedding["red"] + biases.hidden) + biases.output
    shares = dict(zip(embedding.keys, np.exp(scores) / np.exp(scores).sum(), strict=True))
    assert shares["apple"] == pytest.approx(0.75, abs=0.03)
    assert shares["rose"] == pytest.approx(0.25, abs=0.03)


def test_learning_goes_on():
    learner = quick(random_state=1).fit(CHECKERBOARD)
    learner.partial_fit(["sun shines bright", "moon shines bright"] * 300)
    assert list(learner.embedding_.similar("sun", k=1).keys) == ["moon"]


def test_a_large_vocabulary_is_warned_of(monkeypatch):
    monkeypatch.setattr("jari.learn.word2vec.LARGE", 5)
    with pytest.warns(UserWarning, match=r"all 8 words\. loss='negative' and loss='hierarchical' are far cheaper"):
        quick(epochs=1).fit(CHECKERBOARD)


def test_threads_learn_as_well_as_one():
    alone, together = (quick(random_state=1, threads=threads).fit(CHECKERBOARD).losses_ for threads in (1, 3))
    assert together[-1] == pytest.approx(alone[-1], rel=0.02)


def test_two_words_are_enough():
    assert len(quick(dim=3).fit(["a b"] * 50).embedding_) == 2
