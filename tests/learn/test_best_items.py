import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.sparse import csr_array

from jari.learn.best_items import Best, best_items


def plain(users, items, k, biases=None, seen=None, allowed=None):
    """By sorting all scores."""
    scores = users.astype(float) @ items.T.astype(float)
    if biases is not None:
        scores += biases
    if seen is not None:
        scores[seen.toarray() > 0] = -np.inf
    if allowed is not None:
        scores[:, np.setdiff1d(np.arange(len(items)), allowed)] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, order, axis=1)
    return np.where(np.isneginf(best), -1, order), best


def catalogue(m, n=3000, d=12, seed=0):
    """Whole numbers, so that scores are exact and there are ties; a few items have long vectors."""
    draw = np.random.default_rng(seed)
    items = draw.integers(-3, 4, (n, d)).astype(np.float32)
    items[draw.permutation(n)[:40]] *= 10
    users = draw.integers(-3, 4, (m, d)).astype(np.float32)
    users[0] = 0
    seen = csr_array((draw.random((m, n)) < 0.05).astype(np.float32))
    return users, items, seen, draw.integers(-30, 30, n).astype(np.float32)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("m", [1, 16, 17, 600])
@pytest.mark.parametrize("k", [1, 10])
def test_exactly_the_best(m, k, threads):
    users, items, seen, biases = catalogue(m)
    allowed = np.flatnonzero(np.random.default_rng(1).random(len(items)) < 0.3)
    for more in ({}, {"seen": seen}, {"biases": biases}, {"seen": seen, "biases": biases, "allowed": allowed}):
        rows, scores = best_items(users, items, k, threads=threads, **more)
        wanted, right = plain(users, items, k, **more)
        np.testing.assert_array_equal(rows, wanted)
        np.testing.assert_array_equal(scores, right)


@pytest.mark.parametrize("m", [3, 40])
def test_fewer_than_k_are_left(m):
    users, items, _, _ = catalogue(m, n=6)
    seen = csr_array(np.tile(np.array([1, 0, 1, 1, 0, 1], np.float32), (m, 1)))
    rows, scores = best_items(users, items, 4, seen=seen)
    assert (np.sort(rows, axis=1)[:, :2] == -1).all()
    assert np.isneginf(scores[:, 2:]).all()
    assert set(rows[:, :2].ravel()) == {1, 4}


@pytest.mark.parametrize("m", [2, 40])
def test_nothing_is_allowed(m):
    users, items, _, _ = catalogue(m, n=6)
    rows, _ = best_items(users, items, 2, allowed=np.empty(0, np.int64))
    assert (rows == -1).all()


def test_nobody_asks():
    _, items, _, _ = catalogue(2)
    assert best_items(np.empty((0, 12), np.float32), items, 3)[0].shape == (0, 3)


@given(
    arrays(
        np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.floats(width=32, allow_nan=False)
    ),
    st.integers(1, 12),
)
def test_the_best_of_any_scores_are_a_stable_sort(scores, k):
    users, items = scores.shape
    best = Best(users, k, np.arange(items), None)
    best.take(scores, np.arange(users))
    best.sort(0, users)
    rows, found = best.answers()
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    wanted = np.take_along_axis(scores, order, axis=1)
    np.testing.assert_array_equal(found[:, : min(k, items)], wanted)
    np.testing.assert_array_equal(rows[:, : min(k, items)], np.where(np.isneginf(wanted), -1, order))
    assert (rows[:, items:] == -1).all()
