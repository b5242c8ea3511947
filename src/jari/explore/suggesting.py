"""`Suggester`: keys that begin as somebody types, or hold it; the most frequent first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from jari.embedding.vocabulary import Vocabulary
from jari.parameters import whole
from jari.types import Rows

_LAST: Final = "\U0010ffff"
_FIRST_SYLLABLE, _LAST_SYLLABLE = ord("가"), ord("힣")
_FINALS: Final = 28  # of each initial and vowel, "none" among them
_OF_INITIAL: Final = 21 * _FINALS
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_AS_FINALS: Final = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


class Suggester:
    """Keys in the order of their letters, to find those that begin in some way.

    Upper and lower case are the same, and so are ways to write one letter (NFC). Of Korean a syllable that is not
    finished will do: "하" and "한ㄱ" find "한국", and "한" finds "하나" too, whose letters are typed in that order.

    Parameters
    ----------
    vocabulary
        Keys and, where they were counted, counts.

    Notes
    -----
    Memory is some 30 bytes a key besides its letters; 1,000,000 keys are sorted in about a second.

    Examples
    --------
    >>> suggester = Suggester(Vocabulary(["the", "King", "kingdom", "viking", "한국"]))
    >>> [suggester.vocabulary.keys[row] for row in suggester.suggest("kin")]
    ['King', 'kingdom', 'viking']
    >>> [suggester.vocabulary.keys[row] for row in suggester.suggest("한ㄱ")]
    ['한국']
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._folded = pc.utf8_lower(pc.utf8_normalize(vocabulary.arrow, form="NFC"))
        order = pc.sort_indices(self._folded)
        self._sorted = self._folded.take(order)
        self._order: npt.NDArray[Any] = order.to_numpy(zero_copy_only=False).astype(np.int64)
        counts = vocabulary.counts
        # Where rows are not in the order of counts, what is first by count
        self._ranks: Rows | None = None
        if counts is not None and (np.diff(counts) > 0).any():
            self._ranks = np.empty(len(counts), dtype=np.int64)
            self._ranks[np.argsort(-counts, kind="stable")] = np.arange(len(counts))

    def suggest(self, text: str, k: int = 8) -> list[int]:
        """The rows of at most k keys: first those that begin with a text, then those that hold it.

        Raises
        ------
        BadInput
            k is not a whole number of 1 or more.
        """
        k = whole("k", k, 1, "a list of suggestions holds one at least")
        try:
            asked = unicodedata.normalize("NFC", text).lower()
            asked.encode()
        except UnicodeEncodeError:  # half a surrogate pair is in no key
            return []
        found: list[int] = []
        for low, high in _ranges(asked):
            rows = self._order[self._place(low) : self._place(high)]
            found += [row for row in self._first(rows, k) if row not in found]
            if len(found) >= k:
                return found[:k]
        if asked:
            holding = np.flatnonzero(pc.match_substring(self._folded, asked).to_numpy(zero_copy_only=False))
            found += [row for row in self._first(holding, k + len(found)) if row not in found]
        return found[:k]

    def _first(self, rows: Rows, k: int) -> list[int]:
        """The k most frequent, in that order."""
        ranks = rows if self._ranks is None else self._ranks[rows]
        if len(ranks) > k:
            chosen = np.argpartition(ranks, k - 1)[:k]
            rows, ranks = rows[chosen], ranks[chosen]
        least: list[int] = rows[np.argsort(ranks, kind="stable")].tolist()
        return least

    def _place(self, text: str) -> int:
        """How many sorted keys stand before a text. UTF-8 sorts as code points do, and so does Python."""
        low, high = 0, len(self._sorted)
        while low < high:
            middle = (low + high) // 2
            if self._sorted[middle].as_py() < text:
                low = middle + 1
            else:
                high = middle
        return low


def _ranges(text: str) -> Iterator[tuple[str, str]]:
    """What keys that begin so lie between, the likeliest first.

    Syllables stand in Unicode by initial, vowel and final, so that those which begin alike are neighbours.
    """
    yield text, text + _LAST
    if not text:
        return
    before, last = text[:-1], text[-1]
    initial = _INITIALS.find(last)
    if initial >= 0:
        yield _of_initial(before, initial)
    elif _FIRST_SYLLABLE <= ord(last) <= _LAST_SYLLABLE:
        final = (ord(last) - _FIRST_SYLLABLE) % _FINALS
        if final == 0:
            yield text, before + chr(ord(last) + _FINALS - 1) + _LAST
        elif (moved := _INITIALS.find(_AS_FINALS[final])) >= 0:
            yield _of_initial(before + chr(ord(last) - final), moved)


def _of_initial(before: str, initial: int) -> tuple[str, str]:
    first = _FIRST_SYLLABLE + initial * _OF_INITIAL
    return before + chr(first), before + chr(first + _OF_INITIAL - 1) + _LAST
