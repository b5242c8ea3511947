"""The words of a text: runs of letters, marks, digits and connectors, lower-cased, with apostrophes between letters.

ASCII goes sixteen bytes at a time. With ``x`` eight bytes, ``v = x & 0x7F7F…`` and ``c`` a byte repeated, the high bits
of ``v + 0x8080… - c`` say where ``v ≥ c``; six such comparisons find the letters, digits and underscores, and the
letters' bits, shifted from 0x80 to 0x20, lower-case them. Everything else is decoded and looked up, one character at a
time, in a table of 64-bit properties that fills as characters are met (`jari.ingest.characters`):

- bits 0-20: the character in lower case (Σ becomes σ here and ς at the end of a word; İ is told by itself);
- bits 21-26: the flags below; bits 32-39: the canonical combining class.

Text must be in Normalization Form C. The kernel does not compose: where a character may not be in that form (the quick
check of Unicode's Annex 15 says "no" or "maybe", or two marks are out of order) it stops and says so.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._bytes import load64, store64, zero_bytes
from jari.kernels._jit import kernel

LOWER = np.uint64(0x1FFFFF)
KNOWN = np.uint64(1 << 21)  # the entry has been filled
WORD = np.uint64(1 << 22)  # part of a word: categories L, M, N and Pc
LETTER = np.uint64(1 << 23)  # category L
UNSTABLE = np.uint64(1 << 24)  # may change when normalised
CASED = np.uint64(1 << 25)  # for the two forms of sigma, as Unicode 3.13 has it
IGNORED = np.uint64(1 << 26)  # case-ignorable: looked past when sigma's neighbours are sought
CLASS = np.uint64(32)  # shift of the combining class

DONE, UNKNOWN, NORMALISE = 0, 1, 2

HIGH = np.uint64(0x8080808080808080)
SEVEN = np.uint64(0x7F7F7F7F7F7F7F7F)
CASE = np.uint64(0x2020202020202020)
# 0x80 - c, repeated, for the first character of each range and for the one after its last
FROM_A, PAST_Z = np.uint64(0x1F1F1F1F1F1F1F1F), np.uint64(0x0505050505050505)
FROM_0, PAST_9 = np.uint64(0x5050505050505050), np.uint64(0x4646464646464646)
FROM_LINE, PAST_LINE = np.uint64(0x2121212121212121), np.uint64(0x2020202020202020)


@kernel
def _ascii_letters(x: int) -> int:
    """The high bit of each byte that is an ASCII letter."""
    v = (x & SEVEN) | CASE
    return (v + FROM_A) & ~(v + PAST_Z) & ~x & HIGH


@kernel
def _ascii_end(x: int, letters: int) -> int:
    """The high bit of each byte that is no ASCII letter, digit or underscore."""
    v = x & SEVEN
    others = ((v + FROM_0) & ~(v + PAST_9)) | ((v + FROM_LINE) & ~(v + PAST_LINE))
    return ~(letters | (others & ~x)) & HIGH


@kernel
def _width_of(c: int) -> int:
    """How many bytes the character takes that begins with byte `c`."""
    if c < 0x80:
        return 1
    if c < 0xE0:
        return 2
    return 3 if c < 0xF0 else 4


@kernel
def _decode(data: np.ndarray, at: int) -> int:
    """The code point of the character whose first byte is at `at`."""
    c = np.int64(data[at])
    if c < 0x80:
        return c
    if c < 0xE0:
        return (c & 0x1F) << 6 | (data[at + 1] & 0x3F)
    if c < 0xF0:
        return (c & 0x0F) << 12 | np.int64(data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F)
    return (
        (c & 0x07) << 18
        | np.int64(data[at + 1] & 0x3F) << 12
        | np.int64(data[at + 2] & 0x3F) << 6
        | (data[at + 3] & 0x3F)
    )


@kernel
def _encode(point: int, out: np.ndarray, at: int) -> int:
    """Write a code point as UTF-8; gives the position after it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
        out[at + 1] = 0x80 | point & 0x3F
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | point >> 12
        out[at + 1] = 0x80 | point >> 6 & 0x3F
        out[at + 2] = 0x80 | point & 0x3F
        return at + 3
    out[at] = 0xF0 | point >> 18
    out[at + 1] = 0x80 | point >> 12 & 0x3F
    out[at + 2] = 0x80 | point >> 6 & 0x3F
    out[at + 3] = 0x80 | point & 0x3F
    return at + 4


@kernel
def _stable_start(data: np.ndarray, at: int, table: np.ndarray) -> int:
    """The last position up to `at` from which text can be normalised by itself: where a stable starter stands.

    Nothing composes with a line feed, and the one before `at` has been counted already.
    """
    while True:
        properties = table[_decode(data, at)]
        starts = properties & UNSTABLE == np.uint64(0) and properties >> CLASS == np.uint64(0)
        if starts or at == 0 or data[at - 1] == 10:
            return at
        at -= 1
        while at > 0 and data[at] & 0xC0 == 0x80:
            at -= 1


