"""How often words stand near each other: X[a, b] = Σ u(d) over all places where b stands d words from a, d ≤ window.

Row by row (Gustavson 1978, as for products of sparse matrices). `place` sorts the positions of a text by their word, so
that all places of a word are together; `count_rows` goes through the places of one word after the other, adds u(d) to a
dense row at each neighbour, and writes down what the row holds. A row fits into the second cache, where an addition
takes 1 to 3 ns; there are no pairs to sort, and no two threads write to one place. Sums are of whole numbers: the same
in any order. Measured against others: docs/decisions/0005-counting.md.

A place is a position, how many words of its sentence are before it, and how many after, within the window, in one
uint64: ``position << 24 | before << 12 | after``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from jari.kernels._jit import kernel
from jari.kernels._vector import prefetch
from jari.kernels.windows import sentence_from
from jari.types import Counts, Ids, Offsets

AHEAD = 16  # places whose words are on their way from memory: 10 ns a place instead of 40
HALF, WHOLE, LOW12 = np.uint64(12), np.uint64(24), np.uint64(4095)
ZERO, ONE, SIX, LOW6 = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(63)
DENSE = 8  # a row of which an eighth is taken is read from end to end


@intrinsic
def _lowest_bit(typing: Any, word: Any) -> Any:
    """Which is the lowest bit that is set in a uint64 that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


@kernel
def tally(ids: np.ndarray, begin: int, end: int, counts: Counts) -> int:
    """Add to `counts` how often each word stands in ``ids[begin:end]``.

    Returns
    -------
    at
        `end`; or where a number stands that is of no word, and there it stopped.
    """
    n = np.uint64(counts.shape[0])
    for at in range(begin, end):
        word = np.uint64(ids[at])
        if word >= n:
            return at
        counts[word] += 1
    return end


@kernel
def place(
    ids: np.ndarray,
    offsets: Offsets,
    begin: int,
    end: int,
    window: int,
    both: bool,
    cursors: Counts,
    places: np.ndarray,
) -> None:
    """Write the places of ``ids[begin:end]`` to where the cursors of their words are, which move on.

    Parameters
    ----------
    ids
        uint32, all of the corpus; sentence i is ``ids[offsets[i] : offsets[i + 1]]``.
    window
        From 1 to 4,095.
    both
        Look to both sides, or only at the words after.
    cursors
        Shape (n,), changed.
    places
        uint64.
    """
    at, sentence = begin, sentence_from(offsets, begin + 1)
    while at < end:
        first, last = offsets[sentence - 1], offsets[sentence] - 1
        stop = min(end, offsets[sentence])
        for p in range(at, stop):
            before, after = min(window, p - first) if both else 0, min(window, last - p)
            word = np.uint64(ids[p])
            cursor = cursors[word]
            cursors[word] = cursor + 1
            places[cursor] = (np.uint64(p) << WHOLE) | (np.uint64(before) << HALF) | np.uint64(after)
        at = stop
        sentence += 1


