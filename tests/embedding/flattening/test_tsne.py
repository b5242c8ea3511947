"""t-SNE, by either library."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding.flattening import VectorRows, arranged, arranging, principal
from jari.embedding.flattening.tsne import fft_tsne
from jari.errors import ExtraMissing


def clouds():
    rng = np.random.default_rng(0)
    return (np.eye(6)[np.arange(240) % 3] * 8 + rng.normal(size=(240, 6))).astype(np.float32)


def drawn(dim, callback=None, seed=0):
    pytest.importorskip("openTSNE")
    vectors = clouds()
    return fft_tsne(vectors, principal(VectorRows(vectors), dim)[0], 30.0, seed, callback)


@pytest.mark.slow
@pytest.mark.parametrize("dim", [1, 2])
def test_neighbours_stay_neighbours_and_steps_are_told(dim, capfd):
    seen = []
    points = drawn(dim, seen.append)
    assert points.shape == (240, dim)
    assert points.dtype == np.float32
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (away.argmin(axis=1) % 3 == np.arange(240) % 3).mean() > 0.97
    steps = [each.done for each in seen if each.stage == "arranging"]
    assert steps == sorted(steps)
    assert steps[-1] == seen[-1].total == 750
    assert capfd.readouterr() == ("", ""), "the library said something"


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits():
    assert drawn(1).tobytes() == drawn(1).tobytes()


@pytest.mark.slow
def test_a_callback_that_raises_stops_it():
    def stop(progress):
        if progress.stage == "arranging" and progress.done >= 20:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drawn(1, stop)


def test_without_opentsne_scikit_learn_draws_fewer(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert arranging.most_points("tsne", 2) == arranging.most_points("tsne", 3) == 4000


def test_without_umap_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "umap", None)
    vectors = clouds()
    with pytest.raises(ExtraMissing, match=r"needs the package 'umap'.*pip install 'jari\[maps\]'"):
        arranged("umap", vectors, vectors[:, :2], 0)
