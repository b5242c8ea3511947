import threading

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, csr_matrix, random_array

from jari.errors import BadInput
from jari.learn.svd import truncated_svd


def with_spectrum(m, n, values, seed=0):
    """A dense matrix that has these singular values."""
    generator = np.random.default_rng(seed)
    U, V = (np.linalg.qr(generator.normal(size=(size, min(m, n, len(values)))))[0] for size in (m, n))
    values = values[: min(m, n)]
    return (U * values @ V.T).astype(np.float32)


def svd(matrix, dim, seed=0, **given):
    return truncated_svd(csr_array(matrix), dim, generator=np.random.default_rng(seed), **given)


FALLING = 100 * 0.8 ** np.arange(60)


@pytest.mark.parametrize(("m", "n"), [(300, 200), (200, 300), (64, 1000), (5000, 70)])
def test_it_is_the_svd(m, n):
    matrix = with_spectrum(m, n, FALLING)
    U, s, Vt = svd(matrix, 20)
    exact_U, exact, exact_Vt = np.linalg.svd(matrix.astype(float), full_matrices=False)
    np.testing.assert_allclose(s, exact[:20], rtol=1e-4)
    np.testing.assert_allclose(U.T @ U, np.eye(20), atol=1e-5)
    np.testing.assert_allclose(Vt @ Vt.T, np.eye(20), atol=1e-5)
    np.testing.assert_allclose(np.abs((U * exact_U[:, :20]).sum(0)), 1, atol=1e-3)
    np.testing.assert_allclose(np.abs((Vt * exact_Vt[:20]).sum(1)), 1, atol=1e-3)
    best = (exact_U[:, :20] * exact[:20]) @ exact_Vt[:20]
    np.testing.assert_allclose(U * s @ Vt, best, atol=2e-3)
    assert U.dtype == Vt.dtype == np.float32
    assert s.dtype == np.float64


def test_it_is_the_svd_of_what_is_really_sparse():
    matrix = random_array((800, 500), density=0.02, format="csr", rng=np.random.default_rng(0))
    _, s, _ = svd(matrix, 10, iterations=20)  # a flat spectrum
    np.testing.assert_allclose(s, np.linalg.svd(matrix.toarray())[1][:10], rtol=1e-3)


def test_every_iteration_brings_it_nearer():
    matrix = random_array((800, 500), density=0.02, format="csr", rng=np.random.default_rng(0))
    found = [svd(matrix, 10, iterations=iterations)[1].sum() for iterations in (0, 1, 2, 4, 8)]
    assert found == sorted(found)
    assert found[-1] <= np.linalg.svd(matrix.toarray())[1][:10].sum() * (1 + 1e-6)


def test_steep_spectra_keep_their_small_values():
    values = np.geomspace(1e5, 1, 40)
    _, s, _ = svd(with_spectrum(400, 300, values), 40)
    np.testing.assert_allclose(s, values, rtol=0.03)  # the smallest is 80 times what float32 can hold beside the first


def test_of_each_column_the_largest_number_is_positive():
    U, _, _ = svd(with_spectrum(100, 80, FALLING), 30)
    assert (U[np.abs(U).argmax(0), np.arange(30)] > 0).all()


def test_another_seed_finds_the_same():
    matrix = with_spectrum(300, 200, FALLING)
    one, other = (svd(matrix, 10, seed) for seed in (1, 2))
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_same_bits_on_any_number_of_threads(monkeypatch):
    monkeypatch.setattr("jari.ingest.rowblocks._A_BLOCK", 1000)
    monkeypatch.setattr("jari.learn.svd._ROWS", 64)
    matrix = with_spectrum(300, 200, FALLING)
    results = [svd(matrix, 10, threads=threads) for threads in (1, 2, 3)]
    for other in results[1:]:
        for ours, theirs in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dim", [3, 5, 8])
def test_beyond_the_rank_everything_is_zero(dim):
    matrix = with_spectrum(50, 40, [5.0, 3.0, 1.0])
    U, s, Vt = svd(matrix, dim)
    np.testing.assert_allclose(s[:3], [5, 3, 1], rtol=1e-5)
    assert not s[3:].any()
    assert not U[:, 3:].any()
    assert not Vt[3:].any()


def test_nothing_but_zeros():
    U, s, Vt = svd(np.zeros((9, 7)), 4)
    assert not any(one.any() for one in (U, s, Vt))


@pytest.mark.parametrize(("m", "n", "dim"), [(1, 1, 1), (3, 9, 3), (9, 3, 2), (17, 16, 16)])
def test_small_matrices(m, n, dim):
    matrix = np.random.default_rng(0).normal(size=(m, n))
    np.testing.assert_allclose(svd(matrix, dim)[1], np.linalg.svd(matrix)[1][:dim], rtol=1e-4)


def test_a_symmetric_matrix_needs_no_transpose():
    half = with_spectrum(60, 60, FALLING)
    matrix = csr_array(half + half.T)
    plain, told = (
        truncated_svd(matrix, 9, generator=np.random.default_rng(0), transposed=transposed)
        for transposed in (None, matrix)
    )
    for ours, theirs in zip(told, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("made", [csr_matrix, csc_array, lambda dense: csr_array(dense.astype(np.float64)).tocoo()])
def test_any_sparse_matrix(made):
    dense = with_spectrum(60, 50, FALLING)
    _, s, _ = truncated_svd(made(dense), 5, generator=np.random.default_rng(0))
    np.testing.assert_allclose(s, FALLING[:5], rtol=1e-4)


def test_what_is_given_stays_as_it_was():
    matrix = csr_array(with_spectrum(60, 50, FALLING))
    before = matrix.copy()
    svd(matrix, 5)
    assert (matrix != before).nnz == 0
    assert matrix.data.flags.writeable


def test_progress():
    told = []
    svd(with_spectrum(60, 50, FALLING), 5, iterations=3, tell=lambda done, total: told.append((done, total)))
    assert told[-1] == (4 * 110, 4 * 110)
    assert told == sorted(told)


def test_interrupted_it_leaves_no_thread():
    before = threading.active_count()

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        svd(with_spectrum(60, 50, FALLING), 5, tell=stop)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"dim": 51}, r"dim=51: a matrix of 60 × 50 has only 50 singular values\. Lower dim"),
        ({"dim": 0}, r"dim=0: a vector needs at least one number"),
        ({"dim": 5, "oversampling": -1}, r"oversampling=-1: "),
        ({"dim": 5, "iterations": 1.5}, r"iterations=1.5: "),
        ({"dim": 5, "threads": 0}, r"threads=0 must be"),
    ],
)
def test_bad_parameters(given, message):
    with pytest.raises(BadInput, match=message):
        svd(with_spectrum(60, 50, FALLING), **given)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number(value):
    matrix = with_spectrum(60, 50, FALLING)
    matrix[3, 4] = value
    with pytest.raises(BadInput, match=r"The matrix holds a value that is NaN or infinite"):
        svd(matrix, 5)
