"""Ids are numbered, entries are put in order, and what stands twice is merged: as the twins say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import interactions as fast
from jari.kernels.reference import interactions as twin

ENTRIES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 5), st.integers(0, 3)), max_size=40)


def numbered(module, values, slots, first=0):
    table, state, ids = np.zeros(2 * slots, np.int64), np.zeros(1, np.int64), np.full(len(values), -7, np.int32)
    stop = module.number_integers(np.array(values, np.int64), first, len(values), table, state, ids)
    larger = np.zeros(4 * slots, np.int64)
    held = module.regrow_integers(table, larger)
    return stop, ids.tolist(), state.tolist(), table.tolist(), held, larger.tolist()


def placed(module, entries, keep_last, weighted=True, timed=True):
    users, items, weights, times = (np.array([one[k] for one in entries]) for k in range(4))
    n = len(entries)
    starts = np.concatenate([[0], np.cumsum(np.bincount(items.astype(int), minlength=5))])
    weights = weights.astype(np.float32) if weighted else np.empty(0, np.float32)
    times = times.astype(np.float64) if timed else np.empty(0, np.float64)
    by_item = np.full(n, -7, np.int32), np.full(len(weights), -7, np.float32), np.full(len(times), -7, np.float64)
    users, items = users.astype(np.int32), items.astype(np.int32)
    module.scatter_by_item(users, items, weights, times, starts[:-1].copy(), *by_item)
    seen, of_users, of_items = np.full(4, -1, np.int32), np.zeros(4, np.int64), np.zeros(5, np.int64)
    for j in range(5):
        module.count_distinct(by_item[0], starts, j, j + 1, seen, of_users, of_items)
    rows, order = np.array([2, 0, 3, 1], np.int32), np.array([4, 2, 0, 1, 3])
    indptr = np.concatenate([[0], np.cumsum(of_users[np.argsort(rows)])])
    kept = int(indptr[-1])
    out = np.full(kept, -7, np.int32), np.ones(kept, np.float32), np.full(kept if timed else 0, -7, np.float64)
    cursors, met = indptr[:-1].copy(), np.full(4, -1, np.int32)
    for first, last in ((0, 2), (2, 5)):
        module.place_by_user(*by_item, starts, order, first, last, rows, keep_last, met, cursors, *out)
    assert cursors.tolist() == indptr[1:].tolist()
    return [one.tolist() for one in (*by_item, seen, of_users, of_items, indptr, met, *out)]


def test_numbers_by_hand():
    assert numbered(fast, [7, -1, 7, 2**62, 0, -1], 128)[:3] == (6, [0, 1, 0, 2, 3, 1], [4])


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), max_size=90), st.sampled_from([64, 128, 256]))
def test_numbering_is_its_twin(values, slots):
    with np.errstate(over="ignore"):
        assert numbered(fast, values, slots) == numbered(twin, values, slots)


def test_a_full_table_stops():
    stop, *_, held, _ = numbered(fast, list(range(100)), 64)
    assert (stop, held) == (32, 32)


@pytest.mark.parametrize(("keep_last", "weights", "times"), [(False, [7, 4], [9, 1]), (True, [5, 4], [9, 1])])
def test_places_by_hand(keep_last, weights, times):
    # User 1, of row 0, has item 4 (column 0) twice: the later time stands in the first of the two
    *_, indptr, _, indices, data, when = placed(fast, [(1, 4, 5, 9), (1, 4, 2, 3), (0, 2, 4, 1)], keep_last)
    assert (indptr, indices, data, when) == ([0, 1, 1, 2, 2], [0, 1], weights, times)


@given(ENTRIES, st.booleans(), st.booleans(), st.booleans())
def test_placing_is_its_twin(entries, keep_last, weighted, timed):
    given = entries, keep_last, weighted, timed
    assert placed(fast, *given) == placed(twin, *given)
