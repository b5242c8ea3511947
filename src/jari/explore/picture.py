"""A map as the bytes of a PNG or an SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jari.embedding.projection import Projection
from jari.explore.colours import FAINT_INK, INK, NAMED_DOT, PAPER, RULE
from jari.explore.fonts import Fonts

if TYPE_CHECKING:
    from jari.explore.maps.clusters import Clusters

__all__ = ["FAINT_INK", "INK", "NAMED_DOT", "PAPER", "RULE", "Picture", "picture"]

_PNG_SCALE = 2


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
    clusters: Clusters | None = None,
    density: bool = False,
) -> Picture:
    """Draw a projection as a file.

    Parameters
    ----------
    projection
        From `project`.
    kind
        ``"png"``: 2,400 pixels wide. ``"svg"``: text stays text, in the fonts of whoever opens it.
    arrows, title, labels, clusters, density
        As for `jari.explore.figure.figure_of`.
    """
    from jari.explore.figure import figure_of, quiet
    from jari.explore.naming import DPI

    drawn = figure_of(projection, kind, arrows=arrows, title=title, labels=labels, clusters=clusters, density=density)
    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {}
    with quiet():
        drawn.figure.savefig(buffer, format=kind, dpi=DPI * (_PNG_SCALE if kind == "png" else 1), metadata=metadata)
    data = buffer.getvalue() if kind == "png" else _with_halo(buffer.getvalue())
    return Picture(data, drawn.labelled, (*drawn.notes, *_about_fonts(drawn.fonts, drawn.hidden, kind)))


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
