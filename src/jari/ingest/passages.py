r"""Long texts cut into overlapping passages, at the ends of paragraphs and sentences where they have some.

A word is what stands between blanks: a word of English, an 어절 of Korean. Chinese, Japanese, Thai and their
neighbours write without blanks: there, each character is counted. So is every 64th character of what is no word at all,
as an address or a key in base64.

A passage ends where the last paragraph ends in its second half; failing that, the last sentence; failing that, at its
last word. The next one begins before that by half the overlap to the whole of it, with the first sentence that begins
there; failing that, by the whole overlap.
"""

from __future__ import annotations

import functools
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jari.errors import BadInput
from jari.ingest.graphemes import FLAG, JOINED, kind_of

PASSAGE_WORDS: Final = 200
_LONGEST_WORD: Final = 64  # characters
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_CLOSING: Final = r"\"'”’»)\]」』）】》"
_WORD: Final = re.compile(
    # A letter of those scripts with the marks and stops that go with it; or what no blank and no such letter is in
    rf"[{_UNSPACED}][\u0300-\u036f\u3099\u309a、。！？，．：；…{_CLOSING}]*|[^\s{_UNSPACED}]{{1,{_LONGEST_WORD}}}"
)
_PARAGRAPH: Final = re.compile(r"\n[^\S\n]*\n\s*|\f\s*")
# Not before a small letter: "e.g. this". A line is a sentence where the next begins as lists and headings do.
_SENTENCE: Final = re.compile(
    rf"[.!?…‥؟।][{_CLOSING}]*\s+(?![a-z])|[。！？．][{_CLOSING}]*\s*|\n[^\S\n]*(?=[-*•·#]\s|\d+[.)]\s)"
)

_kind = functools.lru_cache(4096)(kind_of)  # Chinese asks for two a character: 3 s for 3 MB, not 9


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text.

    Parameters
    ----------
    start, stop
        It is ``text[start:stop]`` of what it was cut from.
    text
        That stretch.
    """

    start: int
    stop: int
    text: str


def passages(text: str, words: int = PASSAGE_WORDS, overlap: int = PASSAGE_WORDS // 5) -> Iterator[Passage]:
    """Cut a text into passages that together hold every word of it, in order.

    Parameters
    ----------
    words
        How many words a passage holds at most; 0 leaves the text whole.
    overlap
        How many words at most are in two passages that follow each other; at least half as many are. Fewer than
        `words`.

    Yields
    ------
    passage
        At least one: a text without a word is an empty passage. None begins or ends with a blank, unless the text is
        left whole, or within what a reader takes for one character.

    Raises
    ------
    BadInput
        Numbers that cannot be.

    Examples
    --------
    >>> text = "One two three. Four five. Six seven eight nine."
    >>> [passage.text for passage in passages(text, words=6, overlap=2)]
    ['One two three. Four five.', 'Four five. Six seven eight nine.']
    >>> [passage.text for passage in passages("자리는 좋다. 자리에 앉는다.", words=3, overlap=0)]
    ['자리는 좋다.', '자리에 앉는다.']
    """
    check(words, overlap)
    return iter([Passage(0, len(text), text)]) if words == 0 else _cut(text, words, overlap)


def check(words: int, overlap: int) -> None:
    """Refuse a size or an overlap that cannot be.

    Raises
    ------
    BadInput
        They are no whole numbers, below 0, or every passage would repeat the one before it.
    """
    for name, value in (("passage_words", words), ("overlap", overlap)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadInput(f"{name}={value!r} must be a whole number, 0 or more.")
    if words and overlap >= words:
        raise BadInput(f"overlap={overlap} must be below passage_words={words}: a passage needs something new.")


def _cut(text: str, words: int, overlap: int) -> Iterator[Passage]:
    starts, stops = _words(text)
    count = len(starts)
    paragraphs = sentences = array("q")  # the words that such begin with
    if count > words:
        paragraphs = _begun(_PARAGRAPH, text, starts)
        sentences = array("q", sorted({*paragraphs, *_begun(_SENTENCE, text, starts)}))

    def passage(first: int, last: int) -> Passage:
        start, stop = (starts[first], stops[last - 1]) if count else (0, 0)
        return Passage(start, stop, text[start:stop])

    first = 0
    while count - first > words:
        low, high = (
            first + max(words // 2, overlap),
            first + words,
        )  # above `overlap`: each passage brings something new
        cut = _last(paragraphs, low, high) or _last(sentences, low, high) or high
        yield passage(first, cut)
        at = bisect_left(sentences, cut - overlap)
        at_sentence = at < len(sentences) and sentences[at] <= cut - (overlap + 1) // 2
        first = sentences[at] if at_sentence else cut - overlap
    yield passage(first, count)


def _begun(end: re.Pattern[str], text: str, starts: array[int]) -> array[int]:
    """The numbers of the words that begin where `end` ends."""
    found: array[int] = array("q")
    for match in end.finditer(text):
        word = bisect_left(starts, match.end())
        if word < len(starts) and starts[word] == match.end():
            found.append(word)
    return found


def _last(breaks: array[int], low: int, high: int) -> int:
    """The last of the breaks in (low, high]; 0 if there is none."""
    at = bisect_right(breaks, high) - 1
    return breaks[at] if at >= 0 and breaks[at] > low else 0


def _words(text: str) -> tuple[array[int], array[int]]:
    """Where each word begins and stops; two that touch do so where a character ends."""
    starts: array[int] = array("q")
    stops: array[int] = array("q")
    stopped = -1
    for found in _WORD.finditer(text):
        start, stop = found.span()
        if start == stopped and _in_character(text, starts[-1], start):
            stops[-1] = stop
        else:
            starts.append(start)
            stops.append(stop)
        stopped = stop
    return starts, stops


def _in_character(text: str, start: int, cut: int) -> bool:
    """Whether a cut would be within a character; at `start` one begins."""
    before, after = _kind(text[cut - 1]), _kind(text[cut])
    if before == after == FLAG:
        flags = next((n for n in range(cut - start) if _kind(text[cut - 1 - n]) != FLAG), cut - start)
        return flags % 2 == 1
    return bool(JOINED[before, after])
