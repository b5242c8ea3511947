"""Quality of recommendations: what users chose, is it among what they are shown, and at the top?

All items are ranked: none is drawn at random to rank a few against, which can turn the order of two recommenders round
(Krichene & Rendle 2020, *On Sampled Metrics for Item Recommendation*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final, Protocol

import numpy as np

from jari.embedding import Neighbours
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.evaluate.estimates import Difference, Doubles, Estimate, differences, estimates
from jari.evaluate.toplists import MEASURES as RANKED
from jari.evaluate.toplists import Measure, TopLists, mean_of_items, parsed
from jari.ingest.interactions import Interactions
from jari.ingest.splits import Split
from jari.types import Callback, Progress, Rows

MEASURES: Final = ("nDCG@100", "Recall@20", "MAP@100", "HR@10", "MRR@100", "Coverage@20")
_ANSWERS_AT_ONCE = 1 << 20


class Recommends(Protocol):
    """Whatever answers as `Recommender.recommend_many` does."""

    def recommend_many(self, users: Any, k: int = 10, *, exclude_seen: bool = True) -> Neighbours:
        """The k best items of each user; row -1 where none is left."""


@dataclass(frozen=True, slots=True, eq=False)
class RecommendationResult:
    """How good one recommender is.

    Parameters
    ----------
    name
        Of the recommender.
    estimates
        From the name of each measure to its mean over the users; coverage is one number for all, without an interval.
    users
        Who was asked about.
    values
        From the name of each measure but coverage to its value for each of `users`, shape (users,).
    items
        How many there are to be shown.
    """

    name: str
    estimates: Mapping[str, Estimate]
    users: Vocabulary = field(repr=False)
    values: Mapping[str, Doubles] = field(repr=False)
    items: int

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes, without the values of single users."""
        return {
            "name": self.name,
            "estimates": {name: asdict(one) for name, one in self.estimates.items()},
            "users": len(self.users),
            "items": self.items,
        }


