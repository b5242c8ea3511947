"""`Split`: interactions to learn from, and others to be foretold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jari.ingest.interactions import Interactions


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
