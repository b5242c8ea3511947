"""`EASE`: every item's score is a weighed sum over the items that a user has, and the weights have a closed form."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from jari import parameters
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.learn.best_items import Best
from jari.learn.histories import Histories
from jari.learn.recommender import Recommender
from jari.learn.sharing import share_out
from jari.threads import thread_count
from jari.types import Callback, Matrix, Progress, Rows, Vector

Doubles = npt.NDArray[np.float64]

_EACH = 12  # bytes a pair of items takes at the worst: 8 of the inverse, 4 of the weights made from it
_PAIRS = 1 << 22  # of a block: counted at once, or scored at once
_TILE = 256  # rows of the inverse that are read along and across while they are in the cache


class EASE(Recommender):
    """Which items go with which, of all pairs at once: exact, without epochs, for catalogues of some ten thousand.

    A user's score for an item is ``Σ_j x_j B[j, item]`` over the items j that the user has. `recommend` and `explain`
    use B itself. The embeddings are its best approximation of rank `dim`, for maps and neighbours.

    Parameters
    ----------
    l2
        How much every item is drawn towards having no weights: more for few users, less for many. Try 50 to 2,000, in
        factors of two.
    weighted
        Count an entry as much as its weight says. Otherwise each counts one: better on star ratings, and one `l2`
        serves whatever the weights measure.
    dim
        Numbers in a vector of the embeddings, at most one an item. Recommendations do not depend on it.
    threads
        None uses every core.
    random_state
        A seed of the embeddings' approximation, or None for another one each time. B is the same with any.
    callbacks
        Called with a `Progress` after each block of items that is counted, and at the end.

    Attributes
    ----------
    weights_ : ndarray of shape (items, items), float32
        B: row j says what having the item j means for the score of every other. Its diagonal is 0.
    item_embedding_ : Embedding
        ``V √Σ`` of ``B ≈ U Σ Vᵀ``, and ``U √Σ`` in `context`: items as they are recommended, and as they are had.
    user_embedding_ : Embedding
        The sum of the `context` rows of what a user has, so that ``user · item`` is about the score.

    Notes
    -----
    Steck 2019, *Embarrassingly Shallow Autoencoders for Sparse Data*, WWW, equation 8: with ``P = (XᵀX + l2·I)⁻¹``,
    ``B = I - P · diag(1/diag P)`` minimises ``‖X - XB‖² + l2·‖B‖²`` among all B with a diagonal of 0. The memory is 12
    bytes a pair of items while P is inverted (in float64: the more users, the worse P's condition), and 4 afterwards;
    the time grows with the cube of the items: 20,000 take 5 GB and some minutes. Ctrl-C is heard between the steps, not
    within the inversion.

    Examples
    --------
    >>> films = Interactions(["ann", "bob", "cy"], ["Up", "Cars", "Heat"], [[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    >>> EASE(l2=1).fit(films).recommend(items=["Up"], k=1)
    Neighbours(
      Cars  0.6667
    )
    """

    weights_: Matrix

    def __init__(
        self,
        *,
        l2: float = 250.0,
        weighted: bool = False,
        dim: int = 64,
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.l2 = l2
        self.weighted = weighted
        self.dim = dim
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
        >>> EASE(l2=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: l2=0: without it there may be no inverse. Give a number above 0.
        """
        super().check()
        parameters.real("l2", self.l2, 0.0, "without it there may be no inverse", above=True)
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")

    def _fit(self, interactions: Interactions) -> None:
        from sklearn.utils.extmath import randomized_svd  # a second to import

        count = interactions.shape[1]
        _refuse_more_than_memory(count)
        chosen = self._counted(interactions.matrix)
        with threadpool_limits(thread_count(self.threads), "blas"):
            try:
                self.weights_ = _weights(self._pairs(chosen), float(self.l2))
                U, S, Vt = randomized_svd(
                    self.weights_, min(int(self.dim), count), n_iter=6, random_state=self.seed_ % 2**32
                )
            except MemoryError:
                raise _too_many(count) from None
        roots = np.sqrt(S)
        vectors, context = (Vt.T * roots).astype(np.float32), (U * roots).astype(np.float32)
        self.item_embedding_ = Embedding(interactions.items, vectors, context=context, metadata=self._metadata("items"))
        users = self._fold_in(interactions.matrix)
        self.user_embedding_ = Embedding(interactions.users, users, metadata=self._metadata("users"))
        self._tell(count, count)

    def _pairs(self, chosen: Histories) -> Doubles:
        """XᵀX, dense."""
        chosen = chosen.astype(np.float64)
        transposed, count = chosen.T.tocsr(), chosen.shape[1]
        pairs = np.empty((count, count))
        step = max(1, _PAIRS // count)

        def count_rows(piece: int) -> float:
            block = pairs[piece * step : (piece + 1) * step]
            (transposed[piece * step : (piece + 1) * step] @ chosen).toarray(out=block)
            return 0.0

        def look(pieces: int) -> None:
            self._tell(max(0, min(pieces * step, count) - 1), count)  # not yet all: what takes longest comes afterwards

        share_out(count_rows, -(-count // step), thread_count(self.threads), look)
        return pairs

    def _fold_in(self, histories: Histories) -> Matrix:
        context = cast(Matrix, self.item_embedding_.context)  # `_fit` gives one, and `_restore` looks for it
        vectors: Matrix = self._counted(histories) @ context
        return vectors

    def _best(
        self, vectors: Matrix, histories: Histories, k: int, allowed: Rows | None, *, exclude_seen: bool
    ) -> tuple[Rows, Vector]:
        chosen = np.arange(len(self.weights_), dtype=np.int64) if allowed is None else allowed
        weights = self.weights_ if allowed is None else np.ascontiguousarray(self.weights_[:, allowed])
        asked, seen = self._counted(histories), histories if exclude_seen else None
        step = max(1, _PAIRS // max(1, len(chosen)))
        best = Best(asked.shape[0], k, chosen, seen)

        def work(piece: int) -> float:
            users = np.arange(piece * step, min((piece + 1) * step, asked.shape[0]))
            best.take(asked[users] @ weights, users)
            best.sort(piece * step, piece * step + len(users))
            return 0.0

        share_out(work, -(-asked.shape[0] // step), thread_count(self.threads))
        return best.answers()

    def _scores_of(self, histories: Histories, item: int) -> Vector:
        scores: Vector = self._counted(histories) @ self.weights_[:, item]
        return scores

    def _shares(self, history: Histories, item: int) -> npt.NDArray[np.float64]:
        shares: npt.NDArray[np.float64] = self.weights_[history.indices, item] * self._counted(history).data.astype(
            np.float64
        )
        return shares

    def _arrays(self) -> dict[str, Matrix]:
        """What a folder must keep besides the embeddings."""
        return {"weights": self.weights_}

    def _restore(self, arrays: dict[str, Matrix]) -> None:
        weights, count = arrays["weights"], len(self.item_embedding_)
        if self.item_embedding_.context is None:
            raise BadInput("the items have no context vectors")
        if weights.shape != (count, count):
            raise BadInput(f"weights of shape {weights.shape} for {count:,} items: they must be ({count}, {count})")
        self.weights_ = weights

    def _counted(self, histories: Histories) -> Histories:
        if self.weighted:
            return histories
        parts = np.ones(histories.nnz, np.float32), histories.indices, histories.indptr
        return csr_array(parts, shape=histories.shape)

    def _tell(self, done: int, total: int) -> None:
        for callback in self.callbacks:
            callback(Progress("learning", done, total, "items"))


def _weights(pairs: Doubles, l2: float) -> Matrix:
    """B, from XᵀX, in whose memory P is made: equation 8."""
    diagonal = np.diag_indices(len(pairs))
    pairs[diagonal] += l2
    # Symmetric, so that its rows are the columns that LAPACK wants; the upper triangle here is the lower one there.
    factor, _ = lapack.dpotrf(pairs.T, lower=1, clean=0, overwrite_a=1)
    inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    weights = np.empty(pairs.shape, np.float32)
    rows = inverse.T  # C order; P[j, i] stands where j <= i
    scale = -1 / rows[diagonal]
    for begin in range(0, len(rows), _TILE):
        tile = slice(begin, begin + _TILE)
        rows[tile, tile] = np.triu(rows[tile, tile]) + np.triu(rows[tile, tile], 1).T
        weights[tile, begin:] = rows[tile, begin:] * scale[begin:]
        weights[begin:, tile] = rows[tile, begin:].T * scale[tile]
    weights[diagonal] = 0
    return weights


def _refuse_more_than_memory(count: int) -> None:
    memory = _memory()
    if memory is not None and _EACH * count**2 > memory:
        raise _too_many(count)


def _too_many(count: int) -> BadInput:
    return BadInput(
        f"EASE weighs every pair of {count:,} items, which takes {_EACH * count**2 / 1e9:,.1f} GB: more than there is "
        "here. Keep fewer items with a higher min_count, or use ImplicitALS."
    )


def _memory() -> int | None:
    """How many bytes this process may use: of the machine, or of its container; None where nobody says."""
    said = []
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        said.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    if limit.isdecimal():
        said.append(int(limit))
    return min(said, default=None)
