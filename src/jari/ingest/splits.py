"""Splits: interactions to learn from, and others to be foretold."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jari.errors import BadInput
from jari.ingest.interactions import Interactions, Times
from jari.ingest.portions import Entries, Marks
from jari.types import Rows

# What is dropped, and why.
_EMPTY = "users without an entry"
_SINGLE = "users with one entry, who are only learnt from"
_NEW = "users of whom nothing is known before"
_IDLE = "users with nothing to foretell"
_STRANGE_ITEMS = "items that nobody in train has"
_STRANGE = "entries of items that nobody in train has"


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """What a recommender learns from, what it is told of those it is asked about, and what it should answer.

    Parameters
    ----------
    train
        To `fit` on.
    given
        What is known of each user that is asked about. Its items are those of `train`. Its users are users of `train`
        too, or (strong generalisation) others.
    wanted
        What the same users chose besides: the same users and items as in `given`, and no entry of it.
    kind
        ``"users"``, ``"time"`` or ``"leave-one-out"``.
    dropped
        What could not be used, by what it was and why, with how many: ``{"users with nothing to foretell": 3}``.
    """

    train: Interactions
    given: Interactions
    wanted: Interactions
    kind: str
    dropped: Mapping[str, int] = field(default_factory=dict)


def by_user(
    interactions: Interactions,
    *,
    fold: int = 0,
    folds: int = 5,
    users: float | None = None,
    given: float = 0.8,
    random_state: int = 0,
) -> Split:
    """Hold users out: nothing of them is learnt, and they are known by a part of their entries only.

    This is strong generalisation (Marlin 2004, *Collaborative Filtering: A Machine Learning Perspective*), as Liang et
    al. 2018 have it (*Variational Autoencoders for Collaborative Filtering*). A validation set is the same again:
    ``by_user(by_user(interactions).train)``.

    Parameters
    ----------
    interactions
        Of all users. Those with one entry cannot be asked about, and stay in train.
    fold, folds
        The users are dealt at random into so many folds; the fold with this number, from 0 on, is held out.
    users
        Instead of `folds`: how many users a fold has, or from 0 to 1 what share of them.
    given
        The share of a user's entries, drawn at random, that is known. One at least is known, and one at least is not:
        of n entries ⌊(1 - given)·n⌋ or 1 are wanted.
    random_state
        Seed: the same one gives the same folds, disjoint ones.

    Raises
    ------
    BadInput
        A share that is not between 0 and 1, a fold that there is none; nobody is left to learn from or to ask about.

    Examples
    --------
    >>> films = Interactions([*"abcdef"], ["Up", "Heat", "Jaws"], np.ones((6, 3)))
    >>> split = by_user(films, folds=3)
    >>> split.train, split.given, split.wanted
    (Interactions(4 users × 3 items, 12 entries), Interactions(2 users × 3 items, 4 entries), \
Interactions(2 users × 3 items, 2 entries))
    """
    _between("given", given, "the share of a user's entries that is known")
    entries = Entries(interactions)
    able = np.flatnonzero(entries.lengths >= 2)
    rng = _generator(random_state)
    held = np.zeros(len(entries.lengths), dtype=bool)
    held[_fold_of(rng.permutation(able), fold, folds, users)] = True
    train = ~held[entries.rows]
    dropped = {_EMPTY: int((entries.lengths == 0).sum()), _SINGLE: int((entries.lengths == 1).sum())}
    asked = _foretellable(entries, train, ~train, dropped)
    asked = entries.where(asked, entries.count(asked) >= 2)
    dropped[_IDLE] = int(held.sum()) - int((entries.count(asked) > 0).sum())
    return _split(entries, "users", train, *_share(entries, asked, given, rng), dropped)


def by_time(interactions: Interactions, *, since: float | None = None, wanted: float = 0.2) -> Split:
    """Learn from what was, and foretell what came then.

    Parameters
    ----------
    interactions
        With times.
    since
        What was made then or later is wanted.
    wanted
        Instead of a moment: what share of all entries is wanted, the latest ones. Those of the same time as the first
        of them are wanted too.

    Returns
    -------
    split
        `train` is all that was made before. Whoever has an entry there and one that is wanted is asked about.

    Raises
    ------
    BadInput
        There are no times; nothing was made before, or nobody who was there then has an entry that is wanted.

    Examples
    --------
    >>> films = Interactions(["ann", "bob"], ["Up", "Heat"], [[1, 1], [1, 1]], times=[1, 4, 2, 3])
    >>> by_time(films, since=4).wanted.history("ann")
    {'Heat': 1.0}
    """
    entries, times = Entries(interactions), _times(interactions)
    if since is None:
        _between("wanted", wanted, "the share of entries that is foretold")
        at = min(len(times) - 1, math.ceil((1 - wanted) * len(times) - 1e-9))
        moment = float(np.partition(times, at)[at])
    else:
        moment = float(since)
    before = times < moment
    if not before.any() or before.all():
        raise BadInput(
            f"since={moment:g}: all entries were made {'before' if before.any() else 'then or later'}, "
            f"from {times.min():g} to {times.max():g}. Give a moment between."
        )
    known = entries.count(before) > 0
    later = entries.count(~before) > 0
    dropped = {_EMPTY: int((entries.lengths == 0).sum()), _NEW: int((later & ~known).sum())}
    asked = _foretellable(entries, before, entries.where(~before, known), dropped)
    answered = entries.count(asked) > 0
    dropped[_IDLE] = int((known & ~answered).sum())
    return _split(entries, "time", before, entries.where(before, answered), asked, dropped)


def leave_one_out(interactions: Interactions, *, random_state: int = 0) -> Split:
    """Foretell the last entry of each user from all others.

    Parameters
    ----------
    interactions
        Where they have times, each user's latest entry is wanted; else any one of them. Whoever has one only stays in
        train.
    random_state
        Seed of the choice where there are no times, and among entries of the same time.

    Raises
    ------
    BadInput
        Nobody has two entries.

    Examples
    --------
    >>> films = Interactions(["ann", "bob"], ["Up", "Heat"], [[1, 1], [1, 1]], times=[1, 4, 2, 1])
    >>> split = leave_one_out(films)
    >>> split.wanted.history("ann"), split.wanted.history("bob")
    ({'Heat': 1.0}, {'Up': 1.0})
    """
    entries = Entries(interactions)
    able = entries.lengths >= 2
    dropped = {_EMPTY: int((entries.lengths == 0).sum()), _SINGLE: int((entries.lengths == 1).sum())}
    last = np.ones(len(interactions), dtype=bool)
    if interactions.times is not None:
        last = entries.greatest(_times(interactions), last)
    last = entries.greatest(_generator(random_state).random(len(interactions)), last)
    last = entries.where(last, able)
    train = ~last
    asked = _foretellable(entries, train, last, dropped)
    answered = entries.count(asked) > 0
    dropped[_IDLE] = int((able & ~answered).sum())
    return _split(entries, "leave-one-out", train, entries.where(train, answered), asked, dropped)


def _split(entries: Entries, kind: str, train: Marks, given: Marks, wanted: Marks, dropped: Mapping[str, int]) -> Split:
    told = {what: many for what, many in dropped.items() if many}
    if not train.any() or not wanted.any():
        why = "; ".join(f"{what}: {many:,}" for what, many in told.items())
        raise BadInput(
            f"This split by {kind} leaves nobody to {'ask about' if train.any() else 'learn from'}: of {len(train):,} "
            f"entries of {len(entries.lengths):,} users {int(train.sum()):,} are learnt from and "
            f"{int(wanted.sum()):,} foretold{f' ({why})' if why else ''}. Give more entries, or split in another way."
        )
    return Split(*entries.parts(kind, train, given, wanted), kind, told)


def _foretellable(entries: Entries, train: Marks, asked: Marks, dropped: dict[str, int]) -> Marks:
    """The entries asked about whose items are in train; the others are counted."""
    able = entries.foretellable(train, asked)
    strange = entries.columns[asked & ~able]
    dropped |= {_STRANGE_ITEMS: len(np.unique(strange)), _STRANGE: len(strange)}
    return able


def _fold_of(users: Rows, fold: int, folds: int, size: float | None) -> Rows:
    """The users of one fold, of users in random order."""
    if size is None:
        many = _whole("folds", folds, 2, "those who are not held out are learnt from")
        bounds = -(-np.arange(many + 1) * len(users) // many)
    else:
        if isinstance(size, float) and size < 1:
            _between("users", size, "the share of users that is held out")
            size = max(1, round(size * len(users)))
        size = _whole("users", size, 1, "somebody is asked about")
        bounds = np.arange(0, len(users) + 1, size)
        many = len(bounds) - 1
    if _whole("fold", fold, 0, "folds are counted from 0 on") >= many:
        raise BadInput(
            f"fold={fold}: {len(users):,} users with two entries or more make {many} folds, which are counted from 0 "
            "on. Give a lower one."
        )
    return users[bounds[fold] : bounds[fold + 1]]


def _share(entries: Entries, asked: Marks, given: float, rng: np.random.Generator) -> tuple[Marks, Marks]:
    """Of the entries of each user a share that is given and the rest, drawn at random."""
    at = np.flatnonzero(asked)
    rows = entries.rows[at]
    at = at[np.lexsort((rng.random(len(at)), rows))]  # users stay in their order, their entries are shuffled
    lengths = entries.count(asked)
    starts = np.cumsum(lengths) - lengths
    kept_back = np.maximum(1, np.floor((1 - given) * lengths + 1e-9))
    last = np.arange(len(at)) - starts[rows] < kept_back[rows]
    wanted = np.zeros_like(asked)
    wanted[at[last]] = True
    return asked & ~wanted, wanted


def _times(interactions: Interactions) -> Times:
    times = interactions.times
    if times is None:
        raise BadInput("These interactions have no times: give the column of times, or split by user.")
    if not np.isfinite(times).all():
        row = int(np.flatnonzero(~np.isfinite(times))[0])
        raise BadInput(f"The time of entry {row} is {times[row]}: give every entry a time, or leave it out.")
    return times


def _generator(random_state: int) -> np.random.Generator:
    return np.random.default_rng(_whole("random_state", random_state, 0, "a seed is not negative"))


def _between(name: str, value: Any, why: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise BadInput(f"{name}={value!r}: {why}. Give a number between 0 and 1.")


def _whole(name: str, value: Any, low: int, why: str) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < low:
        raise BadInput(f"{name}={value!r}: {why}. Give a whole number, {low} or more.")
    return int(value)
