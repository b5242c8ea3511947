"""Fewer or other dimensions: each function takes an `Embedding` and gives one.

All of these are maps x → (x - m) A, so that vectors of subwords can go the same way: the mean of mapped n-grams is the
mapped mean. Output vectors (`Embedding.context`) are dropped, as their products with the vectors would mean nothing;
the metadata says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from jari.embedding.embedding import Embedding
from jari.errors import BadInput
from jari.types import Matrix

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

Map: TypeAlias = Callable[[Matrix], Matrix]

_RAUNAK = 7  # components, as in that paper


def truncated(embedding: Embedding, dim: int | None = None) -> Embedding:
    """The first dimensions; half of them where `dim` is not given.

    Sensible where the first ones say most: after `pca`, LSA or another decomposition. Dimensions of word2vec come in no
    order; half of them are half of what was learnt.

    Raises
    ------
    BadInput
        There are not 1 to d dimensions.

    Examples
    --------
    >>> truncated(Embedding(["a", "b"], [[1, 2, 3], [4, 5, 6]]), 2).vectors.tolist()
    [[1.0, 2.0], [4.0, 5.0]]
    """
    kept = _dimensions(embedding, dim)
    return _mapped(embedding, lambda rows: rows[:, :kept], {"method": "truncate", "dim": kept})


def pca(embedding: Embedding, dim: int | None = None) -> Embedding:
    """The directions of greatest variance, centred; half as many as before where `dim` is not given.

    Raises
    ------
    BadInput
        There are not 1 to d dimensions, or fewer keys than that.

    Examples
    --------
    >>> line = Embedding(["a", "b", "c"], [[1.2, 1.6], [2.1, 2.8], [3, 4]])
    >>> np.abs(pca(line, 1).vectors).round(3).tolist()
    [[1.5], [0.0], [1.5]]
    """
    kept = _dimensions(embedding, dim)
    found = _components(embedding, kept)
    share = float(found.explained_variance_ratio_.sum())
    made = {"method": "pca", "dim": kept, "variance": share if np.isfinite(share) else None}
    return _mapped(embedding, found.transform, made)


def all_but_the_top(embedding: Embedding, components: int | None = None) -> Embedding:
    """The mean and the first components taken away: Mu & Viswanath, *All-but-the-Top*, ICLR 2018, algorithm 1.

    What all vectors have in common, and the few directions in which they differ most (word frequency, above all), hide
    what tells them apart. The number of dimensions stays.

    Parameters
    ----------
    embedding
        What to change.
    components
        How many; d/100, but at least one, where not given, as the paper advises.

    Raises
    ------
    BadInput
        There are not 0 to d - 1 components.

    Examples
    --------
    >>> flat = Embedding(["a", "b", "c", "d"], [[9, 1, 0], [9, -1, 0], [-9, 0, 1], [-9, 0, -1]])
    >>> (all_but_the_top(flat, 1).vectors.round(3) + 0.0).tolist()
    [[0.0, 1.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]
    """
    taken = max(1, round(embedding.dim / 100)) if components is None else components
    if isinstance(taken, bool) or not isinstance(taken, int | np.integer) or not 0 <= taken < embedding.dim:
        raise BadInput(f"components={components!r}: give a whole number from 0 to {embedding.dim - 1}.")
    made = {"method": "all-but-the-top", "components": int(taken)}
    mean = embedding.vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    if not taken:
        return _mapped(embedding, lambda rows: rows - mean, made)
    top: Matrix = _components(embedding, int(taken)).components_

    def without(rows: Matrix) -> Matrix:
        centred: Matrix = rows - mean
        centred -= (centred @ top.T) @ top
        return centred

    return _mapped(embedding, without, made)


def processed_pca(embedding: Embedding, dim: int | None = None, components: int | None = None) -> Embedding:
    """All but the top, then PCA, then all but the top once more.

    After Raunak, Gupta & Metze, *Effective Dimensionality Reduction for Word Embeddings*, RepL4NLP 2019, algorithm 2.

    Parameters
    ----------
    embedding
        What to change.
    dim
        How many dimensions are left; half of them where not given.
    components
        How many are taken away each time; 7, as in the paper, where not given, or fewer where d is less than 100.

    Raises
    ------
    BadInput
        There are not 1 to d dimensions, or more components than that.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> processed_pca(Embedding(map(str, range(50)), rng.normal(size=(50, 8))), 4).shape
    (50, 4)
    """
    kept = _dimensions(embedding, dim)
    taken = min(_RAUNAK, max(0, kept // 14)) if components is None else components
    return all_but_the_top(pca(all_but_the_top(embedding, taken), kept), taken)


def _dimensions(embedding: Embedding, dim: int | None) -> int:
    kept = max(1, embedding.dim // 2) if dim is None else dim
    if isinstance(kept, bool) or not isinstance(kept, int | np.integer) or not 1 <= kept <= embedding.dim:
        raise BadInput(f"dim={dim!r}: the embedding has {embedding.dim} dimensions; give a whole number up to that.")
    return int(kept)


def _components(embedding: Embedding, many: int) -> PCA:
    from sklearn.decomposition import PCA  # 0.5 s that nothing else here needs

    if len(embedding) < max(2, many):
        raise BadInput(f"{many} components of {len(embedding)} keys: there must be as many keys, and two or more.")
    # By the covariance: one product of the matrix with itself, and no copy of it
    with np.errstate(
        invalid="ignore", divide="ignore"
    ):  # where all vectors are the same, there is no variance to share
        found: PCA = PCA(many, svd_solver="covariance_eigh").fit(embedding.vectors)
    return found


def _mapped(embedding: Embedding, change: Map, made: Mapping[str, Any]) -> Embedding:
    subwords = embedding.subwords
    step = dict(made) | ({"dropped": ["context"]} if embedding.context is not None else {})
    metadata = embedding.metadata
    return Embedding(
        embedding.vocabulary,
        np.asarray(change(embedding.vectors), dtype=np.float32),
        subwords=None
        if subwords is None
        else replace(subwords, vectors=np.ascontiguousarray(change(subwords.vectors))),
        metadata=metadata | {"compression": [*metadata.get("compression", []), step]},
    )
