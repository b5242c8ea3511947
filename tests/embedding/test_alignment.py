"""The rotation: scipy's, and the one that was planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from jari.embedding.alignment import procrustes
from jari.errors import BadInput


def _orthogonal(rng, d):
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.mark.parametrize(("n", "d"), [(200, 7), (7, 7), (3, 5), (1, 4), (50, 1)])
def test_it_is_the_one_of_scipy(rng, n, d):
    source, target = rng.normal(size=(n, d)).astype(np.float32), rng.normal(size=(n, d)).astype(np.float32)
    found = procrustes(source, target)
    best, _ = orthogonal_procrustes(source.astype(np.float64), target.astype(np.float64))
    np.testing.assert_allclose(found.rotation @ found.rotation.T, np.eye(d), atol=1e-6)
    apart = np.square(found.apply(source) - target).sum()
    np.testing.assert_allclose(apart, np.square(source @ best - target).sum(), rtol=1e-5)
    np.testing.assert_allclose(found.error, apart / np.square(target).sum(), rtol=1e-5)
    assert found.rotation.dtype == np.float32
    if n > d:  # else more than one is best
        np.testing.assert_allclose(found.rotation, best, atol=1e-5)


def test_a_planted_rotation_comes_back(rng):
    turn, source = _orthogonal(rng, 6), rng.normal(size=(40, 6))
    found = procrustes(source, source @ turn)
    np.testing.assert_allclose(found.rotation, turn, atol=1e-6)
    assert found.error < 1e-10
    assert (found.scale, found.source_mean.tolist()) == (1.0, [0.0] * 6)
    mirror = procrustes(source, source * [-1, 1, 1, 1, 1, 1])
    assert np.linalg.det(mirror.rotation) == pytest.approx(-1)


def test_so_do_a_scale_and_a_shift(rng):
    turn, source = _orthogonal(rng, 3), rng.normal(size=(30, 3)) + 5
    target = 2.5 * source @ turn + [7, -1, 3]
    found = procrustes(source, target, centre=True, scaling=True)
    assert found.scale == pytest.approx(2.5, rel=1e-5)
    np.testing.assert_allclose(found.apply(source), target, atol=1e-4)
    assert found.error < 1e-10
    assert procrustes(source, target).error > 0.01
    assert procrustes(source, target, centre=True).error > 0.1
    assert procrustes(source, target, scaling=True).error > 0.001


def test_the_smaller_space_is_laid_into_the_larger(rng):
    wide, narrow = rng.normal(size=(30, 5)), rng.normal(size=(30, 5))
    narrow = wide @ _orthogonal(rng, 5)
    narrow[:, 3:] = 0  # lies in three dimensions
    inward = procrustes(narrow[:, :3], narrow @ _orthogonal(rng, 5))
    assert inward.rotation.shape == (5, 5)
    assert inward.error < 1e-10
    assert inward.apply(narrow[:, :3]).shape == (30, 5)
    turned = narrow @ _orthogonal(rng, 5)
    outward = procrustes(turned, narrow[:, :3])
    np.testing.assert_allclose(outward.apply(turned), narrow[:, :3], atol=1e-5)
    padded = np.zeros_like(wide)
    padded[:, :3] = narrow[:, :3]
    np.testing.assert_array_equal(procrustes(wide, padded).rotation, procrustes(wide, padded[:, :3]).rotation)


def test_blocks_make_no_difference(rng, monkeypatch):
    source, target = rng.normal(size=(100, 4)), rng.normal(size=(100, 4))
    whole = procrustes(source, target, centre=True, scaling=True)
    monkeypatch.setattr("jari.embedding.alignment._AT_ONCE", 4 * 7)
    pieces = procrustes(source, target, centre=True, scaling=True)
    np.testing.assert_allclose(pieces.rotation, whole.rotation, atol=1e-6)
    assert pieces.scale == pytest.approx(whole.scale)


def test_zeros_and_single_points_are_no_trouble():
    nothing = procrustes(np.zeros((3, 2)), np.zeros((3, 2)), centre=True, scaling=True)
    np.testing.assert_allclose(nothing.rotation @ nothing.rotation.T, np.eye(2), atol=1e-6)
    assert (nothing.scale, nothing.error) == (1.0, 0.0)
    one = procrustes([[3.0, 4.0]], [[0.0, 5.0]])
    np.testing.assert_allclose(one.apply([[3.0, 4.0]]), [[0, 5]], atol=1e-6)


def test_it_cannot_be_written_to(rng):
    found = procrustes(rng.normal(size=(5, 2)), rng.normal(size=(5, 2)))
    with pytest.raises(ValueError, match="read-only"):
        found.rotation[0, 0] = 1
    with pytest.raises(AttributeError):
        found.scale = 2


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (np.ones((2, 3)), np.ones((3, 3)), "2 source vectors and 3 target vectors: give as many here as there"),
        (np.ones((0, 3)), np.ones((0, 3)), "0 source vectors and 0 target vectors"),
        (np.ones(3), np.ones((1, 3)), r"source has shape \(3,\)"),
        (np.ones((1, 3)), [[1, np.nan, 0]], "Row 0 of target is not finite"),
        ([[1, 2], [3]], np.ones((2, 2)), "source is ragged"),
    ],
)
def test_what_cannot_be_aligned(source, target, said):
    with pytest.raises(BadInput, match=said):
        procrustes(source, target)


def test_vectors_of_another_space_are_refused(rng):
    found = procrustes(rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))
    with pytest.raises(BadInput, match="Vectors of 2 dimensions were given: this alignment begins in 3"):
        found.apply(np.ones((1, 2)))
