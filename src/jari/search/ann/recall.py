"""How much of the exact answer an index finds, and the least effort that finds enough.

The recall at k of a query is the share of the k answers that are as good as the exact k-th: a key that scores just
like the exact answer's last one is as right as that one. Two kinds of queries are measured apart:

- *keys*: rows that are in the index, each left out of its own answer;
- *vectors*: rows held out while the index is built, which is how a vector that was never seen is met; or vectors that
  the caller says are like those that will be asked.

Keys are easier: the index joined each of them to its neighbours when it took it in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import Floats
from jari.errors import BadInput
from jari.search.ann.method import Method
from jari.search.ann.searcher import Searcher
from jari.types import Rows


@dataclass(frozen=True, slots=True)
class Recall:
    """What was found with some effort.

    Parameters
    ----------
    effort
        efSearch of ``"hnsw"``, nprobe of ``"ivf-pq"``, candidates of ``"sq8"``.
    keys, vectors
        Mean recall of queries by key, and of vectors that are not in the index; from 0 to 1.
    """

    effort: int
    keys: float
    vectors: float


@dataclass(frozen=True, slots=True)
class Efforts:
    """The effort for queries by key, and for other vectors."""

    keys: int
    vectors: int


class Trial:
    """Queries with their exact answers.

    Parameters
    ----------
    searcher
        Whose rows are looked at exactly.
    queries
        Shape (m, d).
    without
        For each query a row that must not be answered, or -1; shape (m,).
    k
        How many answers.
    among
        The rows that are in the index, ascending; None for all.
    """

    __slots__ = ("_bar", "_k", "_queries", "_without")

    def __init__(self, searcher: Searcher, queries: Floats, without: Rows, k: int, among: Rows | None = None) -> None:
        self._queries, self._without = queries, without
        _, scores = searcher.exactly(queries, k, without, among)
        self._k = scores.shape[1]
        self._bar = scores[:, -1:] if self._k else scores

    def recalls(self, searcher: Searcher, effort: int) -> npt.NDArray[np.float64]:
        """The recall of each query, shape (m,)."""
        if not self._k:
            return np.ones(len(self._queries))
        _, scores, _ = searcher.many(self._queries, self._k, effort, self._without)
        found: npt.NDArray[np.float64] = (scores >= self._bar).mean(axis=1)
        return found


class Measured:
    """Recalls of both kinds of queries by effort; each effort is measured once."""

    __slots__ = ("_found", "_searcher", "_trials")

    def __init__(self, searcher: Searcher, keys: Trial, vectors: Trial) -> None:
        self._searcher, self._trials = searcher, (keys, vectors)
        self._found: dict[int, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]] = {}

    def at(self, effort: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The recall of each query of both kinds."""
        if effort not in self._found:
            keys, vectors = self._trials
            self._found[effort] = keys.recalls(self._searcher, effort), vectors.recalls(self._searcher, effort)
        return self._found[effort]

    @property
    def curve(self) -> tuple[Recall, ...]:
        """All that was measured, by effort."""
        return tuple(
            Recall(effort, round(float(keys.mean()), 4), round(float(vectors.mean()), 4))
            for effort, (keys, vectors) in sorted(self._found.items())
        )


def least_efforts(
    measured: Measured, method: Method, target: float, least: int, most: int, report: Callable[[int], None]
) -> Efforts:
    """The least effort for each kind of query whose recall reaches the target.

    Recall is taken to grow with effort. A mean counts as reaching the target where it does so less its standard error,
    so that it is not these queries alone that reach it.

    Raises
    ------
    BadInput
        No effort does.
    """
    ladder = [least]
    while ladder[-1] < most:
        measured.at(ladder[-1])
        report(len(ladder))
        if all(_reaches(of_kind, target) for of_kind in measured.at(ladder[-1])) and len(ladder) > 2:
            break
        ladder.append(min(most, 2 * ladder[-1]))
    measured.at(ladder[-1])
    found = [_least(measured, kind, target, ladder) for kind in (0, 1)]
    for effort, recalls, kind in zip(found, measured.at(ladder[-1]), ("keys", "vectors"), strict=True):
        if effort is None:
            raise BadInput(
                f"method={method.name!r} finds {recalls.mean():.3f} of the nearest of {kind} with "
                f"{method.effort_name}={ladder[-1]}, its most, and target_recall={target} was asked. Give "
                f"{method.remedy}; or ask for less; or pass target_recall=None."
            )
    return Efforts(*(effort for effort in found if effort is not None))


def _least(measured: Measured, kind: int, target: float, ladder: Sequence[int]) -> int | None:
    enough = next((step for step, effort in enumerate(ladder) if _reaches(measured.at(effort)[kind], target)), None)
    if enough is None:
        return ladder[-1] if float(measured.at(ladder[-1])[kind].mean()) >= target else None
    if enough == 0:
        return ladder[0]
    low, high = ladder[enough - 1], ladder[enough]
    while high - low > max(1, low // 32):
        middle = (low + high) // 2
        if _reaches(measured.at(middle)[kind], target):
            high = middle
        else:
            low = middle
    return high


def _reaches(recalls: npt.NDArray[np.float64], target: float) -> bool:
    error = float(recalls.std()) / math.sqrt(len(recalls))
    return float(recalls.mean()) - error >= target
