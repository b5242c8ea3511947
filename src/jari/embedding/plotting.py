"""`Embedding.plot`: a figure of matplotlib, drawn by a module that is found by its name.

Drawing is done in `jari.explore`, which stands above this room and imports it. So it is not imported here: its name is
looked up when somebody asks for a figure, as pandas looks up the library that plots. An embedding is read, learnt and
served without it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypedDict

from jari.embedding.poles import Poles
from jari.embedding.projection import Geometry, Method
from jari.types import Callback, Unknown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jari.embedding.embedding import Embedding

DRAWER = "jari.explore.figure"  # has plot(embedding, dim=, method=, **PlotOptions) -> Figure


class PlotOptions(TypedDict, total=False):
    """What `Embedding.plot` takes besides the number of dimensions and the method; see `jari.explore.figure.plot`."""

    poles: Poles | Sequence[Poles] | None
    keys: Iterable[str] | None
    top: int | None
    geometry: Geometry
    unknown: Unknown
    random_state: int
    callback: Callback | None
    arrows: Sequence[tuple[str, str]]
    clusters: bool | int
    density: bool
    labels: int | None
    title: str | None


def plot(embedding: Embedding, dim: int | None, method: Method, options: PlotOptions) -> Figure:
    """Ask the drawer."""
    figure: Figure = importlib.import_module(DRAWER).plot(embedding, dim=dim, method=method, **options)
    return figure
