"""`CaseIndex`: the words of a test set found among the keys of an embedding, whatever their case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

import numpy as np

from jari.errors import BadInput
from jari.types import Rows

Case: TypeAlias = Literal["fold", "exact"]


class CaseIndex:
    """Words → rows, with upper and lower case taken for the same, or not.

    Test sets write *Athens* and *Seoul* where a tokeniser that lower-cases learnt *athens* and *seoul*. With
    ``case="fold"``, keys that differ in nothing but case (and in Unicode's composed and decomposed forms: Hangul
    from a Mac) are one class, and the first of them stands for it: in a vocabulary ordered by frequency, the most
    frequent one.

    Parameters
    ----------
    keys
        The keys of the rows 0, 1, 2, …
    case
        ``"fold"`` or ``"exact"``.

    Raises
    ------
    BadInput
        `case` is neither.

    Examples
    --------
    >>> index = CaseIndex(["apple", "Apple", "pear"])
    >>> index.row("APPLE"), index.row("Pear"), index.row("plum")
    (0, 2, -1)
    >>> index.classes
    array([0, 0, 2])
    >>> CaseIndex(["apple", "Apple"], case="exact").row("APPLE")
    -1
    """

    __slots__ = ("_case", "_first", "classes")

    def __init__(self, keys: Iterable[str], case: Case = "fold") -> None:
        if case not in get_args(Case):
            raise BadInput(f"case={case!r} is not known: give one of {', '.join(map(repr, get_args(Case)))}.")
        self._case = case
        self._first: dict[str, int] = {}
        classes = [self._first.setdefault(self._form(key), row) for row, key in enumerate(keys)]
        # For each row, the first row of its class, shape (n,).
        self.classes: Rows = np.array(classes, dtype=np.int64)

    def row(self, word: str) -> int:
        """The row that stands for a word, or -1."""
        return self._first.get(self._form(word), -1)

    def rows(self, words: Iterable[str]) -> Rows:
        """The rows of many words, shape (k,), -1 for those that are not here."""
        return np.array([self.row(word) for word in words], dtype=np.int64)

    def _form(self, word: str) -> str:
        if self._case == "exact":
            return word
        # Ascii is normal already, and most keys are: 3 times faster on English.
        return word.lower() if word.isascii() else unicodedata.normalize("NFC", word.casefold())
