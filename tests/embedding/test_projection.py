"""Projections: what they keep, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.embedding import Embedding, Vocabulary
from jari.embedding.projection import Projection, project
from jari.errors import BadInput, UnknownKey


@pytest.fixture
def clouds():
    """Three clouds of twenty keys each, far apart in eight dimensions: a projection must show three groups."""
    rng = np.random.default_rng(3)
    centres = np.zeros((3, 8))
    centres[0, 0] = centres[1, 1] = centres[2, 2] = 10
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(size=(60, 8)) * 0.3
    keys = [f"{group}{i}" for group in "abc" for i in range(20)]
    return Embedding(Vocabulary(keys, np.arange(60, 0, -1)), vectors)


def _groups_apart(coordinates):
    groups = coordinates.reshape(3, 20, -1)
    centres = groups.mean(axis=1)
    within = np.linalg.norm(groups - centres[:, None], axis=2).max()
    between = min(np.linalg.norm(centres[i] - centres[j]) for i in range(3) for j in range(i))
    return between > 2 * within


def _neighbours_stay(coordinates):
    """All that t-SNE promises."""
    distances = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return (distances.argmin(axis=1) // 20 == np.arange(60) // 20).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize("dim", [2, 3])
def test_three_clouds_stay_three(clouds, method, dim):
    projection = project(clouds, method=method, dim=dim)
    assert projection.coordinates.shape == (60, dim)
    assert projection.coordinates.dtype == np.float32
    assert (_groups_apart if method == "pca" else _neighbours_stay)(projection.coordinates)
    assert projection.keys == tuple(clouds.keys)
    assert projection.counts.tolist() == list(range(60, 0, -1))


@pytest.mark.slow
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_umap_keeps_neighbours_too(clouds, dim):
    pytest.importorskip("umap")
    projection = project(clouds, method="umap", dim=dim)
    assert (projection.method, projection.explained, projection.dim) == ("umap", None, dim)
    assert _neighbours_stay(projection.coordinates)
    assert np.array_equal(projection.coordinates, project(clouds, method="umap", dim=dim).coordinates)


def test_one_dimension_keeps_the_order_of_a_line():
    line = Embedding(["a", "b", "c", "d"], [[0, 1], [0, 2], [0, 3], [0, 7]])
    projection = project(line, dim=1, geometry="euclidean")
    assert projection.coordinates.ravel() == pytest.approx([-2.25, -1.25, -0.25, 3.75])
    assert projection.explained == pytest.approx((1.0,))


@settings(max_examples=25, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(3, 30), st.integers(3, 12)), elements=st.integers(-50, 50)))
def test_pca_is_the_singular_values_of_the_centred_matrix(vectors):
    embedding = Embedding([str(i) for i in range(len(vectors))], vectors)
    projection = project(embedding, dim=3, geometry="euclidean")
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values = np.linalg.svd(centred, compute_uv=False)
    total = (values**2).sum()
    expected = values[:3] ** 2 / total if total > 0 else np.zeros(3)
    assert projection.explained == pytest.approx(expected, abs=1e-3)
    assert np.linalg.norm(projection.coordinates, axis=0) == pytest.approx(values[:3], rel=1e-2, abs=0.02 * values[0])


def test_cosine_geometry_forgets_lengths_and_euclidean_keeps_them(clouds):
    stretched = Embedding(list(clouds.keys), clouds.vectors * np.linspace(1, 9, 60)[:, None])
    same = project(clouds).coordinates
    assert np.allclose(project(stretched).coordinates, same, atol=1e-4)
    assert not np.allclose(project(stretched, geometry="euclidean").coordinates, same, atol=0.5)


def test_the_largest_loading_of_an_axis_is_positive(clouds):
    embedding = Embedding(list(clouds.keys), -clouds.vectors)
    for each in (clouds, embedding):
        vectors = each.vectors - each.vectors.mean(axis=0)
        axes = np.linalg.lstsq(vectors, project(each, geometry="euclidean").coordinates, rcond=None)[0]
        assert (axes[np.abs(axes).argmax(axis=0), [0, 1]] > 0).all()


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_the_same_seed_gives_the_same_bits(clouds, method):
    one, two = (project(clouds, method=method, random_state=5).coordinates for _ in range(2))
    assert np.array_equal(one, two)


def test_few_points_get_a_smaller_perplexity_and_are_told(clouds):
    projection = project(clouds, method="tsne", top=10)
    assert projection.notes == ("t-SNE's perplexity is 2.25 instead of 30: there are only 10 points.",)
    assert projection.explained is None


def test_which_points(clouds):
    assert project(clouds, keys=["c1", "a1", "c1", "b1"]).keys == ("c1", "a1", "b1")
    assert project(clouds, top=3).keys == ("a0", "a1", "a2")
    both = project(clouds, top=2, keys=["a1", "c0"])
    assert both.keys == ("a0", "a1", "c0")
    assert both.counts.tolist() == [60, 59, 20]


def test_unknown_keys_follow_the_one_policy(clouds):
    with pytest.raises(UnknownKey, match="'a99' is not in this embedding"):
        project(clouds, keys=["a1", "a99"])
    projection = project(clouds, keys=["a1", "x", "b1", "y"], unknown="skip")
    assert projection.keys == ("a1", "b1")
    assert projection.notes == ("2 of 4 keys are not in the embedding: x, y.",)


def test_equal_vectors_lie_in_one_place_and_that_is_said():
    for method in ("pca", "tsne"):
        projection = project(Embedding(list("abcd"), np.ones((4, 3))), method=method)
        assert not projection.coordinates.any()
        assert "All vectors are the same" in projection.notes[0]


def test_a_zero_vector_is_no_division_by_zero():
    projection = project(Embedding(list("abc"), [[0, 0], [1, 2], [2, 1]]))
    assert np.isfinite(projection.coordinates).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "isomap"}, "method='isomap' is not known: give one of 'pca', 'tsne', 'umap'"),
        ({"geometry": "dot"}, "geometry='dot' is not known"),
        ({"dim": 4}, "dim=4: a picture has 1, 2 or 3 dimensions"),
        ({"top": 0}, "top=0 leaves no rows"),
        ({"keys": "a1"}, "Give a list of keys, not one string"),
        ({"keys": ["a1"]}, "1 point cannot be drawn with method='pca', dim=2: give 2 keys or more"),
        ({"keys": ["a1", "a2"], "dim": 3}, "2 points cannot be drawn .* or a smaller dim"),
        ({"keys": ["a1", "a2", "a3"], "method": "tsne"}, 'give 4 keys or more or use method="pca"'),
        ({"keys": ["a1", "a2", "a3"], "method": "umap"}, 'give 4 keys or more or use method="pca"'),
        ({"keys": [], "dim": 1}, "0 points cannot be drawn"),
    ],
)
def test_bad_options(clouds, options, says):
    with pytest.raises(BadInput, match=says):
        project(clouds, **options)


def test_more_axes_than_dimensions():
    with pytest.raises(BadInput, match="dim=3 is more than the 2 dimensions of the embedding"):
        project(Embedding(list("abcd"), np.eye(4)[:, :2]), dim=3)


@pytest.mark.parametrize(
    ("keys", "coordinates", "says"),
    [
        (("a",), np.zeros((1, 4), dtype=np.float32), r"shape \(1, 4\)"),
        (("a", "b"), np.zeros((1, 2), dtype=np.float32), "2 keys but 1 points"),
        (("a",), np.full((1, 2), np.nan, dtype=np.float32), "coordinates of 'a' are not finite"),
    ],
)
def test_a_projection_of_ones_own_is_checked(keys, coordinates, says):
    with pytest.raises(BadInput, match=says):
        Projection(keys, coordinates, "pca")


def test_progress(clouds):
    seen = []
    project(clouds, callback=seen.append)
    assert [(each.done, each.total) for each in seen] == [(0, 60), (60, 60)]


def test_every_axis_has_a_name_or_none():
    with pytest.raises(BadInput, match="1 named axes of 2: name each, or none"):
        Projection(("a",), np.zeros((1, 2), dtype=np.float32), "poles", axes=(("x", "y"),))
