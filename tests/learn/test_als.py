import numpy as np
import pytest

from contracts.recommender import RecommenderContract, checkerboard
from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.learn.als import ImplicitALS


class TestContract(RecommenderContract):
    by_difference = False  # a score is a sum over the past items, and each has its part
    unit = "rows"

    def make(self, **parameters):
        return ImplicitALS(**{"dim": 6, "epochs": 8, "threads": 1} | parameters)


def some(weighted=True, seed=0):
    draw = np.random.default_rng(seed)
    matrix = (draw.random((50, 30)) < 0.2) * (draw.uniform(0.5, 3, (50, 30)) if weighted else 1.0)
    matrix[0, :2] = 1
    return Interactions([f"u{i}" for i in range(50)], [f"i{i}" for i in range(30)], matrix)


def objective(learner, interactions):
    """As the docstring has it, in float64."""
    C = interactions.matrix.toarray().astype(float) if learner.weighted else (interactions.matrix.toarray() > 0) * 1.0
    there = interactions.matrix.toarray() > 0
    U, V = (e.vectors.astype(float) for e in (learner.user_embedding_, learner.item_embedding_))
    scores = U @ V.T
    users = (there.sum(1) + learner.unobserved * there.shape[1]) ** learner.l2_exponent
    items = (there.sum(0) + learner.unobserved * there.shape[0]) ** learner.l2_exponent
    fit = (C * (scores - 1) ** 2).sum() + learner.unobserved * (scores**2).sum()
    return fit + learner.l2 * (users @ (U**2).sum(1) + items @ (V**2).sum(1))


@pytest.mark.parametrize("block", [0, 16])
@pytest.mark.parametrize("l2_exponent", [0.0, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_are_what_the_docstring_says_and_fall(weighted, l2_exponent, block):
    interactions = some()
    learner = ImplicitALS(
        dim=40, epochs=6, l2=0.1, l2_exponent=l2_exponent, weighted=weighted, block=block, threads=2, random_state=0
    ).fit(interactions)
    assert learner.losses_[-1] * 50 * 30 == pytest.approx(objective(learner, interactions), rel=1e-3)
    assert (np.diff(learner.losses_) < 0).all()


def test_a_user_is_where_the_loss_is_least():
    """Calculus: moving a learnt user anywhere makes the objective larger."""
    interactions = some()
    learner = ImplicitALS(dim=5, epochs=4, l2=0.1, random_state=0).fit(interactions)
    least = objective(learner, interactions)
    vectors = np.array(learner.user_embedding_.vectors)
    draw = np.random.default_rng(0)
    for _ in range(20):
        moved = vectors.copy()
        moved[7] += draw.normal(0, 0.01, 5)
        learner.user_embedding_ = type(learner.user_embedding_)(interactions.users, moved)
        assert objective(learner, interactions) > least


def test_the_same_with_any_number_of_threads():
    interactions = some()
    one, two = (ImplicitALS(dim=8, epochs=3, random_state=5, threads=t).fit(interactions) for t in (1, 2))
    np.testing.assert_array_equal(one.item_embedding_.vectors, two.item_embedding_.vectors)


def test_fold_in_is_the_user_who_was_learnt():
    interactions = some()
    learner = ImplicitALS(dim=8, epochs=3, random_state=5).fit(interactions)
    folded = learner.fold_in(interactions.history("u3"))
    np.testing.assert_allclose(folded, learner.user_embedding_["u3"], atol=1e-6)


def test_explanations_add_up_to_the_score():
    interactions = some()
    learner = ImplicitALS(dim=8, epochs=3, random_state=5).fit(interactions)
    score = float(learner.user_embedding_["u3"] @ learner.item_embedding_["i9"])
    assert learner.explain("i9", "u3", k=30).scores.sum() == pytest.approx(score, abs=1e-5)


def test_blocks_come_back_exactly():
    learner = ImplicitALS(dim=6, epochs=15, random_state=0).fit(checkerboard())
    for user, block in (("u0", "a"), ("u25", "b"), ("u59", "c")):
        assert {key[0] for key in learner.recommend(user, k=2).keys} == {block}
    assert {key[0] for key in learner.similar_items("a0", k=7).keys} == {"a"}


@pytest.mark.parametrize(
    ("parameter", "value", "says"),
    [
        ("dim", 0, "dim=0: a vector needs at least one number"),
        ("unobserved", 0, "unobserved=0: without it every score may be 1"),
        ("l2", 0.0, "l2=0.0: without it a user with few items has no solution"),
        ("l2_exponent", -1, "l2_exponent=-1: many entries are not regularised less"),
        ("epochs", 0, "epochs=0: users and items must be solved"),
        ("block", -1, "block=-1: it is a number of columns"),
        ("threads", 0, "threads=0 must be a whole number"),
    ],
)
def test_parameters_out_of_range(parameter, value, says):
    with pytest.raises(BadInput, match=says):
        ImplicitALS(**{parameter: value}).fit(some())
