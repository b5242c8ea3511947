"""How much lists of neighbours overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.metrics import Table, scores_by
from jari.embedding.neighbours import best
from jari.evaluate.estimates import estimates
from jari.types import Rows, Vector

_BINS = 11
_COPIED = 1 << 28  # numbers, 1 GB: rows that stand together are searched twice as fast as rows that are picked


@dataclass(frozen=True, slots=True)
class Overlap:
    """The Jaccard indices of all keys that were compared.

    Parameters
    ----------
    mean
        0: no key has a neighbour in both; 1: all have the same.
    low, high
        95 % interval of the mean, over bootstrap samples of the keys.
    histogram
        How many keys have an index below 1/11, from 1/11 to 2/11, … from 10/11 to 1.
    """

    mean: float
    low: float
    high: float
    histogram: tuple[int, ...]


class SharedLists:
    """The neighbours of shared keys, as places among the shared keys; -1 where there are no more."""

    def __init__(self, embedding: Embedding, rows: Rows, k: int) -> None:
        self._embedding, self._rows, self._k = embedding, rows, k
        self._sorted = np.argsort(rows, kind="stable")  # from places in the table to places among the shared keys
        self._places = np.empty_like(self._sorted)
        self._places[self._sorted] = np.arange(len(rows))
        ascending = rows[self._sorted]
        if len(rows) * embedding.dim <= _COPIED and len(rows) < len(embedding):
            vectors = np.ascontiguousarray(embedding.vectors[ascending])
            self._table = Table(vectors, embedding.norms[ascending])
        else:
            everything = len(rows) == len(embedding)
            self._table = Table(embedding.vectors, embedding.norms, None if everything else ascending)

    def of(self, asked: Rows) -> Rows:
        queries = self._embedding.vectors[self._rows[asked]].astype(np.float64)
        own = [np.array([place]) for place in self._places[asked]]
        found, _ = best(scores_by("cosine", self._table, queries), self._k, own)
        if self._table.rows is not None:
            found = np.searchsorted(self._table.rows, found)
        return self._sorted[found]


def jaccard_of(here: Rows, there: Rows) -> Vector:
    """How many numbers two rows share, to how many there are in both; 1 for empty rows, which differ in nothing.

    Parameters
    ----------
    here, there
        Shapes (m, j) and (m, l); no row holds a number twice.

    Returns
    -------
    jaccard
        Shape (m,).

    Examples
    --------
    >>> jaccard_of(np.array([[1, 2], [1, 2]]), np.array([[2, 1], [2, 3]])).round(3)
    array([1.   , 0.333], dtype=float32)
    """
    together = np.sort(np.concatenate([here, there], axis=1), axis=1)
    both = (together[:, 1:] == together[:, :-1]).sum(axis=1)
    apart = together.shape[1] - both
    return np.where(apart > 0, both / np.maximum(apart, 1), 1.0).astype(np.float32)


def overlap_of(jaccard: Vector) -> Overlap:
    """The mean, its interval and the histogram of some Jaccard indices, shape (m,), m 1 or more."""
    mean = estimates({"overlap": jaccard})["overlap"]
    # A hair more: 3/11 as float32 is not below 3/11 as float64, and belongs to the bin that begins there.
    bins = np.minimum((jaccard.astype(np.float64) * _BINS + 1e-6).astype(np.int64), _BINS - 1)
    low, high = (mean.mean if end is None else end for end in (mean.low, mean.high))
    return Overlap(mean.mean, low, high, tuple(np.bincount(bins, minlength=_BINS).tolist()))
