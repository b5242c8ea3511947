"""`clusters_of`: a map in a few colours, each with a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.explore.maps.drawing import DrawnMap
from jari.types import Matrix

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Colours: TypeAlias = npt.NDArray[np.uint8]  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Which points belong together.

    Parameters
    ----------
    ids
        The cluster of each point, shape (n,), uint8; 0 is the largest.
    names
        Up to three keys of each cluster that say what it is about.
    sizes
        How many points each has.
    centres
        The place of each on the map, shape (count, dim), float32.
    """

    ids: Colours
    names: tuple[tuple[str, ...], ...]
    sizes: tuple[int, ...]
    centres: Matrix

    def __len__(self) -> int:
        return len(self.sizes)


def clusters_of(embedding: Embedding, drawn: DrawnMap, count: int | None = None, *, seed: int = 0) -> Clusters:
    """Put the points of a map in groups."""
    raise NotImplementedError
