"""`jari.kernels.windows`, a sentence at a time."""

from __future__ import annotations

import itertools

import numpy as np

from jari.kernels.reference.random import below, high, low, mixed, step
from jari.types import Ids, Offsets, Rows


def sentence_from(offsets: Offsets, at: int) -> int:
    return int(np.searchsorted(offsets[:-1], at))


def border(offsets: Offsets, at: int, length: int) -> int:
    begins = [start for start in offsets if at <= start < at + length]
    return int(begins[0] if begins else min(at, offsets[-1]))


def keep_and_window(
    ids: Ids,
    offsets: Offsets,
    pieces: Rows,
    length: int,
    keep: np.ndarray,
    window: int,
    shrink: bool,
    state: int,
    kept: Ids,
    left: Ids,
    right: Ids,
) -> tuple[int, int, int]:
    m = pairs = centres = 0
    for piece in pieces:
        begin, end = border(offsets, piece * length, length), border(offsets, (piece + 1) * length, length)
        for start, stop in itertools.pairwise(offsets):
            sentence, reaches = [], []
            for word in ids[max(start, begin) : max(min(stop, end), 0)]:
                state = step(state)
                number = mixed(state)
                if high(number) <= keep[word]:
                    sentence.append(word)
                    reaches.append(1 + below(low(number), window) if shrink else window)
            kept[m : m + len(sentence)] = sentence
            for i, b in enumerate(reaches):
                left[m + i] = m + max(0, i - b)
                right[m + i] = m + min(len(sentence), i + b + 1)
                pairs += right[m + i] - left[m + i] - 1
            m += len(sentence)
            centres += len(sentence) if len(sentence) > 1 else 0
    return m, int(pairs), centres
