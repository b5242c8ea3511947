"""A map as a figure of matplotlib: for files, and for `Embedding.plot`."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jari.embedding.embedding import Embedding
from jari.embedding.poles import Poles
from jari.embedding.projection import Geometry, Method, Projection, project
from jari.errors import BadInput
from jari.explore import marks
from jari.explore.arrows import rows_of_arrows
from jari.explore.caption import default_title, group_names, shown, subtitle
from jari.explore.colours import GROUPS, PAPER, tones_of
from jari.explore.fonts import Fonts, fonts_for
from jari.explore.groups import groups_of
from jari.explore.maps.clusters import Clusters
from jari.explore.naming import DPI, NAME_SIZE, TRIED, Ruler, name_groups, order_of, place_labels
from jari.explore.scene import scene_of
from jari.types import Callback, Unknown

_TOP = 1000  # keys of a plot where nobody says which: more no eye tells apart


class MapFigure(Figure):
    """A figure that a notebook shows without pyplot, whose list of figures it is not in."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with quiet():
            self.savefig(buffer, format="png")
        return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, how many points have a label, what its reader should know, and whether text may be missing."""

    figure: Figure
    labelled: int
    notes: tuple[str, ...]
    fonts: Fonts
    hidden: int


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing of the settings of the program that calls shows, and matplotlib warns of no glyph: we say it, once."""
    settings = {"svg.fonttype": "none", "svg.hashsalt": "jari", "text.usetex": False, "savefig.bbox": None}
    with style.context(["default", settings]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*Glyph.*missing from")
        yield


def figure_of(
    projection: Projection,
    kind: Literal["png", "svg"] = "png",
    *,
    arrows: Sequence[tuple[int, int]] = (),
    title: str | None = None,
    labels: int | None = None,
    clusters: Clusters | None = None,
    density: bool = False,
) -> Drawn:
    """Draw a projection.

    Parameters
    ----------
    projection
        From `project`.
    kind
        For ``"png"`` labels without a font are left out, and others get a rim of paper; in an ``"svg"`` both are the
        matter of whoever opens it.
    arrows
        Rows (from, to).
    title
        Above the picture; None for a plain one.
    labels
        At most so many; None for as many as fit.
    clusters
        From `groups_of`: colours, and names at their centres.
    density
        Whether contours are drawn; on a plane only.
    """
    if density and projection.dim != 2:
        raise BadInput(f"density=True with dim={projection.dim}: contours are drawn on a plane.")
    scene = scene_of(projection)
    heading = default_title(projection) if title is None else title
    texts = [shown(key) for key in projection.keys]
    groups = [] if clusters is None else group_names(clusters)
    colours = [] if clusters is None else [GROUPS[tone] for tone in tones_of(clusters.centres)]
    of_points = None if clusters is None else [colours[group] for group in clusters.ids]
    order = order_of(projection, arrows)
    fonts = fonts_for([heading, *groups, *(texts[row] for row in order[:TRIED])])
    notes = list(projection.notes)
    if kind == "png" and not fonts.can_draw(heading):
        notes.append(f"No font installed here has all characters of the title {heading!r}: another one stands there.")
        heading = default_title(projection)
    figure = MapFigure(figsize=(scene.size[0] / DPI, scene.size[1] / DPI), dpi=DPI, facecolor=PAPER)
    renderer: Any = FigureCanvasAgg(figure).get_renderer()
    on_line = projection.dim == 1
    with quiet():
        undrawable = np.array([not fonts.can_draw(text) for text in texts])
        left_out = undrawable if kind == "png" else np.zeros(len(texts), dtype=bool)
        named = []
        if clusters is not None:
            ruler = Ruler(renderer, fonts, NAME_SIZE, bold=fonts.bold)
            named = name_groups(scene, clusters, groups, ruler, fonts, on_line=on_line)
        placed = place_labels(projection, scene, Ruler(renderer, fonts), texts, order, left_out, arrows, labels, named)
        axes = marks.sheet(figure, scene)
        marks.frame(axes, scene, fonts)
        if density:
            marks.contours(axes, scene)
        marks.points(axes, scene, projection, placed, of_points)
        marks.arrows(axes, scene, arrows, on_line=on_line)
        marks.labels(axes, scene, placed, texts, fonts, kind, on_line=on_line)
        marks.names(axes, named, colours, fonts, kind)
        marks.heading(axes, scene, heading, subtitle(projection), len(placed), len(projection), fonts)
    return Drawn(figure, len(placed), tuple(notes), fonts, int(undrawable.sum()))


def plot(
    embedding: Embedding,
    *,
    dim: int | None = None,
    method: Method = "pca",
    poles: Poles | Sequence[Poles] | None = None,
    keys: Iterable[str] | None = None,
    top: int | None = None,
    geometry: Geometry = "cosine",
    unknown: Unknown = "raise",
    random_state: int = 0,
    callback: Callback | None = None,
    arrows: Sequence[tuple[str, str]] = (),
    clusters: bool | int = False,
    density: bool = False,
    labels: int | None = None,
    title: str | None = None,
) -> Figure:
    """A figure with keys on a line, on a plane or in space: what `Embedding.plot` answers.

    Parameters
    ----------
    embedding, dim, method, poles, keys, top, geometry, unknown, random_state, callback
        As for `project`; but where neither keys nor `top` is given, the first 1,000 rows, or the ends of the arrows.
    arrows
        Pairs of keys (from, to), which are drawn too.
    clusters
        Whether points are coloured by cluster, or by how many clusters; each has a name at its centre.
    density
        Whether contours are drawn, on a plane.
    labels
        At most so many; None for as many as fit without lying on each other.
    title
        Above the map; None for a plain one.

    Returns
    -------
    figure
        Not one of pyplot's: nothing is shown, and nothing has to be closed. `figure.savefig` writes it; a notebook
        shows it.

    Raises
    ------
    BadInput
        As `project`; contours that are not on a plane; fewer than 1 cluster.

    Examples
    --------
    >>> films = Embedding(["Bambi", "Up", "Heat", "Jaws"], [[1, 0], [1, 0.2], [0, 1], [0.2, 1]])
    >>> plot(films, arrows=[("Bambi", "Up")], keys=["Heat", "Jaws"]).get_size_inches().tolist()
    [12.0, 9.0]
    """
    if clusters is not False and clusters is not True and clusters < 1:
        raise BadInput(f"clusters={clusters!r}: give True, False or how many, 1 or more.")
    pairs = [(str(a), str(b)) for a, b in arrows]
    wanted = [*(keys or ()), *(end for pair in pairs for end in pair)]
    projection = project(
        embedding,
        method=method,
        dim=dim,
        poles=poles,
        keys=keys if isinstance(keys, str) else wanted or None,
        top=_TOP if top is None and not wanted else top,
        geometry=geometry,
        unknown=unknown,
        random_state=random_state,
        callback=callback,
    )
    count = None if clusters is True else int(clusters)
    groups = None
    if count != 0:
        groups = groups_of(embedding, projection, count, geometry=geometry, unknown=unknown, seed=random_state)
    at = rows_of_arrows(projection, pairs)
    return figure_of(projection, arrows=at, title=title, labels=labels, clusters=groups, density=density).figure
