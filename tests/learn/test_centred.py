import numpy as np
import pytest
from scipy.sparse import csr_array, random_array
from threadpoolctl import threadpool_info

from jari.learn.centred import centred_svd, product


@pytest.fixture(scope="module")
def matrix():
    generator = np.random.default_rng(0)
    made = random_array((300, 80), density=0.1, rng=generator, dtype=np.float32).tocsr()
    return csr_array(made * np.linspace(1, 4, 80, dtype=np.float32))


def decomposed(matrix, dim, **options):
    mean = np.asarray(matrix.mean(axis=0), np.float32)
    return centred_svd(matrix, mean, dim, **({"generator": np.random.default_rng(1), "iterations": 30} | options))


def test_it_is_the_decomposition_of_the_dense_matrix(matrix):
    s, Vt = decomposed(matrix, 5)
    dense = matrix.toarray().astype(np.float64)
    _, expected, rows = np.linalg.svd(dense - dense.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(s, expected[:5], rtol=1e-5)
    np.testing.assert_allclose(np.abs((Vt * rows[:5]).sum(axis=1)), 1, rtol=1e-4)
    assert (Vt[np.arange(5), np.abs(Vt).argmax(axis=1)] > 0).all()


def test_any_number_of_threads_gives_the_same_bits(matrix, monkeypatch):
    monkeypatch.setattr("jari.ingest.rowblocks._A_BLOCK", 100)
    one, three = (decomposed(matrix, 5, threads=threads) for threads in (1, 3))
    np.testing.assert_array_equal(three[0], one[0])
    np.testing.assert_array_equal(three[1], one[1])


def test_a_large_mean_is_no_dimension():
    base = np.outer(np.arange(60) % 7, [1, 2, 3, 4]).astype(np.float32) + 1000  # rank 1 around its mean
    s, Vt = decomposed(csr_array(base), 3)
    assert (s > 0).tolist() == [True, False, False]
    np.testing.assert_allclose(Vt[0], np.array([1, 2, 3, 4]) / np.sqrt(30), atol=1e-3)
    assert not Vt[1:].any()


def test_rows_are_told_and_blas_is_given_back(matrix):
    before, told = [one["num_threads"] for one in threadpool_info()], []
    decomposed(matrix, 5, iterations=2, tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (3 * 380 + 300, 3 * 380 + 300)
    assert [one["num_threads"] for one in threadpool_info()] == before


def test_the_product_is_the_product(matrix):
    X = np.random.default_rng(2).standard_normal((80, 7), dtype=np.float32)
    np.testing.assert_array_equal(product(matrix, X, 3), matrix @ X)
    assert product(matrix[:0], X, 2).shape == (0, 7)
