import numpy as np
import pytest

from jari.kernels import products, rows
from jari.kernels._vector import GRAIN
from jari.kernels.reference import products as twin
from jari.kernels.reference import rows as rows_twin

# Half a vector and more: every way in which a row is cut into tiles.
widths = pytest.mark.parametrize("d", [GRAIN * k for k in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13)])


def block(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@widths
@pytest.mark.parametrize(("n", "m"), [(1, 4), (4, 16), (7, 8), (42, 32)])
def test_dots(n, m, d):
    A, B = block(n + 4, d), block(m, d, 1)
    ours, theirs = np.zeros((n + 4, m), np.float32), np.zeros((n + 4, m), np.float32)
    products.dots(ours, A, n, B, m)
    twin.dots(theirs, A, n, B, m)
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-4)


@widths
@pytest.mark.parametrize("m", [4, 8, 12])
def test_skewed_dots(m, d):
    A, B = block(7, d), block(20, d, 1)
    ours, theirs = np.zeros(80, np.float32), np.zeros(80, np.float32)
    products.skewed_dots(ours, 5, 15, A, 2, B, 3, m)
    twin.skewed_dots(theirs, 5, 15, A, 2, B, 3, m)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@widths
@pytest.mark.parametrize("n", [1, 4, 9])
def test_paired_dots(n, d):
    A, B = block(14, d), block(15, d, 1)
    ours, theirs = np.zeros(12, np.float32), np.zeros(12, np.float32)
    products.paired_dots(ours, A, 2, B, 3, n)
    twin.paired_dots(theirs, A, 2, B, 3, n)
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-4)


@widths
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("first", "n", "x", "m"), [(0, 4, 0, 1), (2, 7, 3, 5), (1, 9, 0, 12), (0, 4, 0, 0)])
def test_sums(first, n, x, m, turned, add, d):
    S, X = block(16, 16), block(20, d, 1)
    by_row, by_column = (1, 16) if turned else (16, 1)
    ours, theirs = block(20, d, 2), block(20, d, 2)
    products.sums(ours, first, n, S, 17, by_row, by_column, X, x, m, add)
    twin.sums(theirs, first, n, S, 17, by_row, by_column, X, x, m, add)
    np.testing.assert_allclose(ours[: first + n], theirs[: first + n], atol=1e-4)
    # Whole fours are written, and nothing beyond.
    np.testing.assert_array_equal(ours[first + -(-n // 4) * 4 :], theirs[first + -(-n // 4) * 4 :])


@widths
def test_rows_go_out_and_come_back(d):
    matrix, steps, numbers = block(9, d), block(6, d, 1), np.array([3, 0, 8, 3, 3])
    for module in (rows, rows_twin):
        out = np.zeros((6, d), np.float32)
        module.gather(matrix, numbers, 1, 4, out, 2)
        np.testing.assert_array_equal(out[2:5], matrix[[0, 8, 3]])
        assert not out[[0, 1, 5]].any()
    ours, theirs = matrix.copy(), matrix.copy()
    rows.scatter(ours, numbers, 0, 5, steps, 1)
    rows_twin.scatter(theirs, numbers, 0, 5, steps, 1)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    np.testing.assert_allclose(ours[3], matrix[3] + steps[[1, 4, 5]].sum(0), atol=1e-5)  # a row that stands thrice


@widths
@pytest.mark.parametrize("name", ["add_row", "set_row"])
def test_one_row(name, d):
    ours, theirs = block(4, d), block(4, d)
    getattr(rows, name)(ours, 2, 0.5, block(3, d, 1), 1)
    getattr(rows_twin, name)(theirs, 2, 0.5, block(3, d, 1), 1)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_fill():
    for module in (rows, rows_twin):
        out = block(5, 7)
        module.fill(out, 3, 2.5)
        np.testing.assert_array_equal(out, np.concatenate([np.full((3, 7), 2.5), block(5, 7)[3:]]))


@widths
def test_means_of_windows_equal_the_twins(d):
    matrix, ours, theirs = block(7, d), block(8, d, 1), block(8, d, 2)
    rows.running_sums(ours, matrix, 7)
    rows_twin.running_sums(theirs, matrix, 7)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    for out, sums, module in ((mean := block(2, d), ours, rows), (twin_mean := block(2, d), theirs, rows_twin)):
        module.mean_between(out, 1, 0.25, sums, 1, 6, matrix, 3)
    np.testing.assert_allclose(mean, twin_mean, atol=1e-5)
    np.testing.assert_allclose(mean[1], matrix[[1, 2, 4, 5]].mean(0), atol=1e-5)


@widths
def test_steps_are_spread_over_windows_as_the_twin_does(d):
    left, right = np.array([0, 0, 0, 2, 2, 4], np.int32), np.array([2, 3, 4, 4, 6, 6], np.int32)
    steps, ours, theirs = block(3, d), block(8, d, 1), block(8, d, 2)
    rows.spread(ours, 6, left, right, 2, 0, steps, 3)  # the centres 2, 3 and 4, whose windows end at 6
    rows_twin.spread(theirs, 6, left, right, 2, 0, steps, 3)
    np.testing.assert_allclose(ours[:6], theirs[:6], atol=1e-5)
    np.testing.assert_allclose(ours[3], steps[0] + steps[2], atol=1e-5)


def test_fetch_changes_nothing():
    matrix = block(9, GRAIN)
    before = matrix.copy()
    rows.fetch(matrix, np.array([8, 0]), 0, 2)
    rows_twin.fetch(matrix, np.array([8, 0]), 0, 2)
    np.testing.assert_array_equal(matrix, before)
