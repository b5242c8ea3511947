"""`jari.kernels.windows`, a sentence at a time."""

from __future__ import annotations

import itertools

import numpy as np

from jari.kernels.reference.random import below, high, low, mixed, step
from jari.types import Ids, Offsets, Rows, Vector


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
    drawn: bool,
    state: int,
    kept: Ids,
    left: Ids,
    right: Ids,
) -> tuple[int, int]:
    m = centres = 0
    for piece in pieces:
        begin, end = border(offsets, piece * length, length), border(offsets, (piece + 1) * length, length)
        for start, stop in itertools.pairwise(offsets):
            sentence, reaches = [], []
            for word in ids[max(start, begin) : max(min(stop, end), 0)]:
                state = step(state)
                number = mixed(state)
                if high(number) <= keep[word]:
                    sentence.append(word)
                    reaches.append(1 + below(low(number), window) if drawn else window)
            kept[m : m + len(sentence)] = sentence
            for i, b in enumerate(reaches):
                left[m + i] = m + max(0, i - b)
                right[m + i] = m + min(len(sentence), i + b + 1)
            m += len(sentence)
            centres += len(sentence) if len(sentence) > 1 else 0
    return m, centres


def run(left: Ids, right: Ids, begin: int, end: int) -> tuple[int, int]:
    return int(left[begin:end].min()), int(right[begin:end].max())


def pairs_near(left: Ids, right: Ids, m: int, window: int, near: Vector) -> float:
    return float(sum(near[left[i] - i + window : right[i] - i + window].sum(dtype=float) for i in range(m)))
