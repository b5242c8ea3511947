"""The kernel against its twin, and the twin against calculus."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.kernels import glove
from jari.kernels.reference import glove as twin
from jari.learn.matrices import zeros


class Pairs:
    """Two matrices, and runs of entries on them: lengths that make fours and ones."""

    def __init__(self, d=16, seed=0, kind=np.float32, lengths=(1, 4, 0, 7, 10), squares=2.0):
        generator = np.random.default_rng(seed)
        self.n, self.d, self.kind = 12, d, kind
        self.rows = generator.integers(self.n, size=len(lengths)).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns = [generator.permutation(self.n - 2)[:length] for length in lengths]
        self.columns = np.concatenate(columns).astype(np.uint16)
        self.logs = (1024 * generator.normal(size=len(self.columns))).astype(np.int16)
        self.weights = generator.integers(1 << 16, size=len(self.columns), dtype=np.uint16)
        self.W, self.C = (self.matrix(generator, squares) for _ in range(2))

    def matrix(self, generator, squares):
        matrix = zeros(self.n, 2 * self.d).astype(self.kind)
        matrix[:, : self.d] = generator.normal(size=(self.n, self.d)) / 2
        matrix[:, self.d :] = squares * (1 + generator.random((self.n, self.d)))
        return matrix

    def learn(self, module, W=None, C=None, begin=0, end=None, rate=0.5):
        W, C = (self.W if W is None else W).copy(), (self.C if C is None else C).copy()
        end = len(self.rows) if end is None else end
        loss = module.descend(
            self.rows, self.starts, begin, end, 2, self.columns, self.logs, self.weights, W, C, self.d, rate
        )
        return loss, W, C


@given(
    d=st.sampled_from([8, 16, 24, 32, 40, 104]),
    seed=st.integers(0, 2**20),
    lengths=st.lists(st.integers(0, 10), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_the_descent_equals_the_twin(d, seed, lengths):
    pairs = Pairs(d, seed, lengths=lengths)
    ours, theirs = pairs.learn(glove), pairs.learn(twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-2, abs=1e-5)
    for one, other in zip(ours[1:], theirs[1:], strict=True):
        np.testing.assert_allclose(one[:, :d], other[:, :d], atol=2e-2)
        np.testing.assert_allclose(one[:, d:], other[:, d:], rtol=3e-2)


@pytest.mark.parametrize("d", [8, 16, 24, 104])
@pytest.mark.parametrize("length", [1, 4])
def test_the_first_step_equals_the_twin_s_but_for_the_root(d, length):
    pairs = Pairs(d, lengths=(length,))
    ours, theirs = pairs.learn(glove), pairs.learn(twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    for one, other, before in zip(ours[1:], theirs[1:], (pairs.W, pairs.C), strict=True):
        np.testing.assert_allclose(one[:, d:], other[:, d:], rtol=1e-5)
        np.testing.assert_allclose(one[:, :d] - before[:, :d], other[:, :d] - before[:, :d], rtol=2e-3, atol=1e-6)


def test_only_some_runs_are_learnt():
    pairs = Pairs()
    whole = pairs.learn(glove)
    first = pairs.learn(glove, end=3)
    second = pairs.learn(glove, W=first[1], C=first[2], begin=3)
    assert first[0] + second[0] == pytest.approx(whole[0], rel=1e-6)
    np.testing.assert_array_equal(second[1], whole[1])
    np.testing.assert_array_equal(second[2], whole[2])


def test_the_twin_descends_the_loss():
    """With large sums of squares, steps are the slope of ½ Σ f e² by differences, as four pairs see the same rows."""
    pairs = Pairs(8, kind=np.float64, lengths=(4,), squares=1e14)
    pairs.W[:, 8:], pairs.C[:, 8:] = 1e14, 1e14  # 1/√s = 1e-7

    def half_loss(W, C):
        return pairs.learn(twin, W=W, C=C)[0] / 2

    _, W, C = pairs.learn(twin, rate=1.0)
    for which, (before, after) in enumerate([(pairs.W, W), (pairs.C, C)]):
        slope = np.zeros((pairs.n, 8))
        for at in np.ndindex(slope.shape):
            ends = []
            for sign in (1, -1):
                moved = [pairs.W.copy(), pairs.C.copy()]
                moved[which][at] += sign * 1e-5
                ends.append(half_loss(*moved))
            slope[at] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose((after - before)[:, :8] * 1e7, -slope, atol=2e-6)
        np.testing.assert_allclose((after - before)[:, 8:], slope**2, atol=2e-2)


def test_adagrad_of_one_pair_by_hand():
    """Vectors (1, 0 …) and (0.5, 0 …), log x = 1.5, f = 0.5: e = 1, g = 0.25 and 0.5."""
    for module in (glove, twin):
        W, C = np.zeros((1, 16), np.float32), np.zeros((1, 16), np.float32)
        W[0, 0], C[0, 0] = 1, 0.5
        W[:, 8:], C[:, 8:] = 1, 1
        ones = np.zeros(1, np.int32), np.array([0, 1]), 0, 1, 0, np.zeros(1, np.uint16)
        loss = module.descend(*ones, np.array([1536], np.int16), np.array([32768], np.uint16), W, C, 8, 0.1)
        assert loss == pytest.approx(0.5, rel=1e-4)
        assert W[0, 8] == pytest.approx(1.0625, rel=1e-5)
        assert C[0, 8] == pytest.approx(1.25, rel=1e-5)
        assert W[0, 0] == pytest.approx(1 + 0.1 * 0.25 / np.sqrt(1.0625), rel=1e-4)
        assert C[0, 0] == pytest.approx(0.5 + 0.1 * 0.5 / np.sqrt(1.25), rel=1e-4)
        assert not W[0, 1:8].any()
        np.testing.assert_array_equal(W[0, 9:], 1)


def test_a_number_whose_sum_of_squares_is_beyond_all_steps_stays():
    pairs = Pairs(8)
    pairs.W[:, 3], pairs.W[:, 8 + 3] = 1, 1e30
    _, W, _ = pairs.learn(glove)
    np.testing.assert_array_equal(W[:, 3], 1)
    assert (W[pairs.rows, :3] != pairs.W[pairs.rows, :3]).any()
