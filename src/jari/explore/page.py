"""A map as one page of HTML that needs nothing else."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from jari.embedding.projection import Projection
from jari.explore.caption import default_title, shown, subtitle

_TEMPLATE = "map.html"
_TITLE, _DATA = "{{title}}", "{{data}}"


def page(projection: Projection, *, arrows: Sequence[tuple[int, int]] = (), title: str | None = None) -> bytes:
    """The page, UTF-8: style, script and data are within, and nothing is fetched.

    Parameters
    ----------
    projection
        From `project`.
    arrows
        Rows (from, to).
    title
        Above the map; None for a plain one.
    """
    heading = default_title(projection) if title is None else title
    template = resources.files("jari.explore").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    # Cut first, then put together: a key or a title that looks like a mark of the template stays what it is.
    before, rest = template.split(_TITLE)
    between, after = rest.split(_DATA)
    made = before + html.escape(heading) + between + _json(_data(projection, arrows, heading)) + after
    return made.encode("utf-8")


def _data(projection: Projection, arrows: Sequence[tuple[int, int]], title: str) -> dict[str, Any]:
    # From -1 to 1 on the longest axis, one scale for all; five decimals are a tenth of a pixel at tenfold zoom.
    points = projection.coordinates.astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    middle = (low + high) / 2
    scaled = ((points - middle) / half).round(5) + 0.0  # no "-0.0"
    origin = np.zeros(projection.dim) if projection.axes is None else -middle / half
    return {
        "title": title,
        "subtitle": subtitle(projection),
        "dim": projection.dim,
        "keys": projection.keys,
        "counts": None if projection.counts is None else projection.counts.tolist(),
        "points": scaled.T.tolist(),
        "axes": _axes(projection),
        "turned": [_ends(high, low) for low, high in projection.axes or ()],  # for an axis that leads to the left
        "origin": (origin.round(5) + 0.0).tolist(),
        "marks": [] if projection.axes is None else ((np.array([-1, 0, 1]) - middle[0]) / half).round(5).tolist(),
        "arrows": [list(pair) for pair in arrows],
        "notes": list(projection.notes),
    }


def _axes(projection: Projection) -> list[str]:
    if projection.axes is not None:
        return [_ends(low, high) for low, high in projection.axes]
    return [f"component {axis + 1} · {100 * share:.1f} %" for axis, share in enumerate(projection.explained or ())]


def _ends(low: str, high: str) -> str:
    return f"← {shown(low)}    {shown(high)} →"


def _json(value: Any) -> str:
    """JSON that may stand inside a script element: no key can end the element or begin a comment in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
