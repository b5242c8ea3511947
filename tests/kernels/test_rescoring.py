"""Rescoring: the kernel against its twin, and the twin against the exact search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.embedding.neighbours import top_k
from jari.kernels import rescoring
from jari.kernels.reference import rescoring as twin


@settings(max_examples=50)
@given(
    st.integers(1, 40), st.integers(1, 30), st.integers(0, 20), st.integers(1, 12), st.integers(0, 2), st.integers(0, 9)
)
def test_the_kernel_is_its_twin(n, d, candidates, k, metric, seed):
    generator = np.random.default_rng(seed)
    vectors = generator.integers(-2, 3, (n, d)).astype(np.float32)  # small whole numbers: many scores are equal
    query = generator.integers(-2, 3, d).astype(np.float64)
    query[0] = 1.0
    places = generator.permutation(n)
    numbers = generator.permutation(n)[:candidates]
    numbers[generator.random(len(numbers)) < 0.2] = -1
    found = []
    for module in (rescoring, twin):
        rows, scores = np.full(k, -7), np.full(k, -7, dtype=np.float32)
        count = module.rescore(vectors, numbers, places, query, metric, int(places[0]), rows, scores)
        found.append((count, scores[:count]))
        assert len(set(rows[:count].tolist())) == count
        assert places[0] not in rows[:count]
        assert (rows[count:] == -7).all()
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("metric", "name"), [(0, "cosine"), (1, "dot"), (2, "euclidean")])
@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_both_answer_as_the_exact_search(metric, name, scale):
    generator = np.random.default_rng(3)
    vectors = (scale * generator.standard_normal((50, 20))).astype(np.float32)
    vectors[30], vectors[7] = vectors[20], 0
    query = vectors[20].astype(np.float64) + scale * 0.1
    everything = np.arange(50)
    right, values = top_k(vectors, query[None, :], 10, name)
    for module in (rescoring, twin):
        rows, scores = np.empty(10, np.int64), np.empty(10, np.float32)
        assert module.rescore(vectors, everything[::-1].copy(), everything, query, metric, -1, rows, scores) == 10
        assert rows.tolist() == right[0].tolist()
        np.testing.assert_allclose(scores * (-1 if metric == 2 else 1), values[0], rtol=1e-6)
