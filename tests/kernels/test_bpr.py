import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.kernels import bpr
from jari.kernels._jit import LANES
from jari.kernels.reference import bpr as twin
from jari.learn.matrices import zeros
from jari.learn.sampling import Noise


class Problem:
    """Users with a few items each, one with more than a group, and one who has nearly everything."""

    def __init__(self, d=LANES, *, seed=0, noise=8, lengths=(1, 3, 37, 16)):
        draw = np.random.default_rng(seed)
        items = 40
        self.indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.indices = np.concatenate([draw.choice(items, n, replace=False) for n in lengths]).astype(np.int32)
        self.U, self.V = draw.normal(size=(len(lengths), d)), draw.normal(size=(items, d))
        self.biases = draw.normal(size=items)
        self.users = np.arange(len(lengths), dtype=np.int32)
        self.order = draw.permutation(len(lengths))
        self.noise, self.state = noise, np.uint64(seed + 99)
        self.table = Noise.of(np.bincount(self.indices, minlength=items), 0.5)

    def visit(self, module, *, learn_items=True, rate=0.1, l2=0.02, begin=0, end=None, visits=None):
        U, V = zeros(*self.U.shape), zeros(*self.V.shape)
        U[:], V[:] = self.U, self.V
        biases, has = self.biases.astype(np.float32), np.zeros(len(V), np.uint8)
        visits = self.order if visits is None else np.array(visits)
        loss = module.visit_users(
            U,
            V,
            biases,
            self.indices,
            self.indptr,
            self.users,
            self.indptr[:-1].copy(),
            self.indptr[1:].copy(),
            visits,
            begin,
            len(visits) if end is None else end,
            self.noise,
            rate,
            l2,
            learn_items,
            self.state,
            self.table.limits,
            self.table.others,
            has,
        )
        assert not has.any()
        return U, V, biases, loss


def agree(ours, theirs):
    for found, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("d", [LANES, 3 * LANES])
@pytest.mark.parametrize("noise", [4, 8, 20])
@pytest.mark.parametrize("learn_items", [False, True])
def test_kernel_is_twin(d, noise, learn_items):
    problem = Problem(d, noise=noise)
    agree(problem.visit(bpr, learn_items=learn_items), problem.visit(twin, learn_items=learn_items))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_any_numbers(seed):
    problem = Problem(seed=seed)
    agree(problem.visit(bpr), problem.visit(twin))


def test_only_the_visits_that_are_asked_for():
    problem = Problem()
    agree(problem.visit(bpr, begin=1, end=3), problem.visit(twin, begin=1, end=3))


def test_items_that_are_not_learnt_stay():
    problem = Problem()
    U, V, biases, _ = problem.visit(bpr, learn_items=False)
    np.testing.assert_array_equal(V, problem.V.astype(np.float32))
    np.testing.assert_array_equal(biases, problem.biases.astype(np.float32))
    assert not np.allclose(U, problem.U)


def test_who_has_everything_is_left_alone():
    problem = Problem(lengths=(40, 3))
    U, V, _, loss = problem.visit(bpr, l2=0.0, visits=[0])
    np.testing.assert_allclose(U, problem.U, rtol=1e-6)
    np.testing.assert_allclose(V, problem.V, rtol=1e-6)
    assert loss == pytest.approx(0, abs=1e-6)


def test_step_of_twin_is_the_slope_of_its_loss():
    """Calculus: of one visit of one group, in which all noise is new to the user."""
    problem = Problem(lengths=(5, 2), seed=3)
    problem.order = problem.order[:1] * 0
    rate = 1e-3
    U, V, biases, _ = problem.visit(twin, rate=rate, l2=0.0)

    def loss(name, at, change):
        before = getattr(problem, name).copy()
        getattr(problem, name)[at] += change
        found = problem.visit(twin, rate=0.0, l2=0.0)[3]
        setattr(problem, name, before)
        return found

    def slope(name, at):
        return (loss(name, at, 1e-2) - loss(name, at, -1e-2)) / 2e-2

    item = int(problem.indices[0])
    for name, after, at in (("U", U, (0, 3)), ("V", V, (item, 2)), ("biases", biases, (item,))):
        step = float(after[at]) - getattr(problem, name)[at]
        assert step == pytest.approx(-rate * slope(name, at), rel=0.05, abs=2e-6)
        assert abs(step) > 1e-6
