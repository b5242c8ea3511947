from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding, Subwords
from jari.embedding.reduction import all_but_the_top, pca, processed_pca, truncated
from jari.errors import BadInput

ALL: list[Callable[..., Embedding]] = [truncated, pca, all_but_the_top, processed_pca]


def embedding(n: int = 300, d: int = 20, **parts: Any) -> Embedding:
    """One direction in which everything lies, another of great variance, and the rest."""
    random = np.random.default_rng(2)
    vectors = random.normal(size=(n, d)) * np.linspace(2, 0.2, d) + 5
    return Embedding(map(str, range(n)), vectors, **parts)


def test_pca_is_the_decomposition_of_the_covariance() -> None:
    plain = embedding()
    reduced = pca(plain, 6)
    centred = plain.vectors - plain.vectors.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred.T))
    expected = centred @ vectors[:, ::-1][:, :6]
    np.testing.assert_allclose(np.abs(reduced.vectors), np.abs(expected), atol=1e-3)
    step = reduced.metadata["compression"][0]
    assert step["variance"] == pytest.approx(values[::-1][:6].sum() / values.sum(), rel=1e-4)


def test_pca_of_all_dimensions_keeps_distances() -> None:
    plain = embedding()
    turned = pca(plain, plain.dim)
    ours, theirs = turned.similar("3", metric="euclidean"), plain.similar("3", metric="euclidean")
    assert ours.rows.tolist() == theirs.rows.tolist()
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-4)


def test_all_but_the_top_leaves_no_mean_and_no_first_components() -> None:
    plain = embedding()
    centred = plain.vectors - plain.vectors.mean(axis=0)
    first = np.linalg.svd(centred, full_matrices=False)[2][:3]
    rest = all_but_the_top(plain, 3).vectors
    np.testing.assert_allclose(rest.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(rest @ first.T, 0, atol=1e-3)
    np.testing.assert_allclose(rest, centred - centred @ first.T @ first, atol=1e-3)
    np.testing.assert_allclose(all_but_the_top(plain, 0).vectors, centred, atol=1e-5)


def test_how_many_where_nothing_is_said() -> None:
    assert truncated(embedding()).dim == pca(embedding()).dim == processed_pca(embedding()).dim == 10
    assert all_but_the_top(embedding()).metadata["compression"][0]["components"] == 1
    assert all_but_the_top(embedding(d=300)).metadata["compression"][0]["components"] == 3
    steps = processed_pca(embedding(d=300)).metadata["compression"]
    assert [step["method"] for step in steps] == ["all-but-the-top", "pca", "all-but-the-top"]
    assert steps[0]["components"] == steps[2]["components"] == 7
    assert truncated(embedding(d=1)).dim == 1


@pytest.mark.parametrize("reduce", ALL)
def test_subwords_go_the_same_way(reduce: Callable[..., Embedding]) -> None:
    """A word whose vector is the mean of its n-grams is so afterwards."""
    table = Subwords(np.random.default_rng(4).normal(size=(50, 20)).astype(np.float32), 3, 4)
    words = ["cat", "dog", "자리"]
    plain = embedding(subwords=table)
    vectors = np.vstack([plain.vectors, [table.compose(word) for word in words]])
    reduced = reduce(Embedding([*plain.keys, *words], vectors, subwords=table))
    assert reduced.subwords is not None
    for word in words:
        np.testing.assert_allclose(reduced.subwords.compose(word), reduced[word], atol=1e-4)
    assert (reduced.subwords.shortest, reduced.subwords.longest) == (3, 4)


@pytest.mark.parametrize("reduce", ALL)
def test_output_vectors_are_dropped_and_that_is_said(reduce: Callable[..., Embedding]) -> None:
    reduced = reduce(embedding(context=np.ones((300, 20))))
    assert reduced.context is None
    assert reduced.metadata["compression"][0]["dropped"] == ["context"]
    assert "dropped" not in reduce(embedding()).metadata["compression"][0]


@pytest.mark.parametrize("reduce", ALL)
def test_the_embedding_itself_stays_as_it_was(reduce: Callable[..., Embedding]) -> None:
    plain = embedding()
    before = plain.vectors.copy()
    reduced = reduce(plain)
    np.testing.assert_array_equal(plain.vectors, before)
    assert reduced.vocabulary is plain.vocabulary
    assert reduced.vectors.dtype == np.float32


def test_vectors_that_are_all_the_same() -> None:
    same = Embedding(["a", "b", "c"], np.ones((3, 4)))
    assert not all_but_the_top(same).vectors.any()
    reduced = pca(same, 2)
    assert not reduced.vectors.any()
    assert reduced.metadata["compression"][0]["variance"] is None


@pytest.mark.parametrize("dim", [0, 21, -1, 2.5, True])
def test_dimensions_that_cannot_be(dim: Any) -> None:
    for reduce in (truncated, pca, processed_pca):
        with pytest.raises(BadInput, match=f"dim={dim}: the embedding has 20 dimensions"):
            reduce(embedding(), dim)


@pytest.mark.parametrize("components", [-1, 20, 1.5, True])
def test_components_that_cannot_be(components: Any) -> None:
    with pytest.raises(BadInput, match=f"components={components}: give a whole number from 0 to 19"):
        all_but_the_top(embedding(), components)


def test_too_few_keys() -> None:
    with pytest.raises(BadInput, match="5 components of 3 keys: there must be as many keys, and two or more"):
        pca(embedding(n=3), 5)
    with pytest.raises(BadInput, match="1 components of 1 keys"):
        all_but_the_top(embedding(n=1))
