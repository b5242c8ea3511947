"""Fonts that have the characters of the labels, or the news that none has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_BASE = "DejaVu Sans"  # comes with matplotlib: the same picture everywhere
# What to look at first, of what may be installed; the rest follows in the order of names.
_PREFERRED = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Pretendard",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "NanumGothic",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Emoji",
    "Segoe UI Emoji",
    "Noto Sans",
)
_BOXES = "Last Resort"  # comes with matplotlib, has every character, and draws each as a box
_READ_AT_MOST = 500  # fonts; a machine of a designer has thousands


@dataclass(frozen=True, slots=True)
class Fonts:
    """The families to draw with, each for what those before it lack; the characters that none has; bold or not."""

    families: tuple[str, ...]
    missing: frozenset[str]
    bold: bool

    def can_draw(self, text: str) -> bool:
        """Whether every character of a text has a glyph."""
        return self.missing.isdisjoint(text)


def fonts_for(texts: Iterable[str]) -> Fonts:
    """Choose, among the fonts installed, as few as have all characters of the texts.

    Examples
    --------
    >>> fonts_for(["cosine", "naïve"])
    Fonts(families=('DejaVu Sans',), missing=frozenset(), bold=True)
    """
    needed = {char for text in texts for char in text if _has_ink(char)}
    families: list[str] = []
    for family, characters in _installed():
        useful = {char for char in needed if ord(char) in characters}
        if useful or family == _BASE:
            families.append(family)
            needed -= useful
        if not needed:
            break
    return Fonts(tuple(families), frozenset(needed), _all_bold(families))


def _all_bold(families: Iterable[str]) -> bool:
    """Whether all are there in bold: one that is not would stand beside the others like a slip."""
    from matplotlib import font_manager

    entries = font_manager.fontManager.ttflist
    return set(families) <= {entry.name for entry in entries if entry.weight in (700, "bold")}


def _installed() -> Iterator[tuple[str, frozenset[int]]]:
    """Families and the code points they have: first the base, then the preferred, then the others."""
    from matplotlib import font_manager

    def of(entries: Iterable[Any]) -> Iterator[tuple[str, frozenset[int]]]:
        regular: dict[str, str] = {}
        for entry in entries:
            if entry.name.startswith(_BOXES):
                continue
            if entry.style == "normal" and entry.stretch == "normal" and entry.weight in (400, "normal", "regular"):
                regular.setdefault(entry.name, entry.fname)
        ranks = {name: rank for rank, name in enumerate((_BASE, *_PREFERRED))}
        for name in sorted(regular, key=lambda name: (ranks.get(name, len(ranks)), name))[:_READ_AT_MOST]:
            yield name, _characters(regular[name])

    known = list(font_manager.fontManager.ttflist)
    yield from of(known)
    # matplotlib keeps its list of fonts on disk: what was installed since is not in it.
    paths = {entry.fname for entry in known}
    for path in sorted(set(font_manager.findSystemFonts()) - paths):
        try:
            font_manager.fontManager.addfont(path)
        except (OSError, RuntimeError):  # bitmaps, such as coloured emoji
            continue
    yield from of(entry for entry in font_manager.fontManager.ttflist if entry.fname not in paths)


@lru_cache(maxsize=64)
def _characters(path: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()


def _has_ink(char: str) -> bool:
    """Spaces, joiners and variation selectors need no glyph."""
    return not char.isspace() and unicodedata.category(char) != "Cf" and not 0xFE00 <= ord(char) <= 0xFE0F
