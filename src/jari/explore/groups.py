"""`groups_of`: the clusters of a projection's points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.projection import Geometry, Projection
from jari.embedding.vocabulary import Vocabulary
from jari.explore.maps.clusters import Clusters, clusters_of
from jari.explore.maps.drawing import DrawnMap
from jari.explore.maps.request import MapRequest
from jari.types import Unknown


def groups_of(
    embedding: Embedding,
    projection: Projection,
    count: int | None = None,
    *,
    geometry: Geometry = "cosine",
    unknown: Unknown = "raise",
    seed: int = 0,
) -> Clusters:
    """Which points of a projection belong together, with a name for each group and its place.

    As `jari.explore.maps.clusters_of`, for the keys of a projection in place of the first rows of an embedding.

    Parameters
    ----------
    embedding
        Where the projection comes from.
    projection
        From `project`.
    count
        How many groups; None for as many as suit the number of points.
    geometry
        As the projection was made: whether lengths count.
    unknown
        As the projection was made: ``"subword"`` where keys of it are not in the embedding.
    seed
        Where chance begins.
    """
    vectors = embedding.vectors_of(projection.keys, "subword" if unknown == "subword" else "raise")
    ours = Embedding(Vocabulary(projection.keys, projection.counts), vectors)
    points = projection.coordinates.astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    half, middle = float((high - low).max()) / 2 or 1.0, (low + high) / 2
    scaled = ((points - middle) / half).astype(np.float32)
    drawn = DrawnMap(
        MapRequest(dim=projection.dim, geometry=geometry), scaled, half, tuple(middle.tolist()), len(scaled)
    )
    found = clusters_of(ours, drawn, count, seed=seed)
    return replace(found, centres=(found.centres * half + middle).astype(np.float32))
