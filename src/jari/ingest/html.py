"""The text of a web page that a reader sees."""

from __future__ import annotations

import codecs
import re
import warnings
from typing import Any, Final

from jari.errors import BadEncoding, BadFile
from jari.extras import require
from jari.ingest.markup import Extracted

_UNSEEN: Final = {
    "script", "style", "template", "noscript", "nav", "svg", "iframe", "object", "select", "button", "input",
    "textarea", "canvas", "audio", "video", "head", "title",
}  # fmt: skip
_FURNITURE: Final = {"navigation", "search", "banner", "contentinfo"}  # roles
_PARAGRAPHS: Final = {
    "article", "blockquote", "dl", "fieldset", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre",
    "section", "table", "ul",
}  # fmt: skip
_LINES: Final = {
    "address", "aside", "body", "caption", "center", "dd", "details", "div", "dt", "figcaption", "footer", "form",
    "header", "html", "legend", "li", "main", "summary", "tbody", "tfoot", "thead", "tr",
}  # fmt: skip
_CELLS: Final = {"td", "th"}
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What pages mean by these names: https://encoding.spec.whatwg.org/#names-and-labels
_MEANT: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030"}
# Python's parser looks at the rest of the page again for each tag that is never closed: 12 kB of "<a " took it 4 s.
# What it gets has no comments, no scripts, and no "<" but of whole tags.
_TROUBLE: Final = re.compile(
    r"<(script|style)\b[^<>]{0,5000}>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[!?][^<>]{0,5000}>"
    r"""|(<)(?!/?[a-z](?:[^<>"']{1,2000}+|"[^"]{0,9999}"|'[^']{0,9999}'){0,200}+>)""",
    re.DOTALL | re.IGNORECASE,
)


def html(data: bytes, name: str) -> Extracted:
    """The text of a page without scripts and navigation, and its title.

    Where one part of the page says that it is the main one, the rest is left out.

    Parameters
    ----------
    data
        In UTF-8, or in the encoding that a byte-order mark or the page itself declares.
    name
        For errors.

    Raises
    ------
    BadEncoding
        It is in neither.
    BadFile
        It is too broken to be read.
    ExtraMissing
        Beautiful Soup is not installed.
    """
    bs4 = require("bs4", extra="store")
    source = _decoded(data, name, bs4.dammit.EncodingDetector.find_declared_encoding)
    whole = _TROUBLE.sub(lambda found: "&lt;" if found[2] else "", source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it looks like XML, or like the name of a file
        try:
            page = bs4.BeautifulSoup(whole, "html.parser")
        except (bs4.exceptions.ParserRejectedMarkup, RecursionError) as error:
            raise BadFile(f"{name} cannot be read as HTML. Repair it, or give its text.") from error
    mains = page.find_all(lambda tag: tag.name == "main" or tag.get("role") == "main")
    text = (_visible(mains[0], bs4) if len(mains) == 1 else "") or _visible(page, bs4)
    titles = (" ".join(found.get_text().split()) for found in (page.title, page.h1) if found is not None)
    return Extracted(text, next(filter(None, titles), ""))


def _decoded(data: bytes, name: str, declared_encoding: Any) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _as(data[len(bom) :], encoding, name, "as its first bytes say")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        declared = declared_encoding(data, is_html=True)
        if declared is None:
            raise BadEncoding(
                f"{name} is not UTF-8 (byte {error.start:,}), and the page declares no other encoding. Convert it."
            ) from error
    try:
        known = codecs.lookup(declared).name
    except LookupError as error:
        raise BadEncoding(f"{name} declares the encoding {declared!r}, which is not known. Convert it.") from error
    return _as(data, _MEANT.get(known, known), name, "which the page declares")


def _as(data: bytes, encoding: str, name: str, said: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:  # a codec from bytes to bytes is none of text
        at = f" (byte {error.start:,})" if isinstance(error, UnicodeDecodeError) else ""
        raise BadEncoding(f"{name} is not {encoding}{at}, {said}. Convert it to UTF-8.") from error


def _visible(root: Any, bs4: Any) -> str:
    """The text below an element: blocks on lines of their own, paragraphs apart, blanks as a browser shows them."""
    parts: list[str] = []
    gap = 0  # line feeds that are due before the next text
    pending: list[tuple[Any, bool]] = [(root, False)]  # each with whether it is within <pre>; not recursive: tags nest
    while pending:
        node, kept = pending.pop()
        if isinstance(node, int):
            gap = max(gap, node)
        elif isinstance(node, bs4.element.PreformattedString):  # comments, doctypes
            continue
        elif isinstance(node, bs4.element.NavigableString):
            text = str(node) if kept else re.sub(r"\s+", " ", node)
            if not kept and (gap or not parts or parts[-1].endswith((" ", "\n"))):
                text = text.removeprefix(" ")
            if text:
                if gap and parts:
                    parts[-1] = parts[-1].rstrip()
                    parts.append("\n" * gap)
                parts.append(text)
                gap = 0
        elif node.name == "br":
            gap = min(2, gap + 1)
        elif node.name in _CELLS and not gap:
            pending += ((child, kept) for child in [*reversed(node.contents), bs4.element.NavigableString(" ")])
        elif node is root or not _passed_over(node):
            around = 2 if node.name in _PARAGRAPHS else int(node.name in _LINES)
            gap = max(gap, around)
            pending.append((around, False))
            pending += ((child, kept or node.name == "pre") for child in reversed(node.contents))
    return "".join(parts).strip()


def _passed_over(tag: Any) -> bool:
    attributes = tag.attrs
    return (
        tag.name in _UNSEEN
        or attributes.get("role") in _FURNITURE
        or "hidden" in attributes
        or (tag.name == "a" and "headerlink" in attributes.get("class", ()))  # the ¶ that Sphinx puts after headings
        or (tag.name == "footer" and tag.parent is not None and tag.parent.name == "body")
    )
