"""The words on a map."""

from __future__ import annotations

import numpy as np
import pytest

from jari.explore import Projection
from jari.explore.caption import default_title, group_names, shown, subtitle
from jari.explore.maps.clusters import Clusters


@pytest.mark.parametrize(
    ("key", "label"),
    [("a b", "a b"), ("", "(empty)"), ("a\nb\u2028", "a\\nb\\u2028"), ("호랑이", "호랑이"), ("x" * 50, "x" * 39 + "…")],
)
def test_keys_as_labels(key, label):
    assert shown(key) == label


def test_titles():
    points = np.zeros((1200, 3), dtype=np.float32)
    keys = tuple(str(i) for i in range(1200))
    assert default_title(Projection(keys, points, "pca")) == "Embedding in space"
    line = subtitle(Projection(keys, points, "pca", (0.5, 0.2, 0.1)))
    assert line == "PCA · 1,200 keys · 80.0 % of the variance shown"
    assert subtitle(Projection(keys, points, "tsne")).startswith("t-SNE · 1,200 keys · neighbours lie together")
    assert subtitle(Projection(keys, points, "umap")).startswith("UMAP · 1,200 keys · neighbours lie together")


def test_names_of_groups():
    groups = Clusters(np.zeros(1, np.uint8), (("king", "", "a\tb"), ()), (1, 0), np.zeros((2, 2), np.float32))
    assert group_names(groups) == ["king · (empty) · a\\tb", ""]


def test_named_axes_are_the_title():
    plane = Projection(("a",), np.zeros((1, 2), np.float32), "poles", axes=(("children", "adult"), ("art\n", "pop")))
    assert default_title(plane) == "children – adult · art\\n – pop"
    assert subtitle(plane) == "between poles · 1 keys · 0 is midway between the poles"
