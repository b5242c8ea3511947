"""A map as one page of HTML that needs nothing else."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jari.embedding.projection import Projection
from jari.explore.caption import default_title, shown
from jari.explore.colours import GROUPS, GROUPS_ON_DARK, tones_of
from jari.types import Matrix

if TYPE_CHECKING:
    from jari.explore.maps.clusters import Clusters

_FOLDER = "map_page"
# In the order in which they use one another's names.
_SCRIPTS: Final = ("words", "data", "view", "colour", "labels", "drawing", "details", "finding", "moving", "start")
_LEVELS = 6  # of contours
_FEWEST = 10  # points of which a density can be told


def page(
    projection: Projection,
    *,
    arrows: Sequence[tuple[int, int]] = (),
    title: str | None = None,
    clusters: Clusters | None = None,
    density: bool = False,
) -> bytes:
    """The page, UTF-8: style, scripts and data are within, and nothing is fetched.

    Parameters
    ----------
    projection
        From `project`.
    arrows
        Rows (from, to).
    title
        Above the map; None for a plain one.
    clusters
        From `groups_of`: colours, names at their centres and a legend.
    density
        Whether contours are drawn at first; on a plane there is a switch for them.
    """
    heading = default_title(projection) if title is None else title
    parts = {
        "title": html.escape(heading),
        "style": _file("map.css"),
        "data": _json(_data(projection, arrows, heading, clusters, density)),
        "script": "\n".join(_file(f"{name}.js") for name in _SCRIPTS),
    }
    # Cut first, then put together: a key or a title that looks like a mark of the template stays what it is.
    made, rest = [], _file("map.html")
    for name, part in parts.items():
        before, rest = rest.split("{{" + name + "}}")
        made += [before, part]
    return "".join([*made, rest]).encode("utf-8")


def _file(name: str) -> str:
    return resources.files("jari.explore").joinpath(_FOLDER, name).read_text(encoding="utf-8").rstrip("\n")


def _data(
    projection: Projection, arrows: Sequence[tuple[int, int]], title: str, clusters: Clusters | None, density: bool
) -> dict[str, Any]:
    # From -1 to 1 on the longest axis, one scale for all; five decimals are a tenth of a pixel at tenfold zoom.
    points = projection.coordinates.astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    middle = (low + high) / 2
    scaled = _rounded((points - middle) / half)
    origin = np.zeros(projection.dim) if projection.axes is None else -middle / half
    between = projection.axes or ()
    return {
        "title": title,
        "method": projection.method,
        "dim": projection.dim,
        "keys": projection.keys,
        "counts": None if projection.counts is None else projection.counts.tolist(),
        "points": scaled.T.tolist(),
        "explained": projection.explained,
        "axes": [_ends(low, high) for low, high in between] or None,
        "turned": [_ends(high, low) for low, high in between],  # for an axis that leads to the left
        "origin": _rounded(origin).tolist(),
        "marks": _rounded((np.array([-1, 0, 1]) - middle[0]) / half).tolist() if between else [],
        "arrows": [list(pair) for pair in arrows],
        "notes": list(projection.notes),
        "palette": {"light": GROUPS, "dark": GROUPS_ON_DARK},
        "groups": None if clusters is None else _groups(clusters, middle, half),
        "contours": _contours(scaled) if projection.dim == 2 else None,
        "density": density,
    }


def _groups(clusters: Clusters, middle: Any, half: float) -> dict[str, Any]:
    return {
        "ids": clusters.ids.tolist(),
        "names": clusters.names,
        "sizes": clusters.sizes,
        "tones": tones_of(clusters.centres),
        "centres": _rounded((clusters.centres - middle) / half).tolist(),
    }


def _contours(points: Any) -> list[dict[str, Any]] | None:
    if len(points) < _FEWEST or not np.ptp(points, axis=0).all():
        return None
    from jari.explore.maps.density import density_of

    found = density_of(np.ascontiguousarray(points, dtype=np.float32), _LEVELS)
    return [{"level": round(contour.level, 4), "rings": [_ring(ring) for ring in contour.rings]} for contour in found]


def _ring(ring: Matrix) -> list[float]:
    flat: list[float] = _rounded(ring.astype(np.float64), 4).ravel().tolist()
    return flat


def _rounded(values: Any, decimals: int = 5) -> Any:
    return values.round(decimals) + 0.0  # no "-0.0"


def _ends(low: str, high: str) -> str:
    return f"← {shown(low)}    {shown(high)} →"


def _json(value: Any) -> str:
    """JSON that may stand inside a script element: no key can end the element or begin a comment in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
