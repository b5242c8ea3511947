"""How good one ranking is: the measures of the field, for one query at a time.

A document that nobody judged counts as one that is not relevant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from jari.errors import BadInput

Grades: TypeAlias = Mapping[str, int]  # document → grade; 0 or less is "not relevant"
Measure: TypeAlias = Callable[[Sequence[str], Grades], float]


def ndcg(ranked: Sequence[str], grades: Grades, *, k: int | None = None) -> float:
    """Normalised discounted cumulative gain of the first k documents, 0 to 1.

    The gain of a document is its grade, or 0 for a grade below 0, and is divided by log₂(rank + 1). The sum is divided
    by that of the best ranking of all judged documents. So trec_eval has it (``ndcg``, ``ndcg_cut``); it is Järvelin &
    Kekäläinen 2002, *Cumulated Gain-Based Evaluation of IR Techniques*, with a discount from the second rank on. Others
    raise 2 to the grade: their figures differ.

    Parameters
    ----------
    ranked
        Documents, the best first, no two alike.
    grades
        Of the judged documents.
    k
        How far down to look; all the way where it is None.

    Examples
    --------
    >>> round(ndcg(["a", "x", "b"], {"a": 1, "b": 3, "c": 0}, k=10), 4)  # (1/1 + 3/2) / (3/1 + 1/log₂3)
    0.6885
    """
    best = _discounted(sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k])
    return _discounted([max(grades.get(document, 0), 0) for document in ranked[:k]]) / best if best else 0.0


def average_precision(ranked: Sequence[str], grades: Grades, *, k: int | None = None, relevant: int = 1) -> float:
    """The mean of the precision at the rank of each relevant document, 0 for those not found; its mean is MAP.

    Examples
    --------
    >>> round(average_precision(["a", "x", "b"], {"a": 1, "b": 3, "c": 2}), 4)  # (1/1 + 2/3 + 0) / 3
    0.5556
    """
    ranks = _ranks(ranked[:k], grades, relevant)
    wanted = count_relevant(grades, relevant)
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / wanted if wanted else 0.0


def recall(ranked: Sequence[str], grades: Grades, *, k: int | None = None, relevant: int = 1) -> float:
    """The share of the relevant documents that are among the first k.

    Examples
    --------
    >>> recall(["a", "x", "b"], {"a": 1, "b": 3}, k=2)
    0.5
    """
    wanted = count_relevant(grades, relevant)
    return len(_ranks(ranked[:k], grades, relevant)) / wanted if wanted else 0.0


def precision(ranked: Sequence[str], grades: Grades, *, k: int, relevant: int = 1) -> float:
    """The share of the first k that is relevant. Fewer than k documents count as k.

    Examples
    --------
    >>> precision(["a", "x", "b"], {"a": 1, "b": 3}, k=10)
    0.2
    """
    return len(_ranks(ranked[:k], grades, relevant)) / k


def reciprocal_rank(ranked: Sequence[str], grades: Grades, *, k: int | None = None, relevant: int = 1) -> float:
    """1 / rank of the first relevant document, 0 without one; its mean is MRR.

    Examples
    --------
    >>> reciprocal_rank(["x", "b", "a"], {"a": 1, "b": 3})
    0.5
    """
    ranks = _ranks(ranked[:k], grades, relevant)
    return 1 / ranks[0] if ranks else 0.0


def measure_named(name: str, relevant: int = 1) -> Measure:
    """A measure by its name: nDCG, MAP, Recall, P or MRR, and ``@k`` for the first k documents.

    Raises
    ------
    BadInput
        No measure is called so; `P` without ``@k``.

    Examples
    --------
    >>> measure_named("P@2")(["a", "x"], {"a": 1})
    0.5
    """
    form = re.fullmatch(r"(ndcg|map|recall|mrr|p)(?:@([1-9][0-9]{0,8}))?", name.lower())
    if form is None or (form[1] == "p" and form[2] is None):
        raise BadInput(f"There is no measure {name!r}. Choose nDCG, MAP, Recall or MRR, with @k or without, or P@k.")
    k = None if form[2] is None else int(form[2])
    if form[1] == "ndcg":
        return partial(ndcg, k=k)
    if form[1] == "p":
        return partial(precision, k=int(form[2]), relevant=relevant)
    graded = {"map": average_precision, "recall": recall, "mrr": reciprocal_rank}
    return partial(graded[form[1]], k=k, relevant=relevant)


def count_relevant(grades: Grades, relevant: int) -> int:
    """How many documents have at least the grade `relevant`."""
    return sum(grade >= relevant for grade in grades.values())


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _ranks(ranked: Sequence[str], grades: Grades, relevant: int) -> list[int]:
    return [rank for rank, document in enumerate(ranked, start=1) if grades.get(document, 0) >= relevant]
