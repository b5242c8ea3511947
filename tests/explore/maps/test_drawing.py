"""Maps as they are drawn."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from sklearn.decomposition import PCA

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.explore.maps import MapRequest, draw_map

needs_umap = pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed")


@pytest.fixture(scope="module")
def clouds():
    rng = np.random.default_rng(1)
    vectors = np.eye(12)[np.arange(300) % 3] * 6 + rng.normal(size=(300, 12))
    return Embedding(Vocabulary([f"k{at}" for at in range(300)], np.arange(300, 0, -1)), vectors)


def found_by_method(drawn):
    return drawn.coordinates * drawn.scale + np.array(drawn.middle)


@pytest.mark.parametrize("geometry", ["cosine", "euclidean"])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_pca_is_that_of_scikit_learn(clouds, geometry, dim):
    drawn = draw_map(clouds, MapRequest(dim=dim, geometry=geometry))
    vectors = clouds.vectors.astype(np.float64)
    if geometry == "cosine":
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pca = PCA(dim, svd_solver="full").fit(vectors)
    theirs = pca.transform(vectors)
    ours = found_by_method(drawn)
    signs = np.sign((ours * theirs).sum(axis=0))
    assert np.allclose(ours, theirs * signs, atol=1e-4)
    assert drawn.explained == pytest.approx(pca.explained_variance_ratio_, rel=1e-4)
    assert (drawn.fitted, drawn.dim, len(drawn)) == (300, dim, 300)


def test_the_longest_axis_spans_all_and_the_others_keep_their_share(clouds):
    drawn = draw_map(clouds, MapRequest(dim=3))
    low, high = drawn.coordinates.min(axis=0), drawn.coordinates.max(axis=0)
    assert (low.min(), high.max()) == pytest.approx((-1, 1), abs=1e-6)
    assert low == pytest.approx(-high, abs=1e-5), "0 is not the middle"
    assert (high < 1).sum() == 2, "each axis was stretched"
    assert drawn.coordinates.dtype == np.float32
    assert not drawn.coordinates.flags.writeable


def test_the_first_rows_are_the_points(clouds):
    some = draw_map(clouds, MapRequest(top=50))
    assert np.array_equal(some.coordinates, draw_map(clouds.top(50), MapRequest()).coordinates)


def test_poles_are_where_the_scale_says(clouds):
    request = MapRequest(poles={"low": ["k0", "k3"], "high": ["k1", "k4"]})
    drawn = draw_map(clouds, request)
    scores = found_by_method(drawn)[:, 0]
    assert scores[[0, 3]].mean() == pytest.approx(-1, abs=1e-5)
    assert scores[[1, 4]].mean() == pytest.approx(1, abs=1e-5)
    expected = clouds.project(poles={"low": ["k0", "k3"], "high": ["k1", "k4"]}).coordinates[:, 0]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert (drawn.axes, drawn.explained) == ((("low", "high"),), None)


def test_axes_that_say_the_same_are_told_of(clouds):
    pairs = [{"a": ["k0"], "b": ["k1"]}, {"c": ["k3"], "d": ["k4"]}]
    assert "say partly the same" in draw_map(clouds, MapRequest(poles=pairs)).notes[0]


@pytest.mark.parametrize("method", ["pca", "tsne", pytest.param("umap", marks=[needs_umap, pytest.mark.slow])])
def test_the_same_seed_gives_the_same_bits(clouds, method):
    request = MapRequest(method=method, top=90, seed=4)
    one, two = (draw_map(clouds, request).coordinates.tobytes() for _ in range(2))
    assert one == two


@needs_umap
@pytest.mark.slow
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_umap_keeps_clouds_apart_and_tells_of_its_steps(clouds, dim, capfd):
    seen = []
    drawn = draw_map(clouds, MapRequest(method="umap", dim=dim), seen.append)
    distances = np.linalg.norm(drawn.coordinates[:, None] - drawn.coordinates[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) % 3 == np.arange(300) % 3).mean() > 0.97
    steps = [each for each in seen if each.stage == "arranging"]
    assert [each.done for each in steps] == sorted(each.done for each in steps)
    assert steps[-1].total == 500
    assert capfd.readouterr() == ("", ""), "the library said something"


class Enough(Exception):
    pass


@pytest.mark.parametrize(
    "request_",
    [
        MapRequest(),
        MapRequest(method="tsne"),
        MapRequest(poles={"a": ["k0"], "b": ["k1"]}),
        pytest.param(MapRequest(method="umap"), marks=[needs_umap, pytest.mark.slow]),
    ],
)
def test_a_callback_that_raises_stops_the_work(clouds, request_):
    def stop(progress):
        if progress.stage != "starting":
            raise Enough

    with pytest.raises(Enough):
        draw_map(clouds, request_, stop)


def test_one_point_between_poles():
    embedding = Embedding(["a", "b"], [[1, 0], [0, 1]])
    drawn = draw_map(embedding, MapRequest(top=1, poles={"x": ["a"], "y": ["b"]}))
    assert drawn.coordinates.tolist() == [[0]]
    assert drawn.middle == pytest.approx((-1,))


def test_equal_vectors_lie_in_the_middle():
    drawn = draw_map(Embedding(list("abcde"), np.ones((5, 3))), MapRequest())
    assert not drawn.coordinates.any()
    assert drawn.explained == (0, 0)


def test_vectors_too_long_for_their_squares():
    long = Embedding(list("abc"), [[1e30, 0], [0, 1e30], [1, 1]])
    with pytest.raises(BadInput, match=r"has the length 1e[+]30, and geometry='euclidean' draws them up to 1e[+]15"):
        draw_map(long, MapRequest(geometry="euclidean"))
    assert np.isfinite(draw_map(long, MapRequest()).coordinates).all()
