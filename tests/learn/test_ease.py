"""EASE: the closed form against what it minimises, exact recommendations, and embeddings that approximate them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.recommender import RecommenderContract
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.learn import ease
from jari.learn.ease import EASE


class TestContract(RecommenderContract):
    unit = "items"

    def make(self, **parameters):
        return EASE(**{"l2": 2.0, "dim": 8, "threads": 1} | parameters)

    def scores(self, learnt, vectors, histories):
        return histories.toarray() @ learnt.weights_


def interactions(matrix):
    users, items = matrix.shape
    return Interactions([f"u{i}" for i in range(users)], [f"i{i}" for i in range(items)], matrix)


@pytest.fixture(scope="module")
def some():
    generator = np.random.default_rng(3)
    weights = generator.integers(1, 6, (60, 40)) * (generator.random((60, 40)) < 0.2)
    weights[:, 0] += 1
    return interactions(weights)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_weights_are_the_closed_form_and_a_stationary_point(some, weighted, monkeypatch):
    monkeypatch.setattr(ease, "_TILE", 12)
    monkeypatch.setattr(ease, "_PAIRS", 500)
    learner = EASE(l2=7, weighted=weighted, random_state=1).fit(some)
    X = some.matrix.toarray().astype(np.float64)
    X = X if weighted else (X > 0).astype(np.float64)
    P = np.linalg.inv(X.T @ X + 7 * np.eye(40))
    np.testing.assert_allclose(learner.weights_, np.eye(40) - P / np.diag(P), atol=1e-6)
    # Calculus: the gradient of |X - XB|² + 7 |B|² is 0 wherever B is free, that is off the diagonal.
    B = learner.weights_.astype(np.float64)
    gradient = X.T @ (X @ B - X) + 7 * B
    np.fill_diagonal(gradient, 0)
    assert np.abs(gradient).max() < 1e-4
    assert not np.diag(learner.weights_).any()
    assert learner.weights_.dtype == np.float32


def _expected(scores, k):
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(scores, order, axis=1)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("exclude_seen", [True, False])
@pytest.mark.parametrize("only", [None, ["i5", "i3", "i30", "i0"]])
def test_recommendations_are_exact(some, monkeypatch, threads, exclude_seen, only):
    monkeypatch.setattr(ease, "_PAIRS", 100)  # many blocks
    learner = EASE(l2=7, dim=2, random_state=1, threads=threads).fit(some)
    scores = (some.matrix.toarray() > 0).astype(np.float32) @ learner.weights_
    if exclude_seen:
        scores[some.matrix.toarray() > 0] = -np.inf
    if only is not None:
        scores[:, [i for i in range(40) if f"i{i}" not in only]] = -np.inf
    rows, best = _expected(scores, 6)
    found = learner.recommend_many(some.users.keys, k=6, exclude_seen=exclude_seen, filter=only)
    np.testing.assert_allclose(found.scores, best, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found.rows, np.where(best > -np.inf, rows, -1))


def test_more_than_there_are(some):
    learner = EASE(random_state=1).fit(some)
    seen = len(some.history("u1"))
    assert len(learner.recommend("u1", k=99)) == 40 - seen
    many = learner.recommend_many(["u1"], k=99)
    assert many.rows.shape == (1, 99)
    assert (many.rows[0, 40 - seen :] == -1).all()
    assert np.isneginf(many.scores[0, 40 - seen :]).all()
    assert len(learner.recommend("u1", filter=lambda key: False)) == 0


def test_an_explanation_adds_up_to_the_score(some):
    learner = EASE(l2=7, random_state=1).fit(some)
    target = learner.recommend("u3", k=1)
    shares = learner.explain(target.keys[0], "u3", k=40)
    assert shares.scores.sum() == pytest.approx(target.scores[0], rel=1e-5)
    assert set(shares.keys) == set(some.history("u3"))
    assert (np.diff(shares.scores) <= 0).all()
    weighted = EASE(l2=7, weighted=True, random_state=1).fit(some)
    one = weighted.explain("i4", items={"i7": 3.0})
    assert one.scores[0] == pytest.approx(3 * weighted.weights_[7, 4])


def test_at_full_rank_the_embeddings_are_the_weights(some):
    learner = EASE(l2=7, dim=64, random_state=1).fit(some)
    assert learner.item_embedding_.shape == (40, 40)
    products = learner.item_embedding_.context @ learner.item_embedding_.vectors.T
    np.testing.assert_allclose(products, learner.weights_, atol=1e-5)
    whole = learner.user_embedding_.vectors @ learner.item_embedding_.vectors.T
    np.testing.assert_allclose(whole, (some.matrix.toarray() > 0) @ learner.weights_, atol=1e-4)
    np.testing.assert_allclose(learner.fold_in(some.history("u5")), learner.user_embedding_["u5"], atol=1e-5)


def test_of_all_lower_ranks_the_embeddings_are_the_best(some):
    learner = EASE(l2=7, dim=5, random_state=1).fit(some)
    products = learner.item_embedding_.context @ learner.item_embedding_.vectors.T
    left = np.linalg.svd(learner.weights_, compute_uv=False)[5:]
    assert np.linalg.norm(learner.weights_ - products) == pytest.approx(np.linalg.norm(left), rel=0.01)


def test_weights_count_only_where_asked(some):
    ones = interactions((some.matrix.toarray() > 0).astype(np.float32))
    np.testing.assert_array_equal(EASE(random_state=1).fit(some).weights_, EASE(random_state=1).fit(ones).weights_)
    assert np.abs(EASE(weighted=True).fit(some).weights_ - EASE(weighted=True).fit(ones).weights_).max() > 0.01


def test_the_same_seed_gives_the_same_bits(some):
    one, two = (EASE(random_state=4, threads=1).fit(some) for _ in range(2))
    np.testing.assert_array_equal(one.weights_, two.weights_)
    np.testing.assert_array_equal(one.item_embedding_.vectors, two.item_embedding_.vectors)


def test_arrays_bring_back_what_they_were_taken_from(some):
    learner = EASE(random_state=1).fit(some)
    other = EASE(random_state=1)
    other.user_embedding_, other.item_embedding_ = learner.user_embedding_, learner.item_embedding_
    other.interactions_, other.item_biases_ = some, None
    other._restore(learner._arrays())
    assert list(other.recommend("u2")) == list(learner.recommend("u2"))
    assert all(array.dtype == np.float32 for array in learner._arrays().values())


def test_weights_of_another_catalogue(some):
    learner = EASE(random_state=1).fit(some)
    with pytest.raises(BadInput, match=r"weights of shape \(3, 3\) for 40 items"):
        learner._restore({"weights": np.eye(3, dtype=np.float32)})
    learner.item_embedding_ = Embedding(learner.item_embedding_.vocabulary, learner.item_embedding_.vectors)
    with pytest.raises(BadInput, match="the items have no context vectors"):
        learner._restore({"weights": np.eye(40, dtype=np.float32)})


def test_an_item_that_all_have_and_one_that_nobody_has():
    matrix = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]])
    learner = EASE(l2=1, random_state=1).fit(interactions(matrix))
    assert np.isfinite(learner.weights_).all()
    assert not learner.weights_[3].any()
    assert not learner.weights_[:, 3].any()


def test_a_user_with_no_item():
    found = interactions(csr_array(np.array([[1, 1, 0], [0, 0, 0]], np.float32)))
    learner = EASE(l2=1, random_state=1).fit(found)
    assert learner.recommend("u1").scores.tolist() == [0, 0, 0]


def test_progress(some):
    seen = []
    EASE(callbacks=[seen.append]).fit(some)
    assert [(each.done, each.total, each.unit) for each in seen] == [(39, 40, "items"), (40, 40, "items")]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"l2": 0}, "l2=0: without it there may be no inverse. Give a number above 0"),
        ({"l2": float("nan")}, "l2=nan"),
        ({"l2": -1}, "l2=-1"),
        ({"dim": 0}, "dim=0: a vector needs at least one number"),
        ({"threads": 0}, "threads=0 must be"),
    ],
)
def test_bad_parameters(some, options, says):
    with pytest.raises(BadInput, match=says):
        EASE(**options).fit(some)


def test_a_catalogue_too_large_for_the_memory(some, monkeypatch):
    monkeypatch.setattr(ease, "_memory", lambda: 12 * 39**2)
    with pytest.raises(
        BadInput, match=r"every pair of 40 items, which takes 0.0 GB.* higher min_count, or use Implicit"
    ):
        EASE().fit(some)


def test_memory_that_runs_out(some, monkeypatch):
    def none_left(*_):
        raise MemoryError

    monkeypatch.setattr(ease, "_weights", none_left)
    with pytest.raises(BadInput, match="more than there is here"):
        EASE().fit(some)


def test_memory_is_a_number_or_unknown(monkeypatch):
    said = ease._memory()
    assert said is None or said > 2**20
