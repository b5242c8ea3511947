"""t-SNE (van der Maaten and Hinton, JMLR 9, 2008): neighbours stay neighbours."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from jari.embedding.flattening.nearest import nearest
from jari.extras import require
from jari.types import Callback, Matrix, Progress

PERPLEXITY = 30.0  # van der Maaten and Hinton: 5 to 50 hardly differ
_EARLY, _LATE = 250, 500  # steps
_EVERY = 5  # steps from one report to the next


def perplexity_for(points: int) -> float:
    """30, or less for few points: each needs three times as many neighbours.

    Examples
    --------
    >>> perplexity_for(10), perplexity_for(1000)
    (2.25, 30.0)
    """
    return min(PERPLEXITY, max(1.0, (points - 1) / 4))


def plain_tsne(
    vectors: Matrix, start: Matrix, perplexity: float, seed: int, callback: Callback | None = None
) -> Matrix:
    """scikit-learn's, shape (n, dim): some 6 s for 2,000 points, and minutes for 20,000.

    Parameters
    ----------
    vectors
        Shape (n, d).
    start
        Where the points begin, shape (n, dim): PCA's plane, whose first axis is not all zeros.
    perplexity
        How many neighbours a point has, about.
    seed
        The same seed gives the same bits.
    callback
        Told at the beginning: scikit-learn says nothing between.
    """
    if callback is not None:
        callback(Progress("arranging", 0, None, "steps"))
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    # scikit-learn's learning rate is n / 48 but never less than 50, which throws few points apart in three dimensions:
    # the trustworthiness (k=5) of 60 words is .66 with 50 and .94 with 10.
    rate = max(len(vectors) / 48, 10.0)
    dim = start.shape[1]
    tsne = TSNE(n_components=dim, perplexity=perplexity, learning_rate=rate, init=_begin(start), random_state=seed)
    # One thread gives the same bits every time. OpenMP's threads also spin while they wait for one another: 2,000
    # points on two busy cores took 44 s with two threads and 9 s with one.
    with threadpool_limits(limits=1):
        return np.ascontiguousarray(tsne.fit_transform(vectors), dtype=np.float32)


def fft_tsne(vectors: Matrix, start: Matrix, perplexity: float, seed: int, callback: Callback | None = None) -> Matrix:
    """openTSNE's (Poličar, Stražar and Zupan, 2019; FFT after Linderman et al., 2019), for one or two dimensions.

    The neighbours are exact. One thread, so that the same seed gives the same bits.

    Raises
    ------
    ExtraMissing
        openTSNE is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries beneath it
        require("openTSNE", extra="maps")
        affinity, embedding = require("openTSNE.affinity", extra="maps"), require("openTSNE.tsne", extra="maps")
        index = require("openTSNE.nearest_neighbors", extra="maps")
        near = nearest(None, vectors, min(int(3 * perplexity), len(vectors) - 1), callback)
        likeness = affinity.PerplexityBasedNN(
            perplexity=perplexity, n_jobs=1, knn_index=index.PrecomputedNeighbors(near.places, near.distances)
        )
        told = _Steps(callback)
        points: Any = embedding.TSNEEmbedding(
            _begin(start).astype(np.float64),
            likeness,
            negative_gradient_method="fft",
            n_jobs=1,
            random_state=seed,
            callbacks=told,
            callbacks_every_iters=_EVERY,
        )
        points.optimize(_EARLY, exaggeration=12, momentum=0.8, inplace=True)
        told.before = _EARLY
        points.optimize(_LATE, exaggeration=None, momentum=0.8, inplace=True)
    return np.ascontiguousarray(np.asarray(points), dtype=np.float32)


def _begin(start: Matrix) -> Matrix:
    """PCA's plane, very small, with our signs: the same vectors give the same picture, not its mirror image."""
    return np.asarray(start / np.std(start[:, 0]) * 1e-4, dtype=np.float32)


class _Steps:
    """What openTSNE calls every few steps; a callback that raises stops it."""

    def __init__(self, callback: Callback | None) -> None:
        self._callback, self.before = callback, 0

    def __call__(self, step: int, error: float, points: Any) -> bool:
        if self._callback is not None:
            self._callback(Progress("arranging", self.before + step, _EARLY + _LATE, "steps"))
        return False
