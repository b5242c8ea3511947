import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.recommender import RecommenderContract, checkerboard
from jari.errors import BadInput
from jari.learn.bpr import BPR, Visits


class TestContract(RecommenderContract):
    unit = "visits"

    def make(self, **parameters):
        return BPR(**{"dim": 6, "epochs": 60, "learning_rate": 0.2, "threads": 1} | parameters)

    def test_an_explanation_is_what_the_score_would_lack_or_its_parts(self, films, learnt):
        """It is the slope of the loss of each past item, along the item that is recommended."""
        past, target = ["a0", "a2", "b4"], films.items.row("a1")
        V, b, u = learnt.item_embedding_.vectors.astype(float), learnt.item_biases_, learnt.fold_in(past)
        others = ~np.isin(list(films.items), past)
        chances = np.where(others, np.bincount(films.matrix.indices) ** learnt.noise_exponent, 0.0)

        def loss(key, step):
            scores = V @ (u + step * V[target]) + b
            behind = scores - scores[films.items.row(key)]
            return (chances * np.log1p(np.exp(behind))).sum() / chances.sum()

        for key, share in learnt.explain("a1", items=past):
            assert share == pytest.approx((loss(key, -1e-4) - loss(key, 1e-4)) / 2e-4, rel=1e-2, abs=1e-4)


def test_losses_fall():
    learner = BPR(dim=8, epochs=40, learning_rate=0.1, threads=2, random_state=1).fit(checkerboard())
    assert learner.losses_[0] == pytest.approx(np.log(2), abs=0.05)
    assert learner.losses_[-1] < 0.4


def test_blocks_come_back_exactly():
    learner = BPR(dim=6, epochs=150, learning_rate=0.2, threads=1, random_state=0).fit(checkerboard())
    for user, block in (("u0", "a"), ("u25", "b"), ("u59", "c")):
        assert {key[0] for key in learner.recommend(user, k=2).keys} == {block}
    assert {key[0] for key in learner.similar_items("a0", k=7).keys} == {"a"}


def test_whoever_is_folded_in_is_as_with_others():
    interactions = checkerboard()
    learner = BPR(dim=6, epochs=20, threads=1, random_state=0).fit(interactions)
    together = learner.transform(interactions)
    np.testing.assert_array_equal(together[7], learner.fold_in(interactions.history("u7")))


def test_long_lists_are_many_visits():
    visits = Visits.of(csr_array(np.ones((1, 600), np.float32)))
    assert list(zip(visits.starts, visits.stops, strict=True)) == [(0, 256), (256, 512), (512, 600)]


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("dim", 0, "dim=0: a vector needs"),
        ("noise", 0, "noise=0: what was chosen is compared"),
        ("learning_rate", 0, "learning_rate=0: steps have a size"),
        ("l2", -1, "l2=-1: vectors are not drawn apart"),
        ("epochs", 0, "epochs=0: the entries must be visited"),
        ("noise_exponent", float("nan"), "noise_exponent=nan: it is a power"),
    ],
)
def test_parameters_out_of_range(parameter, value, says):
    with pytest.raises(BadInput, match=says):
        BPR(**{parameter: value}).fit(checkerboard())
