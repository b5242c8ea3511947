"""`Chance`: what would have been counted if words stood together at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.types import Ids, Vector

Sums = npt.NDArray[np.float64]  # (n,)

_POWER = 0.75  # of how often words are drawn, as for word2vec's noise
_AT_ONCE = 1 << 22  # entries


@dataclass(frozen=True, slots=True)
class Chance:
    """A word i and a context j would have been counted ``left[i] · right[j]`` times, and are drawn as unseen pairs.

    Parameters
    ----------
    left, right
        Shape (n,): the sums of the counts' rows, and each column's share of the whole sum.
    ends
        Shape (n + 1,): from 0 to 1, words taking as much as they are drawn.
    guide
        Shape (4·n,): where in `ends` the search for a number begins.
    """

    left: Sums
    right: Sums
    ends: Sums
    guide: Ids

    @classmethod
    def of(cls, matrix: Any, sums: Sums, *, symmetric: bool) -> Chance:
        """Of a CSR matrix of counts, and the sums of its rows.

        Raises
        ------
        BadInput
            No pair was counted, or a count is not above 0 and finite.

        Examples
        --------
        >>> from scipy.sparse import csr_array
        >>> matrix = csr_array(np.array([[0, 8, 1], [8, 0, 0], [1, 0, 0]], np.float32))
        >>> chance = Chance.of(matrix, np.array([9.0, 8.0, 1.0]), symmetric=True)
        >>> chance.right.round(2).tolist(), chance.ends.round(2).tolist()
        ([0.5, 0.44, 0.06], [0.0, 0.47, 0.91, 1.0])
        """
        _refuse_strange(matrix.data)
        n = len(sums)
        columns = sums if symmetric else _sums_of_columns(matrix, n)
        weights: Sums = sums**_POWER if symmetric else (sums * columns) ** (_POWER / 2)
        ends = np.concatenate([np.zeros(1), np.cumsum(weights)])
        ends /= max(float(ends[-1]), np.finfo(float).tiny)
        guide = np.searchsorted(ends[1:], np.arange(4 * n) / (4 * n), side="right").astype(np.int32)
        return cls(sums.astype(np.float64), columns / sums.sum(), ends, np.minimum(guide, np.int32(n - 1)))

    def biases(self) -> tuple[Vector, Vector]:
        """Those with which words and contexts foretell what chance brings: ``b_i + b'_j = log(left_i · right_j)``.

        A word without counts gets that of the rarest with.
        """
        half = np.log(self.left.sum()) / 2
        words = np.log(np.maximum(self.left, self.left[self.left > 0].min())) - half
        contexts = np.log(np.maximum(self.right, self.right[self.right > 0].min())) + half
        return words.astype(np.float32), contexts.astype(np.float32)


def _sums_of_columns(matrix: Any, n: int) -> Sums:
    total = np.zeros(n)
    for at in range(0, matrix.nnz, _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        total += np.bincount(matrix.indices[some], weights=matrix.data[some], minlength=n)
    return total


def _refuse_strange(data: Vector) -> None:
    if not len(data):
        raise BadInput("No pair of words was counted: no sentence has two words that are kept. Give longer sentences.")
    low, high = float(data.min()), float(data.max())
    if not (low > 0 and np.isfinite(high)):
        bad = low if not low > 0 else high
        raise BadInput(f"A pair was counted {bad:g} times, which has no logarithm. Give counts above 0, without zeros.")
