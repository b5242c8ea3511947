"""Groups of points."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.explore.maps import MapRequest, clusters_of, draw_map

SHARES = (0, 0, 0, 1, 1, 2)  # of six points in a row, three are of the first blob


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(2)
    group = np.tile(SHARES, 200)
    vectors = np.eye(9)[group] * 8 + rng.normal(size=(len(group), 9)) * 0.5
    return Embedding(Vocabulary([f"{'abc'[each]}{at}" for at, each in enumerate(group)]), vectors), group


def test_planted_blobs_are_found_and_named(blobs):
    embedding, group = blobs
    drawn = draw_map(embedding, MapRequest())
    found = clusters_of(embedding, drawn, 3)
    assert found.ids.dtype == np.uint8
    assert np.array_equal(found.ids, group), "the largest is not the first"
    assert found.sizes == (600, 400, 200)
    assert [{name[0] for name in names} for names in found.names] == [{"a"}, {"b"}, {"c"}]
    assert all(len(set(names)) == 3 for names in found.names)
    for each, centre in enumerate(found.centres):
        away = np.linalg.norm(drawn.coordinates - centre, axis=1)
        assert group[away.argmin()] == each


def test_names_are_frequent_keys():
    rng = np.random.default_rng(0)
    vectors = np.eye(6)[np.arange(12_000) % 2] * 8 + rng.normal(size=(12_000, 6))
    embedding = Embedding([f"k{at}" for at in range(12_000)], vectors)
    found = clusters_of(embedding, draw_map(embedding, MapRequest()), 2)
    assert all(int(name[1:]) < 5000 for names in found.names for name in names)


@pytest.mark.parametrize(("points", "expected"), [(2, 1), (10, 3), (1200, 9)])
def test_how_many_there_are_by_themselves(blobs, points, expected):
    embedding = blobs[0].top(points)
    found = clusters_of(embedding, draw_map(embedding, MapRequest()))
    assert expected <= len(found) <= points
    assert sum(found.sizes) == points
    assert all(found.sizes)
    assert len(found.names) == len(found.centres) == len(found)


def test_the_same_seed_gives_the_same_clusters(blobs):
    embedding, _ = blobs
    drawn = draw_map(embedding, MapRequest())
    one, two = (clusters_of(embedding, drawn, 20, seed=5).ids.tobytes() for _ in range(2))
    assert one == two


def test_equal_vectors_are_one_cluster():
    same = Embedding([f"k{at}" for at in range(50)], np.ones((50, 4)))
    found = clusters_of(same, draw_map(same, MapRequest()), 5)
    assert found.sizes == (50,)
    assert not found.ids.any()


def test_a_map_of_some_points(blobs):
    embedding, _ = blobs
    found = clusters_of(embedding, draw_map(embedding, MapRequest(top=60)), 64)
    assert len(found.ids) == 60
    assert found.ids.max() == len(found) - 1


@pytest.mark.parametrize("count", [0, -1, 65])
def test_bad_counts(blobs, count):
    with pytest.raises(BadInput, match=f"count={count}: give 1 to 64 clusters"):
        clusters_of(blobs[0], draw_map(blobs[0], MapRequest()), count)


def test_a_map_of_another_embedding(blobs):
    drawn = draw_map(blobs[0], MapRequest())
    with pytest.raises(BadInput, match="has 1,200 points, and this embedding 10 keys: it is of another"):
        clusters_of(blobs[0].top(10), drawn)
