"""`jari.kernels.interactions` with dictionaries and lists, an entry at a time."""

from __future__ import annotations

from jari.kernels.interactions import BATCH, Times
from jari.types import Counts, Ids, Offsets, Vector

_A = 0x9E3779B97F4A7C15


def _free(slots: Counts, value: int) -> int:
    """The slot of a value, or the first free one."""
    table = slots.reshape(-1, 2)
    at = (int(value) * _A % 2**64 >> 32) % len(table)
    while table[at, 1] and table[at, 0] != value:
        at = (at + 1) % len(table)
    return at


def number_integers(values: Counts, first: int, last: int, slots: Counts, state: Counts, ids: Ids) -> int:
    table = slots.reshape(-1, 2)
    for at in range(first, last, BATCH):
        batch = range(at, min(at + BATCH, last))
        if state[0] + len(batch) > len(table) // 2:
            return at
        for i in batch:
            slot = _free(slots, values[i])
            if not table[slot, 1]:
                state[0] += 1
                table[slot] = values[i], state[0]
            ids[i] = table[slot, 1] - 1
    return last


def regrow_integers(entries: Counts, slots: Counts) -> int:
    taken = [entry for entry in entries.reshape(-1, 2) if entry[1]]
    for entry in taken:
        slots.reshape(-1, 2)[_free(slots, entry[0])] = entry
    return len(taken)


def scatter_by_item(
    users: Ids,
    items: Ids,
    weights: Vector,
    times: Times,
    cursors: Offsets,
    out_users: Ids,
    out_weights: Vector,
    out_times: Times,
) -> None:
    for i, item in enumerate(items):
        at = cursors[item]
        out_users[at] = users[i]
        if len(weights):
            out_weights[at] = weights[i]
        if len(times):
            out_times[at] = times[i]
        cursors[item] += 1


def count_distinct(
    users: Ids, starts: Offsets, first: int, last: int, seen: Ids, users_counts: Counts, items_counts: Counts
) -> None:
    for item in range(first, last):
        distinct = sorted(set(users[starts[item] : starts[item + 1]].tolist()))
        items_counts[item] += len(distinct)
        users_counts[distinct] += 1
        seen[distinct] = item


def place_by_user(
    users: Ids,
    weights: Vector,
    times: Times,
    starts: Offsets,
    order: Offsets,
    first: int,
    last: int,
    rows: Ids,
    keep_last: bool,
    seen: Ids,
    cursors: Offsets,
    indices: Ids,
    data: Vector,
    out_times: Times,
) -> None:
    for column in range(first, last):
        of_row: dict[int, list[int]] = {}
        for e in range(starts[order[column]], starts[order[column] + 1]):
            of_row.setdefault(int(rows[users[e]]), []).append(e)
        for row, entries in of_row.items():
            latest = max(entries, key=lambda e: (times[e] if len(times) else 0, e))
            chosen = [latest] if keep_last else entries
            at = cursors[row]
            cursors[row] += 1
            seen[row] = column
            indices[at] = column
            data[at] = 0
            for e in chosen:  # in float32, one after the other
                data[at] += weights[e] if len(weights) else 1
            if len(times):
                out_times[at] = times[latest]
