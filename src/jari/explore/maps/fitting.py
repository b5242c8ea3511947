"""`fitted`: t-SNE and UMAP of as many points as there are time for, and the others placed among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jari.embedding.flattening import Arranged, VectorRows, arranged, most_points, nearest, principal
from jari.types import Callback, Counts, Matrix, Rows

_AMONG = 5  # neighbours that say where another point goes
_AGREEING = 3  # of these, the ones that lie together say it


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Coordinates, shape (n, dim), how many of the points the method saw, and what a reader should know."""

    coordinates: Matrix
    seen: int
    notes: tuple[str, ...] = ()


def fitted(
    rows: VectorRows,
    method: Arranged,
    dim: int,
    seed: int,
    callback: Callback | None = None,
    *,
    counts: Counts | None = None,
) -> Fitted:
    """Arrange as many points as there is time for by their neighbours, and place the others among them.

    A point that the method has not seen goes to where its nearest are that it has: of the five nearest, those three
    that lie closest together decide. The mean of all five could be a place between two groups, where nobody is.

    Parameters
    ----------
    rows
        The vectors.
    method, dim, seed, callback
        As of `arranged`.
    counts
        How often each key was seen, shape (n,): the most frequent are arranged. None arranges some that chance chooses,
        as documents in the order of their folders are not alike from first to last.

    Raises
    ------
    ExtraMissing
        umap-learn is not installed, and `method` is ``"umap"``.
    """
    which, rest = _split(len(rows), most_points(method, dim), counts, seed)
    sample = np.ascontiguousarray(rows.take(which))
    start, _ = principal(VectorRows(sample), dim)
    if not start.any():
        notes = ("All vectors are the same, so all points lie on each other.",)
        return Fitted(np.zeros((len(rows), dim), dtype=np.float32), len(which), notes)
    arrangement, said = arranged(method, sample, start, seed, callback)
    places = np.empty((len(rows), dim), dtype=np.float32)
    places[which] = arrangement
    if len(rest):
        near = nearest(rows, sample, _AMONG, callback, stage="placing", only=rest)
        places[rest] = _where_most_are(arrangement, near.places)
        who = "the most frequent" if counts is not None else "chosen by chance"
        said.append(
            f"Arranged by {len(which):,} keys, {who}; the other {len(rest):,} lie where their nearest of those do."
        )
    return Fitted(places, len(which), tuple(said))


def _split(points: int, most: int, counts: Counts | None, seed: int) -> tuple[Rows, Rows]:
    """Which points are arranged, and which placed; both ascending."""
    if points <= most:
        return np.arange(points), np.arange(0)
    if counts is not None:
        order = np.argsort(-counts, kind="stable")
    else:
        order = np.random.default_rng(seed).permutation(points)
    return np.sort(order[:most]), np.sort(order[most:])


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
