from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.kernels import codes as kernels
from jari.kernels.reference import codes as twin

NONE = np.empty(0, np.float32)
sizes = st.integers(1, 40)
some = settings(deadline=None, max_examples=40)  # the first example compiles


def block(n, d, seed, kind=np.float32):
    random = np.random.default_rng(seed)
    if kind is np.uint16:
        return random.normal(size=(n, d)).astype(np.float16).view(np.uint16)
    if kind is np.float32:
        return random.normal(size=(n, d)).astype(np.float32)
    return random.integers(np.iinfo(kind).min, np.iinfo(kind).max, (n, d), dtype=kind, endpoint=True)


@pytest.mark.parametrize(("name", "kind"), [("row_dots", np.int8), ("row_dots", np.float32), ("half_dots", np.uint16)])
@some
@given(n=sizes, d=sizes, first=st.integers(0, 9), seed=st.integers(0, 99))
def test_products_with_one_query(name, kind, n, d, first, seed):
    codes, query = block(n + first + 1, d, seed, kind), block(1, d, seed + 1)[0]
    ours, theirs = np.zeros((n, 1), np.float32), np.zeros((n, 1), np.float32)
    getattr(kernels, name)(ours, codes, first, n, query)
    getattr(twin, name)(theirs, codes, first, n, query)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-2 if kind is np.int8 else 1e-4)


@pytest.mark.parametrize(("name", "kind"), [("widen", np.int8), ("widen", np.float32), ("widen_halves", np.uint16)])
@some
@given(n=sizes, d=sizes, first=st.integers(0, 9))
def test_widen(name, kind, n, d, first):
    codes = block(n + first, d, n, kind)
    ours, theirs = np.ones((n + 2, d + 3), np.float32), np.ones((n + 2, d + 3), np.float32)
    getattr(kernels, name)(ours, codes, first, n)
    getattr(twin, name)(theirs, codes, first, n)
    np.testing.assert_array_equal(ours, theirs)


def test_every_half_is_widened_rightly():
    every = np.arange(1 << 16, dtype=np.uint16)
    finite = np.isfinite(every.view(np.float16))
    ours = np.zeros((1, 1 << 16), np.float32)
    kernels.widen_halves(ours, every[None], 0, 1)
    np.testing.assert_array_equal(ours[0, finite], every.view(np.float16)[finite].astype(np.float32))


@some
@given(n=sizes, parts=st.integers(1, 13), m=st.integers(1, 5), first=st.integers(0, 9))
def test_lookups(n, parts, m, first):
    codes, tables = block(n + first, parts, n, np.uint8), block(m * parts, 256, n).reshape(m, parts, 256)
    ours, theirs = np.zeros((n, m + 1), np.float32), np.zeros((n, m + 1), np.float32)
    kernels.lookups(ours, codes, first, n, tables)
    twin.lookups(theirs, codes, first, n, tables)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@some
@given(n=sizes, words=st.integers(1, 5), m=st.integers(1, 5), first=st.integers(0, 9))
def test_agreements(n, words, m, first):
    codes, queries = block(n + first, words, n, np.uint64), block(m, words, n + 1, np.uint64)
    ours, theirs = np.zeros((n, m + 1), np.float32), np.zeros((n, m + 1), np.float32)
    kernels.agreements(ours, codes, first, n, queries, 64 * words - 3)
    twin.agreements(theirs, codes, first, n, queries, 64 * words - 3)
    np.testing.assert_array_equal(ours, theirs)


def test_agreements_of_rows_made_by_hand():
    codes = np.array([[0b1011], [0]], np.uint64)
    out = np.zeros((2, 1), np.float32)
    kernels.agreements(out, codes, 0, 2, np.array([[0b0001]], np.uint64), 4)
    assert out[:, 0].tolist() == [0, 2]  # two of four signs differ; one does


@some
@given(
    n=st.integers(1, 60),
    k=st.integers(1, 70),
    levels=st.integers(1, 8),
    weighed=st.booleans(),
    bent=st.booleans(),
    masked=st.booleans(),
    seed=st.integers(0, 99),
)
def test_keep_best(n, k, levels, weighed, bent, masked, seed):
    random, m = np.random.default_rng(seed), 3
    products = random.integers(0, levels, (n, m)).astype(np.float32)  # many equal scores
    weights = random.integers(1, 3, n).astype(np.float32) if weighed else NONE
    offsets = random.integers(0, 3, n).astype(np.float32) if bent else NONE
    allowed = random.integers(0, 2, n).astype(np.uint8) if masked else np.empty(0, np.uint8)
    slopes = np.array([1, 2, 0.5], np.float32)
    found = []
    for room in (kernels, twin):
        scores, places = np.full((m, k), -np.inf, np.float32), np.full((m, k), n, np.int64)
        for first in range(0, n, 17):  # heaps go on from block to block
            many = min(17, n - first)
            room.keep_best(scores, places, products[first:], first, many, weights, offsets, slopes, allowed)
        order = np.lexsort((places, -scores), axis=1)
        found.append((np.take_along_axis(scores, order, 1), np.take_along_axis(places, order, 1)))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_scores_that_are_no_numbers_are_not_kept():
    scores, places = np.full((1, 2), -np.inf, np.float32), np.full((1, 2), 3, np.int64)
    products = np.array([[np.nan], [1], [np.nan]], np.float32)
    kernels.keep_best(scores, places, products, 0, 3, NONE, NONE, np.ones(1, np.float32), np.empty(0, np.uint8))
    assert sorted(places[0]) == [1, 3]
