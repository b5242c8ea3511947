"""Where the tokens of a text begin and end, for tokens that are whatever stands between Unicode whitespace.

The sixteen bytes at the start of a token are looked at as two integers. With ``x`` one of them, the high bit of each
byte of ``((x - 0x2121…) | x) & 0x8080…`` is set where the byte is below 0x21 or above 0x7F; a borrow can spoil only
what follows the first such byte, and the first is all that is asked for. ASCII tokens of up to 15 bytes, nearly all of
English, thus cost no loop at all.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._bytes import load64, zero_bytes
from jari.kernels._jit import kernel

HIGH = np.uint64(0x8080808080808080)
ABOVE_SPACE = np.uint64(0x2121212121212121)


@kernel
def _space_width(data: np.ndarray, at: int) -> int:
    """How many bytes the whitespace at `at` takes; 0 for what `str.isspace` says is none."""
    c = data[at]
    if c <= 0x20:
        return 1 if c == 0x20 or 9 <= c <= 13 or c >= 28 else 0
    if c < 0xC2 or c > 0xE3:
        return 0
    if c == 0xC2:  # U+0085, U+00A0
        return 2 if data[at + 1] == 0x85 or data[at + 1] == 0xA0 else 0
    second, third = data[at + 1], data[at + 2]
    if c == 0xE2:
        if second == 0x80:  # U+2000 to U+200A, U+2028, U+2029, U+202F
            return 3 if third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0
        return 3 if second == 0x81 and third == 0x9F else 0  # U+205F
    if c == 0xE1:  # U+1680
        return 3 if second == 0x9A and third == 0x80 else 0
    return 3 if c == 0xE3 and second == 0x80 and third == 0x80 else 0  # U+3000


@kernel
def split_whitespace(
    data: np.ndarray, begin: int, end: int, starts: np.ndarray, stops: np.ndarray, ends: np.ndarray, state: np.ndarray
) -> int:
    """Token i is ``data[starts[i] : stops[i]]``; line j ends before token ``ends[j]``.

    Parameters
    ----------
    data
        uint8: valid UTF-8, ``data[end : end + 16]`` spaces. Neither `begin` nor `end` stands inside a token.
    starts, stops
        int32, at least ``(end - begin + 1) // 2`` long.
    ends
        int32, at least as long as there are line feeds.
    state
        int64: filled with the number of tokens and of lines that were ended.

    Returns
    -------
    end
        Always: whitespace holds no surprises.
    """
    n = m = 0
    at = begin
    while at < end:
        c = data[at]
        if c <= 0x20 or c >= 0x80:
            if c == 10:
                ends[m] = n
                m += 1
                at += 1
                continue
            if c == 0x20:  # not left to `_space_width`: the call takes twice as long as all the rest
                at += 1
                continue
            width = _space_width(data, at)
            if width > 0:
                at += width
                continue
        low, high = load64(data, at), load64(data, at + 8)
        first = zero_bytes(((low - ABOVE_SPACE) | low) & HIGH)
        second = zero_bytes(((high - ABOVE_SPACE) | high) & HIGH)
        stop = at + first if first < 8 else at + 8 + second
        c = data[stop]
        if c != 0x20 and c != 10:  # something rarer than the two that end nearly all tokens
            while True:  # bytes that no whitespace begins with are passed here: a call for each would cost tenfold
                c = data[stop]
                if (c <= 0x20 or 0xC2 <= c <= 0xE3) and _space_width(data, stop) > 0:
                    break
                stop += 1
        starts[n] = at
        stops[n] = stop
        n += 1
        at = stop
    state[0] = n
    state[1] = m
    return end
