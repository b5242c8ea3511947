import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import random_array

from jari.kernels import pmi
from jari.kernels.reference import pmi as twin


def counted(seed, density=0.4):
    generator = np.random.default_rng(seed)
    made = random_array((12, 15), density=density, format="csr", rng=generator)
    data = np.ceil(made.data * 9).astype(np.float32)
    row, column = generator.uniform(0.1, 0.6, 12), generator.uniform(0.1, 1.0, 15)
    return (data, made.indices.astype(np.int32), made.indptr.astype(np.int64)), row, column


@given(seed=st.integers(0, 99), density=st.sampled_from([0.0, 0.1, 0.4, 1.0]))
def test_kernels_equal_twins(seed, density):
    A, row, column = counted(seed, density)
    found = []
    for module in (pmi, twin):
        counts = np.zeros(12, np.int64)
        module.count_above(*A, 0, 7, row, column, counts)
        module.count_above(*A, 7, 12, row, column, counts)
        starts = np.concatenate([[0], np.cumsum(counts)])
        kept, above, whole = np.zeros(starts[-1], np.int32), np.zeros(starts[-1], np.float32), np.zeros_like(A[0])
        for begin, end in ((7, 12), (0, 7)):
            module.logs_above(*A, begin, end, row, column, starts, kept, above)
            module.logs(*A, begin, end, row, column, whole)
        found.append((counts, kept, above, whole))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)


def test_twin_is_the_logarithm_of_the_ratio():
    (data, indices, indptr), row, column = counted(3)
    out = np.zeros_like(data)
    twin.logs(data, indices, indptr, 0, 12, row, column, out)
    for i in range(12):
        for p in range(indptr[i], indptr[i + 1]):
            assert np.isclose(out[p], np.log(data[p] * row[i] * column[indices[p]]), atol=1e-6)


def test_only_what_is_above_zero_is_kept():
    (data, indices, indptr), row, column = counted(4)
    counts, whole = np.zeros(12, np.int64), np.zeros_like(data)
    pmi.count_above(data, indices, indptr, 0, 12, row, column, counts)
    pmi.logs(data, indices, indptr, 0, 12, row, column, whole)
    assert 0 < counts.sum() < len(data)
    assert counts.sum() == (whole > 0).sum()
