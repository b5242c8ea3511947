import numpy as np
import pytest

from jari.kernels import cholesky, products
from jari.kernels._jit import LANES
from jari.kernels.reference import cholesky as twin
from jari.kernels.reference import products as products_twin


def symmetric(d, seed=0):
    Z = np.random.default_rng(seed).normal(size=(2 * d, d))
    return (Z.T @ Z / d + 0.1 * np.eye(d)).astype(np.float32)


spans = pytest.mark.parametrize(
    ("d", "first", "after"),
    [(LANES, 0, LANES), (5 * LANES, 0, 5 * LANES), (4 * LANES, LANES, 3 * LANES), (7 * LANES, 0, 7 * LANES)],
)


@spans
def test_factor_and_solve_are_their_twins(d, first, after):
    A = symmetric(d)
    ours, theirs, N = A.copy(), A.copy(), np.zeros_like(A)
    cholesky.factor(ours, first, after, N)
    twin.factor(theirs, first, after, N)
    part = slice(first, after)
    np.testing.assert_allclose(np.triu(ours[part, part]), np.triu(theirs[part, part]), atol=1e-4)
    x = np.random.default_rng(1).normal(size=d).astype(np.float32)
    found, wanted = x.copy(), x.copy()
    cholesky.solve(ours, N, first, after, found)
    twin.solve(theirs, N, first, after, wanted)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(A[part, part] @ found[part], x[part], atol=1e-3)


def test_nothing_below_the_diagonal_is_read():
    A = symmetric(2 * LANES)
    spoilt = A.copy()
    spoilt[np.tril_indices(len(A), -1)] = 99
    N = np.zeros_like(A)
    for matrix in (A, spoilt):
        cholesky.factor(matrix, 0, len(A), N)
    np.testing.assert_array_equal(np.triu(A), np.triu(spoilt))


def test_a_matrix_that_is_not_definite_gives_numbers():
    A, N = np.zeros((LANES, LANES), np.float32), np.zeros((LANES, LANES), np.float32)
    cholesky.factor(A, 0, LANES, N)
    assert np.isfinite(A).all()


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("n", [0, 1, 9])
@spans
def test_gram(d, first, after, n, add):
    Z = np.random.default_rng(0).normal(size=(10, d)).astype(np.float32)
    ours, theirs = np.ones((d, d), np.float32), np.ones((d, d), np.float32)
    products.gram(ours, Z, n, first, after, add)
    products_twin.gram(theirs, Z, n, first, after, add)
    np.testing.assert_allclose(np.triu(ours), np.triu(theirs), atol=1e-4)


@spans
def test_take_earlier(d, first, after):
    draw = np.random.default_rng(0)
    U, N = (draw.normal(size=(d, d)).astype(np.float32) for _ in range(2))
    ours, theirs = U.copy(), U.copy()
    row = after - 8
    products.take_earlier(ours, N, first, row, after)
    products_twin.take_earlier(theirs, N, first, row, after)
    np.testing.assert_allclose(ours[row : row + 4, row:after], theirs[row : row + 4, row:after], atol=1e-4)
