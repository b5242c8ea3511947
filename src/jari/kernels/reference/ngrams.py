"""`jari.kernels.ngrams`, over strings."""

from __future__ import annotations

import itertools

import numpy as np

from jari.types import Ids, Offsets


def count_ngrams(text: np.ndarray, offsets: Offsets, shortest: int, longest: int, counts: np.ndarray) -> None:
    counts[:] = [len(_ngrams(word, shortest, longest)) for word in _words(text, offsets)]


def hash_ngrams(
    text: np.ndarray, offsets: Offsets, shortest: int, longest: int, buckets: int, starts: Offsets, out: Ids
) -> None:
    for start, word in zip(starts, _words(text, offsets), strict=False):
        for at, ngram in enumerate(_ngrams(word, shortest, longest)):
            out[start + at] = _fnv1a(ngram.encode()) % buckets


def _words(text: np.ndarray, offsets: Offsets) -> list[str]:
    return [bytes(text[begin:end]).decode() for begin, end in itertools.pairwise(offsets.tolist())]


def _ngrams(word: str, shortest: int, longest: int) -> list[str]:
    found = [
        (begin, end)
        for begin in range(len(word))
        for end in range(begin + shortest, min(begin + longest, len(word)) + 1)
    ]
    lone_marks = {(0, 1), (len(word) - 1, len(word))}
    return [word[begin:end] for begin, end in found if (begin, end) not in lone_marks]


def _fnv1a(content: bytes) -> int:
    value = 2166136261
    for byte in content:
        signed = byte - 256 if byte > 127 else byte
        value = (value ^ (signed & 0xFFFFFFFF)) * 16777619 & 0xFFFFFFFF
    return value
