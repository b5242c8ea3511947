from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Vocabulary
from jari.embedding.spans import spans_of
from jari.errors import BadInput, UnknownKey

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXT, unique=True))
def test_keys_and_rows_are_each_others_inverse(keys):
    vocabulary = Vocabulary(keys)
    assert list(vocabulary) == keys
    assert [vocabulary.row(key) for key in keys] == list(range(len(keys)))
    assert vocabulary.rows(keys).tolist() == list(range(len(keys)))
    assert [vocabulary.keys[row] for row in range(len(keys))] == keys


@given(st.lists(TEXT, unique=True, min_size=1), st.data())
def test_a_slice_is_the_slice_of_its_list(keys, data):
    vocabulary = Vocabulary(keys, counts=range(len(keys)))
    start = data.draw(st.integers(0, len(keys)))
    stop = data.draw(st.integers(start, len(keys)))
    part = vocabulary.slice(start, stop)
    assert list(part) == keys[start:stop]
    assert part.counts.tolist() == list(range(start, stop))
    assert all(part.row(key) == row for row, key in enumerate(keys[start:stop]))
    assert vocabulary.keys[start:stop] == keys[start:stop]
    assert vocabulary.keys[::-2] == keys[::-2]


@pytest.mark.parametrize("many", [0, 20])
def test_few_and_many_look_ups_answer_alike(many):
    vocabulary = Vocabulary([f"k{row}" for row in range(30)])
    asked = ["k3", "nobody", "k29"] + ["k0"] * many
    assert vocabulary.rows(asked, unknown="mark").tolist() == [3, -1, 29] + [0] * many
    assert vocabulary.rows(asked, unknown="skip").tolist() == [3, 29] + [0] * many
    with pytest.raises(UnknownKey, match="'nobody' is not in this embedding"):
        vocabulary.rows(asked)
    with pytest.raises(UnknownKey, match="A key is a string, not int"):
        vocabulary.rows([7] * (many + 1))


def test_order_is_by_count_and_then_by_key():
    vocabulary = Vocabulary.from_counts({"b": 2, "a": 2, "c": 9})
    assert (list(vocabulary), vocabulary.counts.tolist()) == (["c", "a", "b"], [9, 2, 2])


def test_counts_cannot_be_written():
    counts = Vocabulary(["a"], counts=[3]).counts
    with pytest.raises(ValueError, match="read-only"):
        counts[0] = 1


def test_the_callers_counts_stay_writeable():
    counts = np.array([3], dtype=np.int64)
    Vocabulary(["a"], counts=counts)
    counts[0] = 4


def test_equality_is_of_keys_and_counts():
    assert Vocabulary(["a"]) == Vocabulary(["a"])
    assert Vocabulary(["a"]) != Vocabulary(["a"], counts=[1])
    assert Vocabulary(["a"], counts=[1]) != Vocabulary(["a"], counts=[2])
    assert Vocabulary(["a"]) != ["a"]


def test_rows_can_be_taken_in_any_order():
    taken = Vocabulary(["a", "b", "c"], counts=[3, 2, 1]).take([2, 0])
    assert (list(taken), taken.counts.tolist()) == (["c", "a"], [1, 3])


@pytest.mark.parametrize(
    ("keys", "counts", "what"),
    [
        (["a", "b", "a"], None, "The key 'a' stands twice, in rows 0 and 2"),
        (["a", 3], None, "Key 1 is 3, a int: every key must be a string"),
        ("abc", None, "Give a list of keys, not one string"),
        (["a", "\ud83d"], None, "half a surrogate pair"),
        (pa.array(["a", None]), None, r"Key 1 is missing \(null\)"),
        (["a", "b"], [1], r"2 keys but counts of shape \(1,\)"),
    ],
)
def test_what_is_no_vocabulary_is_refused(keys, counts, what):
    with pytest.raises(BadInput, match=what):
        Vocabulary(keys, counts)


@pytest.mark.parametrize(("asked", "meant"), [("quen", "queen"), ("Queen", "queen"), ("kong", "king")])
def test_the_nearest_spellings_are_said(asked, meant):
    vocabulary = Vocabulary(["the", "king", "queen", "자리"])
    with pytest.raises(UnknownKey, match=f"Did you mean '{meant}'"):
        vocabulary.row(asked)


@pytest.mark.parametrize("asked", ["", "\ud83d", "zzzzzz", "자"])
def test_an_unknown_key_need_not_resemble_any(asked):
    with pytest.raises(UnknownKey, match="is not in this embedding"):
        Vocabulary(["the", "king"]).row(asked)


@given(st.lists(st.text(max_size=30), unique=True, max_size=40), st.lists(st.text(max_size=30), max_size=10))
def test_rows_of_stretches_of_bytes(keys, others):
    vocabulary = Vocabulary(keys)
    asked = [*others, *keys]
    expected = vocabulary.rows(asked, unknown="mark").tolist()
    assert vocabulary.rows_of(spans_of(asked, [len(asked)])).tolist() == expected
    part = vocabulary.slice(1, max(1, len(keys) - 1))
    assert part.rows_of(spans_of(keys, [])).tolist() == part.rows(keys, unknown="mark").tolist()
