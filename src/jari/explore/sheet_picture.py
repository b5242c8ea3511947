"""A contact sheet drawn with matplotlib, for PNG: thumbnails pixel by pixel, words in whatever fonts have them."""

from __future__ import annotations

import io
import math
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.explore.fonts import Fonts, fonts_for
from jari.explore.picture import FAINT_INK, INK, NAMED_DOT, PAPER, RULE
from jari.explore.thumbnails import THUMBNAIL, SheetPicture, SheetRow, Thumbnail, shares, visible
from jari.extras import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL, _ACCENT = "#f3f5f8", "#c24a20"
_DPI = 100
_MARGIN, _HEAD = 40, 112  # pixels, as all that follows
_GAP, _ASIDE = 20, 56  # between pictures; between what was asked for and its neighbours
_BETWEEN = 52  # two rows
_BAR = 4
_CAPTION = 58  # beneath a picture: bar, name and folder
_NAME, _FOLDER, _TITLE, _SUBTITLE = 10.8, 9.4, 19.0, 11.5  # points
_COLUMNS = 5, 12  # at least, where there are as many neighbours; at most
_HIGHEST = 32_000  # pixels; many viewers show nothing of a picture that is higher than 32,767
_REASON = 26  # characters of a line of a reason


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture goes: its upper left corner, y downwards from the top."""

    x: int
    y: int
    picture: SheetPicture
    thumbnail: Thumbnail
    share: float | None


def sheet_picture(
    rows: Sequence[SheetRow], small: Sequence[Thumbnail], title: str, subtitle: str, *, distances: bool
) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a PNG, and what its reader should know.

    Parameters
    ----------
    rows
        One a query.
    small
        A thumbnail of each picture, in the order of `SheetRow.pictures`.
    title, subtitle
        Above the pictures.
    distances
        Whether scores are distances.

    Raises
    ------
    BadInput
        The picture would be higher than viewers can show.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = _columns(rows)
    width = 2 * _MARGIN + THUMBNAIL + _ASIDE + columns * (THUMBNAIL + _GAP) - _GAP
    heights = [_height(row, columns) for row in rows]
    height = _HEAD + sum(heights) + (len(rows) - 1) * _BETWEEN + _MARGIN
    if height > _HIGHEST:
        raise BadInput(
            f"{len(small):,} pictures in {len(rows):,} rows make a PNG {height:,} pixels high, and many viewers show "
            f"none higher than {_HIGHEST:,}: write .html, or ask for fewer."
        )
    captions = [visible(row_picture.caption) for row in rows for row_picture in row.pictures]
    fonts = fonts_for([title, subtitle, "0123456789.−…", *captions, *(one.reason for one in small)])

    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    # As in `picture`: nothing of the program that calls is touched, and nothing of its settings shows.
    with rc_context({"text.usetex": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"(?s).*Glyph.*missing from")
        pen = _Pen(figure, canvas.get_renderer(), fonts)
        room = width - 2 * _MARGIN
        pen.text(_MARGIN, 56, pen.cut(visible(title), room, _TITLE, bold=True), INK, _TITLE, bold=True)
        pen.text(_MARGIN, 86, pen.cut(visible(subtitle), room, _SUBTITLE), FAINT_INK, _SUBTITLE)
        for place in _places(rows, small, columns, heights, distances=distances):
            _draw(pen, place)
        for y in _rules(heights):
            pen.box(_MARGIN, y, room, 1, RULE)
        canvas.draw()
    return _png(np.asarray(canvas.buffer_rgba())[..., :3]), _about_fonts(fonts)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    # Not `savefig`, which writes four channels with Pillow's usual compression: 2.6 times as long, a seventh larger.
    buffer = io.BytesIO()
    require("PIL.Image", extra="torch").fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _columns(rows: Sequence[SheetRow]) -> int:
    """How many neighbours stand side by side: all of a few; of many, so that lines are of one length."""
    most = max(1, *(len(row.neighbours) for row in rows))
    least, widest = _COLUMNS
    lines = math.ceil(most / min(max(least, math.ceil(math.sqrt(1.5 * most))), widest))
    return math.ceil(most / lines)


def _height(row: SheetRow, columns: int) -> int:
    lines = max(1, math.ceil(len(row.neighbours) / columns))
    return lines * (THUMBNAIL + _CAPTION + _GAP) - _GAP


def _rules(heights: Sequence[int]) -> Iterator[int]:
    """Where lines between rows go."""
    y = _HEAD
    for height in heights[:-1]:
        y += height + _BETWEEN
        yield y - _BETWEEN // 2


def _places(
    rows: Sequence[SheetRow], small: Sequence[Thumbnail], columns: int, heights: Sequence[int], *, distances: bool
) -> Iterator[_Place]:
    rest = iter(small)
    top = _HEAD
    for row, height in zip(rows, heights, strict=True):
        yield _Place(_MARGIN, top, row.query, next(rest), None)
        left = _MARGIN + THUMBNAIL + _ASIDE
        near = shares([each.score for each in row.neighbours], distances=distances)
        for number, (each, share) in enumerate(zip(row.neighbours, near, strict=True)):
            line, column = divmod(number, columns)
            x, y = left + column * (THUMBNAIL + _GAP), top + line * (THUMBNAIL + _CAPTION + _GAP)
            yield _Place(x, y, each, next(rest), share)
        top += height + _BETWEEN


def _draw(pen: _Pen, place: _Place) -> None:
    x, y = place.x, place.y
    asked = place.picture.score is None
    if asked:
        pen.box(x - 7, y - 7, THUMBNAIL + 14, THUMBNAIL + 14, _ACCENT, radius=12)
        pen.box(x - 4, y - 4, THUMBNAIL + 8, THUMBNAIL + 8, PAPER, radius=10)
    pen.framed(x, y, place.thumbnail)
    if place.thumbnail.image is None:
        for line, words in enumerate(lines := textwrap.wrap(visible(place.thumbnail.reason), _REASON)[:8]):
            middle = y + THUMBNAIL / 2 + 18 * (line - (len(lines) - 1) / 2) + 5
            pen.text(x + THUMBNAIL / 2, middle, words, FAINT_INK, _FOLDER, align="center")
    if place.share is not None:
        pen.box(x, y + THUMBNAIL + 7, THUMBNAIL, _BAR, RULE, radius=2)
        if place.share > 0.01:
            pen.box(x, y + THUMBNAIL + 7, THUMBNAIL * place.share, _BAR, NAMED_DOT, radius=2)
    said = "asked for" if asked else f"{place.picture.score:.3f}".replace("-", "−")
    right = pen.text(x + THUMBNAIL, y + THUMBNAIL + 32, said, _ACCENT if asked else FAINT_INK, _NAME, align="right")
    folder, slash, name = place.picture.caption.rpartition("/")
    shown = pen.cut(visible(name), THUMBNAIL - right - 10, _NAME, middle=True)
    pen.text(x, y + THUMBNAIL + 32, shown, INK, _NAME)
    if slash:
        pen.text(x, y + THUMBNAIL + 52, pen.cut(visible(folder + slash), THUMBNAIL, _FOLDER), FAINT_INK, _FOLDER)


class _Pen:
    """Draws on a figure in pixels, y downwards from the top."""

    def __init__(self, figure: Figure, renderer: Any, fonts: Fonts) -> None:
        self._figure, self._renderer, self._fonts = figure, renderer, fonts
        self._width, self._height = figure.bbox.width, figure.bbox.height
        self.width_of = lru_cache(maxsize=4096)(self._width_of)

    def text(
        self, x: float, y: float, words: str, colour: str, size: float, *, align: str = "left", bold: bool = False
    ) -> float:
        """Write words on the baseline y; how wide they are."""
        self._figure.text(
            x / self._width, 1 - y / self._height, words, color=colour, fontsize=size, ha=align, va="baseline",
            family=list(self._fonts.families), weight="bold" if bold and self._fonts.bold else "normal",
            usetex=False, parse_math=False, zorder=5,
        )  # fmt: skip
        return self.width_of(words, size)

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0.0) -> None:
        """A box without a rim, its corners rounded."""
        from matplotlib.patches import FancyBboxPatch

        round_ = min(radius, width / 2, height / 2)
        style = f"round,pad=0,rounding_size={round_}" if round_ else "square,pad=0"
        self._figure.add_artist(
            FancyBboxPatch(
                (x, self._height - y - height), width, height, boxstyle=style, facecolor=colour, linewidth=0,
                transform=None, zorder=1,
            )
        )  # fmt: skip

    def framed(self, x: int, y: int, thumbnail: Thumbnail) -> None:
        """A thumbnail in the middle of a panel, pixel for pixel."""
        self.box(x, y, THUMBNAIL, THUMBNAIL, _PANEL, radius=8)
        if thumbnail.image is None:
            return
        pixels = np.asarray(thumbnail.image, dtype=np.uint8)
        high, wide = pixels.shape[:2]
        left, top = (THUMBNAIL - wide) // 2, (THUMBNAIL - high) // 2
        mask = _rounded()[top : top + high, left : left + wide]
        self._figure.figimage(
            np.dstack([pixels, mask])[::-1], x + left, int(self._height) - y - top - high, origin="lower", zorder=2
        )

    def cut(self, words: str, room: float, size: float, *, bold: bool = False, middle: bool = False) -> str:
        """Words that fit into some pixels: their end, or their middle, becomes an ellipsis."""
        size *= 1.12 if bold else 1.0
        if self.width_of(words, size) <= room:
            return words
        low, high = 0, len(words)
        while low + 1 < high:  # how many characters stay
            kept = (low + high) // 2
            if self.width_of(_shortened(words, kept, middle=middle), size) <= room:
                low = kept
            else:
                high = kept
        return _shortened(words, low, middle=middle)

    def _width_of(self, words: str, size: float) -> float:
        from matplotlib.font_manager import FontProperties

        font = FontProperties(family=list(self._fonts.families), size=size)
        return float(self._renderer.get_text_width_height_descent(words or " ", font, ismath=False)[0])


def _shortened(words: str, kept: int, *, middle: bool) -> str:
    """`kept` characters and an ellipsis; in the middle, as much of the end stays: the numbers of files are there.

    Examples
    --------
    >>> _shortened("holiday_in_busan_0127.jpg", 12, middle=True)
    'holida…27.jpg'
    """
    end = kept // 2 if middle else 0
    return words[: kept - end] + "…" + words[len(words) - end :]


@lru_cache(maxsize=1)
def _rounded() -> npt.NDArray[np.uint8]:
    """How much of each pixel of a panel lies within its rounded corners, shape (THUMBNAIL, THUMBNAIL)."""
    radius = 8.0
    inside = np.abs(np.arange(THUMBNAIL) + 0.5 - THUMBNAIL / 2) - (THUMBNAIL / 2 - radius)
    corner = np.hypot(np.clip(inside, 0, None)[:, None], np.clip(inside, 0, None)[None, :])
    share: npt.NDArray[np.float64] = np.clip(radius - corner + 0.5, 0, 1)
    return (share * 255).astype(np.uint8)


def _about_fonts(fonts: Fonts) -> tuple[str, ...]:
    if not fonts.missing:
        return ()
    some = " ".join(sorted(fonts.missing)[:5])
    return (
        f"Captions hold characters that no font installed here has ({some} …): boxes stand for them. Install one (for "
        f"Korean, Chinese and Japanese: Noto Sans CJK, Debian's fonts-noto-cjk), or write .html, which uses the fonts "
        f"of whoever opens it.",
    )
