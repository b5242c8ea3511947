"""Where points lie on a sheet."""

from __future__ import annotations

import numpy as np
import pytest

from jari.explore import Projection
from jari.explore.scene import scene_of


def _scene(coordinates, explained=None):
    coordinates = np.asarray(coordinates, dtype=np.float32)
    return scene_of(Projection(tuple(map(str, range(len(coordinates)))), coordinates, "pca", explained))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_all_points_lie_in_the_frame(dim):
    scene = _scene(np.random.default_rng(0).normal(size=(50, dim)) * 1000)
    left, bottom, right, top = scene.frame
    assert ((scene.points >= (left, bottom)) & (scene.points <= (right, top))).all()
    assert ((scene.nearness >= 0) & (scene.nearness <= 1)).all()


def test_one_scale_for_both_axes():
    square = _scene([[0, 0], [1, 0], [0, 1], [9, 0]]).points
    assert square[1, 0] - square[0, 0] == pytest.approx(square[2, 1] - square[0, 1])


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_points_in_one_place_lie_in_the_middle(dim):
    scene = _scene(np.ones((3, dim)))
    assert np.isfinite(scene.points).all()
    assert np.ptp(scene.points, axis=0) == pytest.approx(0)


def test_the_nearer_point_is_nearer():
    """Seen from the front, right and above: a high second axis is away, a low one towards the eye."""
    scene = _scene([[0, 1, 0], [0, -1, 0]])
    assert scene.nearness[1] > scene.nearness[0]


def test_up_is_up_in_space():
    scene = _scene([[0, 0, 0], [0, 0, 1]])
    assert scene.points[1, 1] > scene.points[0, 1]
    assert scene.points[1, 0] == pytest.approx(scene.points[0, 0])


def test_axes_bear_their_share():
    captions = _scene(np.eye(3), (0.5, 0.25, 0.125)).captions
    assert [text for text, *_ in captions] == [
        "component 1 · 50.0 % of the variance", "component 2 · 25.0 % of the variance",
        "component 3 · 12.5 % of the variance",
    ]  # fmt: skip
    assert all(-90 < angle <= 90 for *_, angle in captions)
    assert _scene(np.eye(3)).captions == ()


def _between(coordinates, *axes):
    coordinates = np.asarray(coordinates, dtype=np.float32)
    keys = tuple(map(str, range(len(coordinates))))
    return scene_of(Projection(keys, coordinates, "poles", axes=axes))


def test_a_line_between_poles_has_their_names_at_its_ends_and_their_places_marked():
    scene = _between([[0.5], [-0.5], [1]], ("children", "adult"))
    named = {text: (x, y) for text, x, y, angle in scene.captions}
    assert list(named) == ["← children", "adult →", "−1", "0", "1"]
    assert named["← children"][0] < scene.size[0] * 0.2
    assert named["adult →"][0] > scene.size[0] * 0.8
    assert named["1"][0] == pytest.approx(scene.points[2, 0])
    assert named["0"][0] == pytest.approx((scene.points[0, 0] + scene.points[1, 0]) / 2)
    assert len(scene.points) == len(scene.nearness) == 3
    ticks = scene.edges[1:, 0, 0]
    assert ticks == pytest.approx([named[mark][0] for mark in ("−1", "0", "1")])
    assert (scene.points[:, 0] >= scene.frame[0]).all()


def test_a_plane_between_poles_is_crossed_at_zero():
    scene = _between([[0, 0], [3, 1]], ("a", "b"), ("이쪽", "저쪽"))
    crossing = scene.edges[-2:]
    assert crossing[0, :, 1] == pytest.approx(scene.points[0, 1])
    assert crossing[1, :, 0] == pytest.approx(scene.points[0, 0])
    placed = {text: (x, y, angle) for text, x, y, angle in scene.captions}
    assert placed["← 이쪽"][1] < placed["저쪽 →"][1]
    assert placed["← a"][0] < placed["b →"][0]
    assert [angle for *_, angle in scene.captions] == [0, 0, 90, 90]


def test_space_between_poles():
    scene = _between(np.eye(3), ("a", "b"), ("c", "d"), ("e", "f"))
    assert [text for text, *_ in scene.captions] == ["← a    b →", "← c    d →", "← e    f →"]
    assert len(scene.points) == 3
