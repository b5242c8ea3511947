"""`Popularity`: the same for everybody, the floor that every other recommender must rise above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jari.embedding import Embedding
from jari.ingest.interactions import Interactions
from jari.learn.histories import Histories
from jari.learn.recommender import Recommender
from jari.types import Callback, Matrix


class Popularity(Recommender):
    """What most users chose. Nothing is learnt about anybody.

    Parameters
    ----------
    threads, callbacks, random_state
        As all learners have them.

    Attributes
    ----------
    item_embedding_ : Embedding
        One number an item: how many users chose it.
    user_embedding_ : Embedding
        1 for every user.

    Examples
    --------
    >>> films = Interactions(["ann", "bob"], ["Up", "Heat", "Jaws"], [[1, 0, 1], [0, 0, 1]])
    >>> Popularity().fit(films).recommend("bob", k=1)
    Neighbours(
      Up  1.0000
    )
    """

    def __init__(
        self, *, threads: int | None = None, random_state: Any = None, callbacks: Sequence[Callback] = ()
    ) -> None:
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def _fit(self, interactions: Interactions) -> None:
        users, _ = interactions.shape
        counts = interactions.users_of_items().astype(np.float32)
        self.item_embedding_ = Embedding(interactions.items, counts[:, None], metadata=self._metadata("items"))
        ones = np.ones((users, 1), np.float32)
        self.user_embedding_ = Embedding(interactions.users, ones, metadata=self._metadata("users"))

    def _fold_in(self, histories: Histories) -> Matrix:
        return np.ones((histories.shape[0], 1), dtype=np.float32)
