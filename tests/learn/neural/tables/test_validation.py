"""Rows that judge: how many, of every class some, never all, by the seed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.learn.neural.tables.validation import parted


@given(st.lists(st.integers(0, 4), min_size=1, max_size=300), st.floats(0, 0.99), st.integers(0, 9))
def test_every_row_learns_or_judges_and_every_class_learns(classes, share, seed):
    classes = np.array(classes)
    learners, judges = parted(classes, share, seed)
    assert np.concatenate([learners, judges]).size == len(classes)
    assert set(learners.tolist()).isdisjoint(judges.tolist())
    assert set(classes[learners].tolist()) == set(classes.tolist())
    assert len(judges) == 0 or len(judges) >= 20


def test_classes_judge_by_their_share():
    classes = np.repeat([0, 1, 2], [600, 300, 1])
    _, judges = parted(classes, 0.1, 1)
    assert np.bincount(classes[judges], minlength=3).tolist() == [60, 30, 0]


def test_too_few_could_not_tell():
    assert len(parted(np.zeros(199, np.int64), 0.1, 1)[1]) == 0
    assert len(parted(np.zeros(200, np.int64), 0.1, 1)[1]) == 20


def test_the_seed_decides_and_the_order_of_rows_is_no_pattern():
    rows = np.zeros(1000, np.int64)
    first, again, other = (parted(rows, 0.2, seed)[1] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert 300 < first.mean() < 700
    assert (np.diff(first) > 0).all()
