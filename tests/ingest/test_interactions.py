"""`Interactions`: what it takes, what it refuses, and what it tells."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.ingest.interactions import Interactions

USERS, ITEMS = ["ann", "bob", "경희"], ["Up", "Heat", "Jaws"]
TABLE = [[1, 0, 2], [0, 3, 0], [4, 5, 6]]
TIMES = [10.0, 30.0, 20.0, 1.0, 2.0, 3.0]


def made(**more):
    return Interactions(USERS, ITEMS, csr_array(np.array(TABLE)), times=TIMES, **more)


def test_keeps_what_it_is_given():
    films = made(statistics={"rows": 6})
    assert films.shape == (3, 3)
    assert len(films) == 6
    assert films.matrix.toarray().tolist() == TABLE
    assert films.matrix.dtype == np.float32
    assert films.matrix.indices.dtype == films.matrix.indptr.dtype == np.int32
    assert films.times is not None
    assert films.times.tolist() == TIMES
    assert films.statistics == {"rows": 6}
    assert repr(films) == "Interactions(3 users × 3 items, 6 entries)"


def test_a_matrix_in_order_is_not_copied():
    matrix = csr_array(np.array(TABLE, dtype=np.float32))
    assert np.shares_memory(Interactions(USERS, ITEMS, matrix).matrix.data, matrix.data)


def test_entries_that_stand_twice_are_added_up():
    twice = csr_array(([1.0, 2.0, 3.0], [2, 0, 2], [0, 3]), shape=(1, 3))
    assert Interactions(["ann"], ITEMS, twice).history("ann") == {"Up": 2.0, "Jaws": 4.0}
    assert twice.nnz == 3  # the caller's own is left alone


def test_a_user_is_a_sparse_vector():
    films = made()
    assert films.rows_of("ann").tolist() == [0, 2]
    assert films.rows_of("ann").dtype == np.int64
    assert films.history("경희") == {"Up": 4.0, "Heat": 5.0, "Jaws": 6.0}
    with pytest.raises(UnknownKey, match=r"'anne' is not in this.*Did you mean 'ann'"):
        films.rows_of("anne")


@pytest.mark.parametrize(("weight", "said"), [(-1.0, "-1"), (0.0, "0"), (np.nan, "nan"), (np.inf, "inf")])
def test_a_weight_is_above_zero(weight, said):
    matrix = csr_array(([1.0, weight], [0, 2], [0, 1, 2, 2]), shape=(3, 3))
    with pytest.raises(BadInput, match=f"user 'bob' for item 'Jaws' is {said}: a weight is a number above 0"):
        Interactions(USERS, ITEMS, matrix)


def test_shapes_agree():
    with pytest.raises(BadInput, match=r"3 users and 2 items, but a matrix of shape \(3, 3\)"):
        Interactions(USERS, ITEMS[:2], TABLE)
    with pytest.raises(BadInput, match=r"6 entries but times of shape \(2,\)"):
        Interactions(USERS, ITEMS, TABLE, times=[1, 2])


def test_times_need_an_order():
    with pytest.raises(BadInput, match="times of a matrix whose entries are not in order"):
        Interactions(["ann"], ITEMS, csr_array(([1.0, 2.0], [2, 0], [0, 2]), shape=(1, 3)), times=[1, 2])


def test_take_users_takes_rows_in_their_order():
    films = made(statistics={"rows": 6})
    part = films.take_users([2, 0])
    assert list(part.users) == ["경희", "ann"]
    assert part.matrix.toarray().tolist() == [TABLE[2], TABLE[0]]
    assert part.times is not None
    assert part.times.tolist() == [1.0, 2.0, 3.0, 10.0, 30.0]
    assert list(part.items) == ITEMS
    assert part.items.counts is not None
    assert part.items.counts.tolist() == [2, 1, 2]
    assert part.users.counts is None
    assert part.matrix.has_canonical_format
    assert part.matrix.indices.dtype == np.int32


def test_take_users_keeps_their_counts():
    films = Interactions(Vocabulary(USERS, [2, 1, 3]), ITEMS, TABLE)
    counts = films.take_users(np.array([1, 2])).users.counts
    assert counts is not None
    assert counts.tolist() == [1, 3]
    assert films.take_users([]).shape == (0, 3)


def test_take_users_refuses_rows_that_are_none():
    films = made()
    with pytest.raises(BadInput, match="There is no row 3: rows are from 0 to 2"):
        films.take_users([0, 3])
    with pytest.raises(BadInput, match="There is no row -1"):
        films.take_users([-1])
    with pytest.raises(BadInput, match="stands twice"):
        films.take_users([1, 1])
    with pytest.raises(BadInput, match="Rows are whole numbers"):
        films.take_users([True, False, True])
