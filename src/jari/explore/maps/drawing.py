"""`draw_map`: the points of a map, and what its reader should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jari.explore.maps.request import MapRequest
from jari.types import Callback, Matrix

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
    """Draw a map of an embedding; a callback that raises stops the work."""
    raise NotImplementedError
