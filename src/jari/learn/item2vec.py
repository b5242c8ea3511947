"""`Item2Vec`: items as words, what a user has as a sentence without an order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jari import parameters
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.kernels.random import seeded
from jari.kernels.shuffle import shuffle
from jari.learn.histories import Histories
from jari.learn.matrices import compacted, padded, random_rows, zeros
from jari.learn.negative import NegativeSampling
from jari.learn.recommender import Recommender
from jari.learn.sampling import Noise, keep_thresholds, largest_kept
from jari.learn.walk import Position, Walk
from jari.threads import thread_count
from jari.types import Callback, Counts, Ids, Matrix, Progress, Rows

_LAST_RATE = 0.1  # of the first
_PAIRS = 480  # of a group of centres at most: the noise words take a step for each, all at once
_SHUFFLING = 1 << 40  # a number that no block has


class Item2Vec(Recommender):
    """Items to vectors, from the items that the same users have: skip-gram with negative sampling over baskets.

    A user's score for an item is the mean of ``context · item`` over what the user has, plus `popularity` times the
    logarithm of how many users have the item.

    Parameters
    ----------
    dim
        Numbers in a vector. Few for few items: an item never meets itself, and where there is room vectors learn that
        too, so that neighbours among a hundred items are true with 5 dimensions and not with 16.
    window
        Of a basket of more than ``window + 1`` items, each meets some ``2 · window`` others an epoch. Baskets are
        shuffled anew for every epoch, so that any two items of one are equally likely to meet; smaller ones meet
        whole. A basket so counts by its length, not by the square of it. A wider window is as good as more epochs.
    negative
        Noise items to each true pair.
    noise_exponent
        Noise items are drawn in proportion to ``users ** noise_exponent``. Below 0 rare items are drawn more often.
    sample
        Items that make up more than this share of all entries are thinned out; 0 keeps every one.
    epochs
        Times that the baskets are read through. Baskets are read more often than texts: there is less of them.
    learning_rate
        It falls in a straight line to a tenth of it. Few baskets need more epochs, or a higher one: 0.05 for some
        hundred.
    popularity
        How much the popularity of an item counts when it is ranked. 0 brings out what is rare and goes with what the
        user has; 1 is nearly what most users have.
    threads
        None uses every core. The vectors depend on how threads meet unless `deterministic`, or ``threads=1``.
    deterministic
        The same seed gives the same bits whatever `threads` says: one thread does the work.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    item_embedding_ : Embedding
        W, and in `context` the other matrix, W'.
    user_embedding_ : Embedding
        The mean row of W' of what each user has.
    item_biases_ : ndarray of shape (items,)
        `popularity` times the logarithm of each item's share of all entries.
    losses_ : list of float
        The mean loss of a pair in each epoch, natural logarithm.

    Notes
    -----
    Barkan & Koenigstein 2016, *Item2vec: Neural Item Embedding for Collaborative Filtering*, equations 2 to 4; with the
    parameters that Caselles-Dupré, Lesaint & Royo-Letelier 2018, *Word2vec Applied to Recommendation: Hyperparameters
    Matter*, found to matter. Weights are not looked at.

    Examples
    --------
    >>> baskets = [["bread", "butter", "jam"], ["bread", "butter"], ["nails", "hammer"], ["hammer", "nails", "saw"]]
    >>> users = {f"user {row}": basket for row, basket in enumerate(baskets * 30)}
    >>> learner = Item2Vec(dim=8, learning_rate=0.05, random_state=1, threads=1).fit(users)
    >>> sorted(learner.similar_items("nails", k=2).keys)
    ['hammer', 'saw']
    """

    def __init__(
        self,
        *,
        dim: int = 64,
        window: int = 10,
        negative: int = 5,
        noise_exponent: float = 0.75,
        sample: float = 0.0,
        epochs: int = 50,
        learning_rate: float = 0.008,
        popularity: float = 0.3,
        threads: int | None = None,
        deterministic: bool = False,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.dim = dim
        self.window = window
        self.negative = negative
        self.noise_exponent = noise_exponent
        self.sample = sample
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.popularity = popularity
        self.threads = threads
        self.deterministic = deterministic
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
        >>> Item2Vec(window=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: window=0: an item learns from others of its basket. Give a whole number, 1 or more.
        """
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("window", self.window, 1, "an item learns from others of its basket")
        parameters.whole("negative", self.negative, 1, "without noise items every pair would become alike")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")
        parameters.real("sample", self.sample, 0.0, "it is a share of the entries")
        parameters.whole("epochs", self.epochs, 1, "the baskets must be read at least once")
        parameters.real("learning_rate", self.learning_rate, 0.0, "steps have a size", above=True)
        parameters.real("popularity", self.popularity, 0.0, "rare items would be ranked for being rare")

    def _fit(self, interactions: Interactions) -> None:
        baskets, items = interactions.matrix, interactions.items
        if np.diff(baskets.indptr).max(initial=0) < 2:
            raise BadInput("No user has two items or more: no two items ever meet. Give users with longer histories.")
        counts = interactions.users_of_items()
        walk = self._walk(baskets, counts)
        walk.run(self._telling(walk))
        self._told(walk, walk.words_done)
        self.losses_ = walk.losses
        if not math.isfinite(self.losses_[-1]):
            raise BadInput(
                f"The loss is no longer a number (learning_rate={self.learning_rate:g}): the steps were too long. "
                "Lower learning_rate."
            )
        W, C = (compacted(walk.model.matrices[name][: len(items)], int(self.dim)) for name in ("vectors", "context"))
        shares = np.maximum(counts, 1) / counts.sum()
        self.item_biases_ = (float(self.popularity) * np.log(shares)).astype(np.float32)
        self.item_embedding_ = Embedding(items, W, context=C, metadata=self._metadata("items"))
        users = self._fold_in(baskets)
        self.user_embedding_ = Embedding(interactions.users, users, metadata=self._metadata("users"))

    def _fold_in(self, histories: Histories) -> Matrix:
        lengths = np.diff(histories.indptr)
        shares = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
        means = csr_array((shares, histories.indices, histories.indptr), shape=histories.shape)
        vectors: Matrix = np.asarray(means @ self._context)
        return vectors

    def _shares(self, history: Histories, item: int) -> npt.NDArray[np.float64]:
        count = history.nnz
        products = (self._context[history.indices] @ self.item_embedding_.vectors[item]).astype(np.float64)
        left = (products.sum() - products) / max(count - 1, 1)  # the mean without each
        shares: npt.NDArray[np.float64] = products.sum() / max(count, 1) - left
        return shares

    def _restore(self, arrays: dict[str, Matrix]) -> None:
        if self.item_embedding_.context is None or self.item_biases_ is None:
            raise BadInput("the items have no context vectors or no biases")

    @property
    def _context(self) -> Matrix:
        return cast(Matrix, self.item_embedding_.context)  # `_fit` gives one, and `_restore` looks for it

    def _walk(self, baskets: Histories, counts: Counts) -> Walk:
        n, dim, width = len(counts), int(self.dim), padded(int(self.dim))
        rows = (n + 3) // 4 * 4  # kernels take whole fours
        generator = np.random.default_rng(self.seed_)
        matrices = {"vectors": random_rows(rows, dim, width, generator), "context": zeros(rows, width)}
        matrices["vectors"][n:] = 0
        keep = keep_thresholds(counts, float(self.sample))
        rate = float(self.learning_rate)
        model = BasketModel(
            matrices=matrices,
            W=matrices["vectors"],
            C=matrices["context"],
            dim=dim,
            is_cbow=False,
            window=min(int(self.window), int(np.diff(baskets.indptr).max()) - 1),
            shrink=False,
            bias=False,
            largest=largest_kept(counts, keep),
            rate=rate,
            negative=int(self.negative),
            false_contexts=False,
            noise=Noise.of(counts, float(self.noise_exponent)),
        )
        return BasketWalk(
            ids=baskets.indices.astype(np.int32),
            offsets=baskets.indptr.astype(np.int64),
            keep=keep,
            model=model,
            epochs=int(self.epochs),
            rates=(rate, rate * _LAST_RATE),
            seed=self.seed_,
            threads=1 if self.deterministic else thread_count(self.threads),
        )

    def _telling(self, walk: Walk) -> Any:
        def pausing(position: Position, words: int) -> bool:
            self._told(walk, words)
            return False

        return pausing

    def _told(self, walk: Walk, done: int) -> None:
        here = walk.position
        loss = here.loss / here.pairs if here.pairs else walk.losses[-1] if walk.losses else math.nan
        figures = {"epoch": here.epoch + here.block / walk.blocks, "loss": loss}
        for callback in self.callbacks:
            callback(Progress("learning", done, walk.epochs * len(walk.ids), "entries", figures))


class BasketModel(NegativeSampling):
    """Skip-gram whose groups are as small as wide windows ask for.

    A group's noise words take the steps of all its pairs at once: 24 centres of 80 contexts each, and they overshoot
    so far that the loss is soon no number.
    """

    __slots__ = ()

    @property
    def group(self) -> int:
        """Centres in a group."""
        return min(super().group, max(4, _PAIRS // (2 * self.window) // 4 * 4))


class BasketWalk(Walk):
    """A walk whose sentences are shuffled before each epoch, every one within itself."""

    __slots__ = ("_own",)

    _own: Ids

    def __post_init__(self) -> None:
        self._own = self.ids
        super().__post_init__()  # which shows them read-only

    def _shuffled(self, epoch: int) -> Rows:
        if self._order[0] != epoch:  # no thread is at work yet
            state: Any = np.uint64(seeded(self.seed, epoch, _SHUFFLING))
            shuffle(self._own, self.offsets, state)
        return super()._shuffled(epoch)
