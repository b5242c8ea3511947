"""Skip-gram and CBOW: each kernel against its twin, and each twin against calculus."""

import numpy as np
import pytest

from jari.kernels import cbow, skipgram
from jari.kernels._jit import LANES
from jari.kernels._vector import GRAIN
from jari.kernels.reference import cbow as cbow_twin
from jari.kernels.reference import skipgram as skipgram_twin
from jari.learn.matrices import padded


class FalseContexts:
    """CBOW with its second loss."""

    def __init__(self, module):
        self.group_steps = module.group_steps


cbow_contexts, cbow_contexts_twin = FalseContexts(cbow), FalseContexts(cbow_twin)
NOISE, WEIGHT, RATE = 16, 5 / 16, 0.1
models = pytest.mark.parametrize(
    ("kernel", "twin"),
    [(skipgram, skipgram_twin), (cbow, cbow_twin), (cbow_contexts, cbow_contexts_twin)],
    ids=["skipgram", "cbow", "cbow-contexts"],
)


class Group:
    """A group in the middle of a block: its windows, and room for everything."""

    def __init__(self, centres=9, window=3, d=LANES * 2, seed=0, at=6, words=20, shrink=True):
        self.centres, self.at = centres, at
        generator = np.random.default_rng(seed)
        reach = generator.integers(1, window + 1, words)
        position = np.arange(words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        room, self.d = centres + 2 * window + 8, d
        self.A, self.X = (np.zeros((n, padded(d)), np.float32) for n in (room, NOISE + centres + 8))
        for matrix in (self.A, self.X):
            matrix[:, :d] = generator.normal(size=(len(matrix), d)) / 2
        self.window, self.shrink = window, shrink

    def steps(self, module, A=None, X=None, kind=np.float32, rate=RATE):
        A, X = self.A.astype(kind) if A is None else A, self.X.astype(kind) if X is None else X
        dA, dX = np.zeros_like(A), np.zeros_like(X)
        dA[:, : self.d], dX[:, : self.d] = 7, 7
        S, costs = np.zeros((len(A), NOISE), kind), np.zeros(len(A) * max(NOISE, 32), kind)
        group = X, NOISE, self.centres, self.left, self.right, self.at
        rooms = WEIGHT, rate, self.d, dA, dX, S, costs
        if module in (skipgram, skipgram_twin):
            width = skipgram.band_width(self.window)
            near, band = np.empty(width, np.float32), np.full((self.centres + 4, width), 7, kind)
            skipgram.nearness(self.window, self.shrink, near)
            loss = module.group_steps(A, *group, self.window, *rooms, near, band)
        else:
            n, sums = self.centres + 2 * self.window, np.zeros((len(A) + 1, A.shape[1]), kind)
            sums[1:] = np.cumsum(A, 0)
            H, dH = np.zeros((self.centres + 8, A.shape[1]), kind), np.zeros((self.centres + 8, A.shape[1]), kind)
            scores, false_contexts = np.zeros(self.centres + 8, kind), isinstance(module, FalseContexts)
            rooms = *rooms, H, dH, scores
            loss = module.group_steps(sums, n, *group, self.at - self.window, *rooms, false_contexts)
        return loss, dA[: self.centres + 2 * self.window], dX[: NOISE + self.centres]


@models
@pytest.mark.parametrize("centres", [1, 3, 4, 9, 13])
@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("d", [GRAIN, GRAIN * 13])
def test_a_kernel_is_its_twin(kernel, twin, centres, window, d):
    group = Group(centres=centres, window=window, d=d)
    ours, theirs = group.steps(kernel), group.steps(twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=2e-5)


def test_without_shrinking_every_pair_counts_alike():
    group = Group(shrink=False)
    ours, theirs = group.steps(skipgram), group.steps(skipgram_twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    assert ours[0] > 1.2 * Group(shrink=True).steps(skipgram)[0]
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-5)


@models
def test_a_kernel_forgets_the_group_before(kernel, twin):
    large, small = Group(centres=13), Group(centres=3)
    large.steps(kernel)
    np.testing.assert_allclose(small.steps(kernel)[1], small.steps(twin)[1], atol=2e-5)


def slope_of_loss(group, twin, which):
    """∂L/∂A or ∂L/∂X by differences."""
    inputs = [group.A.astype(np.float64), group.X.astype(np.float64)]
    slope = np.zeros_like(inputs[which])
    for at in np.ndindex(slope.shape):
        for sign in (1, -1):
            moved = [one.copy() for one in inputs]
            moved[which][at] += sign * 1e-5
            slope[at] += sign * group.steps(twin, *moved, kind=np.float64)[0] / 2e-5
    return slope


def test_skipgram_descends_its_loss():
    group = Group(centres=5, window=2, d=LANES)
    _, dA, dX = group.steps(skipgram_twin, kind=np.float64)
    np.testing.assert_allclose(dA, -RATE * slope_of_loss(group, skipgram_twin, 0)[: len(dA)], atol=1e-7)
    np.testing.assert_allclose(dX, -RATE * slope_of_loss(group, skipgram_twin, 1)[: len(dX)], atol=1e-7)


@pytest.mark.parametrize("cbow_twin", [cbow_twin, cbow_contexts_twin])
def test_cbow_descends_its_loss_and_moves_contexts_by_the_whole_step(cbow_twin):
    group = Group(centres=5, window=2, d=LANES)
    group.left[:] = np.arange(len(group.left)) - 2  # all windows alike, so that the factor |window| is one number
    group.right[:] = np.arange(len(group.left)) + 3
    _, dA, dX = group.steps(cbow_twin, kind=np.float64)
    np.testing.assert_allclose(dA, -RATE * 4 * slope_of_loss(group, cbow_twin, 0)[: len(dA)], atol=1e-7)
    np.testing.assert_allclose(dX, -RATE * slope_of_loss(group, cbow_twin, 1)[: len(dX)], atol=1e-7)


@models
def test_a_word_alone_in_its_sentence_moves_nothing(kernel, twin):
    group = Group(centres=1)
    group.left[:], group.right[:] = np.arange(len(group.left)), np.arange(len(group.left)) + 1
    for module in (kernel, twin):
        loss, dA, dX = group.steps(module)
        assert loss == pytest.approx(0, abs=1e-6)
        assert np.abs(dA).max() < 1e-6
        assert np.abs(dX).max() < 1e-6
