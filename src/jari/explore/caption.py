"""The words on a map: title, line beneath it, and keys as they can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jari.embedding.display import shown
from jari.embedding.projection import Projection

if TYPE_CHECKING:
    from jari.explore.maps.clusters import Clusters

__all__ = ["default_title", "group_names", "shown", "subtitle"]

_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "poles": "between poles"}


def default_title(projection: Projection) -> str:
    """What a map is called when nobody named it."""
    if projection.axes is not None:
        return " · ".join(f"{shown(low)} – {shown(high)}" for low, high in projection.axes)
    shape = {1: "on a line", 2: "on a plane", 3: "in space"}[projection.dim]
    return f"Embedding {shape}"


def subtitle(projection: Projection) -> str:
    """Method, number of points and explained variance, with a word on how to read them.

    Examples
    --------
    >>> import numpy as np
    >>> subtitle(Projection(("a", "b"), np.zeros((2, 2), dtype=np.float32), "pca", (0.5, 0.25)))
    'PCA · 2 keys · 75.0 % of the variance shown'
    """
    parts = [_NAMES[projection.method], f"{len(projection):,} keys"]
    if projection.axes is not None:
        parts.append("−1 and 1 are the means of the poles" if projection.dim == 1 else "0 is midway between the poles")
    elif projection.explained is not None:
        parts.append(f"{100 * sum(projection.explained):.1f} % of the variance shown")
    else:
        parts.append("neighbours lie together; distances between groups mean nothing")
    return " · ".join(parts)


def group_names(clusters: Clusters) -> list[str]:
    """One line for each group."""
    return [" · ".join(shown(key) for key in keys) for keys in clusters.names]
