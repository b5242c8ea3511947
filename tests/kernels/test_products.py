import numpy as np
import pytest

from jari.kernels import products, rows
from jari.kernels._jit import LANES
from jari.kernels._vector import GRAIN
from jari.kernels.reference import products as twin
from jari.kernels.reference import rows as rows_twin
from jari.learn.matrices import padded

# Half a vector and more: every way in which a row is cut into tiles.
widths = pytest.mark.parametrize("d", [GRAIN * k for k in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13)])


def row(d):
    """Whole vectors, and at times more than d."""
    return padded(d) + (LANES if d % 3 else 0)


def block(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@widths
@pytest.mark.parametrize(("n", "m"), [(1, 4), (4, 16), (7, 8), (42, 32)])
def test_dots(n, m, d):
    A, B = block(n + 4, row(d)), block(m, row(d), 1)
    ours, theirs = np.zeros((n + 4, m), np.float32), np.zeros((n + 4, m), np.float32)
    products.dots(ours, A, n, B, m, d)
    twin.dots(theirs, A, n, B, m, d)
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-4)


@widths
@pytest.mark.parametrize("m", [4, 8, 12])
def test_skewed_dots(m, d):
    A, B = block(7, row(d)), block(20, row(d), 1)
    ours, theirs = np.zeros(80, np.float32), np.zeros(80, np.float32)
    products.skewed_dots(ours, 5, 15, A, 2, B, 3, m, d)
    twin.skewed_dots(theirs, 5, 15, A, 2, B, 3, m, d)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@widths
@pytest.mark.parametrize("n", [1, 4, 9])
def test_paired_dots(n, d):
    A, B = block(14, row(d)), block(15, row(d), 1)
    ours, theirs = np.zeros(12, np.float32), np.zeros(12, np.float32)
    products.paired_dots(ours, A, 2, B, 3, n, d)
    twin.paired_dots(theirs, A, 2, B, 3, n, d)
    np.testing.assert_allclose(ours[:n], theirs[:n], atol=1e-4)


@widths
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("first", "n", "x", "m"), [(0, 4, 0, 1), (2, 7, 3, 5), (1, 9, 0, 12), (0, 4, 0, 0)])
def test_sums(first, n, x, m, turned, add, d):
    S, X = block(16, 16), block(20, row(d), 1)
    by_row, by_column = (1, 16) if turned else (16, 1)
    ours, theirs = block(20, row(d), 2), block(20, row(d), 2)
    products.sums(ours, first, n, S, 17, by_row, by_column, X, x, m, add, d)
    twin.sums(theirs, first, n, S, 17, by_row, by_column, X, x, m, add, d)
    np.testing.assert_allclose(ours[: first + n], theirs[: first + n], atol=1e-4)
    # Whole fours are written, and nothing beyond.
    np.testing.assert_array_equal(ours[first + -(-n // 4) * 4 :], theirs[first + -(-n // 4) * 4 :])


@widths
def test_rows_go_out_and_come_back(d):
    matrix, steps, numbers = block(9, row(d)), block(6, row(d), 1), np.array([3, 0, 8, 3, 3])
    for module in (rows, rows_twin):
        out = np.zeros((6, row(d)), np.float32)
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
    ours, theirs = block(4, row(d)), block(4, row(d))
    getattr(rows, name)(ours, 2, 0.5, block(3, row(d), 1), 1)
    getattr(rows_twin, name)(theirs, 2, 0.5, block(3, row(d), 1), 1)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_clear():
    for module in (rows, rows_twin):
        out = block(5, 7)
        module.clear(out, 1, 3)
        np.testing.assert_array_equal(out, np.concatenate([block(5, 7)[:1], np.zeros((2, 7)), block(5, 7)[3:]]))


@widths
def test_means_of_windows_equal_the_twins(d):
    matrix, numbers = block(9, row(d)), np.array([8, 3, 0, 8, 1, 2, 7])
    found = []
    for module in (rows, rows_twin):
        sums, mean = block(8, row(d), 1), block(2, row(d))
        module.gather_sums(matrix, numbers, 1, 7, sums)
        module.mean_around(mean, 1, 0.25, sums, 1, 3, 6)
        found.append((sums[:7], mean))
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-5)
    np.testing.assert_allclose(found[0][1][1], matrix[[0, 8, 2, 7]].mean(0), atol=1e-5)


@widths
def test_steps_are_spread_over_windows_as_the_twin_does(d):
    left, right = np.array([0, 0, 0, 2, 2, 4], np.int32), np.array([2, 3, 4, 4, 6, 6], np.int32)
    steps, ours, theirs = block(3, row(d)), block(8, row(d), 1), block(8, row(d), 2)
    rows.spread(ours, 6, left, right, 2, 0, steps, 3)  # the centres 2, 3 and 4, whose windows end at 6
    rows_twin.spread(theirs, 6, left, right, 2, 0, steps, 3)
    np.testing.assert_allclose(ours[:6], theirs[:6], atol=1e-5)
    np.testing.assert_allclose(ours[3], steps[0] + steps[2], atol=1e-5)


def test_fetch_changes_nothing():
    matrix = block(9, LANES)
    before = matrix.copy()
    rows.fetch(matrix, np.array([8, 0]), 0, 2)
    rows_twin.fetch(matrix, np.array([8, 0]), 0, 2)
    np.testing.assert_array_equal(matrix, before)
