"""A contact sheet as one page of HTML that needs nothing else."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from jari.explore.thumbnails import SheetPicture, SheetRow, Thumbnail, shares, visible

if TYPE_CHECKING:
    from PIL import Image

_TEMPLATE = "sheet.html"
_MARK = re.compile(r"\{\{(title|subtitle|links|rows)\}\}")
_QUALITY = 85  # of JPEG


def sheet_page(
    rows: Sequence[SheetRow], small: Sequence[Thumbnail], title: str, subtitle: str, *, distances: bool
) -> bytes:
    """The page, UTF-8: style and pictures are within, there is no script, and nothing is fetched.

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
    """
    rest = iter(small)
    sections = []
    for number, row in enumerate(rows, start=1):
        near = shares([each.score for each in row.neighbours], distances=distances)
        asked = _figure(row.query, next(rest), None, distances=distances)
        items = [
            f"<li>{_figure(each, next(rest), share, distances=distances)}</li>\n"
            for each, share in zip(row.neighbours, near, strict=True)
        ]
        sections.append(
            f'<section id="q{number}" aria-labelledby="h{number}">\n'
            f'<h2 id="h{number}">{_text(row.query.caption)}</h2>\n'
            f'<div class="asked">{asked}</div>\n<ol class="near">\n{"".join(items)}</ol>\n</section>\n'
        )
    parts = {"title": _text(title), "subtitle": _text(subtitle), "links": _links(rows), "rows": "".join(sections)}
    template = resources.files("jari.explore").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    # In one pass: a key that looks like a mark of the template stays what it is.
    return _MARK.sub(lambda mark: parts[mark[1]], template).encode("utf-8")


def _links(rows: Sequence[SheetRow]) -> str:
    if len(rows) == 1:
        return ""
    items = "".join(
        f'<li><a href="#q{number}">{_text(row.query.caption)}</a></li>' for number, row in enumerate(rows, start=1)
    )
    return f'<nav aria-label="Pictures asked for"><ol>{items}</ol></nav>\n'


def _figure(picture: SheetPicture, thumbnail: Thumbnail, share: float | None, *, distances: bool) -> str:
    folder, slash, name = picture.caption.rpartition("/")
    caption = f"<b>{_text(name)}</b>"
    if picture.score is None:
        caption += '<span class="tag">asked for</span>'
    else:
        what = "distance" if distances else "score"
        caption += f'<data value="{picture.score:.6g}" title="{what}">{picture.score:.3f}</data>'
    if slash:
        caption += f"<small>{_text(folder + slash)}</small>"
    bar = "" if share is None else f'<div class="bar" aria-hidden="true"><i style="width:{100 * share:.1f}%"></i></div>'
    # The focus shows the whole of a long name, which the pointer shows by resting on it.
    return f'<figure tabindex="0">{_frame(thumbnail, picture.caption)}{bar}<figcaption>{caption}</figcaption></figure>'


def _frame(thumbnail: Thumbnail, caption: str) -> str:
    image = thumbnail.image
    if image is None:
        return f'<div class="frame none">{_text(thumbnail.reason)}</div>'
    width, height = image.size
    return (
        f'<div class="frame"><img src="data:image/jpeg;base64,{_jpeg(image)}" alt="{_text(caption)}" '
        f'width="{width}" height="{height}" loading="lazy" decoding="async"></div>'
    )


def _jpeg(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _text(words: str) -> str:
    return html.escape(visible(words))
