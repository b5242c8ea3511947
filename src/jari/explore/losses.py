"""`plot_losses`: how the loss fell, of one run or of several."""

from __future__ import annotations

import io
import math
import numbers
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, TypeAlias

from jari.embedding import Embedding
from jari.embedding.formats.atomic import new_file, refuse_existing
from jari.errors import BadInput
from jari.explore.fonts import Fonts, fonts_for
from jari.explore.picture import FAINT_INK, INK, PAPER, RULE
from jari.types import Path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = ("png", "svg", "pdf")
_COLOURS = ("#2a6394", "#d0562b", "#3c8d5a", "#8a5aa8", "#b08a1e", "#4a4f57")  # apart for the colour-blind too
_DPI = 200

Run: TypeAlias = "Embedding | Sequence[float]"


@dataclass(frozen=True, slots=True)
class Curve:
    """One run: where in epochs, the loss there, and the mean of each epoch."""

    name: str
    where: tuple[float, ...]
    losses: tuple[float, ...]
    epochs: tuple[float, ...]

    @classmethod
    def of(cls, name: str, run: Run) -> Curve:
        """From what an embedding says of how it was learnt, or from a list of one loss an epoch."""
        metadata = run.metadata if isinstance(run, Embedding) else {}
        means = metadata.get("losses", []) if isinstance(run, Embedding) else run
        fine = metadata.get("loss_curve") or [[epoch + 1, loss] for epoch, loss in enumerate(means)]
        losses = [loss for _, loss in fine]
        if not losses:
            raise BadInput(f"The run {name!r} has no losses: it was learnt without, or its metadata were not kept.")
        for loss in [*losses, *means]:
            if not isinstance(loss, numbers.Real) or not math.isfinite(loss):
                raise BadInput(f"The run {name!r} has the loss {loss!r}, which is no finite number.")
        return cls(name, tuple(where for where, _ in fine), tuple(losses), tuple(means))


def plot_losses(
    runs: Run | Mapping[str, Run], path: Path, *, title: str | None = None, force: bool = False
) -> FilePath:
    """Draw the loss over the epochs: the file appears whole or not at all.

    Parameters
    ----------
    runs
        An `Embedding`, as learnt or as loaded; a list of losses, one an epoch; or several of them by the names that the
        legend shall give them. Losses compare only where the runs minimise the same.
    path
        ``.png``; ``.svg``, where text stays text; or ``.pdf``.
    title
        Above the picture; None for none.
    force
        Replace a file that is there.

    Raises
    ------
    BadInput
        The ending is none of the three, or a run has no losses.
    FileIsThere
        The output exists, and `force` is not given.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plot_losses({"small steps": [3.1, 2.9, 2.8], "large steps": [3.0, 2.7, 2.65]}, f"{folder}/loss.svg").name
    'loss.svg'
    """
    target = FilePath(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in _KINDS:
        raise BadInput(f"{target.name!r} must end in one of {', '.join('.' + each for each in _KINDS)}.")
    refuse_existing(target, force=force)
    named = runs if isinstance(runs, Mapping) else {"": runs}
    if not named:
        raise BadInput("There are no runs to draw the losses of.")
    data = _drawn([Curve.of(name, run) for name, run in named.items()], kind, title)
    with new_file(target, force=force) as file:
        file.write(data)
    return target


def _drawn(curves: list[Curve], kind: str, title: str | None) -> bytes:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fonts = fonts_for([title or "", *(curve.name for curve in curves)])
    figure = Figure(figsize=(8, 5), facecolor=PAPER, layout="constrained")
    FigureCanvasAgg(figure)
    # Not pyplot and no style: nothing of the program that calls is touched, and nothing of its settings shows.
    settings = {"svg.fonttype": "none", "svg.hashsalt": "jari", "pdf.fonttype": 42, "text.usetex": False}
    with rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*Glyph.*missing from")
        axes = figure.add_subplot()
        for number, curve in enumerate(curves):
            _draw(axes, curve, _COLOURS[number % len(_COLOURS)], ("-", "--", ":")[number // len(_COLOURS) % 3])
        _dress(axes, curves, title, fonts)
        buffer = io.BytesIO()
        undated: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(buffer, format=kind, dpi=_DPI, metadata=undated.get(kind, {}))
    return buffer.getvalue()


def _draw(axes: Axes, curve: Curve, colour: str, style: str) -> None:
    few = len(curve.losses) < 2
    marker = "o" if few or curve.losses == curve.epochs else None
    axes.plot(
        curve.where, curve.losses, style, color=colour, linewidth=1.8, marker=marker, markersize=5, label=curve.name,
        solid_capstyle="round",
    )  # fmt: skip


def _dress(axes: Axes, curves: list[Curve], title: str | None, fonts: Fonts) -> None:
    from matplotlib.ticker import MaxNLocator

    plain: dict[str, Any] = {"family": list(fonts.families), "usetex": False, "parse_math": False}
    axes.set_xlim(0, None)
    if max(curve.where[-1] for curve in curves) > 4:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epochs", color=FAINT_INK, fontsize=12)
    axes.set_ylabel("mean loss", color=FAINT_INK, fontsize=12)
    axes.tick_params(colors=FAINT_INK, labelsize=11, length=0)
    axes.grid(color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    if title:
        weight = "bold" if fonts.bold else "normal"
        axes.set_title(title, color=INK, fontsize=15, loc="left", pad=14, weight=weight, **plain)
    if any(curve.name for curve in curves):
        legend = axes.legend(
            frameon=False, fontsize=12, labelcolor=INK, prop={"family": list(fonts.families), "size": 12}
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
