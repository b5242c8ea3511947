"""`jari.kernels.phrases`, one pair at a time."""

from __future__ import annotations

import numpy as np

from jari.kernels.phrases import BATCH
from jari.types import Counts, Ids, Offsets

A, B = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
ALL = 2**64 - 1


def count_pairs(
    ids: Ids,
    offsets: Offsets,
    first: int,
    last: int,
    counts: np.ndarray,
    least: float,
    delta: float,
    ratio: float,
    bucket: int,
    buckets: int,
    slots: np.ndarray,
    state: np.ndarray,
) -> int:
    held: list[int] = []
    at = first
    while at < min(last, len(ids)) and (held or 4 * (state[0] + BATCH) <= len(slots)):
        if at + 1 not in offsets:
            a, b = counts[ids[at]], counts[ids[at + 1]]
            key = int(ids[at]) * len(counts) + int(ids[at + 1])
            mine = _mix(key) % 2**16 * buckets // 2**16 == bucket
            if mine and min(a, b) >= least and min(a, b) > delta + ratio * a * b:
                held.append(key)
        at += 1
        if len(held) == BATCH:
            _add(held, slots, state)
            held = []
    _add(held, slots, state)
    state[1] = np.searchsorted(offsets, at - 1, side="right") - 1
    return at


def regrow_pairs(entries: np.ndarray, slots: np.ndarray) -> int:
    taken = entries.reshape(-1, 2)[entries[::2] > 0]
    for key, count in taken.tolist():
        slots[_slot(key - 1, slots) + 1] = count
        slots[_slot(key - 1, slots)] = key
    return len(taken)


def join_pairs(
    ids: Ids, ends: Ids, starts: Ids, seconds: Ids, phrases: Ids, out: Ids, out_ends: Ids, joined: Counts
) -> int:
    place = {(a, seconds[k]): k for a in range(len(starts) - 1) for k in range(starts[a], starts[a + 1])}
    words: list[int] = []
    for j, sentence in enumerate(np.split(ids, ends)):
        free = False  # whether the last word may still become the first of a pair
        for i, word in enumerate(sentence):
            k = place.get((sentence[i - 1], word), -1) if free else -1
            if k >= 0:
                words[-1] = phrases[k]
                joined[k] += 1
            else:
                words.append(word)
            free = k < 0
        if j < len(ends):
            out_ends[j] = len(words)
    out[: len(words)] = words
    return len(words)


def _mix(key: int) -> int:
    h = key * A & ALL
    h = (h ^ h >> 32) * B & ALL
    return h ^ h >> 29


def _slot(key: int, slots: np.ndarray) -> int:
    """Where a pair is, or would be."""
    at = (_mix(key) >> 32) * 2 % len(slots)
    while slots[at] not in (0, key + 1):
        at = (at + 2) % len(slots)
    return at


def _add(keys: list[int], slots: np.ndarray, state: np.ndarray) -> None:
    for key in keys:
        at = _slot(key, slots)
        state[0] += slots[at] == 0
        slots[at] = key + 1
        slots[at + 1] += 1
