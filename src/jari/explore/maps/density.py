"""`density_of`: where on a map the points are many, as contours."""

from __future__ import annotations

from dataclasses import dataclass

from jari.types import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """Lines of one density.

    Parameters
    ----------
    level
        As a share of the greatest density, above 0 and below 1.
    rings
        Each of shape (k, 2), float32: the points of a closed line, the last one as the first.
    """

    level: float
    rings: tuple[Matrix, ...]


def density_of(coordinates: Matrix, levels: int = 6) -> tuple[Contour, ...]:
    """Contours of the density of points of a plane, shape (n, 2), the lowest level first."""
    raise NotImplementedError
