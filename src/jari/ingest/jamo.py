"""Syllables of Hangul as the letters that they are written with."""

from __future__ import annotations

from typing import Final

import numpy as np

from jari.ingest.graphemes import Points

LEADS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"  # 초성
VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"  # 중성
TAILS: Final = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"  # 종성

_FIRST, _SYLLABLES = 0xAC00, 11172
_LEAD_POINTS, _VOWEL_POINTS = (np.array([ord(letter) for letter in row], np.uint32) for row in (LEADS, VOWELS))
_TAIL_POINTS = np.array([0, *map(ord, TAILS)], np.uint32)  # the first: no tail


def spelled(text: str) -> str:
    """Each syllable as its two or three compatibility jamo, everything else as it stands.

    Compatibility jamo (ㄱ, U+3131) are the letters that people type; the ㄱ before a vowel and the one after it are the
    same. Doubled letters and clusters (ㄲ, ㄳ, ㅘ) stay one letter, as they do in a syllable.

    Examples
    --------
    >>> spelled("값진 jamo")
    'ㄱㅏㅄㅈㅣㄴ jamo'
    """
    return "".join(map(_letters, text))


def _letters(character: str) -> str:
    syllable = ord(character) - _FIRST
    if not 0 <= syllable < _SYLLABLES:
        return character
    tail = syllable % 28
    return LEADS[syllable // 588] + VOWELS[syllable // 28 % 21] + (TAILS[tail - 1] if tail else "")


def spelled_points(points: Points) -> Points:
    """`spelled` of a text in UTF-32."""
    syllables = points - np.uint32(_FIRST)  # of what stands before the first of them a huge number
    where = np.flatnonzero(syllables < _SYLLABLES)
    if not len(where):
        return points
    syllables = syllables[where]
    tails = syllables % 28
    widths = np.ones(len(points), np.intp)
    widths[where] = 2 + (tails > 0)
    starts = np.cumsum(widths) - widths
    out = np.empty(starts[-1] + widths[-1], np.uint32)
    out[starts] = points
    places = starts[where]
    out[places] = _LEAD_POINTS[syllables // 588]
    out[places + 1] = _VOWEL_POINTS[syllables // 28 % 21]
    closed = tails > 0
    out[places[closed] + 2] = _TAIL_POINTS[tails[closed]]
    return out
