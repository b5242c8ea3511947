"""PCA in blocks."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from jari.embedding.flattening import VectorRows, principal


@pytest.mark.parametrize("shape", [(9000, 7), (20_000, 3), (5, 40), (40, 40)])
def test_it_is_that_of_scikit_learn_also_over_several_blocks(shape):
    vectors = (np.random.default_rng(0).normal(size=shape) * np.geomspace(1, 9, shape[1]) + 5).astype(np.float32)
    coordinates, explained = principal(VectorRows(vectors), 2)
    pca = PCA(2, svd_solver="full").fit(vectors.astype(np.float64))
    theirs = pca.transform(vectors)
    signs = np.sign((coordinates * theirs).sum(axis=0))
    assert np.allclose(coordinates, theirs * signs, atol=2e-4 * np.abs(theirs).max())
    assert explained == pytest.approx(pca.explained_variance_ratio_, rel=1e-4)


def test_progress_rises_to_its_end():
    seen = []
    principal(VectorRows(np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)), 2, seen.append)
    done = [each.done for each in seen]
    assert done == sorted(done)
    assert done[-1] == seen[-1].total


def test_equal_rows_are_zeros():
    coordinates, explained = principal(VectorRows(np.full((9000, 3), 2, np.float32)), 2)
    assert not coordinates.any()
    assert explained == (0, 0)


def test_rows_at_unit_length_and_zeros_among_them():
    vectors = np.array([[3, 4], [0, 0], [30, 40]], np.float32)
    rows = VectorRows(vectors, np.array([5, 0, 50], np.float32))
    assert np.concatenate([block for _, block in rows.blocks(2)]) == pytest.approx(
        np.array([[0.6, 0.8], [0, 0], [0.6, 0.8]])
    )
    assert vectors[0].tolist() == [3, 4], "the vectors themselves were changed"
