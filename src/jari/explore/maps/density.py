"""`density_of`: where on a map the points are many, as contours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jari.errors import BadInput
from jari.types import Matrix

_CELLS = 256  # of the grid, along the longest axis
_MARGIN = 0.08  # of the longest axis, on each side: contours close before the grid ends
_WIDEST, _NARROWEST = 0.06, 0.012  # of the longest axis: how far a point spreads, for few points and for many


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
    """Contours of the density of points of a plane, the lowest level first.

    A histogram of 256 cells along the longest axis, smoothed by a Gaussian whose width follows Scott's rule (Scott,
    Multivariate Density Estimation, 1992: n^(-1/6) in the plane), within bounds. The levels hold equal shares of the
    points: half-way between no points and all of them, with three levels.

    Parameters
    ----------
    coordinates
        Shape (n, 2).
    levels
        How many, 1 to 20.

    Raises
    ------
    BadInput
        The points are on no plane, or `levels` is out of its range.

    Examples
    --------
    >>> drawn = density_of(np.random.default_rng(0).standard_normal((500, 2)).astype(np.float32), 3)
    >>> [len(each.rings) > 0 for each in drawn]
    [True, True, True]
    """
    if coordinates.ndim != 2 or coordinates.shape[1] != 2:
        raise BadInput(f"Coordinates of shape {coordinates.shape} have no density to draw: give (n, 2).")
    if not 1 <= levels <= 20:
        raise BadInput(f"levels={levels}: give 1 to 20.")
    if len(coordinates) == 0:
        return ()
    from contourpy import contour_generator
    from scipy.ndimage import gaussian_filter

    low, high = coordinates.min(axis=0).astype(np.float64), coordinates.max(axis=0).astype(np.float64)
    longest = float((high - low).max()) or 1.0
    width = float(np.clip(0.25 * len(coordinates) ** (-1 / 6), _NARROWEST, _WIDEST))
    pad = longest * max(_MARGIN, 4 * width)
    low, high, step = low - pad, high + pad, longest / _CELLS
    cells = np.maximum(np.ceil((high - low) / step).astype(int), 1)
    places = np.minimum(((coordinates - low) / step).astype(np.int64), cells - 1)
    counts = np.bincount(places[:, 0] * cells[1] + places[:, 1], minlength=int(cells.prod())).reshape(cells)
    smooth = gaussian_filter(counts.astype(np.float64), width * _CELLS, mode="constant")
    greatest = float(smooth.max())
    at_points = np.sort(smooth[places[:, 0], places[:, 1]])
    shares = np.arange(1, levels + 1) / (levels + 1)
    heights = np.unique(at_points[(shares * len(at_points)).astype(int).clip(0, len(at_points) - 1)])
    heights = heights[(heights > 0) & (heights < greatest)]
    xs, ys = (low[axis] + (np.arange(cells[axis]) + 0.5) * step for axis in range(2))
    lines = contour_generator(xs, ys, smooth.T)
    return tuple(
        Contour(
            float(height / greatest),
            tuple(np.ascontiguousarray(ring, dtype=np.float32) for ring in lines.lines(height)),
        )
        for height in heights
    )
