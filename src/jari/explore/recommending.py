"""Recommendations as a page shows them: titles, and the past choices that speak for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jari.embedding import Neighbours
from jari.ingest.titles import Titles
from jari.learn.recommender import Recommender
from jari.types import Counts, Rows

REASONS = 3  # past choices behind each


@dataclass(frozen=True, slots=True)
class Scored:
    """An item: its key, what it is called, and a number."""

    item: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An item that somebody is likely to choose.

    Parameters
    ----------
    item, title, score
        The item.
    because
        Past choices that raise its score, with by how much, the one that raises it most first.
    """

    item: str
    title: str
    score: float
    because: tuple[Scored, ...] = ()


def recommendations(
    recommender: Recommender,
    titles: Titles,
    *,
    user: str | None = None,
    chosen: Rows | Sequence[int] | None = None,
    k: int = 10,
    exclude_seen: bool = True,
    reasons: int = REASONS,
) -> list[Recommendation]:
    """What to recommend, the likeliest first.

    Parameters
    ----------
    recommender, titles
        What was learnt, and what the items are called.
    user
        One of those who were learnt.
    chosen
        Instead of a user: the rows of what somebody chose. The same twice counts once.
    k
        How many.
    exclude_seen
        Leave out what they have.
    reasons
        How many past choices to give for each; those that speak against it are left out.

    Raises
    ------
    UnknownKey
        There is no such user.
    BadInput
        Neither a user nor choices are given, or both; k is below 1.
    """
    keys = recommender.item_embedding_.keys
    items = None if chosen is None else [keys[int(row)] for row in dict.fromkeys(chosen)]
    found = recommender.recommend(user, k, items=items, exclude_seen=exclude_seen)
    answers = []
    for one in _scored(found, titles):
        because: list[Scored] = []
        if reasons:
            past = recommender.explain(one.item, user, items=items, k=reasons)
            because = [each for each in _scored(past, titles) if each.score > 0]
        answers.append(Recommendation(one.item, one.title, one.score, tuple(because)))
    return answers


def choices_of(recommender: Recommender) -> Counts:
    """How many users chose each item, shape (items,)."""
    counts: Counts = np.bincount(recommender.interactions_.matrix.indices, minlength=len(recommender.item_embedding_))
    return counts


def _scored(found: Neighbours, titles: Titles) -> list[Scored]:
    pairs = zip(found, found.rows.tolist(), strict=True)
    return [Scored(key, titles[row], score) for (key, score), row in pairs]
