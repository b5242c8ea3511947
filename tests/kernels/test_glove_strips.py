import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jari.kernels import glove_strips
from jari.kernels.reference import glove_strips as twin


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
    columns, counts = np.full(entries.sum(), 9999, np.uint16), np.full(entries.sum(), np.nan, np.float32)
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
    ours, theirs = (arranged(module, n, share, seed, upper, width, draws) for module in (glove_strips, twin))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(
        *(pairs_of(module, n // 2, n, share, seed, upper, draws) for module in (glove_strips, twin)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@arrangements
@settings(max_examples=60, deadline=None)
def test_strips_hold_every_count_once(n, share, seed, upper, width, draws):
    entries, _, columns, counts, rows, starts = arranged(glove_strips, n, share, seed, upper, width, draws)
    indptr, indices, data = counted(n, share, seed)
    assert (columns < width).all()
    columns = columns + width * np.repeat(np.arange(len(entries)), entries)
    row = np.repeat(rows, np.diff(np.append(starts, len(columns))))
    seen = counts > 0
    found = csr_array((counts[seen], (row[seen], columns[seen])), shape=(n, n)).toarray()
    whole = csr_array((data, indices, indptr), shape=(n, n)).toarray()
    np.testing.assert_array_equal(found, np.triu(whole) if upper else whole)
    assert not whole[row[~seen], columns[~seen]].any()
    assert (row <= columns).all() or not upper
    assert len(np.unique(row * np.int64(n) + columns)) == len(columns)


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("module", [glove_strips, twin])
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
