"""Plain text, and a title, from what people write in editors: Markdown and reStructuredText."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# No expression may need more than a line, or a bounded part of it, again and again: a text may be 10 MB of anything.
_FRONT_MATTER: Final = re.compile(r"---[^\S\n]*\n(.{0,20000}?\n)?(?:---|\.\.\.)[^\S\n]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE: Final = re.compile(r"^title:[^\S\n]*(\S.*)$", re.MULTILINE)
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING: Final = re.compile(r" {0,3}#{1,6}(?:[^\S\n](.*))?")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-+)\s*")
_REFERENCE: Final = re.compile(r" {0,3}\[[^\]]{1,200}\]:\s*\S.*")
_LINK: Final = re.compile(
    r"!?\[([^\[\]]{0,500})\](?:\([^()]{0,500}(?:\([^()]{0,500}\)[^()]{0,500})?\)|\[[^\[\]]{0,200}\])"
)
_ADDRESS: Final = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,500})>")
_EMPHASIS: Final = re.compile(r"\*\*|`+")
_ADORNMENT: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}")
_TITLE_WITHIN: Final = 65_536  # characters


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a file says.

    Parameters
    ----------
    text
        Plain text, paragraphs an empty line apart.
    title
        Empty where it has none.
    """

    text: str
    title: str = ""


def markdown(source: str) -> Extracted:
    r"""Markdown without most of its marks; the title is that of the front matter, or the first heading.

    Examples
    --------
    >>> markdown("# The Sea\n\nSee [tides](tides.md), **now**.")
    Extracted(text='The Sea\n\nSee tides, now.', title='The Sea')
    """
    title = fence = ""
    if front := _FRONT_MATTER.match(source):
        named = _FRONT_TITLE.search(front[1] or "")
        title = named[1].strip().strip("\"'") if named else ""
        source = source[front.end() :]
    lines: list[str] = []
    for line in source.split("\n"):
        fenced = _FENCE.match(line)
        if fenced and fenced[1].startswith(fence):
            fence = "" if fence else fenced[1]
        elif fence:
            lines.append(line)
        elif heading := _HEADING.fullmatch(line):
            lines.append(_inline((heading[1] or "").rstrip().rstrip("#").strip()))
            title = title or lines[-1]
        elif _UNDERLINE.fullmatch(line):
            title = title or (lines[-1].strip() if lines else "")
        elif not _REFERENCE.fullmatch(line):
            lines.append(_inline(line))
    return Extracted("\n".join(lines).strip("\n"), title)


def _inline(line: str) -> str:
    if "](" in line or "][" in line:
        line = _LINK.sub(r"\1", _LINK.sub(r"\1", line))  # twice: a picture can be a link
    if "<" in line:
        line = _ADDRESS.sub(r"\1", line)
    return _EMPHASIS.sub("", line) if "*" in line or "`" in line else line


def restructured(source: str) -> Extracted:
    r"""reStructuredText as it stands; the title is the first line that is underlined.

    Examples
    --------
    >>> restructured("=====\nTides\n=====\n\nTwice a day.").title
    'Tides'
    """
    before = ""
    for line in source[:_TITLE_WITHIN].split("\n"):
        adorned = _ADORNMENT.fullmatch(line.rstrip())
        if adorned and before:
            return Extracted(source, before)
        before = "" if adorned else line.strip()
    return Extracted(source)
