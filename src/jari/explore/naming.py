"""Which words a map bears, and where: labels of points, names of groups."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding.projection import Projection
from jari.explore.fonts import Fonts
from jari.explore.labels import Label, Pixels, place_around, place_in_lanes
from jari.explore.maps.clusters import Clusters
from jari.explore.scene import Scene

DPI = 100  # one unit of the sheet is one pixel at this resolution
LABEL_SIZE, NAME_SIZE = 9.0, 10.5  # points
TRIED = 4000  # labels that are measured: of more, the later ones would find no room anyway
_LANE = 21.0  # pixels between two rows of labels on a number line
_SHIFTS = (0, 1, -1, 2, -2, 3, -3)  # heights by which a name may leave the centre of its group


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a group: lower left corner, size and the side of its square, in pixels."""

    group: int
    text: str
    x: float
    y: float
    width: float
    height: float
    chip: float


def order_of(projection: Projection, arrows: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Rows, those with the first right to a label first: ends of arrows, then the most frequent, then as given."""
    rank = np.zeros(len(projection)) if projection.counts is None else -projection.counts.astype(np.float64)
    rank[[row for pair in arrows for row in pair]] = -np.inf
    return np.argsort(rank, kind="stable")


class Ruler:
    """How wide a text is. What no font here has is taken for a square, or half of one."""

    def __init__(self, renderer: Any, fonts: Fonts, size: float = LABEL_SIZE, *, bold: bool = False) -> None:
        from matplotlib.font_manager import FontProperties

        self._renderer, self._fonts, self._em = renderer, fonts, size * DPI / 72
        self._font = FontProperties(family=list(fonts.families), size=size, weight="bold" if bold else "normal")

    def __call__(self, text: str) -> tuple[float, float]:
        strange = [char for char in text if char in self._fonts.missing]
        usual = "".join(char for char in text if char not in self._fonts.missing) or "x"
        width, height, _ = self._renderer.get_text_width_height_descent(usual, self._font, ismath=False)
        em = self._em
        width += sum(em if unicodedata.east_asian_width(char) in "WF" else 0.6 * em for char in strange)
        return width, max(height, 1.15 * em)


def name_groups(
    scene: Scene, clusters: Clusters, texts: Sequence[str], ruler: Ruler, fonts: Fonts, *, on_line: bool
) -> list[Name]:
    """Names at the centres of their groups, none upon another; on a number line in a row above it."""
    left, bottom, right, top = scene.frame
    placed: list[Name] = []
    ahead, lift = left, top - 8.0
    for group, text in enumerate(texts):
        if not text or not fonts.can_draw(text):
            continue
        width, height = ruler(text)
        chip = 0.62 * height
        width += 1.6 * chip
        if on_line:
            if ahead + width > right:
                ahead, lift = left, lift - 1.5 * height
            placed.append(Name(group, text, ahead, lift, width, height, chip))
            ahead += width + 22
            continue
        x, y = np.median(scene.points[clusters.ids == group], axis=0)
        x = min(max(x - width / 2, left + 4), right - width - 4)
        for shift in _SHIFTS:
            low = min(max(y - height / 2 + shift * height * 0.6, bottom + 4), top - height - 4)
            box = (x - 6, low - 3, x + width + 6, low + height + 3)
            if not any(_meet(box, (n.x, n.y, n.x + n.width, n.y + n.height)) for n in placed):
                placed.append(Name(group, text, float(x), float(low), width, height, chip))
                break
    return placed


def _meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def place_labels(
    projection: Projection,
    scene: Scene,
    ruler: Ruler,
    texts: list[str],
    order: npt.NDArray[np.int64],
    left_out: npt.NDArray[np.bool_],
    arrows: Sequence[tuple[int, int]],
    most: int | None,
    names: Sequence[Name] = (),
) -> list[Label]:
    """Labels beside their points, or above and below a number line."""
    sizes = np.full((len(texts), 2), np.nan)
    for row in order[:TRIED]:
        if not left_out[row]:
            sizes[row] = ruler(texts[row])
    if projection.dim > 1:
        obstacles = np.concatenate([_along(scene.points, arrows), _in_captions(scene)])
        return place_around(
            scene.points, sizes, order, scene.frame, most=most, obstacles=obstacles, taken=_boxes(names)
        )
    left, bottom, right, top = scene.frame
    top = min((name.y for name in names), default=top)
    middle = (bottom + top) / 2
    lanes = int((top - middle - 26) / _LANE)
    lines = place_in_lanes(
        scene.points[:, 0], sizes, order, (left, right), lanes=lanes, most=most, below_only=bool(arrows)
    )
    return [Label(row, x, middle + _lane_offset(lane)) for row, x, lane in lines]


def _boxes(names: Sequence[Name]) -> Pixels:
    return np.array([(n.x, n.y, n.x + n.width, n.y + n.height) for n in names]).reshape(-1, 4)


def _lane_offset(lane: int) -> float:
    return 22 + lane * _LANE if lane >= 0 else -36 + (lane + 1) * _LANE


def _along(points: Pixels, arrows: Sequence[tuple[int, int]]) -> Pixels:
    """Places every few pixels of each arrow, which labels should leave free."""
    steps = np.linspace(0, 1, 60)[:, None]
    return np.concatenate([np.empty((0, 2)), *(points[a] + steps * (points[b] - points[a]) for a, b in arrows)])


def _in_captions(scene: Scene) -> Pixels:
    """Places where the names of the axes stand: of the box in space, they are among the points."""
    steps = np.linspace(-95, 95, 60)[:, None]
    turned = [(x, y, np.deg2rad(angle)) for _, x, y, angle in scene.captions]
    return np.concatenate([np.empty((0, 2)), *((x, y) + steps * (np.cos(a), np.sin(a)) for x, y, a in turned)])
