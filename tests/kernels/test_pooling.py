"""The sums of pooling: the kernel against its twin, and the twin against the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import pooling
from jari.kernels.reference import pooling as twin

texts = st.lists(st.lists(st.integers(-1, 4), max_size=12), max_size=8)


@given(texts, st.integers(1, 40), st.integers(0, 9))
def test_the_kernel_is_its_twin_and_the_definition(texts, d, seed):
    generator = np.random.default_rng(seed)
    vectors = generator.standard_normal((5, d)).astype(np.float32)
    rows = np.array([row for text in texts for row in text], np.int32)
    weights = generator.random(len(rows)).astype(np.float32)
    ends = np.cumsum([0, *map(len, texts)])
    first = min(1, len(texts))
    found = []
    for module in (pooling, twin):
        out, totals = np.full((len(texts), d), 7, np.float32), np.full(len(texts), 7, np.float32)
        module.weighted_sums(vectors, rows, weights, ends, first, len(texts), out, totals)
        found.append((out, totals))
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
        assert (mine[:first] == 7).all()
    for i in range(first, len(texts)):
        terms = [(w, row) for w, row in zip(weights[ends[i] : ends[i + 1]], texts[i], strict=True) if row >= 0]
        np.testing.assert_allclose(found[1][1][i], sum(w for w, _ in terms), rtol=1e-4, atol=1e-6)
        for k in range(d):
            np.testing.assert_allclose(found[1][0][i, k], sum(w * vectors[r, k] for w, r in terms), 1e-3, 1e-5)
