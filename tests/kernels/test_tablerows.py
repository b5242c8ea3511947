"""Rows of a table as inputs: the kernels against their twins, and the twins against the definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import tablerows
from jari.kernels.reference import tablerows as twin

SHARES = st.sampled_from([0.0, 0.02, 0.5, 0.9])


@given(
    sizes=st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), max_size=4), share=SHARES, seed=st.integers(0, 99)
)
def test_categories(sizes, share, seed):
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, 12, 7)
    dims = np.array([dim for _, dim in sizes], np.int64)
    lengths = np.array([many * dim for many, dim in sizes], np.int64)
    starts = np.cumsum([0, *lengths])[:-1]
    vectors = generator.standard_normal(int(lengths.sum())).astype(np.float32)
    ids = np.column_stack([np.empty((12, 0), np.int32), *(generator.integers(0, many, 12) for many, _ in sizes)])
    ids = ids.astype(np.int32)
    unknown = np.array([many - 1 for many, _ in sizes], np.int32)
    found = []
    for module in (tablerows, twin):
        asked, x = np.full((7, len(sizes)), -9, np.int32), np.full((7, int(dims.sum()) + 1), 9, np.float32)
        module.put_categories(vectors, starts, dims, ids, unknown, rows, share, seed, 3, asked, x)
        found.append((asked, x))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
    asked, x = found[1]
    assert ((asked == ids[rows]) | (asked == unknown)).all()
    assert share or (asked == ids[rows]).all()
    at = 0
    for c, (many, dim) in enumerate(sizes):
        layer = vectors[starts[c] : starts[c] + many * dim].reshape(many, dim)
        np.testing.assert_array_equal(x[:, at : at + dim], layer[asked[:, c]])
        at += dim
    assert (x[:, -1] == 9).all()


@given(
    texts=st.lists(st.lists(st.integers(0, 5), max_size=8), min_size=1, max_size=6),
    share=SHARES,
    d=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_words(texts, share, d, seed):
    generator = np.random.default_rng(seed)
    table = generator.standard_normal((6, d)).astype(np.float32)
    words = np.array([word for text in texts for word in text], np.int32)
    weights = generator.random(len(words)).astype(np.float32)
    ends = np.cumsum([0, *map(len, texts)])
    rows = generator.integers(0, len(texts), 9)
    room = int((ends[rows + 1] - ends[rows]).sum())
    found = []
    for module in (tablerows, twin):
        kept, shares, kept_ends = np.full(room, -1, np.int32), np.zeros(room, np.float32), np.zeros(10, np.int64)
        x = np.full((9, d + 2), 9, np.float32)
        module.put_words(table, ends, words, weights, rows, share, seed, 3, 1, kept, shares, kept_ends, x, 1)
        found.append((kept, shares, kept_ends, x))
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
    kept, shares, kept_ends, x = found[1]
    assert (x[:, [0, -1]] == 9).all()
    if not share:
        for i, row in enumerate(rows):
            terms = [(weights[p], table[words[p]]) for p in range(ends[row], ends[row + 1])]
            np.testing.assert_allclose(x[i, 1:-1], sum((w * v for w, v in terms), np.zeros(d)), rtol=1e-3, atol=1e-5)


def test_what_is_left_out_of_texts_is_made_up_for():
    table = np.ones((1, 1), np.float32)
    ends, words, weights = np.array([0, 40_000]), np.zeros(40_000, np.int32), np.ones(40_000, np.float32)
    kept, shares, kept_ends = np.empty(40_000, np.int32), np.empty(40_000, np.float32), np.zeros(2, np.int64)
    x = np.empty((1, 1), np.float32)
    tablerows.put_words(table, ends, words, weights, np.zeros(1, np.int64), 0.6, 5, 1, 0, kept, shares, kept_ends, x, 0)
    assert kept_ends[1] == pytest.approx(16_000, rel=0.03)
    assert x[0, 0] == pytest.approx(40_000, rel=0.03)


@given(
    values=st.lists(
        st.lists(st.sampled_from([np.nan, -9.0, -0.5, 0.0, 0.25, 3.0]), min_size=3, max_size=3), min_size=1, max_size=5
    ),
    seed=st.integers(0, 99),
)
def test_numbers(values, seed):
    generator = np.random.default_rng(seed)
    numbers = np.array(values, np.float32)
    rows = generator.integers(0, len(numbers), 6)
    ends = np.array([0, 2, 2, 5])
    starts, scales = generator.standard_normal(5).astype(np.float32), generator.random(5).astype(np.float32) + 0.5
    lows, highs = np.array([-1, 0, -1, 0, 0], np.float32), np.array([1, 2, 1, 1, 2], np.float32)
    found = []
    for module in (tablerows, twin):
        x = np.full((6, 9), 9, np.float32)
        module.put_numbers(numbers, rows, ends, starts, scales, lows, highs, np.array([0, 2]), x, 1)
        found.append(x)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-6)
    x = found[1]
    np.testing.assert_array_equal(x[:, 6:8], np.isnan(numbers[rows][:, [0, 2]]))
    assert (x[:, [0, 8]] == 9).all()
    v = np.nan_to_num(numbers[rows[0], 2])
    assert x[0, 3] == pytest.approx(np.clip((v - starts[2]) * scales[2], -1, 1), abs=1e-6)


@given(n=st.integers(1, 5), d=st.integers(1, 11), share=SHARES, seed=st.integers(0, 99))
def test_thinning(n, d, share, seed):
    x = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    found = []
    for module in (tablerows, twin):
        thinned, factors = x.copy(), np.empty_like(x)
        module.thin(thinned, share, seed, 3, 1, factors)
        found.append((thinned, factors))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-5)


def test_thinning_leaves_out_what_it_says_and_keeps_the_mean():
    for share in (0.1, 0.3, 0.85):
        x, factors = np.ones((300, 301), np.float32), np.empty((300, 301), np.float32)
        tablerows.thin(x, share, 7, 1, 0, factors)
        assert (factors == 0).mean() == pytest.approx(share, abs=0.01)
        assert x.mean() == pytest.approx(1, abs=0.03)
        other = np.empty_like(factors)
        tablerows.thin(np.ones_like(x), share, 7, 2, 0, other)
        assert (factors != other).mean() > 0.1
