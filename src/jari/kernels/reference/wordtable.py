"""`jari.kernels.wordtable` in Python's integers, one slot and one word at a time."""

from __future__ import annotations

import numpy as np

from jari.kernels.wordtable import BATCH

A, B, C = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
ALL = 2**64 - 1


def number_words(
    text: np.ndarray,
    starts: np.ndarray,
    stops: np.ndarray,
    first: int,
    last: int,
    slots: np.ndarray,
    arena: np.ndarray,
    state: np.ndarray,
    ids: np.ndarray,
) -> int:
    for at in range(first, last, BATCH):
        batch = range(at, min(at + BATCH, last))
        if state[0] + len(batch) > len(slots) // 8:  # four to a slot, half of them free
            return at
        for i in batch:
            ids[i] = _find(slots, arena, state, text[starts[i] : stops[i]].tobytes(), 1)
    return last


def find_words(
    text: np.ndarray, starts: np.ndarray, stops: np.ndarray, slots: np.ndarray, arena: np.ndarray, numbers: np.ndarray
) -> None:
    known = {_word(entry, arena): _number(entry) for entry in _taken(slots)}
    numbers[:] = [known.get(text[a:b].tobytes(), -1) for a, b in zip(starts, stops, strict=True)]


def merge_words(
    entries: np.ndarray,
    names: np.ndarray,
    first: int,
    bucket: int,
    buckets: int,
    slots: np.ndarray,
    arena: np.ndarray,
    state: np.ndarray,
    numbers: np.ndarray,
) -> int:
    for at in range(first, len(entries), 4):
        entry = entries[at : at + 4]
        if not entry[2]:
            continue
        if _hash_of(entry) % 256 * buckets // 256 == bucket:
            if state[0] >= len(slots) // 8:
                return at
            here = _find(slots, arena, state, _word(entry, names), int(entry[3]))
            numbers[_number(entry)] = here * buckets + bucket
    return len(entries)


def sort_words(entries: np.ndarray, out: np.ndarray, bounds: np.ndarray) -> int:
    taken = _taken(entries)
    buckets = np.array([_hash_of(entry) % 256 for entry in taken], dtype=np.int64)
    out[: taken.size] = taken[np.argsort(buckets, kind="stable")].ravel()
    bounds[:] = 4 * np.concatenate([[0], np.cumsum(np.bincount(buckets, minlength=256))])
    return len(taken)


def regrow(entries: np.ndarray, slots: np.ndarray) -> int:
    words = 0
    for entry in _taken(entries):
        at = (_hash_of(entry) >> 32) % (len(slots) // 4)
        while slots[4 * at + 2]:
            at = (at + 1) % (len(slots) // 4)
        slots[4 * at : 4 * at + 4] = entry
        words += 1
    return words


def pick_words(
    entries: np.ndarray,
    names: np.ndarray,
    least: int,
    write: bool,
    numbers: np.ndarray,
    text: np.ndarray,
    offsets: np.ndarray,
    counts: np.ndarray,
    sizes: np.ndarray,
) -> int:
    table = entries.reshape(-1, 4)
    taken = _taken(entries)
    picked = [entry for entry in taken if entry[3] >= least]
    words = [_word(entry, names) for entry in picked]
    best = max(range(len(table)), key=lambda s: (table[s, 2] > 0, table[s, 3], -s))
    most, slot = (table[best, 3], 4 * best) if len(taken) else (-1, -1)
    sizes[:5] = len(words), sum(map(len, words)), most, slot, sum(entry[3] for entry in taken)
    if write:
        numbers[[_number(entry) for entry in taken]] = -1
        numbers[[_number(entry) for entry in picked]] = range(len(picked))
        joined = b"".join(words)
        text[: len(joined)] = list(joined)
        offsets[: len(words) + 1] = np.cumsum([0, *map(len, words)])
        counts[: len(words)] = [entry[3] for entry in picked]
    return len(words)


def _taken(entries: np.ndarray) -> np.ndarray:
    table = entries.reshape(-1, 4)
    return table[table[:, 2] > 0]


def _number(entry: np.ndarray) -> int:
    return int(entry[2]) // 2**32 - 1


def _word(entry: np.ndarray, arena: np.ndarray) -> bytes:
    length = int(entry[2]) % 2**32
    if length > 16:
        return arena[int(entry[1]) : int(entry[1]) + length].tobytes()
    return (int(entry[0]) | int(entry[1]) << 64).to_bytes(16, "little")[:length]


def _pair(word: bytes) -> tuple[int, int]:
    """What stands for a word in its slot: all of it, or a hash and (in a new slot, its place instead) its length."""
    if len(word) <= 16:
        both = int.from_bytes(word, "little")
        return both & ALL, both >> 64
    h = len(word)
    for k in range(0, len(word), 8):
        h = (h ^ int.from_bytes(word[k : k + 8], "little")) * A & ALL
        h ^= h >> 32
    return h, len(word)


def _mix(low: int, high: int) -> int:
    h = (low * A & ALL) ^ (high * B & ALL)
    h ^= h >> 32
    h = h * C & ALL
    return h ^ h >> 29


def _hash_of(entry: np.ndarray) -> int:
    length = int(entry[2]) % 2**32
    return _mix(int(entry[0]), int(entry[1]) if length <= 16 else length)


def _find(slots: np.ndarray, arena: np.ndarray, state: np.ndarray, word: bytes, count: int) -> int:
    low, high = _pair(word)
    table = slots.reshape(-1, 4)
    at = (_mix(low, high) >> 32) % len(table)
    while table[at, 2]:
        if _word(table[at], arena) == word:
            table[at, 3] += np.uint64(count)
            return _number(table[at])
        at = (at + 1) % len(table)
    number, used = int(state[0]), int(state[1])
    if len(word) > 16:
        arena[used : used + len(word)] = list(word)
        high, state[1] = used, used + len(word)
    table[at] = low, high, (number + 1) * 2**32 + len(word), count
    state[0] = number + 1
    return number
