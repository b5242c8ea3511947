"""Interactions that are strong enough: five stars are a wish, one star is none."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.interactions import Interactions


def at_least(interactions: Interactions, weight: Any) -> Interactions:
    """The entries of this weight or more; users and items that are left with none go, too.

    Parameters
    ----------
    interactions
        Where the weights are how much a user wants an item: stars, minutes, purchases.
    weight
        The least that is kept.

    Returns
    -------
    interactions
        Their statistics have ``"below"``: the weight, and how many entries, users and items were left out.

    Raises
    ------
    BadInput
        The weight is no number, or all entries are below it.

    Examples
    --------
    >>> films = Interactions(["ann", "bob", "cy"], ["Up", "Heat"], [[5, 2], [1, 0], [0, 4]])
    >>> liked = at_least(films, 4)
    >>> liked, liked.statistics["below"]
    (Interactions(2 users × 2 items, 2 entries), {'weight': 4.0, 'entries': 2, 'users': 1, 'items': 0})
    """
    if type(weight) is bool or not isinstance(weight, numbers.Real) or not math.isfinite(weight):
        raise BadInput(f"The least weight is {weight!r}: give a number.")
    matrix, times = interactions.matrix, interactions.times
    kept = matrix.data >= weight
    if not kept.any():
        greatest = f"{matrix.data.max():g} is the greatest" if len(matrix.data) else "there are no entries"
        raise BadInput(f"No entry has a weight of {weight:g} or more ({greatest}): give a smaller one.")
    of_user = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[kept]
    of_item = matrix.indices[kept]
    chosen_by, chosen = np.bincount(of_user, minlength=matrix.shape[0]), np.bincount(of_item, minlength=matrix.shape[1])
    users, items = np.flatnonzero(chosen_by), np.flatnonzero(chosen)
    column = np.cumsum(chosen > 0) - 1
    starts = np.concatenate([[0], np.cumsum(chosen_by[users])])
    parts = matrix.data[kept], column[of_item].astype(matrix.indices.dtype), starts.astype(matrix.indices.dtype)
    left_out = {
        "weight": float(weight),
        "entries": int(len(kept) - kept.sum()),
        "users": int(matrix.shape[0] - len(users)),
        "items": int(matrix.shape[1] - len(items)),
    }
    return Interactions(
        _counted(interactions.users, users, chosen_by),
        _counted(interactions.items, items, chosen),
        csr_array(parts, shape=(len(users), len(items))),
        times=None if times is None else times[kept],
        statistics=interactions.statistics | {"below": left_out},
    )


def _counted(keys: Vocabulary, rows: Any, counts: Any) -> Vocabulary:
    return Vocabulary(keys.take(rows).arrow, counts[rows])