@kernel
def count_rows(
    ids: np.ndarray,
    places: np.ndarray,
    starts: Offsets,
    first: int,
    last: int,
    units: np.ndarray,
    row: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: Ids,
    values: np.ndarray,
    ends: Offsets,
    sums: np.ndarray,
) -> int:
    """Count the rows of the words `first` to `last` - 1.

    Parameters
    ----------
    ids
        uint32, all of the corpus.
    places, starts
        From `place`; those of word a are ``places[starts[a] : starts[a + 1]]``.
    units
        uint64, shape (window + 1,): u(d), above 0; u(0) is not used.
    row
        uint64, shape (n,), 0 before and afterwards: room to work in. Nothing looks whether a sum is too large for it.
    touched
        uint32, shape (n + 1,): likewise.
    bits
        uint64, shape (n // 64 + 1,): likewise, 0 before and afterwards.
    columns, values
        int32 and uint64, filled: row first + i ends before ``ends[i]``, and begins where the one before it ends.
        Columns rise. There must be room for ``min(n, 2 window · places)`` a row, and one more.
    ends
        Shape (last - first,), filled.
    sums
        uint64, shape (last - first,), filled: of the rows.

    Returns
    -------
    written
        How many entries there are.
    """
    written = ZERO
    window, most = np.int64(units.shape[0] - 1), places.shape[0] - 1
    for r in range(first, last):
        found = ZERO
        for i in range(starts[r], starts[r + 1]):
            coming = np.int64(places[min(i + AHEAD, most)] >> WHOLE)
            prefetch(ids, max(0, coming - window))
            prefetch(ids, min(ids.shape[0] - 1, coming + window))
            here = places[np.uint64(i)]  # unsigned: numba counts negative numbers from the end, at a third of the time
            at = here >> WHOLE
            for d in range(ONE, ((here >> HALF) & LOW12) + ONE):
                c = ids[at - np.uint64(d)]
                before = row[c]
                touched[found] = c
                found += np.uint64(before == ZERO)
                row[c] = before + units[np.uint64(d)]
            for d in range(ONE, (here & LOW12) + ONE):
                c = ids[at + np.uint64(d)]
                before = row[c]
                touched[found] = c
                found += np.uint64(before == ZERO)
                row[c] = before + units[np.uint64(d)]
        written, sums[r - first] = _emit(row, touched, found, bits, columns, values, written)
        ends[r - first] = written
    return written


@kernel
def add_rows(
    columns_in: Ids,
    values_in: np.ndarray,
    starts: np.ndarray,
    row: np.ndarray,
    touched: np.ndarray,
    bits: np.ndarray,
    columns: Ids,
    values: np.ndarray,
    ends: Offsets,
    sums: np.ndarray,
) -> int:
    """Add some matrices, row by row.

    Parameters
    ----------
    columns_in, values_in
        Rows as `count_rows` writes them, of all matrices.
    starts
        int64, shape (matrices, rows + 1): row i of matrix k is at ``starts[k, i]`` to ``starts[k, i + 1]``.
    row, touched, bits, columns, values, ends, sums
        As in `count_rows`.
    """
    written = ZERO
    for r in range(starts.shape[1] - 1):
        found = ZERO
        for k in range(starts.shape[0]):
            for i in range(starts[k, r], starts[k, r + 1]):
                c = np.uint64(columns_in[i])
                before = row[c]
                touched[found] = c
                found += np.uint64(before == ZERO)
                row[c] = before + values_in[i]
        written, sums[r] = _emit(row, touched, found, bits, columns, values, written)
        ends[r] = written
    return written


@kernel
def _emit(
    row: np.ndarray,
    touched: np.ndarray,
    found: int,
    bits: np.ndarray,
    columns: Ids,
    values: np.ndarray,
    written: int,
) -> tuple[int, int]:
    """Append what a row holds, in order, and clear it; gives how much is written now, and the sum."""
    n = np.uint64(row.shape[0])
    total = ZERO
    if found * np.uint64(DENSE) > n:
        for c in range(n):
            value = row[np.uint64(c)]
            row[np.uint64(c)] = ZERO
            columns[written] = c
            values[written] = value
            written += np.uint64(value != ZERO)
            total += value
        return written, total
    for t in range(found):  # sorted by setting a bit for each
        c = np.uint64(touched[np.uint64(t)])
        bits[c >> SIX] |= ONE << (c & LOW6)
    for b in range(np.uint64(bits.shape[0])):
        word = bits[np.uint64(b)]
        if word != ZERO:
            bits[np.uint64(b)] = ZERO
            while word != ZERO:
                c = (np.uint64(b) << SIX) + _lowest_bit(word)
                word &= word - ONE
                value = row[c]
                row[c] = ZERO
                columns[written] = c
                values[written] = value
                written += ONE
                total += value
    return written, total
