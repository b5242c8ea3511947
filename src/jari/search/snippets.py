"""The part of a text that shows why it was found."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from jari.ingest.passages import passages

_PIECE: Final = 8  # words; a snippet begins with one of these pieces
_LOOKED_AT: Final = 100_000  # characters
_CONTROLS: Final = re.compile(r"[\0-\x1f\x7f-\x9f]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a text, blanks and control characters as single spaces, in Normalization Form C.

    Parameters
    ----------
    text
        With … where the text goes on.
    found
        Where the words that were looked for stand in it: (start, stop).
    """

    text: str
    found: Sequence[tuple[int, int]] = ()


def snippet(text: str, words: Iterable[str], length: int = 240) -> Snippet:
    """The stretch of a text that holds most of the words, those most that stand there least; its beginning without any.

    Parameters
    ----------
    words
        As they were typed. Case does not matter. A word of Hangul is found with what is appended to it: 자리 in 자리는.
    length
        In characters, about.

    Examples
    --------
    >>> snippet("One two three four five. " * 9 + "The Tide turns. " + "Six. " * 20, ["tide"], length=30)
    Snippet(text='… One two three four five. The Tide turns. …', found=[(31, 35)])
    """
    ends = len(text) <= _LOOKED_AT
    text = " ".join(_CONTROLS.sub(" ", unicodedata.normalize("NFC", text[:_LOOKED_AT])).split())
    pattern = _pattern(words)
    matches = [] if pattern is None else [(found.start(), found[0].casefold()) for found in pattern.finditer(text)]
    pieces = list(passages(text, _PIECE, 0))
    places = [place for place, _ in matches]
    often = Counter(word for _, word in matches)
    held = []  # what a snippet is worth that begins with each piece; "of", which stands everywhere, little
    for piece in pieces:
        first, last = bisect_left(places, piece.start), bisect_left(places, piece.start + length)
        held.append(sum(1 / often[word] for word in {word for _, word in matches[first:last]}))
    best = held.index(max(held))
    if best:  # of those that hold as many, the one in whose middle they are
        same = next((at for at in range(best, len(held)) if held[at] < held[best]), len(held))
        best += (same - best) // 2
    start = pieces[best].start
    stop = max((piece.stop for piece in pieces[best:] if piece.stop - start <= length), default=pieces[best].stop)
    shown = f"{'… ' if start else ''}{text[start:stop]}{'' if ends and stop == len(text) else ' …'}"
    return Snippet(shown, [] if pattern is None else [found.span() for found in pattern.finditer(shown)])


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    known = sorted({unicodedata.normalize("NFC", word) for word in words if word}, key=len, reverse=True)
    ends = ("" if _HANGUL.search(word) else r"(?!\w)" for word in known)
    each = "|".join(re.escape(word) + end for word, end in zip(known, ends, strict=True))
    return re.compile(rf"(?<!\w)(?:{each})", re.IGNORECASE) if each else None
