"""`Source`: the rows of an embedding as an index of faiss takes them, block by block, and queries in the same space."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.types import Matrix, Metric, Rows

BLOCK = 8192
# faiss decodes 8-bit codes 16 at a time, or else one by one: with 100 dimensions a query took 140 µs, with 112 took 49.
_LANES = 16
LARGEST = 127.0
_LEAST = np.finfo(np.float64).tiny * LARGEST


class Source:
    """Rows that can be found, scaled so that the largest value of all is 127.

    Parameters
    ----------
    embedding
        What is searched.
    metric
        With ``"cosine"`` rows are taken at unit length, and rows of zeros are left out: they have no direction.
    scale
        What values are multiplied by; found in one pass over all rows where it is not given.

    Raises
    ------
    BadInput
        There is no row to index.

    Examples
    --------
    >>> source = Source(Embedding(["east", "nowhere", "north"], [[2, 0], [0, 0], [0, 1]]), "cosine")
    >>> source.rows, source.take(np.array([1]))[0, :3]
    (array([0, 2]), array([  0., 127.,   0.], dtype=float32))
    """

    __slots__ = ("dim", "embedding", "metric", "rows", "scale")

    def __init__(self, embedding: Embedding, metric: Metric, scale: float | None = None) -> None:
        self.embedding, self.metric = embedding, metric
        whole = metric != "cosine" or bool((embedding.norms > 0).all())
        self.rows: Rows = np.arange(len(embedding)) if whole else np.flatnonzero(embedding.norms > 0)
        if not len(self.rows):
            raise BadInput(f"There is nothing to index: {len(embedding)} keys, none of them with a direction.")
        self.dim = -(-embedding.dim // _LANES) * _LANES
        self.scale = 1.0
        if scale is None:
            largest = max(float(np.abs(block).max()) for block in self.blocks(np.arange(len(self))))
            scale = LARGEST / largest if largest > 0 else 1.0
        self.scale = scale

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def zeros(self) -> Rows:
        """The rows that are left out."""
        return np.setdiff1d(np.arange(len(self.embedding)), self.rows, assume_unique=True)

    def take(self, places: Rows) -> Matrix:
        """The rows at some places, shape (k, dim): a copy."""
        rows = self.rows[places]
        found = self.embedding.vectors[rows]
        factors = np.float64(self.scale) / self.embedding.norms[rows] if self.metric == "cosine" else self.scale
        return self._padded(found * np.reshape(factors, (-1, 1)))

    def blocks(self, places: Rows) -> Iterator[Matrix]:
        """The rows at some places, a block at a time."""
        return (self.take(places[start : start + BLOCK]) for start in range(0, len(places), BLOCK))

    def queries(self, vectors: np.ndarray, *, coded: bool) -> Matrix:
        """Queries (m, d) as the index is asked, shape (m, dim).

        Where the index is `coded` in 8 bits, whole numbers from -127 to 127: faiss may compare codes with codes, and
        casts a query without looking. Products do not mind the length of a query, so it is stretched to fit. Distances
        do, and a query from outside the box of all rows is asked from the box's edge.
        """
        if self.metric == "euclidean":
            scaled = vectors * self.scale
            return self._padded(np.rint(np.minimum(np.maximum(scaled, -LARGEST), LARGEST)) if coded else scaled)
        if not coded:
            return self._padded(vectors)
        largest = np.abs(vectors).max(axis=1, keepdims=True)
        return self._padded(np.rint(vectors * (LARGEST / np.maximum(largest, _LEAST))))

    def query(self, vector: np.ndarray, largest: float, *, coded: bool) -> Matrix:
        """`queries` of one vector (d,), whose largest value is known, in a third of the time; shape (1, dim)."""
        if self.metric == "euclidean":
            return self.queries(vector[None, :], coded=coded)
        padded = np.zeros((1, self.dim), dtype=np.float32)
        padded[0, : len(vector)] = np.rint(vector * (LARGEST / max(largest, _LEAST))) if coded else vector
        return padded

    def _padded(self, vectors: np.ndarray) -> Matrix:
        padded = np.zeros((len(vectors), self.dim), dtype=np.float32)
        padded[:, : vectors.shape[1]] = vectors
        return padded
