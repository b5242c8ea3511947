"""A map drawn with matplotlib, for PNG and SVG."""

from __future__ import annotations

import io
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from jari.embedding.projection import Projection
from jari.explore.caption import default_title, shown, subtitle
from jari.explore.fonts import Fonts, fonts_for
from jari.explore.labels import Label, Pixels, place_around, place_in_lanes
from jari.explore.scene import Scene, scene_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER, INK, FAINT_INK, RULE = "#ffffff", "#1d2733", "#6a7683", "#e3e7ec"
DOT, NAMED_DOT, ARROW = "#9db2c6", "#2a6394", "#d0562b"

_DPI = 100  # one unit of the sheet is one pixel at this resolution; PNG has twice as many
_PNG_SCALE = 2
_LABEL_SIZE = 9.0  # points
_LANE = 21.0  # pixels between two rows of labels on a number line


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a file, how many points have a label, and what its reader should know."""

    data: bytes
    labelled: int
    notes: tuple[str, ...]


def picture(
    projection: Projection,
    kind: Literal["png", "svg"],
    *,
    arrows: Sequence[tuple[int, int]] = (),
    title: str | None = None,
    labels: int | None = None,
) -> Picture:
    """Draw a projection.

    Parameters
    ----------
    projection
        From `project`.
    kind
        ``"png"``: 2,400 pixels wide. ``"svg"``: text stays text, in the fonts of whoever opens it.
    arrows
        Rows (from, to).
    title
        Above the picture; None for the number of keys.
    labels
        At most so many; None for as many as fit.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scene = scene_of(projection)
    heading = default_title(projection) if title is None else title
    texts = [shown(key) for key in projection.keys]
    order = _order(projection, arrows)
    fonts = fonts_for([heading, *(texts[row] for row in order[:4000])])
    notes = list(projection.notes)
    if kind == "png" and not fonts.can_draw(heading):
        notes.append(f"No font installed here has all characters of the title {heading!r}: another one stands there.")
        heading = default_title(projection)

    figure = Figure(figsize=(scene.size[0] / _DPI, scene.size[1] / _DPI), dpi=_DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    # Not pyplot and no style: nothing of the program that calls is touched, and nothing of its settings shows.
    settings = {"svg.fonttype": "none", "svg.hashsalt": "jari", "text.usetex": False, "savefig.bbox": None}
    with rc_context(settings), warnings.catch_warnings():
        # Said by us, once and with a remedy, instead of once a character.
        warnings.filterwarnings("ignore", message=r"(?s).*Glyph.*missing from")
        ruler = _Ruler(canvas.get_renderer(), fonts)
        undrawable = np.array([not fonts.can_draw(text) for text in texts])
        left_out = undrawable if kind == "png" else np.zeros(len(texts), dtype=bool)
        axes = _sheet(figure, scene)
        _frame(axes, scene, fonts)
        placed = _placed(projection, scene, ruler, texts, order, left_out, arrows, labels)
        _points(axes, scene, projection, placed)
        _arrows(axes, scene, arrows, on_line=projection.dim == 1)
        _write_labels(axes, scene, placed, texts, fonts, kind, on_line=projection.dim == 1)
        _heading(axes, scene, heading, subtitle(projection), len(placed), len(projection), fonts)
        notes += _about_fonts(fonts, int(undrawable.sum()), kind)
        buffer = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(buffer, format=kind, dpi=_DPI * (_PNG_SCALE if kind == "png" else 1), metadata=metadata)
    data = buffer.getvalue() if kind == "png" else _with_halo(buffer.getvalue())
    return Picture(data, len(placed), tuple(notes))


def _order(projection: Projection, arrows: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Rows, those with the first right to a label first: ends of arrows, then the most frequent, then as given."""
    rank = np.zeros(len(projection)) if projection.counts is None else -projection.counts.astype(np.float64)
    rank[[row for pair in arrows for row in pair]] = -np.inf
    return np.argsort(rank, kind="stable")


class _Ruler:
    """How wide a text is. What no font here has is taken for a square, or half of one."""

    def __init__(self, renderer: Any, fonts: Fonts) -> None:
        from matplotlib.font_manager import FontProperties

        self._renderer, self._fonts = renderer, fonts
        self._font = FontProperties(family=list(fonts.families), size=_LABEL_SIZE)

    def __call__(self, text: str) -> tuple[float, float]:
        strange = [char for char in text if char in self._fonts.missing]
        usual = "".join(char for char in text if char not in self._fonts.missing) or "x"
        width, height, _ = self._renderer.get_text_width_height_descent(usual, self._font, ismath=False)
        em = _LABEL_SIZE * _DPI / 72
        width += sum(em if unicodedata.east_asian_width(char) in "WF" else 0.6 * em for char in strange)
        return width, max(height, 1.15 * em)


def _placed(
    projection: Projection,
    scene: Scene,
    ruler: _Ruler,
    texts: list[str],
    order: npt.NDArray[np.int64],
    left_out: npt.NDArray[np.bool_],
    arrows: Sequence[tuple[int, int]],
    most: int | None,
) -> list[Label]:
    sizes = np.full((len(texts), 2), np.nan)
    for row in order[:4000]:
        if not left_out[row]:
            sizes[row] = ruler(texts[row])
    if projection.dim > 1:
        obstacles = np.concatenate([_along(scene.points, arrows), _in_captions(scene)])
        return place_around(scene.points, sizes, order, scene.frame, most=most, obstacles=obstacles)
    left, bottom, right, top = scene.frame
    middle = (bottom + top) / 2
    lanes = int((top - middle - 26) / _LANE)
    lines = place_in_lanes(
        scene.points[:, 0], sizes, order, (left, right), lanes=lanes, most=most, below_only=bool(arrows)
    )
    return [Label(row, x, middle + _lane_offset(lane)) for row, x, lane in lines]


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


def _sheet(figure: Figure, scene: Scene) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.size[0])
    axes.set_ylim(0, scene.size[1])
    axes.set_axis_off()
    return axes


def _frame(axes: Axes, scene: Scene, fonts: Fonts) -> None:
    for (x0, y0), (x1, y1) in scene.edges:
        axes.plot((x0, x1), (y0, y1), color=RULE, linewidth=1.0, solid_capstyle="round", zorder=1)
    for text, x, y, angle in scene.captions:
        axes.text(
            x, y, text, color=FAINT_INK, fontsize=8.5, rotation=angle, rotation_mode="anchor", ha="center",
            va="center", family=list(fonts.families), usetex=False, parse_math=False, zorder=2,
        )  # fmt: skip


def _points(axes: Axes, scene: Scene, projection: Projection, placed: list[Label]) -> None:
    from matplotlib.colors import to_rgba_array

    named = np.zeros(len(projection), dtype=bool)
    named[[label.point for label in placed]] = True
    crowd = 1.0 if len(projection) < 500 else 0.75 if len(projection) < 5000 else 0.5
    nearness = scene.nearness
    size = 0.55 + 0.45 * nearness  # what is far is smaller and paler
    for chosen, colour, area, opacity in ((~named, DOT, 14 * crowd**2, 0.75), (named, NAMED_DOT, 22.0, 1.0)):
        rows = np.flatnonzero(chosen)
        if not len(rows):
            continue
        rows = rows[np.argsort(nearness[rows], kind="stable")]
        shades = to_rgba_array(colour, alpha=opacity * (0.35 + 0.65 * nearness[rows]))
        axes.scatter(
            scene.points[rows, 0], scene.points[rows, 1], s=area * size[rows] ** 2, color=shades, linewidths=0,
            zorder=3 if colour == DOT else 5,
        )  # fmt: skip


def _arrows(axes: Axes, scene: Scene, arrows: Sequence[tuple[int, int]], *, on_line: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    for a, b in arrows:
        bend = 0.25 * np.sign(scene.points[a, 0] - scene.points[b, 0] or 1) if on_line else 0.0  # on a line: an arc
        axes.add_patch(
            FancyArrowPatch(
                tuple(scene.points[a]), tuple(scene.points[b]), arrowstyle="-|>", mutation_scale=11, shrinkA=3.5,
                shrinkB=3.5, linewidth=1.2, color=ARROW, alpha=0.85, zorder=4, connectionstyle=f"arc3,rad={bend}",
            )
        )  # fmt: skip


def _write_labels(
    axes: Axes, scene: Scene, placed: list[Label], texts: list[str], fonts: Fonts, kind: str, *, on_line: bool
) -> None:
    from matplotlib.patheffects import withStroke

    # In an SVG the halo is a style (see _with_halo): matplotlib's would turn the text into outlines.
    halo = [withStroke(linewidth=2.2, foreground=PAPER, alpha=0.85)] if kind == "png" else []
    for label in placed:
        if on_line:
            x, y = scene.points[label.point]
            end = label.y - 2 if label.y > y else label.y + 14
            axes.plot((x, x), (y, end), color=RULE, linewidth=0.8, zorder=2)
        opacity = float(0.45 + 0.55 * scene.nearness[label.point])
        axes.text(
            label.x, label.y, texts[label.point], color=INK, alpha=opacity, fontsize=_LABEL_SIZE, ha="left",
            va="bottom", family=list(fonts.families), path_effects=halo, usetex=False, parse_math=False, zorder=6,
        )  # fmt: skip


def _heading(axes: Axes, scene: Scene, title: str, line: str, labelled: int, total: int, fonts: Fonts) -> None:
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


def _with_halo(svg: bytes) -> bytes:
    """A rim of paper around the letters, behind them, while they stay text."""
    rule = f"text {{ paint-order: stroke; stroke: {PAPER}; stroke-width: 3px; stroke-linejoin: round; }}"
    return svg.replace(b"<defs>", f"<defs>\n  <style>{rule}</style>".encode(), 1)


def _about_fonts(fonts: Fonts, hidden: int, kind: str) -> list[str]:
    if not fonts.missing:
        return []
    some = " ".join(sorted(fonts.missing)[:5])
    if kind == "svg":
        return [
            f"No font installed here has all characters ({some} …): {hidden} labels are placed by a guess of their "
            f"width; whoever opens the SVG needs a font that has them."
        ]
    return [
        f"{hidden} keys hold characters that no font installed here has ({some} …) and are drawn without labels. "
        f"Install one (for Korean, Chinese and Japanese: Noto Sans CJK, Debian's fonts-noto-cjk), or draw .svg or "
        f".html, which use the fonts of whoever opens them."
    ]
