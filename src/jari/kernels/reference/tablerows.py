"""`jari.kernels.tablerows`, a row after another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.kernels.reference.random import mixed, seeded, step
from jari.types import Ids, Matrix, Offsets, Rows, Vector


def put_categories(
    vectors: Vector,
    starts: Offsets,
    dims: Offsets,
    ids: npt.NDArray[np.int32],
    unknown: Ids,
    rows: Rows,
    share: float,
    seed: int,
    moment: int,
    asked: npt.NDArray[np.int32],
    x: Matrix,
) -> None:
    state = seeded(seed, moment, 0)
    for i, row in enumerate(rows):
        taken = ids[row].copy()
        if int(share * 65536) > 0:
            for c in range(len(taken)):
                if mixed(state) >> 48 < int(share * 65536):
                    taken[c] = unknown[c]
                state = step(state)
        asked[i] = taken
        columns = zip(starts, dims, taken, strict=True)
        found = [vectors[start + one * d : start + (one + 1) * d] for start, d, one in columns]
        x[i, : sum(dims)] = np.concatenate([np.empty(0, np.float32), *found])


def put_words(
    table: Matrix,
    ends: Offsets,
    words: Ids,
    weights: Vector,
    rows: Rows,
    share: float,
    seed: int,
    moment: int,
    which: int,
    kept: Ids,
    shares: Vector,
    kept_ends: Offsets,
    x: Matrix,
    at: int,
) -> None:
    state = seeded(seed, moment, 1 + which)
    n = 0
    kept_ends[0] = 0
    for i, row in enumerate(rows):
        for p in range(ends[row], ends[row + 1]):
            drawn = 65536
            if int(share * 65536) > 0:
                drawn = mixed(state) >> 48
                state = step(state)
            if drawn >= int(share * 65536):
                kept[n], shares[n] = words[p], weights[p] / (1 - share)
                n += 1
        kept_ends[i + 1] = n
        mine = slice(kept_ends[i], n)
        x[i, at : at + table.shape[1]] = shares[mine] @ table[kept[mine]]


def put_numbers(
    numbers: Matrix,
    rows: Rows,
    ends: Offsets,
    starts: Vector,
    scales: Vector,
    lows: Vector,
    highs: Vector,
    flagged: Rows,
    x: Matrix,
    at: int,
) -> None:
    taken = numbers[rows]
    whole = np.repeat(np.nan_to_num(taken, nan=0.0), np.diff(ends), axis=1)
    x[: len(rows), at : at + len(starts)] = np.clip((whole - starts) * scales, lows, highs)
    after = at + len(starts)
    x[: len(rows), after : after + len(flagged)] = np.isnan(taken[:, flagged])


def thin(x: Matrix, share: float, seed: int, moment: int, which: int, factors: Matrix) -> None:
    state = seeded(seed, moment, 1000 + which)
    for i in range(len(x)):
        for k in range(x.shape[1]):
            if k % 4 == 0:
                bits, state = mixed(state), step(state)
            factors[i, k] = 0 if bits % 65536 < int(share * 65536) else 1 / (1 - share)
            bits //= 65536
    x *= factors
