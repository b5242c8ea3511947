"""Hangul syllables taken apart into 초성, 중성 and 종성, by Unicode's arithmetic.

A syllable is 0xAC00 + (초성 · 21 + 중성) · 28 + 종성 (The Unicode Standard, section 3.12). Its parts are written as
conjoining jamo, U+1100, U+1161 and U+11A7 onwards; 종성 0, no final consonant, is U+11A7, so that every syllable has
three parts and the place of each says what it is.
"""

from __future__ import annotations

import functools
from typing import Final

SYLLABLES: Final = range(0xAC00, 0xD7A4)
EMPTY: Final = "\u11a7"  # the mark of a syllable without 종성
_MEDIALS, _FINALS = 21, 28


def decomposed(text: str) -> str:
    """The text with each Hangul syllable as three jamo; everything else stays.

    Examples
    --------
    >>> [hex(ord(jamo)) for jamo in decomposed("한자a")]
    ['0x1112', '0x1161', '0x11ab', '0x110c', '0x1161', '0x11a7', '0x61']
    """
    return text.translate(_parts())


def has_syllables(text: str) -> bool:
    """Whether any character of the text is a Hangul syllable.

    Examples
    --------
    >>> has_syllables("K팝"), has_syllables("K-pop")
    (True, False)
    """
    return any("\uac00" <= character <= "\ud7a3" for character in text)


@functools.cache
def _parts() -> dict[int, str]:
    return {code: _taken_apart(code - SYLLABLES.start) for code in SYLLABLES}


def _taken_apart(number: int) -> str:
    rest, final = divmod(number, _FINALS)
    initial, medial = divmod(rest, _MEDIALS)
    return chr(0x1100 + initial) + chr(0x1161 + medial) + chr(ord(EMPTY) + final)