def recommendation(
    recommender: Recommends,
    split: Split | tuple[Interactions, Interactions],
    *,
    measures: Sequence[str] = MEASURES,
    fold_in: bool = True,
    name: str | None = None,
    bootstrap: int = 1000,
    random_state: int = 0,
    callback: Callback | None = None,
) -> RecommendationResult:
    """Ask for what each user wanted, from what is given of them; see `jari.ingest.splits`.

    Parameters
    ----------
    recommender
        One that has learnt from ``split.train``. It is asked for as many items as the measures look at, without those
        that are given.
    split
        Or its two parts `given` and `wanted`, of the same users and items.
    measures
        ``"Recall@20"``, ``"nDCG@100"``, ``"MAP@100"``, ``"MRR@100"`` (without ``@k`` the whole catalogue is ranked),
        ``"P@10"``, ``"HR@10"`` (whether there is a hit): see `jari.evaluate.toplists`. Of the items shown:
        ``"Coverage@20"``, the share of the catalogue that anybody is shown; ``"Novelty@20"``, the mean of -log₂ of the
        share of learnt users who have an item (Zhou et al. 2010, *Solving the apparent diversity-accuracy dilemma of
        recommender systems*); ``"Popularity@20"``, the mean of that share.
    fold_in
        Whether users are folded in from what is given; False asks by their keys, where they were learnt.
    name
        What to call the recommender; its class if not given.
    bootstrap
        Samples of the users for the intervals; 0 leaves the intervals out.
    random_state
        Seed of the bootstrap.
    callback
        Is told how many users have been asked about.

    Raises
    ------
    BadInput
        A measure that there is none; parts that are not of the same users and items; a user who wants nothing.

    Examples
    --------
    >>> from jari.learn.popularity import Popularity
    >>> films = Interactions(["ann", "bob", "eve"], ["Up", "Heat", "Jaws"], [[1, 1, 0], [1, 0, 1], [1, 1, 0]])
    >>> given, wanted = (Interactions(["dan"], films.items, [row]) for row in ([0, 0, 1], [0, 1, 0]))
    >>> recommendation(Popularity().fit(films), (given, wanted), measures=["MRR"]).estimates["MRR"].mean
    0.5
    """
    given, wanted = (split.given, split.wanted) if isinstance(split, Split) else split
    _refuse_unlike(given, wanted)
    users, items = wanted.shape
    asked = {one: parsed(one) for one in measures}
    if not asked:
        raise BadInput("No measure is asked for: name one or more.")
    deepest = min(items, max(k or items for _, k in asked.values()))
    each: dict[str, Measure] = {}
    for one, (kind, k) in asked.items():
        if kind in RANKED:
            each[one] = partial(RANKED[kind], k=k or items)
        elif kind != "coverage":
            shares = _shares(recommender, split)
            values = -np.log2(shares) if kind == "novelty" else shares
            each[one] = partial(mean_of_items, k=k or items, values=values)
    shown = {one: np.zeros(items, dtype=bool) for one, (kind, _) in asked.items() if kind == "coverage"}

    found = {one: np.empty(users) for one in each}
    batch = max(1, _ANSWERS_AT_ONCE // deepest)
    for start in range(0, users, batch):
        some = np.arange(start, min(users, start + batch))
        lists = TopLists.of(_answers(recommender, given, some, deepest, fold_in=fold_in), wanted.matrix[some])
        for one, measure in each.items():
            found[one][some] = measure(lists)
        for one, seen in shown.items():
            rows = lists.rows[:, : asked[one][1]]
            seen[rows[rows >= 0]] = True
        if callback is not None:
            callback(Progress("asking", int(some[-1]) + 1, users, "users"))
    means = estimates(found, bootstrap=bootstrap, random_state=random_state)
    means |= {one: Estimate(float(seen.mean())) for one, seen in shown.items()}
    return RecommendationResult(
        name or type(recommender).__name__, {one: means[one] for one in asked}, wanted.users, found, items
    )


def compare_recommenders(
    first: RecommendationResult, second: RecommendationResult, *, samples: int = 10_000, random_state: int = 0
) -> dict[str, Difference]:
    """Is the first recommender better than the second, or was it luck with the users? See `differences`.

    Parameters
    ----------
    first, second
        From `recommendation`, of the same split.
    samples
        Of signs, and of users for the interval.
    random_state
        Seed of both.

    Returns
    -------
    differences
        From the name of each measure that both have a value of for each user.

    Raises
    ------
    BadInput
        They are not about the same users, or there are no samples.
    """
    if not first.users.arrow.equals(second.users.arrow):
        raise BadInput(
            f"{first.name} was asked about {len(first.users):,} users, {second.name} about {len(second.users):,}, and "
            "they are not the same ones: measure both with the same split."
        )
    return differences(first.values, second.values, samples=samples, random_state=random_state)


def _answers(recommender: Recommends, given: Interactions, some: Rows, k: int, *, fold_in: bool) -> Rows:
    part = given.take_users(some)
    found = recommender.recommend_many(part if fold_in else list(part.users), k, exclude_seen=True)
    if found.rows.ndim != 2 or len(found.rows) != len(some):
        raise BadInput(f"{len(some)} users were asked about, and the answers have shape {found.rows.shape}.")
    return found.rows


def _shares(recommender: Any, split: Split | tuple[Interactions, Interactions]) -> Doubles:
    """The share of learnt users who have each item. An item that nobody has counts as if one had."""
    train = split.train if isinstance(split, Split) else getattr(recommender, "interactions_", None)
    if train is None:
        raise BadInput("Novelty and popularity are of what was learnt from: give a Split, which holds that.")
    counts = train.users_of_items()
    shares: Doubles = np.maximum(1, counts) / train.shape[0]
    return shares


def _refuse_unlike(given: Interactions, wanted: Interactions) -> None:
    if not (given.users.arrow.equals(wanted.users.arrow) and given.items.arrow.equals(wanted.items.arrow)):
        raise BadInput(
            f"What is given ({given}) and what is wanted ({wanted}) are not of the same users and items in the same "
            "order: take both from one split."
        )
    lengths = np.diff(wanted.matrix.indptr)
    if not len(lengths) or lengths.min() == 0:
        at = f"{wanted.users.keys[int(np.argmin(lengths))]!r}" if len(lengths) else "nobody"
        raise BadInput(f"There is nothing that {at} wants: leave out users with nothing to foretell, as the splits do.")
