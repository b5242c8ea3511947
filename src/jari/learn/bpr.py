"""`BPR`: what a user chose scores above what the user did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding, Neighbours
from jari.ingest.interactions import Interactions
from jari.kernels import bpr
from jari.kernels.random import seeded
from jari.kernels.shuffle import shuffle
from jari.learn.histories import Histories, Items
from jari.learn.matrices import compacted, padded, widened, zeros
from jari.learn.recommender import Recommender
from jari.learn.sampling import Noise
from jari.learn.sharing import share_out
from jari.threads import thread_count
from jari.types import Callback, Ids, Matrix, Offsets, Progress, Rows, Vector

Doubles = npt.NDArray[np.float64]

_LAST_RATE = 0.1  # of the first
_LONGEST = 256  # items of a visit: users with more are visited so often
_PIECES = 400
_FOLDS = ((8, 1.0), (8, 0.5), (8, 0.25))  # times that who is folded in is visited, and with which share of the rate
_FOLDED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Visits:
    """Each user with some of the user's items: visit i is of ``users[i]`` with ``indices[starts[i] : stops[i]]``."""

    indices: Ids
    indptr: Offsets
    users: Ids
    starts: Offsets
    stops: Offsets

    @classmethod
    def of(cls, histories: Histories) -> Self:
        """Of compressed rows, whose indices are copied: they are shuffled later."""
        indptr = histories.indptr.astype(np.int64)
        parts = -(-np.diff(indptr) // _LONGEST)
        users = np.repeat(np.arange(len(parts), dtype=np.int32), parts)
        first = np.cumsum(parts) - parts
        starts = indptr[users] + (np.arange(len(users)) - first[users]) * _LONGEST
        stops = np.minimum(starts + _LONGEST, indptr[users + 1])
        return cls(histories.indices.astype(np.int32), indptr, users, starts, stops)

    def __len__(self) -> int:
        return len(self.users)


class BPR(Recommender):
    """Users and items to vectors by comparing what each user chose with what the user did not.

    Weights of entries do not count: an item was chosen, or it was not.

    Parameters
    ----------
    dim
        Numbers in a vector. 64 to 256 serve.
    noise
        How many items, not chosen, each group of 16 chosen ones is compared with. A multiple of 4.
    noise_exponent
        They are drawn in proportion to ``count ** noise_exponent``: 0 takes all items alike, as in the paper; 1 takes
        popular ones as often as they were chosen, so that what is popular is not foretold to everybody.
    learning_rate
        The first one; it falls in a straight line to a tenth.
    l2
        Regularisation of vectors and biases.
    epochs
        Times that all entries are visited.
    threads
        None uses every core. The vectors depend on how threads meet unless ``threads=1``.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    user_embedding_, item_embedding_ : Embedding
        ``user · item``, plus the item's bias, is the score.
    item_biases_ : ndarray of shape (items,)
        How popular an item is with everybody.
    losses_ : list of float
        ``-log σ(how much better the chosen scores)``, the mean of each epoch.

    Notes
    -----
    Rendle, Freudenthaler, Gantner & Schmidt-Thieme 2009, *BPR: Bayesian Personalized Ranking from Implicit Feedback*.
    A user who was not learnt is folded in by the same steps, with the items as they are.

    Examples
    --------
    >>> films = Interactions(list("abcd"), ["Up", "Cars", "Heat", "Alien"],
    ...                      [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> learner = BPR(dim=2, epochs=300, learning_rate=0.2, threads=1, random_state=1).fit(films)
    >>> learner.recommend(items=["Up"], k=1).keys[0], learner.recommend(items=["Alien"], k=1).keys[0]
    ('Cars', 'Heat')
    """

    def __init__(
        self,
        *,
        dim: int = 64,
        noise: int = 8,
        noise_exponent: float = 0.5,
        learning_rate: float = 0.05,
        l2: float = 0.01,
        epochs: int = 50,
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.dim = dim
        self.noise = noise
        self.noise_exponent = noise_exponent
        self.learning_rate = learning_rate
        self.l2 = l2
        self.epochs = epochs
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter, as `fit` does before anything else.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("noise", self.noise, 1, "what was chosen is compared with something")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")
        parameters.real("learning_rate", self.learning_rate, 0.0, "steps have a size", above=True)
        parameters.real("l2", self.l2, 0.0, "vectors are not drawn apart")
        parameters.whole("epochs", self.epochs, 1, "the entries must be visited at least once")

    def _fit(self, interactions: Interactions) -> None:
        users, items = interactions.shape
        dim, width = int(self.dim), padded(int(self.dim))
        draw = np.random.default_rng(self.seed_)
        U, V, biases = zeros(users, width), zeros(items, width), np.zeros(items, np.float32)
        for matrix in (U, V):
            matrix[:, :dim] = draw.normal(0, 0.1 / np.sqrt(dim), (len(matrix), dim))
        visits, noise = Visits.of(interactions.matrix), self._noise()
        for epoch in range(int(self.epochs)):
            self.losses_.append(self._epoch(U, V, biases, visits, noise, epoch))
        self.item_biases_ = biases
        self.user_embedding_ = Embedding(interactions.users, compacted(U, dim), metadata=self._metadata("users"))
        self.item_embedding_ = Embedding(interactions.items, compacted(V, dim), metadata=self._metadata("items"))

    def _epoch(self, U: Matrix, V: Matrix, biases: Vector, visits: Visits, noise: Noise, epoch: int) -> float:
        """Visit every user with every item; the mean loss of an entry."""
        state: Any = np.uint64(seeded(self.seed_, epoch, 0))
        shuffle(visits.indices, visits.indptr, state)
        order = np.random.default_rng([self.seed_, epoch]).permutation(len(visits))
        rate = float(self.learning_rate) * (1 - (1 - _LAST_RATE) * epoch / int(self.epochs))
        cuts = np.unique(np.linspace(0, len(order), _PIECES + 1).astype(np.int64))

        def visit(piece: int) -> float:
            state = np.uint64(seeded(self.seed_, epoch, piece + 1))
            span = int(cuts[piece]), int(cuts[piece + 1])
            return _visit(U, V, biases, visits, order, span, self._group(), rate, float(self.l2), True, state, noise)

        def look(pieces: int) -> None:
            done, total = epoch * len(visits) + int(cuts[pieces]), int(self.epochs) * len(visits)
            figures = {"epoch": epoch + 1, "rate": rate} | ({"loss": self.losses_[-1]} if self.losses_ else {})
            for callback in self.callbacks:
                callback(Progress("learning", done, total, "visits", figures))

        loss = share_out(visit, len(cuts) - 1, thread_count(self.threads), look)
        return float(loss.sum()) / max(1, len(visits.indices))

    def _fold_in(self, histories: Histories) -> Matrix:
        V = widened(self.item_embedding_.vectors)
        U = zeros(histories.shape[0], V.shape[1])
        biases: Vector = np.array(self.item_biases_, np.float32)
        noise = self._noise()
        visits = Visits.of(histories)
        begins = np.searchsorted(visits.users, np.arange(len(U) + 1))

        def fold(piece: int) -> float:
            for user in range(piece * _FOLDED_AT_ONCE, min((piece + 1) * _FOLDED_AT_ONCE, len(U))):
                state = np.uint64(seeded(self.seed_, 0, 0))  # the same for all: nobody depends on who else is asked for
                own = np.arange(begins[user], begins[user + 1])
                for times, share in _FOLDS:
                    order, rate = np.tile(own, times), share * float(self.learning_rate)
                    span = 0, len(order)
                    _visit(U, V, biases, visits, order, span, self._group(), rate, float(self.l2), False, state, noise)
            return 0.0

        share_out(fold, -(-len(U) // _FOLDED_AT_ONCE), thread_count(self.threads))
        return compacted(U, self.item_embedding_.dim)

    def explain(self, item: str, user: str | None = None, *, items: Items | None = None, k: int = 10) -> Neighbours:
        """Which past items make a recommendation: by how much each draws the score of `item` up.

        A user's vector rests where what each past item draws at it, against the noise, is held by the regularisation.
        So the part of an item p is what it still draws: ``E_n[σ(s_n - s_p) (v_p - v_n)] · v``, the mean over the noise
        n. (Yeh, Kim, Yen & Ravikumar 2018, *Representer Point Selection for Explaining Deep Neural Networks*.)

        Parameters
        ----------
        item, user, items, k
            As `Recommender.explain` has them.
        """
        return super().explain(item, user, items=items, k=k)

    def _shares(self, history: Histories, item: int) -> Doubles:
        V, biases = self.item_embedding_.vectors, self.item_biases_
        likely = np.maximum(self.interactions_.users_of_items(), 1).astype(np.float64) ** float(self.noise_exponent)
        likely[history.indices] = 0
        likely /= max(likely.sum(), np.finfo(float).tiny)
        scores = V @ self._fold_in(history)[0] + biases
        towards = (V @ V[item]).astype(np.float64)
        shares = np.empty(history.nnz)
        for at, own in enumerate(history.indices):
            wrong = likely / (1 + np.exp(np.minimum(scores[own] - scores, 80.0)))
            shares[at] = wrong @ (towards[own] - towards)
        return shares

    def _noise(self) -> Noise:
        return Noise.of(self.interactions_.users_of_items(), float(self.noise_exponent))

    def _group(self) -> int:
        """How many items of noise: a multiple of 4."""
        return -(-int(self.noise) // 4) * 4


def _visit(
    U: Matrix,
    V: Matrix,
    biases: Vector,
    visits: Visits,
    order: Rows,
    span: tuple[int, int],
    group: int,
    rate: float,
    l2: float,
    learn_items: bool,
    state: np.uint64,
    noise: Noise,
) -> float:
    """Some visits, by one thread."""
    places = visits.indices, visits.indptr, visits.users, visits.starts, visits.stops
    has: npt.NDArray[np.uint8] = np.zeros(len(V), np.uint8)
    steps: tuple[Any, ...] = group, rate, l2, learn_items, state, noise.limits, noise.others, has
    return bpr.visit_users(U, V, biases, *places, order, *span, *steps)
