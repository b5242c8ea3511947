"""UMAP (McInnes, Healy and Melville, 2018): neighbours stay neighbours, and groups keep more of their places."""

from __future__ import annotations

import warnings

import numpy as np

from jari.embedding.flattening.nearest import nearest
from jari.extras import require
from jari.types import Callback, Matrix, Progress

_NEIGHBOURS = 15  # umap-learn's default
_WIDTH = 10.0  # of the place where points begin, as umap-learn has it
_MANY = 10_000  # points; umap-learn too takes fewer steps beyond these


def umap(vectors: Matrix, start: Matrix, seed: int, callback: Callback | None = None) -> Matrix:
    """umap-learn's, shape (n, dim), from exact neighbours. Importing it takes seconds, and its first run compiles.

    Parameters
    ----------
    vectors
        Shape (n, d).
    start
        Where the points begin, shape (n, dim): PCA's plane, whose first axis is not all zeros.
    seed
        The same seed gives the same bits, for which umap-learn takes one thread.
    callback
        Told of neighbours and of steps; one that raises stops the work.

    Raises
    ------
    ExtraMissing
        umap-learn is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it compiles, and of TensorFlow that it would like to have
        if callback is not None:
            callback(Progress("starting", 0, None, "steps"))
        package = require("umap", extra="maps")
        neighbours = min(_NEIGHBOURS, len(vectors))
        near = nearest(None, vectors, neighbours - 1, callback)
        steps = 200 if len(vectors) > _MANY else 500
        model = package.UMAP(
            n_neighbors=neighbours,
            n_components=start.shape[1],
            n_epochs=steps,
            init=start / np.abs(start).max() * _WIDTH,
            random_state=seed,
            n_jobs=1,
            precomputed_knn=(_with_themselves(near.places), _with_zeros(near.distances)),
            tqdm_kwds={"disable": False, "file": _Steps(callback, steps), "bar_format": "{n_fmt}", "mininterval": 0.1},
        )
        return np.ascontiguousarray(model.fit_transform(vectors), dtype=np.float32)


def _with_themselves(places: np.ndarray) -> np.ndarray:
    """umap-learn counts each point as its own first neighbour."""
    return np.column_stack([np.arange(len(places), dtype=places.dtype), places])


def _with_zeros(distances: Matrix) -> Matrix:
    return np.column_stack([np.zeros(len(distances), dtype=distances.dtype), distances])


class _Steps:
    """The file on which umap-learn's bar is drawn: nothing but the number of the step."""

    def __init__(self, callback: Callback | None, steps: int) -> None:
        self._callback, self._steps = callback, steps

    def write(self, text: str) -> int:
        """Tell the callback of a step."""
        step = text.strip("\r\n \x1b[A")
        if self._callback is not None and step.isdigit():
            self._callback(Progress("arranging", int(step), self._steps, "steps"))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
