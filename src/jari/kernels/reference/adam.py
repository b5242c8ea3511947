"""`jari.kernels.adam`, whole arrays at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.types import Ids, Matrix, Offsets, Vector

_FIRST, _SECOND, _LEAST = 0.9, 0.999, 1e-8


def adam(
    weights: Vector, slopes: Vector, means: Vector, squares: Vector, steps: int, rate: float, decay: float
) -> None:
    means[:] = _FIRST * means + (1 - _FIRST) * slopes
    squares[:] = _SECOND * squares + (1 - _SECOND) * slopes**2
    mean, square = means / (1 - _FIRST**steps), squares / (1 - _SECOND**steps)
    weights[:] = (1 - decay) * weights - rate * mean / (np.sqrt(square) + _LEAST)


def row_size(square: float, steps: float, rate: float) -> float:
    return float(rate / (np.sqrt(square / (1 - _SECOND**steps)) + _LEAST))


def adam_of_categories(
    vectors: Vector,
    starts: Offsets,
    dims: Offsets,
    tops: Offsets,
    asked: npt.NDArray[np.int32],
    slopes: Matrix,
    squares: Vector,
    steps: Vector,
    slots: Ids,
    held: Ids,
    sums: Matrix,
    rate: float,
    decay: float,
) -> None:
    at = 0
    for c, (start, d, top) in enumerate(zip(starts, dims, tops, strict=True)):
        for one in np.unique(asked[:, c]):
            slope = slopes[asked[:, c] == one, at : at + d].sum(axis=0)
            _stepped(vectors[start + one * d : start + (one + 1) * d], slope, squares, steps, top + one, rate, decay)
        at += d


def adam_of_words(
    table: Matrix,
    kept_words: Ids,
    shares: Vector,
    kept_ends: Offsets,
    slopes: Matrix,
    at: int,
    squares: Vector,
    steps: Vector,
    slots: Ids,
    held: Ids,
    sums: Matrix,
    rate: float,
    decay: float,
) -> None:
    n = kept_ends[-1]
    text = np.repeat(np.arange(len(kept_ends) - 1), np.diff(kept_ends))
    terms = shares[:n, None] * slopes[text, at : at + table.shape[1]]
    for word in np.unique(kept_words[:n]):
        _stepped(table[word], terms[kept_words[:n] == word].sum(axis=0), squares, steps, word, rate, decay)


def _stepped(
    vector: Vector, slope: Vector, squares: Vector, steps: Vector, row: int, rate: float, decay: float
) -> None:
    squares[row] = _SECOND * squares[row] + (1 - _SECOND) * np.mean(slope**2)
    steps[row] += 1
    vector[:] = (1 - decay) * vector - row_size(squares[row], steps[row], rate) * slope
