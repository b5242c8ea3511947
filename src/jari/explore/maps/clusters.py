"""`clusters_of`: a map in a few colours, each with a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding.flattening import VectorRows, nearest
from jari.errors import BadInput
from jari.explore.maps.drawing import DrawnMap
from jari.types import Matrix

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Colours: TypeAlias = npt.NDArray[np.uint8]  # (n,)

_MOST = 64
_SEEN = 50_000  # of the first rows: more of them move the centres little
_NAMES = 3
_NAMING = 5000  # names come from the first so many rows, which people know, where a cluster has any there


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
    """Put the points of a map in groups, by k-means of their vectors as the map took them.

    Not of their places: on a plane of PCA those would be tiles. The centres are found from the first 50,000 rows.

    Parameters
    ----------
    embedding
        What the map is of.
    drawn
        The map.
    count
        How many clusters, 1 to 64; None for as many as suit the number of points, 6 to 20. There are fewer where fewer
        vectors differ.
    seed
        Where chance begins.

    Raises
    ------
    BadInput
        `count` is out of its range, or the map is of another embedding.
    """
    points = len(drawn)
    if count is not None and not 1 <= count <= _MOST:
        raise BadInput(f"count={count}: give 1 to {_MOST} clusters.")
    if points > len(embedding):
        raise BadInput(f"The map has {points:,} points, and this embedding {len(embedding):,} keys: it is of another.")
    norms = embedding.norms[:points] if drawn.request.geometry == "cosine" else None
    rows = VectorRows(embedding.vectors[:points], norms)
    ids = _k_means(rows, min(count or _suiting(points), points), seed)
    order = np.argsort(-np.bincount(ids), kind="stable")
    place = np.empty(len(order), dtype=np.uint8)
    place[order] = np.arange(len(order))
    ids = place[ids]
    sizes = np.bincount(ids, minlength=len(order))
    names = tuple(_names(embedding, rows, ids, each) for each in range(len(order)))
    centres = np.array([np.median(drawn.coordinates[ids == each], axis=0) for each in range(len(order))], np.float32)
    ids.flags.writeable = False
    return Clusters(ids, names, tuple(sizes.tolist()), centres)


def _suiting(points: int) -> int:
    """6 for few points, 12 for thousands, 20 for a million."""
    return int(np.clip(round(3.4 * np.log10(max(points, 1)) - 1), 6, 20))


def _k_means(rows: VectorRows, count: int, seed: int) -> Colours:
    """The cluster of each row, none of them empty."""
    from sklearn.cluster import MiniBatchKMeans
    from threadpoolctl import threadpool_limits

    sample = np.ascontiguousarray(rows.take(slice(0, _SEEN)))
    count = min(count, len(np.unique(sample[:1000], axis=0)) if len(sample) <= 1000 else count)
    # One thread, and the same bits every time.
    with threadpool_limits(limits=1):
        model = MiniBatchKMeans(count, random_state=seed, n_init=3, batch_size=4096, max_iter=60).fit(sample)
    centres = np.ascontiguousarray(model.cluster_centers_, dtype=np.float32)
    found = nearest(rows, centres, 1).places[:, 0]
    return np.unique(found, return_inverse=True)[1].astype(np.uint8)


def _names(embedding: Embedding, rows: VectorRows, ids: Colours, each: int) -> tuple[str, ...]:
    """The keys nearest to the mean of a cluster, of its most frequent ones."""
    members = np.flatnonzero(ids == each)
    known = members[members < _NAMING]
    among = known if len(known) >= _NAMES else members[:_NAMING]
    vectors = rows.take(among)
    away = np.linalg.norm(vectors - rows.take(members[:_SEEN]).mean(axis=0), axis=1)
    return tuple(embedding.keys[int(among[at])] for at in np.argsort(away, kind="stable")[:_NAMES])
