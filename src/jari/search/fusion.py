"""Several rankings as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jari.search.records import Hit

TEXT_WEIGHT: Final = 2.0  # what text is worth beside vectors: docs/retrieval.md
SMOOTHING: Final = 60  # of Cormack, Clarke and Büttcher: how little the first place counts more than the second


def depth(k: int) -> int:
    """How many answers of each ranking are fused for the k best.

    Beyond it a record would add less than 3 / (190 + 10 k) in all, one part by vector and two by text, while what
    stands in the k-th place of a ranking has 1 / (60 + k) at least: it could exchange near ties, and brings nobody in
    who stands in neither ranking.
    """
    return 130 + 10 * k


def fused(rankings: Sequence[Sequence[Hit]], k: int, weights: Sequence[float] | None = None) -> list[Hit]:
    """The k best by the sum of reciprocal ranks, Σ w / (60 + rank), ranks counted from 1; ties by id.

    Parameters
    ----------
    rankings
        The best first; a record that is not in a ranking gets nothing of it.
    k
        How many; fewer come back where there are fewer.
    weights
        w of each ranking; all 1 if not given.

    Notes
    -----
    Cormack, Clarke and Büttcher, Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods,
    SIGIR 2009.

    Examples
    --------
    >>> a, b, c = (Hit(name, "", 0.5, name) for name in "abc")
    >>> [(hit.id, round(hit.score, 4)) for hit in fused([[a, b], [b, c]], k=2)]
    [('b', 0.0325), ('a', 0.0164)]
    """
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, hit in enumerate(ranking, start=1):
            hits.setdefault(hit.id, hit)
            scores[hit.id] = scores.get(hit.id, 0.0) + weight / (SMOOTHING + rank)
    best = sorted(scores, key=lambda id: (-scores[id], id))[:k]
    return [replace(hits[id], score=scores[id]) for id in best]
