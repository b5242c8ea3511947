"""Points that are placed among those that were arranged."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding.flattening import VectorRows
from jari.explore.maps import fitting
from jari.explore.maps.fitting import fitted


def clouds(points, seed=0):
    rng = np.random.default_rng(seed)
    return (np.eye(8)[np.arange(points) % 4] * 9 + rng.normal(size=(points, 8))).astype(np.float32)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(fitting, "most_points", lambda method, dim: 120)


def test_a_point_that_was_left_out_lies_beside_its_twin():
    first = clouds(120)
    twins = np.concatenate([first, first[:40] + np.float32(1e-4)])
    made = fitted(VectorRows(twins), "tsne", 2, 0, counts=np.arange(160, 0, -1))
    assert made.seen == 120
    assert made.coordinates.shape == (160, 2)
    assert made.coordinates.dtype == np.float32
    width = np.ptp(made.coordinates, axis=0).max()
    apart = np.linalg.norm(made.coordinates[120:] - made.coordinates[:40], axis=1)
    assert np.median(apart) < 0.02 * width
    assert apart.max() < 0.1 * width
    assert made.notes[1:] == (
        "Arranged by 120 keys, the most frequent; the other 40 lie where their nearest of those do.",
    )


def test_a_point_that_was_left_out_lies_in_its_own_cloud():
    made = fitted(VectorRows(clouds(400)), "tsne", 2, 0)
    group = np.arange(400) % 4
    centres = np.array([np.median(made.coordinates[group == each], axis=0) for each in range(4)])
    near = np.linalg.norm(made.coordinates[:, None] - centres, axis=2).argmin(axis=1)
    assert (near == group).mean() > 0.97
    assert "chosen by chance" in made.notes[1]


def test_the_most_frequent_are_arranged_wherever_they_stand():
    counts = np.arange(1, 161)
    which, rest = fitting._split(160, 120, counts, 0)
    assert which.tolist() == list(range(40, 160))
    assert rest.tolist() == list(range(40))


def test_without_counts_chance_chooses_by_its_seed():
    which, rest = fitting._split(160, 120, None, 5)
    assert sorted([*which, *rest]) == list(range(160))
    assert (np.diff(which) > 0).all()
    assert which.max() > 120, "only the first were chosen"
    assert np.array_equal(which, fitting._split(160, 120, None, 5)[0])
    assert not np.array_equal(which, fitting._split(160, 120, None, 6)[0])


def test_few_points_are_all_arranged():
    made = fitted(VectorRows(clouds(60)), "tsne", 2, 0)
    assert made.seen == 60
    assert made.notes == ("t-SNE's perplexity is 14.8 instead of 30: there are only 60 points.",)


def test_equal_vectors_lie_in_one_place():
    made = fitted(VectorRows(np.ones((200, 3), np.float32)), "umap", 2, 0)
    assert not made.coordinates.any()
    assert "All vectors are the same" in made.notes[0]


def test_three_that_agree_outvote_two_that_do_not():
    places = np.array([[0, 0], [0.1, 0], [0, 0.1], [9, 9], [-9, 9]], np.float32)
    found = fitting._where_most_are(places, np.array([[3, 0, 4, 1, 2]]))
    assert found == pytest.approx(places[:3].mean(axis=0, keepdims=True), abs=1e-6)
