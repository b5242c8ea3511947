"""The marks on a map that matplotlib draws: frame, points, contours, arrows, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jari.embedding.projection import Projection
from jari.explore.colours import ARROW, DOT, FAINT_INK, INK, NAMED_DOT, PAPER, RULE
from jari.explore.fonts import Fonts
from jari.explore.labels import Label
from jari.explore.maps.density import density_of
from jari.explore.naming import LABEL_SIZE, NAME_SIZE, Name
from jari.explore.scene import Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEVELS = 6  # of contours


def sheet(figure: Figure, scene: Scene) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.size[0])
    axes.set_ylim(0, scene.size[1])
    axes.set_axis_off()
    return axes


def frame(axes: Axes, scene: Scene, fonts: Fonts) -> None:
    for (x0, y0), (x1, y1) in scene.edges:
        axes.plot((x0, x1), (y0, y1), color=RULE, linewidth=1.0, solid_capstyle="round", zorder=1)
    for text, x, y, angle in scene.captions:
        axes.text(
            x, y, text, color=FAINT_INK, fontsize=8.5, rotation=angle, rotation_mode="anchor", ha="center",
            va="center", family=list(fonts.families), usetex=False, parse_math=False, zorder=2,
        )  # fmt: skip


def contours(axes: Axes, scene: Scene) -> None:
    """Lines of equal density, of the points as they lie on the sheet."""
    from matplotlib.collections import LineCollection

    for contour in density_of(scene.points.astype(np.float32), _LEVELS):
        rings = [ring for ring in contour.rings if len(ring) > 2]
        shade = 0.25 + 0.5 * contour.level
        axes.add_collection(LineCollection(rings, colors=FAINT_INK, linewidths=0.9, alpha=shade, zorder=2.5))


def points(axes: Axes, scene: Scene, projection: Projection, placed: list[Label], groups: Sequence[str] | None) -> None:
    """A dot each; those with a label are larger. What is far away in space is smaller and paler."""
    from matplotlib.colors import to_rgba_array

    named = np.zeros(len(projection), dtype=bool)
    named[[label.point for label in placed]] = True
    crowd = 1.0 if len(projection) < 500 else 0.75 if len(projection) < 5000 else 0.5
    near, size = scene.nearness, 0.55 + 0.45 * scene.nearness
    for chosen, plain, area, opacity in ((~named, DOT, 14 * crowd**2, 0.75), (named, NAMED_DOT, 22.0, 1.0)):
        rows = np.flatnonzero(chosen)
        if not len(rows):
            continue
        rows = rows[np.argsort(near[rows], kind="stable")]
        colours = plain if groups is None else [groups[int(row)] for row in rows]
        shades = to_rgba_array(colours, alpha=opacity * (0.35 + 0.65 * near[rows]))
        axes.scatter(
            scene.points[rows, 0], scene.points[rows, 1], s=area * size[rows] ** 2, color=shades, linewidths=0,
            zorder=3 if plain == DOT else 5,
        )  # fmt: skip


def arrows(axes: Axes, scene: Scene, pairs: Sequence[tuple[int, int]], *, on_line: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    for a, b in pairs:
        bend = 0.25 * np.sign(scene.points[a, 0] - scene.points[b, 0] or 1) if on_line else 0.0  # on a line: an arc
        axes.add_patch(
            FancyArrowPatch(
                tuple(scene.points[a]), tuple(scene.points[b]), arrowstyle="-|>", mutation_scale=11, shrinkA=3.5,
                shrinkB=3.5, linewidth=1.2, color=ARROW, alpha=0.85, zorder=4, connectionstyle=f"arc3,rad={bend}",
            )
        )  # fmt: skip


def labels(
    axes: Axes, scene: Scene, placed: list[Label], texts: list[str], fonts: Fonts, kind: str, *, on_line: bool
) -> None:
    from matplotlib.patheffects import withStroke

    # In an SVG the halo is a style (see picture.py): matplotlib's would turn the text into outlines.
    halo = [withStroke(linewidth=2.2, foreground=PAPER, alpha=0.85)] if kind == "png" else []
    for label in placed:
        if on_line:
            x, y = scene.points[label.point]
            end = label.y - 2 if label.y > y else label.y + 14
            axes.plot((x, x), (y, end), color=RULE, linewidth=0.8, zorder=2)
        opacity = float(0.45 + 0.55 * scene.nearness[label.point])
        axes.text(
            label.x, label.y, texts[label.point], color=INK, alpha=opacity, fontsize=LABEL_SIZE, ha="left",
            va="bottom", family=list(fonts.families), path_effects=halo, usetex=False, parse_math=False, zorder=6,
        )  # fmt: skip


def names(axes: Axes, placed: Sequence[Name], colours: Sequence[str], fonts: Fonts, kind: str) -> None:
    """The name of each group, after a square of its colour."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3, foreground=PAPER, alpha=0.9)] if kind == "png" else []
    for name in placed:
        colour, middle = colours[name.group], name.y + name.height / 2
        box = (name.x, middle - name.chip / 2)
        axes.add_patch(Rectangle(box, name.chip, name.chip, facecolor=colour, edgecolor=PAPER, linewidth=1, zorder=7))
        axes.text(
            name.x + 1.6 * name.chip, middle, name.text, color=INK, fontsize=NAME_SIZE, ha="left", va="center_baseline",
            weight="bold" if fonts.bold else "normal", family=list(fonts.families), path_effects=halo, usetex=False,
            parse_math=False, zorder=7,
        )  # fmt: skip


def heading(axes: Axes, scene: Scene, title: str, line: str, labelled: int, total: int, fonts: Fonts) -> None:
    left, top = scene.frame[0], scene.size[1]
    plain: dict[str, Any] = {"family": list(fonts.families), "usetex": False, "parse_math": False, "va": "baseline"}
    axes.text(
        left, top - 48, title, color=INK, fontsize=16, weight="bold" if fonts.bold else "normal", ha="left", **plain
    )
    axes.text(left, top - 74, line, color=FAINT_INK, fontsize=10, ha="left", **plain)
    if labelled < total:
        axes.text(
            scene.frame[2], top - 74, f"{labelled:,} of {total:,} labelled", color=FAINT_INK, fontsize=10, ha="right",
            **plain,
        )  # fmt: skip
