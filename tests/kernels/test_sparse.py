import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array

from jari.kernels import sparse
from jari.kernels._jit import LANES
from jari.kernels.reference import sparse as twin
from jari.learn.matrices import zeros


def matrix(m, n, density, seed=0):
    made = random_array((m, n), density=density, format="csr", dtype=np.float32, rng=np.random.default_rng(seed))
    return made.data, made.indices.astype(np.int32), made.indptr.astype(np.int64)


def block(n, d, seed=1):
    made = zeros(n, d)
    made[:] = np.random.default_rng(seed).normal(size=(n, d))
    return made


@pytest.mark.parametrize("vectors", [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17])
def test_kernel_equals_twin(vectors):
    A, X = matrix(40, 60, 0.3), block(60, vectors * LANES)
    ours, theirs = block(40, vectors * LANES, 2), block(40, vectors * LANES, 2)
    sparse.product(*A, 3, 37, X, ours)
    twin.product(*A, 3, 37, X, theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)  # the rows outside the range are as they were


@given(
    m=st.integers(1, 30), n=st.integers(1, 30), density=st.sampled_from([0.0, 0.05, 0.5, 1.0]), seed=st.integers(0, 9)
)
def test_any_shape(m, n, density, seed):
    A, X = matrix(m, n, density, seed), block(n, LANES)
    ours, theirs = block(m, LANES, 2), block(m, LANES, 2)
    sparse.product(*A, 0, m, X, ours)
    twin.product(*A, 0, m, X, theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_twin_is_the_product_by_definition():
    A, X, out = matrix(20, 30, 0.2), block(30, LANES), block(20, LANES)
    twin.product(*A, 0, 20, X, out)
    np.testing.assert_allclose(out, csr_array(A, shape=(20, 30)).toarray() @ X, atol=1e-5)


def test_an_entry_that_stands_twice_counts_twice():
    A = np.ones(2, np.float32), np.array([1, 1], np.int32), np.array([0, 2])
    X, out = block(2, LANES), block(1, LANES)
    sparse.product(*A, 0, 1, X, out)
    np.testing.assert_allclose(out[0], 2 * X[1], rtol=1e-6)
