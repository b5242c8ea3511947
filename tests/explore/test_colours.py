"""The colours of groups: seen on the page, and told apart by eyes with two kinds of cones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from jari.explore.colours import GROUPS, GROUPS_ON_DARK, PAPER, tones_of

DARK = "#12171d"  # as in map_page/map.css
# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009.
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def _linear(colours):
    shares = np.array([[int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)] for colour in colours])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def _oklab(linear):
    cones = linear @ np.transpose([
        [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ])  # fmt: skip
    return np.cbrt(cones) @ np.transpose([
        [0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ])  # fmt: skip


def _nearest_two(colours, eye):
    seen = _oklab(np.clip(_linear(colours) @ np.transpose(EYES[eye]), 0, 1))
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colours", [GROUPS, GROUPS_ON_DARK], ids=["light", "dark"])
def test_no_two_are_alike(colours, eye):
    assert len(colours) == 10
    assert _nearest_two(colours, eye) > 0.08
    if eye != "all cones":  # and the measure can tell
        usual = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22")
        assert _nearest_two(usual, eye) < _nearest_two(colours, eye)


@pytest.mark.parametrize(("colours", "page"), [(GROUPS, PAPER), (GROUPS_ON_DARK, DARK)], ids=["light", "dark"])
def test_they_stand_out_from_the_page(colours, page):
    light = [float(each @ [0.2126, 0.7152, 0.0722]) + 0.05 for each in _linear([page, *colours])]
    assert all(max(each, light[0]) / min(each, light[0]) >= 3 for each in light[1:])


def test_groups_of_one_colour_lie_far_apart():
    rng = np.random.default_rng(0)
    for dim in (1, 2, 3):
        places = rng.normal(size=(24, dim))
        tones = tones_of(places)
        assert tones[:10] == list(range(10))
        assert set(tones) <= set(range(10))

        def least(given, places=places):
            return min(
                float(np.linalg.norm(places[a] - places[b]))
                for a, b in itertools.combinations(range(24), 2)
                if given[a] == given[b]
            )

        assert least(tones) > least([group % 10 for group in range(24)])
    assert tones_of(np.empty((0, 2))) == []
