"""`ImplicitALS`: users and items by weighted least squares over all pairs, seen and unseen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding
from jari.ingest.interactions import Interactions
from jari.kernels import als
from jari.learn.histories import Histories
from jari.learn.matrices import compacted, padded, widened, zeros
from jari.learn.recommender import Recommender
from jari.learn.sharing import equal_shares, share_out
from jari.threads import thread_count
from jari.types import Callback, Matrix, Progress, Vector

Doubles = npt.NDArray[np.float64]

_WIDE = 64  # columns: up to here the whole system is solved as fast as its blocks; docs/decisions/0012-least-squares.md
_BLOCK = 32
_ENTRIES = 40_000  # in a piece: some milliseconds


class ImplicitALS(Recommender):
    """Users and items to vectors whose product is 1 for what a user chose and 0 for all else, the chosen weighing more.

    It minimises ``Σ c (u·v - 1)²`` over what was chosen, plus ``unobserved · Σ (u·v)²`` over all pairs there are, plus
    ``l2 · Σ (entries + unobserved · others)^l2_exponent · |u|²`` over the users, and the same over the items. c is the
    weight of the entry.

    Parameters
    ----------
    dim
        Numbers in a vector. 64 to 256 serve.
    unobserved
        What a pair counts that was not chosen, where one that was counts 1. More of it makes what is popular less so.
    l2
        Regularisation: more of it where there is little data.
    l2_exponent
        How much more those with many entries are regularised. 1 is in proportion, 0 the same for all.
    epochs
        Times that all users and all items are solved. 16 serve.
    block
        Columns that are solved at once; 0 for all of them. None is 0 up to 64 dimensions and 32 above: with wide
        vectors an epoch is faster in blocks, and the first few bring a little less.
    weighted
        Whether the weights of entries count; otherwise every entry weighs 1.
    threads
        None uses every core. The vectors are the same with any number.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    user_embedding_, item_embedding_ : Embedding
        ``user · item`` is the score.
    losses_ : list of float
        After each epoch, what is minimised, a pair of user and item.

    Notes
    -----
    Hu, Koren & Volinsky 2008, *Collaborative Filtering for Implicit Feedback Datasets*; with the regularisation of
    Rendle, Krichene, Zhang & Koren 2022, *Revisiting the Performance of iALS on Item Recommendation Benchmarks*,
    equation 4, and the blocks of Rendle, Krichene, Zhang & Koren 2021, *iALS++: Speeding up Matrix Factorization with
    Subspace Optimization*. For the same objective in the parameters of the package implicit, see
    docs/recommendation-quality.md.

    Examples
    --------
    >>> films = Interactions(list("abcd"), ["Up", "Cars", "Heat", "Alien"],
    ...                      [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    >>> learner = ImplicitALS(dim=2, random_state=1).fit(films)
    >>> learner.recommend(items=["Up"], k=1).keys[0], learner.recommend(items=["Alien"], k=1).keys[0]
    ('Cars', 'Heat')
    """

    def __init__(
        self,
        *,
        dim: int = 64,
        unobserved: float = 0.1,
        l2: float = 0.03,
        l2_exponent: float = 1.0,
        epochs: int = 16,
        block: int | None = None,
        weighted: bool = True,
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.dim = dim
        self.unobserved = unobserved
        self.l2 = l2
        self.l2_exponent = l2_exponent
        self.epochs = epochs
        self.block = block
        self.weighted = weighted
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter, as `fit` does before anything else.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> ImplicitALS(l2=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: l2=0: without it a user with few items has no solution. Give a number above 0.
        """
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.real("unobserved", self.unobserved, 0.0, "without it every score may be 1", above=True)
        parameters.real("l2", self.l2, 0.0, "without it a user with few items has no solution", above=True)
        parameters.real("l2_exponent", self.l2_exponent, 0.0, "many entries are not regularised less")
        parameters.whole("epochs", self.epochs, 1, "users and items must be solved at least once")
        if self.block is not None:
            parameters.whole("block", self.block, 0, "it is a number of columns, or 0 for all")

    def _fit(self, interactions: Interactions) -> None:
        by_user = interactions.matrix
        by_item = by_user.T.tocsr()
        users, items = interactions.shape
        dim, width = int(self.dim), padded(int(self.dim))
        X, Y = zeros(users, width), zeros(items, width)
        draw = np.random.default_rng(self.seed_)
        X[:, :dim] = draw.normal(0, 0.1 / np.sqrt(dim), (users, dim))
        report = _Report(self.callbacks, int(self.epochs), users + items)
        for _ in range(int(self.epochs)):
            self._half(Y, X, by_item, self._block(), report)
            loss = self._half(X, Y, by_user, self._block(), report)
            loss += float(self._l2_of(by_item) @ np.einsum("ij,ij->i", Y, Y, dtype=np.float64))
            self.losses_.append(loss / (users * items))
            report.epoch(self.losses_[-1])
        self.user_embedding_ = Embedding(interactions.users, compacted(X, dim), metadata=self._metadata("users"))
        self.item_embedding_ = Embedding(interactions.items, compacted(Y, dim), metadata=self._metadata("items"))

    def _fold_in(self, histories: Histories) -> Matrix:
        dim = self.item_embedding_.dim
        Y = widened(self.item_embedding_.vectors)
        X = zeros(histories.shape[0], padded(dim))
        self._half(X, Y, histories, 0, None)
        return compacted(X, dim)

    def _shares(self, history: Histories, item: int) -> Doubles:
        """Exact: a score is ``v · A⁻¹ Σ c v_s``, a sum over what the user has (Hu, Koren & Volinsky, section 5)."""
        Y = self.item_embedding_.vectors
        y, c = Y[history.indices].astype(np.float64), self._weights(history).astype(np.float64)
        normal = (y.T * c) @ y + float(self.unobserved) * (Y.T @ Y) + self._l2_of(history)[0] * np.eye(Y.shape[1])
        shares: Doubles = c * (y @ np.linalg.solve(normal, Y[item].astype(np.float64)))
        return shares

    def _half(self, X: Matrix, Y: Matrix, matrix: Histories, block: int, report: _Report | None) -> float:
        """Solve all rows of X; their loss."""
        width = X.shape[1]
        B = zeros(width, width)
        B[:] = np.float32(self.unobserved) * (Y.T @ Y)
        l2 = self._l2_of(matrix).astype(np.float32)
        weights = self._weights(matrix)
        cuts = equal_shares(matrix.indptr, 1 + (matrix.nnz + 32 * len(X)) // _ENTRIES)
        given = X, Y, B, l2, weights, matrix.indices, matrix.indptr

        def solve(piece: int) -> float:
            room = zeros(als.ROOM + 4 if block else als.PIECE, width), zeros(width, width), zeros(width, width)
            span = int(cuts[piece]), int(cuts[piece + 1])
            if not block:
                return als.solve_rows(*given, *span, *room)
            return als.sweep_rows(*given, *span, block, *room, np.zeros(als.ROOM + 4, np.float32), zeros(1, width)[0])

        look = None if report is None else report.looking(cuts)
        loss = share_out(solve, len(cuts) - 1, thread_count(self.threads), look)
        if report is not None:
            report.add(len(X))
        return float(loss.sum())

    def _block(self) -> int:
        """Columns in a block, whole vectors; 0 for all."""
        width = padded(int(self.dim))
        block = (_BLOCK if width > _WIDE else 0) if self.block is None else padded(int(self.block))
        return 0 if block >= width else block

    def _weights(self, matrix: Histories) -> Vector:
        """One an entry, or one for all."""
        weights: Vector = matrix.data
        return weights if self.weighted and len(weights) and np.any(weights != 1) else np.ones(1, np.float32)

    def _l2_of(self, matrix: Histories) -> Doubles:
        """The regularisation of each row: for those with more entries more."""
        there = np.diff(matrix.indptr).astype(np.float64)
        amount: Doubles = there + float(self.unobserved) * matrix.shape[1]
        return float(self.l2) * amount ** float(self.l2_exponent)


class _Report:
    """How far the epochs are."""

    def __init__(self, callbacks: Sequence[Callback], epochs: int, rows: int) -> None:
        self._callbacks, self._total, self._done = callbacks, epochs * rows, 0
        self._figures: dict[str, float] = {"epoch": 1}

    def looking(self, cuts: npt.NDArray[np.int64]) -> Any:
        return lambda pieces: self._say(self._done + int(cuts[pieces]))

    def add(self, rows: int) -> None:
        self._done += rows

    def epoch(self, loss: float) -> None:
        self._figures = {"epoch": self._figures["epoch"] + (self._done < self._total), "loss": loss}
        self._say(self._done)

    def _say(self, done: int) -> None:
        for callback in self._callbacks:
            callback(Progress("learning", done, self._total, "rows", self._figures))
