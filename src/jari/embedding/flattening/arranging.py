"""`arranged`: points so that neighbours lie together, by t-SNE or by UMAP, whichever library there is for it."""

from __future__ import annotations

import importlib.util
from typing import Final, Literal, TypeAlias

from jari.embedding.flattening.tsne import PERPLEXITY, fft_tsne, perplexity_for, plain_tsne
from jari.embedding.flattening.umap import umap
from jari.types import Callback, Matrix

Arranged: TypeAlias = Literal["tsne", "umap"]

_MANY: Final = 20_000  # points: one core takes a minute or two for them
_MANY_PLAIN: Final = 4_000  # scikit-learn's t-SNE takes as long for these


def arranged(
    method: Arranged, vectors: Matrix, start: Matrix, seed: int, callback: Callback | None = None
) -> tuple[Matrix, list[str]]:
    """Coordinates, shape (n, dim), and what a reader of the map should know.

    Of more than 4,000 points t-SNE is openTSNE's, where that is installed and the map is not in space.

    Parameters
    ----------
    method
        ``"tsne"`` or ``"umap"``.
    vectors
        Shape (n, d).
    start
        Where the points begin, shape (n, dim): PCA's, not all zeros.
    seed
        The same seed gives the same bits.
    callback
        Told of each stage; one that raises stops the work.

    Raises
    ------
    ExtraMissing
        umap-learn is not installed, and it is UMAP.
    """
    if method == "umap":
        return umap(vectors, start, seed, callback), []
    perplexity, notes = perplexity_for(len(vectors)), []
    if perplexity < PERPLEXITY:
        notes.append(f"t-SNE's perplexity is {perplexity:.3g} instead of 30: there are only {len(vectors)} points.")
    by_fft = len(vectors) > _MANY_PLAIN and _has_fft(start.shape[1])
    return (fft_tsne if by_fft else plain_tsne)(vectors, start, perplexity, seed, callback), notes


def most_points(method: Arranged, dim: int) -> int:
    """How many points can be arranged in a minute or two."""
    return _MANY if method == "umap" or _has_fft(dim) else _MANY_PLAIN


def _has_fft(dim: int) -> bool:
    return dim < 3 and importlib.util.find_spec("openTSNE") is not None
