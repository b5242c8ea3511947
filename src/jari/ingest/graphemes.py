"""What a reader takes for one character: a letter with its marks, a syllable of Hangul, an emoji of several parts.

The rules are those of Unicode's extended grapheme clusters (UAX #29) but for three that need tables which Python does
not have: marks that stand before their letter (GB9b) and the conjuncts of Indic scripts (GB9c) are characters of their
own, and a zero-width joiner joins any symbol that comes after it (GB11).

Each code point has one of a few kinds, found out when a block of 256 is first met; whether a cluster goes on from one
code point to the next hangs on the two kinds alone, except in rows of regional indicators, two of which are a flag.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint32]  # a text in UTF-32
Kinds = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

OTHER, SPACE, SYMBOL, OPEN, CLOSED, MARK, JOINER, FLAG, LEAD, VOWEL, TAIL = range(11)
_FIRST_JOINING: Final = MARK  # where no kind from here on occurs, every code point is a cluster
_UNKNOWN: Final = 255
_BLOCK: Final = 256
_filling = threading.Lock()

# What Unicode counts among the marks although its category says otherwise: ZWNJ, Thai and Lao AM, halfwidth voicing
# marks, skin tones, and the tags that name the flags of regions.
_MORE_MARKS: Final = re.compile("[\u200c\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_LEADS: Final = re.compile("[\u1100-\u115f\ua960-\ua97c]")
_VOWELS: Final = re.compile("[\u1160-\u11a7\ud7b0-\ud7c6]")
_TAILS: Final = re.compile("[\u11a8-\u11ff\ud7cb-\ud7fb]")


def kind_of(character: str) -> int:
    """The kind of one character.

    Examples
    --------
    >>> [kind_of(character) for character in "a 각\u0301"] == [OTHER, SPACE, CLOSED, MARK]
    True
    """
    point, category = ord(character), unicodedata.category(character)
    if character.isspace():
        return SPACE
    if character == "\u200d":
        return JOINER
    if category[0] == "M" or _MORE_MARKS.match(character):
        return MARK
    if 0xAC00 <= point < 0xD7A4:
        return CLOSED if (point - 0xAC00) % 28 else OPEN
    for kind, pattern in ((LEAD, _LEADS), (VOWEL, _VOWELS), (TAIL, _TAILS)):
        if pattern.match(character):
            return kind
    if 0x1F1E6 <= point <= 0x1F1FF:
        return FLAG
    return SYMBOL if category[0] == "S" else OTHER


def _joined_kinds() -> Flags:
    """Whether a cluster goes on from one kind (row) to the next (column); flags are looked at on their own."""
    joined = np.zeros((TAIL + 1, TAIL + 1), np.bool_)
    joined[:, [MARK, JOINER]] = True  # GB9, GB9a
    joined[JOINER, SYMBOL] = True  # GB11
    joined[LEAD, [LEAD, VOWEL, OPEN, CLOSED]] = True  # GB6
    joined[[[OPEN], [VOWEL]], [VOWEL, TAIL]] = True  # GB7
    joined[[CLOSED, TAIL], TAIL] = True  # GB8
    joined[SPACE] = False  # whitespace is no token: a mark after it stands alone
    return joined


JOINED: Final = _joined_kinds()
_FLAT: Final = JOINED.ravel()


def clusters(text: str) -> list[str]:
    """Cut a text, which should be in Normalization Form C, into clusters; whitespace is left out.

    Examples
    --------
    >>> clusters("한국 👍🏽🇰🇷🇫🇷!")
    ['한', '국', '👍🏽', '🇰🇷', '🇫🇷', '!']
    """
    found: list[str] = []
    before, flags = SPACE, 0
    for character in text:
        kind = kind_of(character)
        flags = flags + 1 if kind == FLAG else 0
        if JOINED[before, kind] or (flags and flags % 2 == 0):
            found[-1] += character
        elif kind != SPACE:
            found.append(character)
        before = kind
    return found


def kinds_of(points: Points) -> Kinds:
    """The kind of each code point."""
    table = _table()
    kinds = table.take(points)
    if len(kinds) and kinds.max() == _UNKNOWN:
        for block in np.unique(points[kinds == _UNKNOWN] // _BLOCK).tolist():
            _fill(table, block * _BLOCK)
        kinds = table.take(points)
    return kinds


def begins(kinds: Kinds) -> Flags:
    """Whether a cluster, or whitespace, begins at each code point."""
    if not len(kinds) or kinds.max() < _FIRST_JOINING:
        return np.ones(len(kinds), np.bool_)
    first = np.ones(len(kinds), np.bool_)
    first[1:] = ~_FLAT.take(kinds[:-1].astype(np.intp) * len(JOINED) + kinds[1:])
    flags = np.flatnonzero(kinds == FLAG)
    if len(flags):
        new_row = np.diff(flags, prepend=-2) > 1
        row_starts = np.flatnonzero(new_row)
        in_row = np.arange(len(flags)) - np.repeat(row_starts, np.diff(row_starts, append=len(flags)))
        first[flags[in_row % 2 == 1]] = False
    return first


@functools.cache
def _table() -> Kinds:
    """The kinds of all code points, 1.1 MB, of which only the blocks that are filled become memory."""
    return np.full(0x110000, _UNKNOWN, np.uint8)


def _fill(table: Kinds, start: int) -> None:
    with _filling:
        table[start : start + _BLOCK] = [kind_of(chr(point)) for point in range(start, start + _BLOCK)]
