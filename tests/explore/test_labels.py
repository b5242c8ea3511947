"""Labels: none upon another, none outside, the most important first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.explore.labels import place_around, place_in_lanes

BOUNDS = (0.0, 0.0, 400.0, 300.0)


def _crowd(seed, n):
    rng = np.random.default_rng(seed)
    points = rng.uniform((0, 0), (400, 300), (n, 2))
    sizes = np.column_stack([rng.uniform(10, 90, n), np.full(n, 14.0)])
    return points, sizes, rng.permutation(n)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 120))
def test_labels_around_points_never_meet(seed, n):
    points, sizes, order = _crowd(seed, n)
    placed = place_around(points, sizes, order, BOUNDS)
    low = np.array([(label.x, label.y) for label in placed]).reshape(-1, 2)
    high = low + sizes[[label.point for label in placed]]
    assert (low >= 0).all()
    assert (high <= (400, 300)).all()
    for i in range(len(placed)):
        for j in range(i):
            assert (low[i] >= high[j]).any() or (high[i] <= low[j]).any()
    for label in placed:  # and no point that has a label lies under another's
        x, y = points[label.point]
        assert not ((low[:, 0] < x) & (x < high[:, 0]) & (low[:, 1] < y) & (y < high[:, 1])).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 80), st.booleans())
def test_labels_in_lanes_never_meet_nor_cross_a_line(seed, n, below_only):
    points, sizes, order = _crowd(seed, n)
    xs = points[:, 0]
    placed = place_in_lanes(xs, sizes, order, (0, 400), lanes=4, below_only=below_only)
    assert placed
    for row, left, lane in placed:
        right = left + sizes[row, 0]
        assert left >= 0
        assert right <= 400
        assert -4 <= lane < (0 if below_only else 4)
        for other, start, where in placed:
            if other == row:
                continue
            if where == lane:
                assert right <= start or start + sizes[other, 0] <= left
            same_side = (where >= 0) == (lane >= 0)
            if same_side and (where > lane if lane >= 0 else where < lane):
                assert not left < xs[other] < right  # its line passes here


def test_the_first_in_order_wins():
    points = np.array([[100.0, 100.0], [104.0, 100.0]])
    for order in ([0, 1], [1, 0]):
        placed = place_around(points, np.full((2, 2), 190.0), np.array(order), BOUNDS)
        assert [label.point for label in placed] == order[:1]


def test_a_lone_label_stands_to_the_right():
    (label,) = place_around(np.array([[100.0, 100.0]]), np.array([[50.0, 14.0]]), np.array([0]), BOUNDS, gap=5)
    assert (label.x, label.y) == (105, 93)


def test_a_label_keeps_off_an_obstacle():
    way = np.column_stack([np.linspace(100, 200, 50), np.full(50, 100.0)])
    (label,) = place_around(np.array([[100.0, 100.0]]), np.array([[50.0, 14.0]]), np.array([0]), BOUNDS, obstacles=way)
    assert label.x + 50 <= 100


def test_no_more_than_asked_and_none_without_size():
    points, sizes, order = _crowd(1, 50)
    assert len(place_around(points, sizes, order, BOUNDS, most=3)) == 3
    assert len(place_in_lanes(points[:, 0], sizes, order, (0, 400), lanes=3, most=2)) == 2
    sizes[order[0]] = np.nan
    assert order[0] not in [label.point for label in place_around(points, sizes, order, BOUNDS)]


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_points(n):
    points, sizes, order = _crowd(0, n)
    assert len(place_around(points, sizes, order, BOUNDS)) == n


def test_what_is_taken_is_left_free():
    points, sizes, order = _crowd(7, 80)
    taken = np.array([[100.0, 100.0, 220.0, 160.0], [300.0, 20.0, 390.0, 60.0]])
    placed = place_around(points, sizes, order, BOUNDS, taken=taken)
    assert len(placed) > 5
    for label in placed:
        low, high = np.array([label.x, label.y]), np.array([label.x, label.y]) + sizes[label.point]
        assert not ((low < taken[:, 2:]) & (taken[:, :2] < high)).all(axis=1).any()
    inside = ((points > taken[0, :2]) & (points < taken[0, 2:])).all(axis=1)
    assert inside.any()  # a point under the name of its group may have its label beside that
    nothing = place_around(points, sizes, order, BOUNDS, taken=np.empty((0, 4)))
    assert nothing == place_around(points, sizes, order, BOUNDS)