@kernel
def split_words(
    data: np.ndarray,
    begin: int,
    end: int,
    normal: bool,
    table: np.ndarray,
    out: np.ndarray,
    offsets: np.ndarray,
    ends: np.ndarray,
    state: np.ndarray,
) -> int:
    """Append the words of ``data[begin:end]`` to `out`: word i is ``out[offsets[i] : offsets[i + 1]]``.

    Parameters
    ----------
    data
        uint8: valid UTF-8, ``data[end : end + 16]`` readable, no word or character across `begin` or `end`.
    normal
        The text is known to be in Normalization Form C.
    table
        uint64, one entry for each code point, 0 where nobody has filled it.
    out
        uint8; room for one and a half times as many bytes as are read (Ⱥ takes two bytes, ⱥ three), and 16.
    offsets
        int32, at least two more than words; ``offsets[0]`` is 0.
    ends
        int32; line j ends before word ``ends[j]``.
    state
        int64: words and lines so far, added to; then why the kernel stopped (`DONE`, `UNKNOWN`: the table has no entry
        for a code point, `NORMALISE`: the text may not be in Form C) and that code point.

    Returns
    -------
    at
        `end`, or from where to go on once the reason is removed.
    """
    n, m = state[0], state[1]
    used = np.int64(offsets[n])
    at = begin
    reason = DONE
    while at < end:
        c = data[at]
        if c < 0x80:
            if c == 10:
                ends[m] = n
                m += 1
                at += 1
                continue
            if table[c] & WORD == np.uint64(0):
                at += 1
                continue
            low, high = load64(data, at), load64(data, at + 8)
            low_letters, high_letters = _ascii_letters(low), _ascii_letters(high)
            store64(out, used, low | (low_letters >> np.uint64(2)))
            store64(out, used + 8, high | (high_letters >> np.uint64(2)))
            first = zero_bytes(_ascii_end(low, low_letters))
            length = first if first < 8 else 8 + zero_bytes(_ascii_end(high, high_letters))
            after = data[at + length]
            if length < 16 and after < 0x80 and after != 0x27:
                used += length
                at += length
                n += 1
                offsets[n] = used
                continue
        # Not ASCII, or an apostrophe, or long: character by character
        p, w = at, used
        letter = cased = False  # of the character before
        sigma = np.int64(-1)  # where a sigma stands that ends the word unless a cased letter follows
        klass = np.uint64(0)
        width = 1
        while True:
            point = np.int64(data[p])
            if point < 0x80:
                width = 1
            elif 0xE0 <= point < 0xF0:  # written out: most of the world's scripts, and numba would call a function
                point = (point & 0x0F) << 12 | np.int64(data[p + 1] & 0x3F) << 6 | np.int64(data[p + 2] & 0x3F)
                width = 3
            else:
                width = _width_of(data[p])
                point = _decode(data, p)
            properties = table[point]
            if properties == np.uint64(0):
                reason = UNKNOWN
                break
            if not normal:
                before, klass = klass, properties >> CLASS
                if properties & UNSTABLE != np.uint64(0) or (klass != np.uint64(0) and klass < before):
                    reason = NORMALISE
                    break
            if properties & WORD == np.uint64(0):
                if not letter or (point != 0x27 and point != 0x2019):
                    break
                point = _decode(data, p + width)
                following = table[point]
                if following == np.uint64(0):
                    reason = UNKNOWN
                    break
                if not normal and following & UNSTABLE != np.uint64(0):
                    reason = NORMALISE
                    break
                if following & LETTER == np.uint64(0):
                    break
                out[w] = 0x27
                w += 1
                letter = False
            else:
                letter = properties & LETTER != np.uint64(0)
                if properties & IGNORED == np.uint64(0):
                    if sigma >= 0 and properties & CASED == np.uint64(0):
                        out[sigma + 1] = 0x82
                    sigma = np.int64(-1)
                if point == 0x3A3 and cased:
                    sigma = w
                if point == 0x130:  # İ is the one character whose lower case is two: i and a dot above
                    w = _encode(0x307, out, _encode(0x69, out, w))
                elif np.int64(properties & LOWER) == point:
                    for k in range(width):
                        out[w + k] = data[p + k]
                    w += width
                else:
                    w = _encode(np.int64(properties & LOWER), out, w)
                if properties & IGNORED == np.uint64(0):
                    cased = properties & CASED != np.uint64(0)
            p += width
        if reason != DONE:
            if reason == NORMALISE:  # from the start of the word; of one that begins with a mark, from before that
                at = _stable_start(data, at, table)
            state[3] = point
            break
        if w > used:
            if sigma >= 0:
                out[sigma + 1] = 0x82
            n += 1
            offsets[n] = w
            used = w
            at = p
        else:
            at = p + width
    state[0], state[1], state[2] = n, m, reason
    return at
