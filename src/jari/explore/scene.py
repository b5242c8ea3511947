"""`Scene`: where the points of a projection lie on a sheet, in pixels."""

from __future__ import annotations

import itertools
import math
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jari.embedding.projection import Projection
from jari.explore.caption import shown
from jari.explore.labels import Pixels

WIDTH, HEIGHT = 1200, 900
LINE_HEIGHT = 500  # a number line needs less
MARGIN = {"left": 56, "right": 40, "bottom": 56, "top": 104}
_PLUMBED = 60  # so many points in space have a line down to the floor; more of them would be a curtain
_ROOM = 0.05  # free of points along each side, for their labels
_AZIMUTH, _ELEVATION = math.radians(-58), math.radians(22)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Points and frame on a sheet; x to the right, y upwards, from the lower left corner.

    Parameters
    ----------
    size
        Width and height of the sheet.
    frame
        Left, bottom, right, top of what is drawn in.
    points
        Shape (n, 2).
    nearness
        0 (far) to 1 (near), shape (n,); all 1 on a plane.
    edges
        Lines of the frame, or of the box around a cloud in space: each a start and an end, shape (k, 2, 2).
    captions
        Text and place of each axis' name.
    """

    size: tuple[float, float]
    frame: tuple[float, float, float, float]
    points: Pixels
    nearness: npt.NDArray[np.float64]
    edges: Pixels
    captions: tuple[tuple[str, float, float, float], ...]  # text, x, y, angle in degrees


def scene_of(projection: Projection) -> Scene:
    """Lay a projection out: 1 dimension on a line, 2 on a plane, 3 as seen from the front, above and to the side.

    Between poles, -1, 0 and 1 of each axis are on the sheet whatever the points are: marked on a line, and on a plane
    crossed at 0.
    """
    height = LINE_HEIGHT if projection.dim == 1 else HEIGHT
    frame = (MARGIN["left"], MARGIN["bottom"], WIDTH - MARGIN["right"], height - MARGIN["top"])
    coordinates = projection.coordinates.astype(np.float64)
    layout = {1: _line, 2: _plane, 3: _space}[projection.dim]
    between = projection.axes is not None and projection.dim < 3
    if between:
        coordinates = np.concatenate([coordinates, np.array([[-1.0], [0.0], [1.0]]) * np.ones(projection.dim)])
    points, nearness, edges, places = layout(coordinates, frame)
    marks = points[:0]
    if between:
        points, marks, nearness = points[:-3], points[-3:], nearness[:-3]
        edges = np.concatenate([edges, _marks(marks, frame, on_line=projection.dim == 1)])
    captions = _captions(projection, places, frame)
    if between and projection.dim == 1:
        captions += tuple(
            (number, float(x), float(y) + 14, 0.0) for number, (x, y) in zip(("−1", "0", "1"), marks, strict=True)
        )
    return Scene((WIDTH, height), frame, points, nearness, edges, captions)


def _marks(places: Pixels, frame: _Frame, *, on_line: bool) -> Pixels:
    """Ticks where -1, 0 and 1 are; or a cross where 0 is."""
    left, bottom, right, top = frame
    if on_line:
        return np.array([[[x, y - 7], [x, y + 7]] for x, y in places])
    x, y = places[1]
    return np.array([[[left, y], [right, y]], [[x, bottom], [x, top]]])


def _captions(
    projection: Projection, places: list[tuple[float, float, float]], frame: _Frame
) -> tuple[tuple[str, float, float, float], ...]:
    if projection.axes is None:
        names = [_axis_name(projection, axis) for axis in range(projection.dim)]
        return tuple((name, *place) for name, place in zip(names, places, strict=True) if name)
    captions = []
    for axis, ((low, high), (x, y, angle)) in enumerate(zip(projection.axes, places, strict=True)):
        one, other = f"← {shown(low)}", f"{shown(high)} →"
        if projection.dim == 3:
            captions.append((f"{one}    {other}", x, y, angle))
            continue
        begin, end = frame[axis], frame[axis + 2]
        for text, at in ((one, begin + _half(one)), (other, end - _half(other))):
            captions.append((text, x, at, angle) if axis else (text, at, y, angle))
    return tuple(captions)


def _half(text: str) -> float:
    """About half the width of a caption."""
    return 3.5 * sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


_Layout = tuple[Pixels, npt.NDArray[np.float64], Pixels, list[tuple[float, float, float]]]
_Frame = tuple[float, float, float, float]


def _line(coordinates: Pixels, frame: _Frame) -> _Layout:
    left, bottom, right, top = frame
    middle = (bottom + top) / 2
    x = _fit(coordinates, (left, 0, right, 0))[:, 0]
    points = np.column_stack([x, np.full(len(x), middle)])
    edges = np.array([[[left, middle], [right, middle]]])
    return points, np.ones(len(x)), edges, [((left + right) / 2, bottom - 26, 0.0)]


def _plane(coordinates: Pixels, frame: _Frame) -> _Layout:
    left, bottom, right, top = frame
    points = _fit(coordinates, frame)
    edges = np.array(
        [[[left, bottom], [right, bottom]], [[left, top], [right, top]], [[left, bottom], [left, top]],
         [[right, bottom], [right, top]]]
    )  # fmt: skip
    places = [((left + right) / 2, bottom - 22, 0.0), (left - 22, (bottom + top) / 2, 90.0)]
    return points, np.ones(len(points)), edges, places


def _space(coordinates: Pixels, frame: _Frame) -> _Layout:
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    corners = np.array(list(itertools.product(*zip(low, high, strict=True))))
    pairs = [(i, j) for i, j in itertools.combinations(range(8), 2) if (i ^ j).bit_count() == 1]

    floor = coordinates * (1, 1, 0) + low * (0, 0, 1)
    everything = _seen(np.concatenate([coordinates, floor, corners]) - (low + high) / 2)
    depth = everything[:, 2]
    flat = _fit(everything[:, :2], frame)
    points, box = flat[: len(coordinates)], flat[-8:]
    spread = np.ptp(depth) or 1.0
    nearness = (depth[: len(points)] - depth.min()) / spread
    edges = [(box[i], box[j]) for i, j in pairs]
    if len(points) <= _PLUMBED:
        edges += zip(points, flat[len(points) : -8], strict=True)
    # Bit 2 of a corner's number is the first axis: 0 is (low, low, low), 4 is (high, low, low). Two front edges of the
    # floor and the upright edge on the left bear the names.
    places = []
    for a, b in ((0, 4), (4, 6), (0, 1)):
        centre, start, end = box.mean(axis=0), box[a], box[b]
        middle = (start + end) / 2
        outward = (middle - centre) / (np.linalg.norm(middle - centre) or 1.0)
        angle = math.degrees(math.atan2(*(end - start)[::-1]))
        angle = 90 - (90 - angle) % 180  # never upside down; all three axes lead to the right or upwards
        places.append((*(middle + 18 * outward), angle))
    return points, nearness, np.array(edges), places


def _seen(points: Pixels) -> Pixels:
    """Turned so that x is to the right, y up and z towards the eye, without perspective: parallels stay parallel."""
    ca, sa, ce, se = math.cos(_AZIMUTH), math.sin(_AZIMUTH), math.cos(_ELEVATION), math.sin(_ELEVATION)
    turn = np.array([[-sa, ca, 0], [-se * ca, -se * sa, ce], [ce * ca, ce * sa, se]])
    turned: Pixels = points @ turn.T
    return turned


def _fit(coordinates: Pixels, frame: _Frame) -> Pixels:
    """One scale for all axes, as large as the frame allows: what looks equally far is equally far."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    corner, far = np.array(frame[:2])[: coordinates.shape[1]], np.array(frame[2:])[: coordinates.shape[1]]
    room = (far - corner) * (1 - 2 * _ROOM)
    extent = high - low
    used = extent > 0
    scale = float((room[used] / extent[used]).min()) if used.any() else 1.0
    fitted: Pixels = (corner + far) / 2 + (coordinates - (low + high) / 2) * scale
    return fitted


def _axis_name(projection: Projection, axis: int) -> str:
    if projection.explained is None:
        return ""
    return f"component {axis + 1} · {projection.explained[axis] * 100:.1f} % of the variance"
