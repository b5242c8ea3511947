"""`fitted`: t-SNE and UMAP of as many points as there are time for, and the others placed among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jari.embedding.flattening import Arranged, VectorRows, arranged, most_points, nearest, principal
from jari.types import Callback, Matrix

_AMONG = 5  # neighbours that say where another point goes
_AGREEING = 3  # of these, the ones that lie together say it


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Coordinates, shape (n, dim), how many of the first points the method saw, and what a reader should know."""

    coordinates: Matrix
    seen: int
    notes: tuple[str, ...] = ()


def fitted(rows: VectorRows, method: Arranged, dim: int, seed: int, callback: Callback | None = None) -> Fitted:
    """Arrange the first points, the most frequent keys, by their neighbours, and place the others.

    A point that the method has not seen goes to where its nearest are that it has: of the five nearest, those three
    that lie closest together decide. The mean of all five could be a place between two groups, where nobody is.

    Raises
    ------
    ExtraMissing
        umap-learn is not installed, and `method` is ``"umap"``.
    """
    seen = min(len(rows), most_points(method, dim))
    sample = np.ascontiguousarray(rows.take(slice(0, seen)))
    start, _ = principal(VectorRows(sample), dim)
    if not start.any():
        notes = ("All vectors are the same, so all points lie on each other.",)
        return Fitted(np.zeros((len(rows), dim), dtype=np.float32), seen, notes)
    places, said = arranged(method, sample, start, seed, callback)
    if seen < len(rows):
        rest = VectorRows(rows.vectors[seen:], None if rows.norms is None else rows.norms[seen:])
        near = nearest(rest, sample, _AMONG, callback, stage="placing")
        places = np.concatenate([places, _where_most_are(places, near.places)])
        said.append(
            f"Arranged by the first {seen:,} keys; the other {len(rows) - seen:,} lie where their nearest of those do."
        )
    return Fitted(places, seen, tuple(said))


def _where_most_are(places: Matrix, near: np.ndarray) -> Matrix:
    """The mean of those neighbours that lie closest together, (m, dim), for the neighbours of m points, (m, k)."""
    found = np.empty((len(near), places.shape[1]), dtype=np.float32)
    for start in range(0, len(near), 65_536):
        at = slice(start, start + 65_536)
        corners = places[near[at]]  # (b, k, dim)
        apart = np.linalg.norm(corners[:, :, None] - corners[:, None], axis=3)  # (b, k, k)
        middle = apart.sum(axis=2).argmin(axis=1)
        to_middle = np.take_along_axis(apart, middle[:, None, None], axis=1)[:, 0]
        chosen = np.argsort(to_middle, axis=1, kind="stable")[:, :_AGREEING]
        found[at] = np.take_along_axis(corners, chosen[:, :, None], axis=1).mean(axis=1)
    return found
