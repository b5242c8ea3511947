"""GloVe's kernels against their twins, and the twin of the descent against calculus."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jari.kernels import glove
from jari.kernels.reference import glove as twin
from jari.learn.matrices import zeros


def counted(n, share, seed):
    """A symmetric matrix of counts."""
    generator = np.random.default_rng(seed)
    matrix = generator.exponential(size=(n, n)) * (generator.random((n, n)) < share)
    matrix = csr_array((matrix + matrix.T).astype(np.float32))
    matrix.sort_indices()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data


def chance(n, indptr, indices, data, seed):
    """What draws take: the sums of rows and columns, and a distribution with some words that are never drawn."""
    matrix = csr_array((data, indices, indptr), shape=(n, n))
    left, right = (np.asarray(matrix.sum(axis), np.float64).reshape(-1) for axis in (1, 0))
    right /= max(1.0, right.sum())
    shares = np.random.default_rng(seed).random(n) * (np.random.default_rng(seed + 1).random(n) < 0.7)
    shares[0] += 0.1
    ends = np.concatenate([[0], np.cumsum(shares / shares.sum())])
    ends[-1] = 1
    guide = np.searchsorted(ends[1:], np.arange(2 * n) / (2 * n), side="right").astype(np.int32)
    return left, right, ends, guide


def pairs_of(module, i, n, share, seed, upper, draws):
    indptr, indices, data = counted(n, share, seed)
    columns, counts = np.full(n, -1, np.int32), np.full(n, np.nan, np.float32)
    given = indptr, indices, data, upper, *chance(n, indptr, indices, data, seed)
    m = module.row_pairs(i, *given, draws, 0.1, seed, columns, counts)
    return columns[:m], counts[:m]


def arranged(module, n, share, seed, upper, width, draws):
    indptr, indices, data = counted(n, share, seed)
    order = np.random.default_rng(seed + 1).permutation(n).astype(np.int32)
    given = order, width, indptr, indices, data, upper, *chance(n, indptr, indices, data, seed), draws, 0.1, seed
    strips = -(-n // width)
    entries, runs = np.zeros(strips, np.int64), np.zeros(strips, np.int64)
    module.measure_strips(*given, entries, runs)
    entry, run = np.cumsum(entries) - entries, np.cumsum(runs) - runs
    columns, counts = np.full(entries.sum(), -1, np.int32), np.full(entries.sum(), np.nan, np.float32)
    rows, starts = np.full(runs.sum(), -1, np.int32), np.full(runs.sum(), -1, np.int64)
    module.fill_strips(*given, entry, run, columns, counts, rows, starts)
    return entries, runs, columns, counts, rows, starts


arrangements = given(
    n=st.integers(1, 40),
    share=st.sampled_from([0.0, 0.05, 0.4, 1.0]),
    seed=st.integers(0, 2**20),
    upper=st.booleans(),
    width=st.integers(1, 50),
    draws=st.sampled_from([0.0, 30.0, 500.0]),
)


@arrangements
@settings(max_examples=60, deadline=None)
def test_strips_equal_the_twins(n, share, seed, upper, width, draws):
    ours, theirs = (arranged(module, n, share, seed, upper, width, draws) for module in (glove, twin))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(
        *(pairs_of(module, n // 2, n, share, seed, upper, draws) for module in (glove, twin)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@arrangements
@settings(max_examples=60, deadline=None)
def test_strips_hold_every_count_once(n, share, seed, upper, width, draws):
    entries, _, columns, counts, rows, starts = arranged(glove, n, share, seed, upper, width, draws)
    indptr, indices, data = counted(n, share, seed)
    row = np.repeat(rows, np.diff(np.append(starts, len(columns))))
    seen = counts > 0
    found = csr_array((counts[seen], (row[seen], columns[seen])), shape=(n, n)).toarray()
    whole = csr_array((data, indices, indptr), shape=(n, n)).toarray()
    np.testing.assert_array_equal(found, np.triu(whole) if upper else whole)
    np.testing.assert_array_equal(columns // width, np.repeat(np.arange(len(entries)), entries))
    assert not whole[row[~seen], columns[~seen]].any()
    assert (row <= columns).all() or not upper
    assert len(np.unique(row * np.int64(n) + columns)) == len(columns)


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("module", [glove, twin])
def test_unseen_pairs_are_drawn_by_the_shares_of_both_words(module, upper):
    """Counted is only that 0 stands with itself; how often another pair is drawn is the product of their shares."""
    n, draws, tries = 4, 3.0, 4000
    indptr, indices, data = np.array([0, 1, 1, 1, 1]), np.zeros(1, np.int32), np.full(1, 5.0, np.float32)
    sums, ends = np.full(n, 5.0), np.array([0, 0.4, 0.7, 0.9, 1.0])
    guide = np.searchsorted(ends[1:], np.arange(8) / 8, side="right").astype(np.int32)
    found = np.zeros((n, n))
    columns, counts = np.zeros(n, np.int32), np.zeros(n, np.float32)
    for seed in range(tries // (10 if module is twin else 1)):
        for i in range(n):
            m = module.row_pairs(
                i, indptr, indices, data, upper, sums, sums / 20, ends, guide, draws, 0.5, seed, columns, counts
            )
            found[i, columns[:m]] += counts[:m] < 0
            expected = 5 * 5 / 20
            assert counts[:m][counts[:m] < 0] == pytest.approx(-0.5 * expected / (0.5 + expected))
    shares = np.diff(ends)
    rates = draws * np.outer(shares, shares) * (2 if upper else 1)
    rates = np.triu(rates) if upper else rates
    rates[0, 0] = 0
    found /= tries // (10 if module is twin else 1)
    # A pair whose stretch of the draws is shorter than one is drawn with the probability of its length.
    assert (found <= rates + 0.1).all()
    np.testing.assert_allclose(found[rates < 0.2], rates[rates < 0.2], atol=0.06 if module is twin else 0.02)


class Pairs:
    """Two matrices, and runs of entries on them: lengths that make fours and ones."""

    def __init__(self, d=16, seed=0, kind=np.float32, lengths=(1, 4, 0, 7, 10), squares=2.0):
        generator = np.random.default_rng(seed)
        self.n, self.d, self.kind = 12, d, kind
        self.rows = generator.integers(self.n, size=len(lengths)).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns = [generator.permutation(self.n)[:length] for length in lengths]
        self.columns = np.concatenate(columns).astype(np.int32)
        self.logs = generator.normal(size=len(self.columns)).astype(kind)
        self.weights = generator.random(len(self.columns)).astype(kind)
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
            self.rows, self.starts, begin, end, self.columns, self.logs, self.weights, W, C, self.d, rate
        )
        return loss, W, C


@given(
    d=st.sampled_from([8, 16, 24, 32, 40, 104]),
    seed=st.integers(0, 2**20),
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=6),
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
        ones = np.zeros(1, np.int32), np.array([0, 1]), 0, 1, np.zeros(1, np.int32)
        loss = module.descend(*ones, np.array([1.5], np.float32), np.array([0.5], np.float32), W, C, 8, 0.1)
        assert loss == pytest.approx(0.5)
        assert W[0, 8] == pytest.approx(1.0625)
        assert C[0, 8] == pytest.approx(1.25)
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
