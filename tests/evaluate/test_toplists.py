"""Measures of many lists at once against the same by hand, list by list."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jari.errors import BadInput
from jari.evaluate.ranking import measure_named
from jari.evaluate.toplists import MEASURES, TopLists, mean_of_items, parsed

ROWS = np.array([[3, 0, 2, 1], [1, 4, -1, -1], [2, 3, 4, 0]])
WANTED = csr_array(np.array([[1, 0, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 1]], np.float32))


@pytest.mark.parametrize(
    ("name", "k", "expected"),
    [
        ("recall", 1, [0, 0, 1]),
        ("recall", 2, [1 / 2, 0, 1]),
        ("recall", 3, [1, 0, 1]),
        ("p", 4, [2 / 4, 0, 3 / 4]),
        ("hr", 2, [1, 0, 1]),
        ("mrr", 4, [1 / 2, 0, 1]),
        ("map", 4, [(1 / 2 + 2 / 3) / 2, 0, 1]),
        ("map", 2, [(1 / 2) / 2, 0, 1]),
        ("ndcg", 2, [(1 / math.log2(3)) / (1 + 1 / math.log2(3)), 0, 1]),
        ("ndcg", 100, [(1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3)), 0, 1]),
    ],
)
def test_by_hand(name, k, expected):
    assert MEASURES[name](TopLists.of(ROWS, WANTED), k) == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 15))
def test_as_one_list_at_a_time(seed, shown, k):
    """`jari.evaluate.ranking` knows one list, and divides recall and MAP by all that was wanted."""
    rng = np.random.default_rng(seed)
    wanted = rng.random((5, 12)) < 0.4
    wanted[:, rng.integers(12)] = True
    rows = np.array([rng.permutation(12)[:shown] for _ in range(5)])
    rows[1, shown // 2 :] = -1
    lists = TopLists.of(rows, csr_array(wanted.astype(np.float32)))
    for name, measure in MEASURES.items():
        found = measure(lists, k)
        for user in range(5):
            ranked = [str(row) for row in rows[user] if row >= 0]
            grades = {str(row): 1 for row in np.flatnonzero(wanted[user])}
            if name == "hr":
                expected = float(any(one in grades for one in ranked[:k]))
            else:
                expected = measure_named(f"{name}@{k}")(ranked, grades)
                if name in ("recall", "map"):
                    expected *= len(grades) / min(k, len(grades))
            assert found[user] == pytest.approx(expected), name


def test_the_mean_over_what_is_shown():
    lists = TopLists.of(np.array([[3, 0], [1, -1], [-1, -1]]), csr_array(np.eye(3, 5, dtype=np.float32)))
    assert mean_of_items(lists, 2, np.array([1.0, 2, 4, 8, 16])).tolist() == [4.5, 2, 0]
    assert mean_of_items(lists, 1, np.array([1.0, 2, 4, 8, 16])).tolist() == [8, 2, 0]


def test_an_item_stands_once_in_a_list():
    with pytest.raises(BadInput, match="User 1 is shown item 4 twice"):
        TopLists.of(np.array([[3, 0, -1, -1], [4, 1, 4, 0]]), csr_array(np.ones((2, 5), np.float32)))


@pytest.mark.parametrize("row", [5, -2])
def test_an_item_is_one_of_the_catalogue(row):
    with pytest.raises(BadInput, match=f"An answer has row {row}: rows are 0 to 4, and -1"):
        TopLists.of(np.array([[row]]), csr_array(np.ones((1, 5), np.float32)))


@pytest.mark.parametrize("name", ["Recal@20", "nDCG@0", "HR", "Coverage", "P", "MAP@", "", "Recall@20 "])
def test_measures_have_names(name):
    with pytest.raises(BadInput, match=f"There is no measure '{name}'. Choose Recall, nDCG, MAP or MRR"):
        parsed(name)
