"""How good the lists are that users are shown: the measures of the field, for many users at a time.

What a user wanted is wanted or not: weights play no part. Lists are cut at k, and a user who wanted n things can find
min(k, n) of them there, so that is what recall, average precision and the discounted gain are divided by: a perfect
list has 1, also where it is shorter than what was wanted. So Liang et al. 2018 (*Variational Autoencoders for
Collaborative Filtering*) and Rendle et al. 2022 have recall and nDCG.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jari.errors import BadInput
from jari.evaluate.estimates import Doubles
from jari.types import Rows


@dataclass(frozen=True, slots=True, eq=False)
class TopLists:
    """What m users were shown, and which of it they wanted.

    Parameters
    ----------
    rows
        The items, shape (m, k), the best first; -1 where there is none.
    hits
        Which of them were wanted, shape (m, k).
    wanted
        How many items each user wanted, shape (m,), 1 or more.
    """

    rows: Rows
    hits: npt.NDArray[np.bool_]
    wanted: Rows

    @classmethod
    def of(cls, rows: Rows, wanted: csr_array[np.float32]) -> TopLists:
        """Look up what was shown, shape (m, k), in what was wanted, shape (m, items), indices rising in each row.

        Raises
        ------
        BadInput
            An item is shown to the same user twice, or there is no such item.

        Examples
        --------
        >>> TopLists.of(np.array([[2, 0, -1]]), csr_array(np.array([[1, 1, 0]], np.float32))).hits
        array([[False,  True, False]])
        """
        users, items = wanted.shape
        _refuse_odd(rows, items)
        lengths = np.diff(wanted.indptr).astype(np.int64)
        first = np.arange(users, dtype=np.int64) * items
        held = np.repeat(first, lengths) + wanted.indices
        shown = first[:, None] + rows
        # One number more at the end, which nothing equals: what is sought may be above all.
        at = np.searchsorted(held, shown)
        hits = (np.append(held, -1)[at] == shown) & (rows >= 0)
        return cls(rows, hits, lengths)


Measure: TypeAlias = Callable[[TopLists], Doubles]  # one number a user, shape (m,)


def recall(lists: TopLists, k: int) -> Doubles:
    """The share of what could be found among the first k that was.

    Examples
    --------
    >>> lists = TopLists.of(np.array([[2, 0, 3]]), csr_array(np.array([[1, 1, 0, 1]], np.float32)))
    >>> recall(lists, 2), recall(lists, 3)
    (array([0.5]), array([0.66666667]))
    """
    found: Doubles = lists.hits[:, :k].sum(axis=1) / np.minimum(k, lists.wanted)
    return found


def ndcg(lists: TopLists, k: int) -> Doubles:
    """Normalised discounted cumulative gain: a hit at rank r brings 1/log₂(r + 1); of the most that there could be.

    Examples
    --------
    >>> ndcg(TopLists.of(np.array([[2, 0]]), csr_array(np.array([[1, 0, 0]], np.float32))), 10)  # 1/log₂3 of 1
    array([0.63092975])
    """
    gains = 1 / np.log2(np.arange(2, k + 2))
    best: Doubles = np.cumsum(gains)[np.minimum(k, lists.wanted) - 1]
    hits = lists.hits[:, :k]
    return (hits @ gains[: hits.shape[1]]) / best


def average_precision(lists: TopLists, k: int) -> Doubles:
    """The sum of the precision at each hit, of the most that there could be; its mean is MAP.

    Examples
    --------
    >>> average_precision(TopLists.of(np.array([[2, 0]]), csr_array(np.array([[1, 1, 0]], np.float32))), 2)
    array([0.25])
    """
    hits = lists.hits[:, :k]
    precisions = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    means: Doubles = (precisions * hits).sum(axis=1) / np.minimum(k, lists.wanted)
    return means


def precision(lists: TopLists, k: int) -> Doubles:
    """The share of the first k that was wanted; a shorter list counts as k."""
    shares: Doubles = lists.hits[:, :k].sum(axis=1) / k
    return shares


def hit_rate(lists: TopLists, k: int) -> Doubles:
    """1 where anything among the first k was wanted."""
    found: Doubles = np.any(lists.hits[:, :k], axis=1).astype(np.float64)
    return found


def reciprocal_rank(lists: TopLists, k: int) -> Doubles:
    """1 / the rank of the first hit among the first k, 0 without one; its mean is MRR."""
    hits = lists.hits[:, :k]
    return np.where(hits.any(axis=1), 1 / (1 + hits.argmax(axis=1)), 0.0)


def mean_of_items(lists: TopLists, k: int, values: Doubles) -> Doubles:
    """The mean of something that each item has, shape (items,), over the first k; 0 for an empty list."""
    rows = lists.rows[:, :k]
    there = rows >= 0
    means: Doubles = np.where(there, values[rows], 0.0).sum(axis=1) / np.maximum(1, there.sum(axis=1))
    return means


MEASURES = {
    "recall": recall,
    "ndcg": ndcg,
    "map": average_precision,
    "p": precision,
    "hr": hit_rate,
    "mrr": reciprocal_rank,
}
OF_ITEMS = ("novelty", "popularity", "coverage")


def parsed(name: str) -> tuple[str, int | None]:
    """What a measure is called and where it cuts the list, None for nowhere.

    Raises
    ------
    BadInput
        There is no measure of that name.

    Examples
    --------
    >>> parsed("nDCG@100"), parsed("MRR")
    (('ndcg', 100), ('mrr', None))
    """
    form = re.fullmatch(rf"({'|'.join((*MEASURES, *OF_ITEMS))})(?:@([1-9][0-9]{{0,8}}))?", str(name).lower())
    if form is None or (form[2] is None and form[1] in ("p", "hr", *OF_ITEMS)):
        raise BadInput(
            f"There is no measure {name!r}. Choose Recall, nDCG, MAP or MRR, with @k or without, or HR@k, P@k, "
            "Coverage@k, Novelty@k or Popularity@k."
        )
    return form[1], None if form[2] is None else int(form[2])


def _refuse_odd(rows: Rows, items: int) -> None:
    if rows.size and not -1 <= rows.min() <= rows.max() < items:
        row = rows.max() if rows.max() >= items else rows.min()
        raise BadInput(f"An answer has row {row}: rows are 0 to {items - 1:,}, and -1 where no item is left.")
    ordered = np.sort(rows, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    if twice.any():
        user, at = (int(one[0]) for one in np.nonzero(twice))
        raise BadInput(f"User {user} is shown item {ordered[user, at]} twice: a list holds each item once.")
