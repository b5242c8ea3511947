import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.kernels import als
from jari.kernels._jit import LANES
from jari.kernels.reference import als as twin
from jari.learn.matrices import zeros


class Problem:
    """Rows of X with some entries each, one of them with none and one with more than a piece."""

    def __init__(self, d, *, weighted, seed=0, longest=als.PIECE + 40, dim=None):
        draw = np.random.default_rng(seed)
        items = longest + 10
        lengths = np.array([0, 3, longest, 17, 1])
        self.indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        chosen = [np.sort(draw.choice(items, n, replace=False)) for n in lengths]
        self.indices = np.concatenate(chosen).astype(np.int32)
        entries = len(self.indices)
        self.weights = draw.uniform(0.5, 3, entries).astype(np.float32) if weighted else np.ones(1, np.float32)
        self.X, self.Y = zeros(5, d), zeros(items, d)
        dim = dim or d
        self.X[:, :dim] = draw.normal(size=(5, dim))
        self.Y[:, :dim] = draw.normal(size=(items, dim)) / np.sqrt(dim)
        self.B = zeros(d, d)
        self.B[:] = 0.3 * self.Y.T @ self.Y
        self.l2 = draw.uniform(0.1, 2, 5).astype(np.float32)
        self.room = zeros(als.ROOM + 4, d), zeros(d, d), zeros(d, d)
        self.vectors = np.zeros(als.ROOM + 4, np.float32), np.zeros(d, np.float32)

    def given(self, X):
        return X, self.Y, self.B, self.l2, self.weights, self.indices, self.indptr

    def solve(self, module, begin=0, end=5):
        X = zeros(*self.X.shape)
        X[:] = self.X
        return X, module.solve_rows(*self.given(X), begin, end, *self.room)

    def sweep(self, module, block, begin=0, end=5):
        X = zeros(*self.X.shape)
        X[:] = self.X
        return X, module.sweep_rows(*self.given(X), begin, end, block, *self.room, *self.vectors)


def agree(ours, theirs):
    (X, loss), (wanted, right) = ours, theirs
    np.testing.assert_allclose(X, wanted, atol=2e-4)
    assert loss == pytest.approx(right, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("d", [LANES, 2 * LANES, 5 * LANES])
def test_solve_rows_is_its_twin(d, weighted):
    problem = Problem(d, weighted=weighted)
    agree(problem.solve(als), problem.solve(twin))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("d", "block"), [(LANES, LANES), (4 * LANES, LANES), (5 * LANES, 2 * LANES)])
def test_sweep_rows_is_its_twin(d, block, weighted):
    problem = Problem(d, weighted=weighted)
    agree(problem.sweep(als, block), problem.sweep(twin, block))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_any_numbers(seed):
    problem = Problem(2 * LANES, weighted=bool(seed % 2), seed=seed, dim=2 * LANES - 3)
    agree(problem.solve(als), problem.solve(twin))
    agree(problem.sweep(als, LANES), problem.sweep(twin, LANES))


def test_padding_stays_zero():
    problem = Problem(2 * LANES, weighted=True, dim=LANES + 5)
    for X in (problem.solve(als)[0], problem.sweep(als, LANES)[0]):
        assert not X[:, LANES + 5 :].any()


def test_whoever_has_too_much_for_a_sweep_is_solved():
    problem = Problem(2 * LANES, weighted=False, longest=als.ROOM + 1)
    np.testing.assert_allclose(problem.sweep(als, LANES)[0][2], problem.solve(twin)[0][2], atol=2e-4)


def test_only_the_rows_that_are_asked_for():
    problem = Problem(LANES, weighted=False)
    X, _ = problem.solve(als, 1, 3)
    np.testing.assert_array_equal(X[[0, 3, 4]], problem.X[[0, 3, 4]])


@pytest.mark.parametrize("block", [None, LANES])
def test_twin_is_where_the_loss_has_no_slope(block):
    """Calculus: the numeric gradient of the loss is 0 at a solution; after a sweep it is in the last block."""
    problem = Problem(2 * LANES, weighted=True)
    X, _ = problem.solve(twin) if block is None else problem.sweep(twin, block)
    y, c = twin._what_it_has(problem.Y, problem.weights, problem.indices, problem.indptr, 3)
    x, B, l2 = X[3].astype(float), problem.B.astype(float), float(problem.l2[3])
    last = np.arange(len(x)) >= (0 if block is None else len(x) - block)

    def slope(k):
        step = np.zeros(len(x))
        step[k] = 1e-4
        return (twin._loss(x + step, y, c, B, l2) - twin._loss(x - step, y, c, B, l2)) / 2e-4

    slopes = np.abs([slope(k) for k in range(len(x))])
    assert slopes[last].max() < 1e-4
    if block is not None:
        assert slopes[~last].max() > 1e-3  # so the check can fail
