"""Names of groups: at their centres, none upon another, in reach of the eye."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from jari.explore import Projection
from jari.explore.fonts import Fonts
from jari.explore.maps.clusters import Clusters
from jari.explore.naming import name_groups
from jari.explore.scene import scene_of

FONTS = Fonts(("DejaVu Sans",), frozenset("☃"), bold=True)


def _ruler(text):
    return 8.0 * len(text), 14.0


def _named(points, ids, texts):
    points, ids = np.asarray(points, dtype=np.float32), np.asarray(ids, dtype=np.uint8)
    projection = Projection(tuple(f"k{i}" for i in range(len(ids))), points, "tsne")
    scene = scene_of(projection)
    groups = Clusters(ids, tuple((text,) for text in texts), (1,) * len(texts), np.zeros((len(texts), 2), np.float32))
    return scene, name_groups(scene, groups, texts, _ruler, FONTS, on_line=projection.dim == 1)


def test_at_the_centres():
    scene, named = _named([[0, 0], [2, 0], [1, 1], [9, 9], [10, 8]], [0, 0, 0, 1, 1], ["left", "right"])
    assert [name.text for name in named] == ["left", "right"]
    for name, rows in zip(named, ([0, 1, 2], [3, 4]), strict=True):
        middle = np.median(scene.points[rows], axis=0)
        assert name.x + name.width / 2 == pytest.approx(middle[0])
        assert name.y + name.height / 2 == pytest.approx(middle[1])


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_none_upon_another_and_none_outside(dim):
    rng = np.random.default_rng(2)
    points, ids = rng.normal(size=(200, dim)), np.arange(200) % 20
    scene, named = _named(points, ids, [f"group {group} · and more" for group in range(20)])
    assert len(named) >= 5
    left, bottom, right, top = scene.frame
    for name in named:
        assert left <= name.x
        assert name.x + name.width <= right
        assert bottom <= name.y
        assert name.y + name.height <= top + 16
    for a, b in itertools.combinations(named, 2):
        apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart, (a, b)


def test_what_cannot_be_written_is_left_out():
    _, named = _named([[0, 0], [1, 1], [2, 0]], [0, 1, 2], ["", "☃", "word"])
    assert [(name.group, name.text) for name in named] == [(2, "word")]
