"""`draw_map`: the points of a map, and what its reader should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from jari.embedding.flattening import Arranged, VectorRows, principal
from jari.embedding.poles import axes_between, leaning
from jari.explore.maps.fitting import fitted
from jari.explore.maps.request import MapRequest
from jari.types import Callback, Matrix, Progress

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding


@dataclass(frozen=True, slots=True, eq=False)
class DrawnMap:
    """Points 0…n-1, which are the first n rows of an embedding.

    Parameters
    ----------
    request
        What was asked for.
    coordinates
        Shape (n, dim), float32, read-only; the longest axis spans -1…1, and 0 is the middle of each.
    scale, middle
        ``coordinates * scale + middle`` is what the method found: on an axis of poles -1 is the mean of the one pole
        and +1 that of the other.
    fitted
        How many points the method saw; the others were placed among them. As many as there are for PCA and poles.
    explained
        The share of the variance that each axis keeps, for PCA; else None.
    axes
        The names of both ends of each axis, for poles; else None.
    notes
        What a reader of the map should know.
    """

    request: MapRequest
    coordinates: Matrix
    scale: float
    middle: tuple[float, ...]
    fitted: int
    explained: tuple[float, ...] | None = None
    axes: tuple[tuple[str, str], ...] | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.coordinates)

    @property
    def dim(self) -> int:
        """1, 2 or 3."""
        return int(self.coordinates.shape[1])


def draw_map(embedding: Embedding, request: MapRequest, callback: Callback | None = None) -> DrawnMap:
    """Draw a map of an embedding.

    Parameters
    ----------
    embedding
        Its first rows are the points.
    request
        How. The same request of the same embedding gives the same bits.
    callback
        Told of each stage; one that raises stops the work.

    Raises
    ------
    BadInput, UnknownKey
        This map cannot be drawn of this embedding.
    ExtraMissing
        umap-learn is not installed, and the map is one of UMAP.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> line = Embedding(["a", "b", "c"], [[0, 0, 1], [0, 0, 2], [0, 0, 4]])
    >>> drawn = draw_map(line, MapRequest(dim=1, geometry="euclidean"))
    >>> drawn.coordinates.ravel().round(2), round(drawn.scale, 2)
    (array([-1.  , -0.33,  1.  ], dtype=float32), 1.5)
    """
    request.check(embedding)
    points = request.points(len(embedding))
    norms = embedding.norms[:points] if request.geometry == "cosine" else None
    rows = VectorRows(embedding.vectors[:points], norms)
    explained, seen, notes = None, points, tuple[str, ...]()
    if request.poles is not None:
        found, notes = _between_poles(embedding, request, rows, callback)
    elif request.method == "pca":
        found, explained = principal(rows, request.dimensions, callback)
    else:
        method, counts = cast(Arranged, request.method), embedding.vocabulary.counts
        counts = None if counts is None else counts[:points]
        made = fitted(rows, method, request.dimensions, request.seed, callback, counts=counts)
        found, seen, notes = made.coordinates, made.seen, made.notes
    coordinates, scale, middle = _normalised(found)
    return DrawnMap(request, coordinates, scale, middle, seen, explained, request.axes, notes)


def _between_poles(
    embedding: Embedding, request: MapRequest, rows: VectorRows, callback: Callback | None
) -> tuple[Matrix, tuple[str, ...]]:
    pairs = request.pole_pairs or []
    axes = axes_between(embedding, pairs, at_unit_length=request.geometry == "cosine", unknown="raise")
    found = np.empty((len(rows), len(axes)), dtype=np.float32)
    for at, block in rows.blocks():
        for axis, made in enumerate(axes):
            found[at, axis] = made.scores(block)
        if callback is not None:
            callback(Progress("projecting", at.stop, len(rows), "rows"))
    return found, tuple(leaning(axes))


def _normalised(found: Matrix) -> tuple[Matrix, float, tuple[float, ...]]:
    """The longest axis from -1 to 1, one scale for all."""
    low, high = found.min(axis=0).astype(np.float64), found.max(axis=0).astype(np.float64)
    scale = float((high - low).max()) / 2 or 1.0
    middle = (low + high) / 2
    coordinates = ((found - middle.astype(np.float32)) / np.float32(scale)).astype(np.float32, copy=False)
    np.clip(coordinates, -1, 1, out=coordinates)
    coordinates.flags.writeable = False
    return coordinates, scale, tuple(float(each) for each in middle)
