"""Neighbours, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.embedding.flattening import VectorRows, nearest


def plainly(queries, among, k, *, themselves=True):
    away = np.linalg.norm(queries[:, None].astype(np.float64) - among, axis=2)
    if not themselves:
        np.fill_diagonal(away, np.inf)
    return np.sort(away, axis=1)[:, :k]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 900), st.integers(1, 6), st.integers(1, 12), st.integers(0, 9))
def test_they_are_the_nearest(size, dim, k, seed):
    rng = np.random.default_rng(seed)
    among, queries = (rng.normal(size=(n, dim)).astype(np.float32) for n in (size, 40))
    k = min(k, size)
    found = nearest(VectorRows(queries), among, k)
    assert found.distances == pytest.approx(plainly(queries, among, k), abs=1e-4)
    assert (found.places < size).all()
    own = np.linalg.norm(queries[:, None] - among[found.places], axis=2)
    assert own == pytest.approx(found.distances, abs=1e-6)
    assert all(len(set(row)) == k for row in found.places.tolist())


@pytest.mark.parametrize("size", [5, 700, 1500])
def test_no_vector_is_its_own_neighbour_but_its_twin_is(size):
    among = np.random.default_rng(1).normal(size=(size, 4)).astype(np.float32)
    among[1] = among[0]
    found = nearest(None, among, 4)
    assert (found.places != np.arange(size)[:, None]).all()
    assert found.places[0, 0] == 1
    assert found.places[1, 0] == 0
    assert found.distances == pytest.approx(plainly(among, among, 4, themselves=False), abs=1e-4)


def test_some_of_the_queries():
    rng = np.random.default_rng(2)
    queries, among = (rng.normal(size=(n, 3)).astype(np.float32) for n in (1300, 90))
    only = np.array([3, 700, 1299])
    some, every = nearest(VectorRows(queries), among, 2, only=only), nearest(VectorRows(queries), among, 2)
    assert np.array_equal(some.places, every.places[only])


def test_a_callback_is_told_and_can_stop():
    seen = []
    among = np.random.default_rng(0).normal(size=(1100, 3)).astype(np.float32)
    nearest(None, among, 2, seen.append, stage="placing")
    assert [(each.stage, each.done, each.total) for each in seen] == [
        ("placing", 512, 1100),
        ("placing", 1024, 1100),
        ("placing", 1100, 1100),
    ]
    with pytest.raises(ZeroDivisionError):
        nearest(None, among, 2, lambda progress: 1 / 0)
