"""Where labels go: the most important first, none upon another."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float64]  # (n, 2): x to the right, y upwards

_TRIED = 4000  # of more points than this, the later ones would find no room anyway
_CELL = 4.0  # pixels of one cell of the map that counts points
_SHARES = (0.5, 0.25, 0.75, 0.05, 0.95)  # at which part of its width a label meets the line from its point
_PAD = np.array([3.0, 1.5])  # between two labels


@dataclass(frozen=True, slots=True)
class Label:
    """One placed label: which point, and its lower left corner in pixels."""

    point: int
    x: float
    y: float


def place_around(
    points: Pixels,
    sizes: Pixels,
    order: npt.NDArray[np.int64],
    bounds: tuple[float, float, float, float],
    *,
    gap: float = 5.0,
    most: int | None = None,
    obstacles: Pixels | None = None,
    taken: Pixels | None = None,
) -> list[Label]:
    """Place labels beside their points, greedily.

    Each label takes, of eight places around its point, the one that covers the fewest points and obstacles,
    unless all of them lie on a label placed before, on a point that has one, or outside.

    Parameters
    ----------
    points
        Shape (n, 2).
    sizes
        Width and height of each label, shape (n, 2); NaN for a point that gets none.
    order
        Rows, the most important first.
    bounds
        Left, bottom, right, top.
    gap
        Between a point and its label.
    most
        At most so many labels.
    obstacles
        More places to leave free where possible (along arrows), shape (m, 2).
    taken
        Boxes where no label may be: left, bottom, right, top, shape (m, 4).

    Examples
    --------
    >>> two = np.array([[50.0, 50.0], [52.0, 50.0]])
    >>> [label.point for label in place_around(two, np.full((2, 2), 60.0), np.array([1, 0]), (0, 0, 120, 120))]
    [1]
    """
    covered = _Counter(points if obstacles is None else np.concatenate([points, obstacles]), bounds)
    placed: list[Label] = []
    others = np.empty((0, 4)) if taken is None else taken
    filled = np.concatenate([others, np.empty((min(len(order), _TRIED), 4))])
    anchors = np.empty((len(filled) - len(others), 2))
    for row in order[:_TRIED]:
        if most is not None and len(placed) >= most:
            break
        if np.isnan(sizes[row]).any():
            continue
        low = points[row] + _corners(sizes[row], gap)
        high = low + sizes[row]
        free = (low >= bounds[:2]).all(axis=1) & (high <= bounds[2:]).all(axis=1)
        boxes = filled[: len(others) + len(placed)]
        free &= ~_overlap(low - _PAD, high + _PAD, boxes[:, :2], boxes[:, 2:]).any(axis=1)
        dots = anchors[: len(placed)]
        free &= ~_overlap(low - gap / 2, high + gap / 2, dots, dots).any(axis=1)
        # and the point itself must not lie under a label placed before
        mine = boxes[len(others) :]
        if not free.any() or _overlap(points[row][None], points[row][None], mine[:, :2], mine[:, 2:]).any():
            continue
        # of equally free places the first: to the right, where the eye looks for it
        best = int(np.argmin(np.where(free, covered(low, high), np.inf)))
        filled[len(others) + len(placed)] = *low[best], *high[best]
        anchors[len(placed)] = points[row]
        placed.append(Label(int(row), float(low[best, 0]), float(low[best, 1])))
    return placed


def place_in_lanes(
    xs: npt.NDArray[np.float64],
    sizes: Pixels,
    order: npt.NDArray[np.int64],
    bounds: tuple[float, float],
    *,
    lanes: int,
    most: int | None = None,
    below_only: bool = False,
) -> list[tuple[int, float, int]]:
    """Place labels above and below a number line: (point, left edge, lane).

    Lanes are 0, 1, … upwards and -1, -2, … downwards; a thin line joins a label to its point, so a label must
    leave the lines of those further out free, and its own line must pass between those further in. `below_only`
    leaves the upper side to arrows.

    Examples
    --------
    >>> place_in_lanes(np.array([50.0, 55.0, 60.0]), np.full((3, 2), 30.0), np.arange(3), (0, 100), lanes=2)
    [(0, 21.5, 0), (1, 40.0, 1), (2, 58.5, 0)]
    """
    placed: list[tuple[int, float, int]] = []
    spans: dict[int, list[tuple[float, float]]] = {}
    stems: dict[int, list[float]] = {}
    ordered = np.sort(xs)
    sides = (-1,) if below_only else (1, -1)
    for row in order[:_TRIED]:
        if most is not None and len(placed) >= most:
            break
        x, width = float(xs[row]), float(sizes[row, 0])
        if np.isnan(width) or width > bounds[1] - bounds[0]:
            continue
        best, least = None, np.inf
        for depth, side in itertools.product(range(lanes), sides):
            lane, outer = _lane(depth, side), [_lane(further, side) for further in range(depth + 1, lanes)]
            inner = [_lane(nearer, side) for nearer in range(depth)]
            if any(low - 2 < x < high + 2 for each in inner for low, high in spans.get(each, ())):
                continue
            for share in _SHARES:
                left = min(max(x - share * width, bounds[0]), bounds[1] - width)
                low, high = left - _PAD[0], left + width + _PAD[0]
                # The points above which it lies can have a label nearer to the line only: a loss for each.
                shut = np.searchsorted(ordered, high) - np.searchsorted(ordered, low) - 1
                cost = 0.5 * depth + shut * (lanes - depth - 1) / lanes + 0.1 * abs(share - 0.5)
                if cost >= least or not all(high <= a or b <= low for a, b in spans.get(lane, ())):
                    continue
                if not any(low < stem < high for each in outer for stem in stems.get(each, ())):
                    best, least = (left, lane), cost
        if best is None:
            continue
        left, lane = best
        spans.setdefault(lane, []).append((left, left + width))
        stems.setdefault(lane, []).append(x)
        placed.append((int(row), left, lane))
    return placed


def _lane(depth: int, side: int) -> int:
    """0, 1, … upwards; -1, -2, … downwards."""
    return depth if side > 0 else -1 - depth


def _corners(size: npt.NDArray[np.float64], gap: float) -> Pixels:
    """Lower left corners of the eight places, from the point: right, left, above, below, then the corners."""
    width, height = size
    near = 0.7 * gap  # at a corner the way is the diagonal
    return np.array(
        [
            (gap, -height / 2),
            (-gap - width, -height / 2),
            (-width / 2, gap),
            (-width / 2, -gap - height),
            (near, near),
            (-near - width, near),
            (near, -near - height),
            (-near - width, -near - height),
        ]
    )


def _overlap(low: Pixels, high: Pixels, other_low: Pixels, other_high: Pixels) -> npt.NDArray[np.bool_]:
    """Whether each of k boxes meets each of m others, shape (k, m)."""
    apart = (low[:, None] >= other_high[None]) | (high[:, None] <= other_low[None])
    met: npt.NDArray[np.bool_] = ~np.any(apart, axis=2)
    return met


class _Counter:
    """How many points a box covers: sums over an integral image, the same four look-ups however many points."""

    def __init__(self, points: Pixels, bounds: tuple[float, float, float, float]) -> None:
        self._origin = np.array(bounds[:2])
        cells = np.ceil((np.array(bounds[2:]) - self._origin) / _CELL).astype(int) + 1
        at = ((points - self._origin) / _CELL).astype(int)
        at = at[((at >= 0) & (at < cells)).all(axis=1)]
        grid = np.zeros(cells + 1, dtype=np.int64)
        np.add.at(grid, (at[:, 0] + 1, at[:, 1] + 1), 1)
        self._sums = grid.cumsum(axis=0).cumsum(axis=1)

    def __call__(self, low: Pixels, high: Pixels) -> npt.NDArray[np.int64]:
        top = np.array(self._sums.shape) - 1
        a = np.clip(((low - self._origin) / _CELL).astype(int), 0, top)
        b = np.clip(((high - self._origin) / _CELL).astype(int) + 1, 0, top)
        s = self._sums
        counted: npt.NDArray[np.int64] = (
            s[b[:, 0], b[:, 1]] - s[a[:, 0], b[:, 1]] - s[b[:, 0], a[:, 1]] + s[a[:, 0], a[:, 1]]
        )
        return counted
