"""Two words that stand side by side: how often each pair does, and text in which some pairs are one word.

Pairs are counted in a hash table of two uint64 a slot: 1 + first · n + second, and the count; 0 where it is empty.
Slots are probed one after the other, and half of them at most are taken. As in `jari.kernels.wordtable`, the slots of
a batch are on their way from memory while those before are being looked at.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.kernels._vector import prefetch
from jari.types import Counts, Ids, Offsets

BATCH = 32
A = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴/φ
B = np.uint64(0xC2B2AE3D27D4EB4F)  # a prime of xxHash (Collet)


@kernel
def _mix(key: int) -> int:
    """64 bits of which each depends on all of `key`; the upper half chooses the slot, the lowest 16 bits the bucket."""
    h = key * A
    h ^= h >> np.uint64(32)
    h *= B
    return h ^ (h >> np.uint64(29))


@kernel
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
    """Count the pairs ``ids[i], ids[i + 1]`` of a sentence, first ≤ i < last, that can be phrases.

    A pair stands no more often than the rarer of its words, and need not be counted where that is too rarely:
    ``min(a, b) < least`` or ``min(a, b) ≤ delta + ratio · a · b`` for counts a and b of the words.

    Parameters
    ----------
    ids, offsets
        The whole text; sentence j is ``ids[offsets[j] : offsets[j + 1]]``.
    counts
        float64, shape (n,): how often each word stands; less than `least` for what is no word.
    bucket, buckets
        Only those of one of so many parts of all pairs; 65,536 parts at most.
    slots
        uint64, two times a power of two.
    state
        int64: how many pairs there are in the table, and a sentence that is not after ``ids[first]``; both go on.

    Returns
    -------
    at
        `last`, or the position to go on from when the table has grown.
    """
    n = np.uint64(counts.shape[0])
    mask = np.uint64((slots.shape[0] >> 1) - 1)
    keys, places = np.empty(BATCH, np.uint64), np.empty(BATCH, np.int64)
    at, sentence, pairs = first, state[1], state[0]
    last = min(last, ids.shape[0])
    while at < last:
        if 4 * (pairs + BATCH) > slots.shape[0]:
            break
        held = 0
        while at < last and held < BATCH:
            while offsets[sentence + 1] <= at:
                sentence += 1
            stop = min(last, offsets[sentence + 1] - 1)  # the last word of a sentence begins no pair
            b = counts[ids[at]]
            while at < stop and held < BATCH:
                a = b
                b = counts[ids[at + 1]]
                rarer = min(a, b)
                if rarer >= least and rarer > delta + ratio * a * b:
                    key = np.uint64(ids[at]) * n + np.uint64(ids[at + 1])
                    h = _mix(key)
                    if np.int64(h & np.uint64(0xFFFF)) * buckets >> 16 == bucket:
                        place = np.int64((h >> np.uint64(32)) & mask) * 2
                        prefetch(slots, place)
                        keys[held] = key + np.uint64(1)
                        places[held] = place
                        held += 1
                at += 1
            if at == offsets[sentence + 1] - 1:
                at += 1
        for k in range(held):
            key, s = keys[k], places[k]
            while slots[s] != key and slots[s] != np.uint64(0):
                s = (s + 2) & (slots.shape[0] - 1)
            if slots[s] == np.uint64(0):
                slots[s] = key
                pairs += 1
            slots[s + 1] += np.uint64(1)
    state[0], state[1] = pairs, sentence
    return at


@kernel
def regrow_pairs(entries: np.ndarray, slots: np.ndarray) -> int:
    """Put all pairs of one table into an empty, larger one; gives how many."""
    mask = np.uint64((slots.shape[0] >> 1) - 1)
    pairs = 0
    for e in range(0, entries.shape[0], 2):
        key = entries[e]
        if key != np.uint64(0):
            s = np.int64((_mix(key - np.uint64(1)) >> np.uint64(32)) & mask) * 2
            while slots[s] != np.uint64(0):
                s = (s + 2) & (slots.shape[0] - 1)
            slots[s], slots[s + 1] = key, entries[e + 1]
            pairs += 1
    return pairs


@kernel
def join_pairs(
    ids: Ids, ends: Ids, starts: Ids, seconds: Ids, phrases: Ids, out: Ids, out_ends: Ids, joined: Counts
) -> int:
    """Write a text in which some pairs of words are one: from left to right, so that no word is in two of them.

    Parameters
    ----------
    ids, ends
        Words; sentence j ends before word ``ends[j]``.
    starts, seconds, phrases
        Word a and each b of ``seconds[starts[a] : starts[a + 1]]``, which rise, are ``phrases`` of the same place.
    out, out_ends
        As long as `ids` and `ends`.
    joined
        How often each pair became one is added to it.

    Returns
    -------
    n
        The number of words that there are now.
    """
    n = at = 0
    for j in range(ends.shape[0] + 1):
        stop = ends[j] if j < ends.shape[0] else ids.shape[0]
        while at < stop:
            word = ids[at]
            at += 1
            low, high = starts[word], starts[word + 1]
            if low < high and at < stop:
                second, end = ids[at], high
                while low < high:
                    middle = (low + high) >> 1
                    if seconds[middle] < second:
                        low = middle + 1
                    else:
                        high = middle
                if low < end and seconds[low] == second:
                    word = phrases[low]
                    joined[low] += 1
                    at += 1
            out[n] = word
            n += 1
        if j < ends.shape[0]:
            out_ends[j] = n
    return n
