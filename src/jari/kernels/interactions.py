"""From pairs of a user and an item, in the order of reading, to compressed rows whose columns rise.

Whole numbers as ids are numbered by a hash table. Then the entries are put in order by two counting sorts, first by
item, then by user: both keep the order of what is equal, so that each row rises, and entries that stand twice come one
after the other, the earlier first. In between, when entries are in the order of items, it is counted how many different
items each user has, and the other way round: the second sort already goes to where the most frequent come first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import kernel
from jari.kernels._vector import prefetch
from jari.types import Counts, Ids, Offsets, Vector

Times = npt.NDArray[np.float64]

BATCH = 32
_A = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴/φ


@kernel
def _slot(value: int, mask: int) -> int:
    h = np.uint64(value) * _A
    return 2 * (np.int64(h >> np.uint64(32)) & mask)


@kernel
def number_integers(values: Counts, first: int, last: int, slots: Counts, state: Counts, ids: Ids) -> int:
    """Write into `ids` the number of each of ``values[first:last]``, in the order of first coming; add new ones.

    Parameters
    ----------
    values
        int64.
    slots
        int64, twice a power of two: a value, and its number + 1 or 0. Probed one after the other.
    state
        int64: how many values the table holds.

    Returns
    -------
    i
        The first value that was not numbered: `last`, or where the table became half full.
    """
    room = slots.shape[0] >> 2
    mask = (slots.shape[0] >> 1) - 1
    at = first
    while at < last:
        size = min(BATCH, last - at)
        if state[0] + size > room:
            break
        for k in range(size):
            prefetch(slots, _slot(values[at + k], mask))
        for k in range(size):
            value = values[at + k]
            s = _slot(value, mask)
            while slots[s + 1] != 0 and slots[s] != value:
                s = (s + 2) & (2 * mask + 1)
            if slots[s + 1] == 0:
                state[0] += 1
                slots[s] = value
                slots[s + 1] = state[0]
            ids[at + k] = slots[s + 1] - 1
        at += size
    return at


@kernel
def regrow_integers(entries: Counts, slots: Counts) -> int:
    """Put what is in a table into a larger one, all 0; gives how much it was."""
    mask = (slots.shape[0] >> 1) - 1
    held = 0
    for e in range(0, entries.shape[0], 2):
        if entries[e + 1] == 0:
            continue
        s = _slot(entries[e], mask)
        while slots[s + 1] != 0:
            s = (s + 2) & (2 * mask + 1)
        slots[s] = entries[e]
        slots[s + 1] = entries[e + 1]
        held += 1
    return held


@kernel
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
    """Put each entry at the cursor of its item, which goes one on.

    Parameters
    ----------
    weights, times, out_weights, out_times
        float32 and float64; empty where there are none.
    """
    weighted, timed = weights.shape[0] > 0, times.shape[0] > 0
    for begin in range(0, users.shape[0], BATCH):
        end = min(begin + BATCH, users.shape[0])
        for i in range(begin, end):
            prefetch(cursors, items[i])
        for i in range(begin, end):
            prefetch(out_users, cursors[items[i]])
        for i in range(begin, end):
            at = cursors[items[i]]
            cursors[items[i]] = at + 1
            out_users[at] = users[i]
            if weighted:
                out_weights[at] = weights[i]
            if timed:
                out_times[at] = times[i]


@kernel
def count_distinct(
    users: Ids, starts: Offsets, first: int, last: int, seen: Ids, users_counts: Counts, items_counts: Counts
) -> None:
    """Of the items ``first ≤ j < last``: add how many different users each has, and to each user its items.

    Parameters
    ----------
    users, starts
        The users of item j are ``users[starts[j] : starts[j + 1]]``.
    seen
        Shape (users,): the last item that each user was met in, -1 to begin with.
    """
    for j in range(first, last):
        for e in range(starts[j], starts[j + 1]):
            u = users[e]
            if seen[u] != j:
                seen[u] = j
                users_counts[u] += 1
                items_counts[j] += 1


@kernel
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
    """Put the entries of the columns ``first ≤ c < last``, which are those of item ``order[c]``, into their rows.

    An entry of the same user and item as one before it is merged with that: added to it, with the later time; or, with
    `keep_last`, put in its place if it is not of an earlier time.

    Parameters
    ----------
    users, weights, times, starts
        As `scatter_by_item` leaves them; weights are 1, and times not wanted, where they are empty.
    rows
        The row of each user.
    seen
        Shape (users,): the last column that each row has an entry of, -1 to begin with.
    cursors
        Where the next entry of each row goes.
    data
        All 1 to begin with.
    """
    weighted, timed = weights.shape[0] > 0, times.shape[0] > 0
    batch = np.empty(BATCH, np.int32)
    for c in range(first, last):
        j = order[c]
        for begin in range(starts[j], starts[j + 1], BATCH):
            size = min(BATCH, starts[j + 1] - begin)
            # Three stores at random places, none of them in a cache: on their way while others are looked up
            for k in range(size):
                row = rows[users[begin + k]]
                batch[k] = row
                prefetch(cursors, row)
                prefetch(seen, row)
            for k in range(size):
                at = cursors[batch[k]]
                prefetch(indices, at)
                if weighted:
                    prefetch(data, at)
            for k in range(size):
                row, e = batch[k], begin + k
                at = cursors[row]
                if seen[row] != c:
                    seen[row] = c
                    cursors[row] = at + 1
                    indices[at] = c
                    if weighted:
                        data[at] = weights[e]
                    if timed:
                        out_times[at] = times[e]
                    continue
                if not keep_last:
                    data[at - 1] += weights[e] if weighted else np.float32(1)
                elif weighted and (not timed or times[e] >= out_times[at - 1]):
                    data[at - 1] = weights[e]
                if timed:
                    out_times[at - 1] = max(out_times[at - 1], times[e])
