"""PCA: the directions of greatest variance, from a covariance that is summed up block by block.

    C = Σ (xᵢ - m)(xᵢ - m)ᵀ / (n - 1),    C = V Λ Vᵀ,    yᵢ = (xᵢ - m) V[:, :dim]

(Jolliffe, Principal Component Analysis, 2002, chapter 1). C is d × d however many rows there are.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding.flattening.rows import VectorRows
from jari.types import Callback, Matrix, Progress

Doubles: TypeAlias = npt.NDArray[np.float64]


def principal(
    rows: VectorRows, dim: int, callback: Callback | None = None, *, stage: str = "projecting"
) -> tuple[Matrix, tuple[float, ...]]:
    """Coordinates, shape (n, dim), and the share of the variance that each axis keeps.

    An axis points so that its largest loading is positive. Equal rows give zeros. 1,000,000 × 100 take some 5 s on one
    core, and no memory beyond the coordinates.

    Examples
    --------
    >>> line = VectorRows(np.array([[0, 0, 1], [0, 0, 2], [0, 0, 4]], np.float32))
    >>> coordinates, explained = principal(line, 1)
    >>> coordinates.ravel().round(2), explained
    (array([-1.33, -0.33,  1.67], dtype=float32), (1.0,))
    """
    total = 2 * len(rows)
    coordinates = np.zeros((len(rows), dim), dtype=np.float32)
    mean = np.zeros(rows.dim)
    for at, block in rows.blocks():
        mean += block.sum(axis=0, dtype=np.float64)
        if callback is not None:
            callback(Progress(stage, at.stop // 3, total, "rows"))
    mean /= len(rows)
    first = rows.take(slice(0, 1))
    if all((block == first).all() for _, block in rows.blocks()):
        return coordinates, (0.0,) * dim
    axes, explained = _wide(rows, mean, dim) if len(rows) < rows.dim else _tall(rows, mean, dim, callback, stage)
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dim)])
    for at, block in rows.blocks():
        coordinates[at] = (block - mean) @ axes
        if callback is not None:
            callback(Progress(stage, len(rows) + at.stop, total, "rows"))
    return coordinates, explained


def _tall(
    rows: VectorRows, mean: Doubles, dim: int, callback: Callback | None, stage: str
) -> tuple[Doubles, tuple[float, ...]]:
    covariance = np.zeros((rows.dim, rows.dim))
    for at, block in rows.blocks():
        centred = block - mean  # float64: sums of a million squares in float32 lose the small axes
        covariance += centred.T @ centred
        if callback is not None:
            callback(Progress(stage, (len(rows) + 2 * at.stop) // 3, 2 * len(rows), "rows"))
    values, vectors = np.linalg.eigh(covariance)
    return _first(np.maximum(values[::-1], 0), vectors[:, ::-1], dim)


def _wide(rows: VectorRows, mean: Doubles, dim: int) -> tuple[Doubles, tuple[float, ...]]:
    """Fewer rows than dimensions: the singular values of the rows themselves, of which there are fewer."""
    _, values, vectors = np.linalg.svd(rows.take(slice(None)) - mean, full_matrices=False)
    return _first(values**2, vectors.T, dim)


def _first(values: Doubles, vectors: Doubles, dim: int) -> tuple[Doubles, tuple[float, ...]]:
    shares = values / values.sum()
    return np.ascontiguousarray(vectors[:, :dim]), tuple(float(share) for share in shares[:dim])
