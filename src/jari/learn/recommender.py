"""`Recommender`: what the learners of users and items have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding, Neighbours
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.estimator import Estimator
from jari.ingest.interactions import Interactions
from jari.learn.best_items import best_items
from jari.learn.histories import (
    Filter,
    Histories,
    Items,
    allowed_rows,
    history_of,
    meant,
    rows_of_items,
    without_each,
)
from jari.threads import thread_count
from jari.types import Callback, Matrix, Metric, Path, Rows, Vector


class Recommender(Estimator):
    """A learner of users and items from who chose what. Subclasses name their parameters, check them and fit.

    A user's score for an item is the dot product of their vectors, plus the item's bias where it has one.

    Attributes
    ----------
    user_embedding_, item_embedding_ : Embedding
        What was learnt.
    item_biases_ : ndarray of shape (items,), or None
        What each item's score has besides.
    interactions_ : Interactions
        What it was learnt from: who has seen what.
    losses_ : list of float
        One an epoch, where there is a loss; else empty.
    seed_ : int
        The seed that was used.
    """

    threads: int | None
    random_state: Any
    callbacks: Sequence[Callback]

    user_embedding_: Embedding
    item_embedding_: Embedding
    item_biases_: Vector | None
    interactions_: Interactions
    losses_: list[float]
    seed_: int

    # What a subclass writes.

    def check(self) -> None:
        """Look at every parameter, as `fit` does before anything else. Subclasses add theirs."""
        thread_count(self.threads)

    def _fit(self, interactions: Interactions) -> None:
        """Set `user_embedding_`, `item_embedding_`, and where there are any `item_biases_` and `losses_`."""
        raise NotImplementedError

    def _fold_in(self, histories: Histories) -> Matrix:
        """The vectors of users who were not learnt, shape (m, d), from what they chose; the items stay as they are."""
        raise NotImplementedError

    def _arrays(self) -> dict[str, Matrix]:
        """What `save` must keep besides embeddings, biases and interactions: float32, of one or two dimensions."""
        return {}

    def _restore(self, arrays: dict[str, Matrix]) -> None:
        """Take back what `_arrays` gave, everything else being there; raises `BadFile` where it does not fit."""

    # What they all do.

    def fit(self, X: Interactions | Any, y: Any = None) -> Self:
        """Learn from interactions, forgetting what was learnt before.

        Parameters
        ----------
        X
            `Interactions`, or what `Interactions.of` takes.
        y
            Not used.

        Raises
        ------
        BadInput
            A parameter out of its range; interactions of fewer than two users or items.
        """
        self.check()
        interactions = X if isinstance(X, Interactions) else Interactions.of(X)
        _refuse_poor(interactions)
        self.seed_ = parameters.seed_of(self.random_state)
        self.losses_, self.item_biases_, self.interactions_ = [], None, interactions
        self._fit(interactions)
        return self

    def recommend(
        self,
        user: str | None = None,
        k: int = 10,
        *,
        items: Items | None = None,
        exclude_seen: bool = True,
        filter: Filter = None,
    ) -> Neighbours:
        """The k items that a user is likeliest to choose next.

        Parameters
        ----------
        user
            One of those who were learnt.
        k
            How many; fewer come back where fewer are left.
        items
            Instead of a user: what somebody chose, keys or keys with weights. The vector of that somebody is folded in.
        exclude_seen
            Leave out what the user, or the somebody, has.
        filter
            Only these items, or only those that it says True of.

        Returns
        -------
        neighbours
            Items with their scores, of shape (k,); equal scores stand in the order of the items' rows.

        Raises
        ------
        UnknownKey
            A user or an item that was not learnt.
        BadInput
            Neither a user nor items, or both; no item; a k below 1.
        """
        vectors, histories = self._asker(user, items)
        rows, scores = self._best(
            vectors, histories, _whole_k(k), allowed_rows(filter, self._items), exclude_seen=exclude_seen
        )
        there = rows[0] >= 0
        return Neighbours.of(self._items, rows[0][there], scores[0][there])

    def recommend_many(
        self, users: Interactions | Iterable[str], k: int = 10, *, exclude_seen: bool = True, filter: Filter = None
    ) -> Neighbours:
        """The same for many users at once.

        Parameters
        ----------
        users
            Keys of users who were learnt; or `Interactions` whose items are those that were learnt, in the same order:
            each user is folded in from what is said there of them.

        Returns
        -------
        neighbours
            Of shape (m, k). Where fewer than k items are left for a user, the rest has row -1, key None, score -inf.
        """
        allowed = allowed_rows(filter, self._items)
        if isinstance(users, Interactions):
            histories = self._same_items(users)
            vectors = self._fold_in(histories)
        else:
            at = self._known(users)
            vectors, histories = self._learnt("user_embedding_").vectors[at], self.interactions_.matrix[at]
        rows, scores = self._best(vectors, histories, _whole_k(k), allowed, exclude_seen=exclude_seen)
        found = Neighbours.of(self._items, np.maximum(rows, 0), scores)
        found.keys[rows < 0] = None
        return Neighbours(found.keys, scores, rows)

    def similar_items(self, item: str | Sequence[str], k: int = 10, metric: Metric = "cosine") -> Neighbours:
        """The items nearest to one, or to each of several; see `Embedding.similar`."""
        embedding: Embedding = self._learnt("item_embedding_")
        rows_of_items([item] if isinstance(item, str) else item, self._items)
        return embedding.similar(item, k, metric)

    def fold_in(self, items: Items) -> Vector:
        """The vector of somebody who was not learnt, from what they chose, shape (d,).

        Parameters
        ----------
        items
            Keys, or keys with weights.
        """
        vector: Vector = self._fold_in(history_of(items, self._items))[0]
        return vector

    def explain(self, item: str, user: str | None = None, *, items: Items | None = None, k: int = 10) -> Neighbours:
        """Which past items make a recommendation: by how much each raises the score of `item`.

        Parameters
        ----------
        item
            The item that is recommended, or any other.
        user, items
            As for `recommend`.
        k
            How many past items.

        Returns
        -------
        neighbours
            Past items, the one that raises the score most first; the scores say by how much, and may be below 0.
        """
        target = int(rows_of_items([item], self._items)[0])
        _, histories = self._asker(user, items)
        past = np.asarray(histories.indices, dtype=np.int64)
        shares = self._shares(histories, target)
        best = np.lexsort((past, -shares))[: _whole_k(k)]
        return Neighbours.of(self._items, past[best], shares[best].astype(np.float32))

    def transform(self, X: Interactions) -> Any:
        """The vectors of users from what they chose, shape (m, d); see `fold_in`."""
        names = self.get_feature_names_out()
        return self._output(self._fold_in(self._same_items(X)), names)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """``implicitals0``, ``implicitals1``, …: the learner's name and the column."""
        embedding: Embedding = self._learnt("item_embedding_")
        return np.array([f"{type(self).__name__.lower()}{i}" for i in range(embedding.dim)], dtype=object)

    def save(self, folder: Path, *, titles: Mapping[str, str] | None = None, force: bool = False) -> None:
        """Write it: all of it or nothing.

        Parameters
        ----------
        folder
            Where. ``folder/items.jari`` and ``folder/users.jari`` are embeddings, as `jari.load` opens them.
        titles
            What items are called, by key; those without a title go by their key. ``folder/titles.jari`` is then the
            embedding of the items by title, and the command line speaks titles.
        force
            Replace a recommender that is there, and nothing else.

        Raises
        ------
        NotLearntYet
            There is nothing to save.
        FileIsThere
            Something is at `folder`, and `force` is not given or it is no recommender.
        """
        from jari.learn import recommender_folder

        recommender_folder.write(self, folder, titles=titles, force=force)

    @classmethod
    def load(cls, folder: Path, *, verify: bool = False) -> Self:
        """Open what `save` has written, of whichever class; vectors and interactions are mapped.

        Parameters
        ----------
        folder
            Where it is.
        verify
            Read everything now and compare checksums; small files are always compared.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            It is no whole recommender, or of a later version.
        BadInput
            It is of another class than the one that was asked.
        """
        from jari.learn import recommender_folder

        recommender = recommender_folder.read(folder, verify=verify).recommender
        if not isinstance(recommender, cls):
            raise BadInput(
                f"{folder} holds {type(recommender).__name__}, not {cls.__name__}: Recommender.load opens it."
            )
        return recommender

    # What a subclass may do in another way.

    def _best(
        self, vectors: Matrix, histories: Histories, k: int, allowed: Rows | None, *, exclude_seen: bool
    ) -> tuple[Rows, Vector]:
        """The best items of each of m users, shape (m, k), the best first; -1 and -inf where none is left."""
        return best_items(
            vectors,
            self._learnt("item_embedding_").vectors,
            k,
            biases=self.item_biases_,
            seen=histories if exclude_seen else None,
            allowed=allowed,
            threads=thread_count(self.threads),
        )

    def _scores_of(self, histories: Histories, item: int) -> Vector:
        """The score of one item for users with these histories, shape (m,)."""
        bias = 0.0 if self.item_biases_ is None else float(self.item_biases_[item])
        scores: Vector = self._fold_in(histories) @ self.item_embedding_.vectors[item] + np.float32(bias)
        return scores

    def _shares(self, history: Histories, item: int) -> npt.NDArray[np.float64]:
        """By how much each entry of one history, (1, items), raises the score of an item: with it, less without it."""
        whole = self._scores_of(history, item)
        parts = [self._scores_of(without, item) for without in without_each(history)]
        shares: npt.NDArray[np.float64] = np.concatenate([np.empty(0), *(whole - part for part in parts)])
        return shares

    # How keys become rows.

    @property
    def _items(self) -> Vocabulary:
        embedding: Embedding = self._learnt("item_embedding_")
        return embedding.vocabulary

    def _asker(self, user: str | None, items: Items | None) -> tuple[Matrix, Histories]:
        """The vector, (1, d), and the history, (1, items), of whoever asks."""
        embedding: Embedding = self._learnt("user_embedding_")
        if (user is None) == (items is None):
            raise BadInput("Give either a user, or the items that somebody chose.")
        if items is not None:
            history = history_of(items, self._items)
            return self._fold_in(history), history
        at = self._known([user])
        return embedding.vectors[at], self.interactions_.matrix[at]

    def _known(self, users: Iterable[Any]) -> Rows:
        self._learnt("user_embedding_")
        if isinstance(users, str):
            raise BadInput(f"Give a list of users, not one string ({users[:40]!r}).")
        asked = list(users)
        rows = self.interactions_.users.rows(asked, unknown="mark")
        if len(rows) and rows.min() < 0:
            raise _unknown_user(self.interactions_.users, asked[int(np.argmin(rows))])
        return rows

    def _same_items(self, interactions: Interactions) -> Histories:
        if not interactions.items.arrow.equals(self._items.arrow):
            raise BadInput(
                f"These interactions have {len(interactions.items):,} items, which are not the {len(self._items):,} "
                "that were learnt, in the same order: take them from the same split."
            )
        return interactions.matrix

    def _recorded(self) -> dict[str, Any]:
        """The parameters as JSON, those that decide the result."""
        given = self.get_params() | {"random_state": None, "callbacks": None, "threads": None}
        plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
        return {name: value for name, value in plain.items() if value is not None}

    def _metadata(self, what: str) -> dict[str, Any]:
        """Of the embedding of ``"users"`` or ``"items"``."""
        return {
            "learner": type(self).__name__,
            "of": what,
            "parameters": self._recorded(),
            "seed": self.seed_,
            "losses": list(self.losses_),
            "interactions": self.interactions_.statistics,
        }


def _whole_k(k: Any) -> int:
    return parameters.whole("k", k, 1, "at least one item is asked for")


def _refuse_poor(interactions: Interactions) -> None:
    users, items = interactions.shape
    for count, noun, other in ((users, "user", "what others chose"), (items, "item", "one another")):
        if count < 2:
            raise BadInput(
                f"These interactions have {count} {noun}{'s' * (count != 1)}: recommendations are learnt from {other}. "
                f"Give two {noun}s or more."
            )


def _unknown_user(users: Vocabulary, user: Any) -> UnknownKey:
    return UnknownKey(
        f"The user {user!r} is not among the {len(users):,} who were learnt.{meant(user, users)} "
        "For somebody new, give items=[…], what they chose: they are folded in."
    )
