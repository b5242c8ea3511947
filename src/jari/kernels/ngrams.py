"""Hashes of character n-grams, as fastText computes them (Bojanowski, Grave, Joulin & Mikolov 2017).

A word stands between marks: ``<word>``. Its n-grams are all runs of n characters of that, by where they begin, the
shorter first; a lone mark is none. Each is hashed with FNV-1a of 32 bits over its UTF-8 bytes, every byte sign-extended
before the exclusive or, modulo the number of buckets. Characters are UTF-8 sequences: a byte 10xxxxxx goes on with the
one before it. An n-gram is hashed while it grows, so that each byte is looked at once a beginning and not once an
n-gram.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Ids, Offsets


@kernel
def count_ngrams(text: np.ndarray, offsets: Offsets, shortest: int, longest: int, counts: np.ndarray) -> None:
    """Fill `counts` (int64) with how many n-grams each word has.

    Parameters
    ----------
    text, offsets
        uint8: the marked word i is ``text[offsets[i] : offsets[i + 1]]``.
    shortest, longest
        In characters, both included.
    """
    for i in range(offsets.shape[0] - 1):
        length = 0
        for k in range(offsets[i], offsets[i + 1]):
            length += np.int64((text[k] & 0xC0) != 0x80)
        n = 0
        for size in range(shortest, min(longest, length) + 1):
            n += length - size + 1
        counts[i] = n - (min(length, 2) if shortest == 1 else 0)


@kernel
def hash_ngrams(
    text: np.ndarray, offsets: Offsets, shortest: int, longest: int, buckets: int, starts: Offsets, out: Ids
) -> None:
    """Fill ``out[starts[i] :]`` with the buckets of word i's n-grams; `starts` from `count_ngrams`, others alike."""
    for i in range(offsets.shape[0] - 1):
        begin, end = offsets[i], offsets[i + 1]
        at = starts[i]
        for first in range(begin, end):
            if (text[first] & 0xC0) == 0x80:
                continue
            value, size, k = np.uint32(2166136261), 0, first
            while k < end and size < longest:
                value = np.uint32((value ^ np.uint32(np.int8(text[k]))) * np.uint32(16777619))
                k += 1
                while k < end and (text[k] & 0xC0) == 0x80:
                    value = np.uint32((value ^ np.uint32(np.int8(text[k]))) * np.uint32(16777619))
                    k += 1
                size += 1
                if size >= shortest and not (size == 1 and (first == begin or k == end)):
                    out[at] = np.int64(value) % buckets
                    at += 1
