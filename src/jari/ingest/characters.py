"""What the word splitter must know of each Unicode character, found out when a character is first met.

The interpreter's own `unicodedata` and `str.lower` are asked, so that the fast way and the plain one agree in every
version of Python. To ask for all 1,114,112 code points takes most of a second; a text uses a few of the 256-character
blocks, and one block takes a fifth of a millisecond.
"""

from __future__ import annotations

import functools
import threading
import unicodedata

import numpy as np
import numpy.typing as npt

from jari.kernels.words import CASED, CLASS, IGNORED, KNOWN, LETTER, UNSTABLE, WORD

Table = npt.NDArray[np.uint64]

BLOCK = 256
_making, _filling = threading.Lock(), threading.Lock()


def table() -> Table:
    """The properties of all code points, as `jari.kernels.words` wants them; 0 for those that nobody asked about yet.

    There is one, whichever thread asks first. 8.9 MB of address space, of which only the blocks that are filled become
    memory.
    """
    with _making:  # a cache alone would let two threads make one each, and what the one learns the other never sees
        return _made()


@functools.cache
def _made() -> Table:
    properties = np.zeros(0x110000, dtype=np.uint64)
    _fill(properties, 0)
    return properties


def learn_about(point: int) -> None:
    """Fill the block that holds a code point."""
    with _filling:
        properties = table()
        if properties[point] == 0:
            _fill(properties, point // BLOCK * BLOCK)


def _fill(properties: Table, start: int) -> None:
    properties[start : start + BLOCK] = [properties_of(chr(point)) for point in range(start, start + BLOCK)]


def properties_of(character: str) -> int:
    """The table's entry for one character.

    Examples
    --------
    >>> chr(properties_of("Ж") & 0x1FFFFF)
    'ж'
    """
    category = unicodedata.category(character)
    lowered = character.lower()
    found = int(KNOWN) | (ord(lowered) if len(lowered) == 1 else ord(character))
    if category[0] in "LMN" or category == "Pc":
        found |= int(WORD)
    if category[0] == "L":
        found |= int(LETTER)
    if character in _composing() or unicodedata.normalize("NFC", character) != character:
        found |= int(UNSTABLE)
    # Python does not tell which characters are cased or case-ignorable, but its final sigma depends on nothing else
    after_neutral, after_cased = f"1{character}Σ".lower()[-1] == "ς", f"A{character}Σ".lower()[-1] == "ς"
    if after_neutral:
        found |= int(CASED)
    elif after_cased:
        found |= int(IGNORED)
    return found | unicodedata.combining(character) << int(CLASS)


@functools.cache
def _composing() -> frozenset[str]:
    """Characters that normalisation may join to the one before: the second halves of all canonical pairs.

    Some pairs in here are excluded from composition; to look twice at those costs time only. Canonical pairs stand in
    the first two planes of Unicode; what is not a pair (planes 2 and up) is told by `normalize` itself.
    """
    pairs = (unicodedata.decomposition(chr(point)).split() for point in range(0xC0, 0x20000))
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    # Hangul is composed by rule, not by table
    hangul = {chr(point) for point in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    return frozenset(seconds | hangul)
