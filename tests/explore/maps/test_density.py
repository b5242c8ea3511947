"""Contours of points."""

from __future__ import annotations

import numpy as np
import pytest

from jari.errors import BadInput
from jari.explore.maps import density_of


def gaussian(points=20_000, seed=0):
    return np.random.default_rng(seed).standard_normal((points, 2)).astype(np.float32) * 0.2


def inside(ring, point):
    """Whether a closed line goes once round a point."""
    angles = np.unwrap(np.arctan2(ring[:, 1] - point[1], ring[:, 0] - point[0]))
    return abs(angles[-1] - angles[0]) == pytest.approx(2 * np.pi, abs=1e-3)


def test_contours_of_one_gaussian_are_rings_round_its_middle():
    middle = np.array([0.3, -0.4])
    contours = density_of(gaussian() + middle.astype(np.float32), 5)
    assert len(contours) == 5
    radii = []
    for contour in contours:
        longest = max(contour.rings, key=len)
        assert longest.dtype == np.float32
        assert np.array_equal(longest[0], longest[-1]), "the line is open"
        assert inside(longest, middle)
        away = np.linalg.norm(longest - middle, axis=1)
        assert away.std() < 0.15 * away.mean(), "no circle"
        radii.append(away.mean())
    assert radii == sorted(radii, reverse=True), "the lowest level is not the widest"


def test_levels_are_shares_of_the_greatest_and_rise():
    levels = [each.level for each in density_of(gaussian(), 6)]
    assert levels == sorted(set(levels))
    assert levels[0] > 0
    assert levels[-1] < 1


def test_each_contour_holds_its_share_of_the_points():
    points = gaussian()
    for share, contour in zip((0.75, 0.5, 0.25), density_of(points, 3), strict=True):
        radius = np.linalg.norm(max(contour.rings, key=len), axis=1).mean()
        assert (np.linalg.norm(points, axis=1) < radius).mean() == pytest.approx(share, abs=0.05)


def test_two_hills_have_two_rings():
    hills = gaussian(4000) * 0.5 + np.repeat([[-0.6, 0], [0.6, 0]], 2000, axis=0).astype(np.float32)
    top = density_of(hills, 3)[-1]
    for middle in ([-0.6, 0], [0.6, 0]):
        assert sum(inside(ring, middle) for ring in top.rings) == 1


@pytest.mark.parametrize(
    "points",
    [np.zeros((1, 2)), np.zeros((40, 2)), np.column_stack([np.linspace(-1, 1, 50), np.zeros(50)])],
    ids=["one", "equal", "a line"],
)
def test_points_without_a_width(points):
    for contour in density_of(points.astype(np.float32)):
        assert all(np.isfinite(ring).all() for ring in contour.rings)


def test_no_points():
    assert density_of(np.empty((0, 2), np.float32)) == ()


@pytest.mark.parametrize(
    ("points", "levels", "says"),
    [
        (np.zeros((5, 3), np.float32), 6, r"shape \(5, 3\) have no density to draw: give \(n, 2\)"),
        (np.zeros(5, np.float32), 6, r"shape \(5,\)"),
        (np.zeros((5, 2), np.float32), 0, "levels=0: give 1 to 20"),
        (np.zeros((5, 2), np.float32), 21, "levels=21"),
    ],
)
def test_bad_input(points, levels, says):
    with pytest.raises(BadInput, match=says):
        density_of(points, levels)
