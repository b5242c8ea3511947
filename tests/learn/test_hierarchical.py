import numpy as np
import pytest

from contracts.learner import CHECKERBOARD, LearnerContract
from jari import Word2Vec
from jari.errors import BadInput
from jari.learn.hierarchical import Tree


def quick(**parameters):
    given = {"dim": 16, "epochs": 10, "sample": 0, "threads": 1, "min_count": 1, "loss": "hierarchical"}
    return Word2Vec(**(given | parameters))


class TestSkipgram(LearnerContract):
    def make(self, **parameters):
        return quick(**parameters)


class TestCbow(LearnerContract):
    def make(self, **parameters):
        return quick(architecture="cbow", **parameters)


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_the_loss_begins_at_chance(architecture):
    still = quick(architecture=architecture, random_state=1, epochs=1, learning_rate=1e-6).fit(["a b", "a c"] * 100)
    turns = 0.5 * 1 + 0.25 * 2 + 0.25 * 2  # a is one turn away, b and c are two
    assert still.losses_[0] == pytest.approx(turns * np.log(2), rel=1e-3)


def test_nodes_are_no_words_so_there_are_no_output_vectors():
    assert quick(random_state=1).fit(CHECKERBOARD).embedding_.context is None


def test_learning_cannot_go_on_with_another_tree():
    learner = quick(random_state=1).fit(CHECKERBOARD)
    with pytest.raises(BadInput, match=r"other counts make another tree.* Fit all text at once"):
        learner.partial_fit(["sun shines bright"] * 9)


def test_threads_learn_as_well_as_one():
    alone, together = (quick(random_state=1, threads=threads).fit(CHECKERBOARD).losses_ for threads in (1, 3))
    assert together[-1] == pytest.approx(alone[-1], rel=0.02)


def test_a_tree_takes_weights_in_any_order():
    weights = np.array([1.0, 8.0, 2.0, 1.0, 4.0])
    tree = Tree.of(weights)
    assert np.diff(tree.offsets).tolist() == [4, 1, 3, 4, 2]
    assert tree.longest == 4
    assert [turn // 2 for turn in tree.turns[:4]] == [0, 1, 2, 3]
    assert (tree.turns[0] ^ tree.turns[4]) == 1  # the most frequent word turns off at the root


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 100])
def test_any_dimension(dim):
    assert quick(dim=dim, epochs=1, bias=True).fit(CHECKERBOARD).embedding_.dim == dim


def test_a_window_wider_than_every_sentence_is_fine():
    assert list(quick(window=50, random_state=1).fit(CHECKERBOARD).embedding_.similar("king", k=1).keys) == ["queen"]


def test_two_words_are_enough():
    assert len(quick(dim=3).fit(["a b"] * 50).embedding_) == 2
