"""`SpectralEmbedding`: count which words stand together, weigh the counts, keep the largest singular vectors."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest import Corpus
from jari.ingest.cooccurrence import Cooccurrence
from jari.learn.svd import truncated_svd
from jari.learn.textlearner import TextLearner
from jari.learn.thinning import thinned
from jari.learn.weights import WEIGHTINGS, weighted
from jari.threads import thread_count
from jari.types import Callback, Progress

_PPMI = 0.5  # its shift and its power; docs/decisions/0007-spectral.md
_DROPPED, _MANY_WORDS = 8, 10_000
_LOOK = 0.1  # seconds between two tellings
_AT_ONCE = 1 << 20  # entries


class SpectralEmbedding(TextLearner):
    """Words to vectors by counting: a truncated SVD of how often words stand together.

    Parameters
    ----------
    weighting
        What the counts become: ``"ppmi"``, positive pointwise mutual information; ``"pmi"``, with what is below 0 (an
        unseen pair counts as 0); ``"log"``, log(1 + count); ``"count"``, as they are.
    dim
        Numbers in a vector.
    window
        Words to either side.
    window_weighting
        How much a pair counts that stands d words apart: ``"shrink"`` (window + 1 - d)/window, as word2vec does on
        average; ``"distance"`` 1/d, as GloVe does; ``"flat"`` 1.
    symmetric
        Whether words to the left are contexts too.
    sample
        Words more frequent than this share of the text are thinned out before the rest is counted, so that windows
        reach further; 0 keeps every word. Counts that are given to `fit` are taken as they are.
    shift, smoothing
        Of `PMI`, for ``"ppmi"`` and ``"pmi"`` only. A shift below 1 lets pairs in that stand together somewhat less
        often than by chance, and so tells them from pairs that never do. None is 0.5 for ``"ppmi"`` and 1 for
        ``"pmi"``.
    power
        Weights are raised to this power (in size, their signs stay): 0.5 keeps a few large ones, which are those of
        rare words, from deciding; 1 takes them as they are. None is 0.5 for ``"ppmi"`` and 1 for the others.
    p
        Vectors are ``U Σ^p``: 0 makes all directions count alike, 1 approximates the matrix itself and lets the first
        directions, which say little more than how frequent a word is, drown the others.
    drop
        Leave out so many of the first directions: of a large text they tell registers apart rather than meanings, of a
        small one they are its topics. None is 8 for ``"ppmi"`` of 10,000 words and more, else 0.
    iterations
        Of the SVD, see `truncated_svd`. 5 serve; fewer are quicker, and less exact in the last directions.
    min_count
        Words seen less often are left out.
    max_vocabulary
        Keep at most so many words, the most frequent ones.
    memory
        What counting may hold at once, such as ``"1GB"``.
    tokenizer
        ``"words"``, ``"whitespace"`` or a function from a string to a list of words.
    threads
        None uses every core. The vectors are the same bits with any number of them.
    random_state
        A seed, or None for another one each time. The vectors hardly depend on it, but for directions of the same
        singular value.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        `vectors` are ``U Σ^p``, words as rows; `context` is ``V Σ^p``, words as columns. A word that stands with no
        other has a zero vector; ``metadata["matrix"]["rows_without_pairs"]`` counts them.
    singular_values_ : ndarray
        Shape (dim,), falling.
    explained_variance_ratio_ : ndarray
        Shape (dim,): each direction's share of the sum of squares of the weighted matrix.
    losses_ : list of float
        Empty.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Levy, Goldberg & Dagan 2015, *Improving Distributional Similarity with Lessons Learned from Word Embeddings*;
    Bullinaria & Levy 2012, *Extracting semantic representations from word co-occurrence statistics: stop-lists,
    stemming, and SVD*, for p and drop; Stratos, Collins & Hsu 2015, *Model-based word embeddings from decompositions
    of count matrices*, for the power. The plain SVD of the PPMI matrix is ``sample=0, shift=1, power=1, drop=0``.
    The defaults are those that measured best: docs/decisions/0007-spectral.md.

    Examples
    --------
    >>> text = ["king rules land", "queen rules land", "cat purrs softly", "kitten purrs softly"] * 9
    >>> learner = SpectralEmbedding(dim=4, sample=0, random_state=1).fit(text)
    >>> learner.embedding_.similar("king", k=1).keys[0]
    'queen'
    """

    singular_values_: npt.NDArray[np.float64]
    explained_variance_ratio_: npt.NDArray[np.float64]

    def __init__(
        self,
        weighting: Literal["ppmi", "pmi", "log", "count"] = "ppmi",
        *,
        dim: int = 100,
        window: int = 5,
        window_weighting: Literal["shrink", "distance", "flat"] = "shrink",
        symmetric: bool = True,
        sample: float = 1e-4,
        shift: float | None = None,
        smoothing: float = 1.0,
        power: float | None = None,
        p: float = 0.5,
        drop: int | None = None,
        iterations: int = 5,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        memory: str | int = "1GB",
        tokenizer: Any = "words",
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.weighting = weighting
        self.dim = dim
        self.window = window
        self.window_weighting = window_weighting
        self.symmetric = symmetric
        self.sample = sample
        self.shift = shift
        self.smoothing = smoothing
        self.power = power
        self.p = p
        self.drop = drop
        self.iterations = iterations
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.memory = memory
        self.tokenizer = tokenizer
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> SpectralEmbedding(p=-1).check()
        Traceback (most recent call last):
        jari.errors.BadInput: p=-1: it is a power of the singular values. Give a number not below 0.
        """
        parameters.choice("weighting", self.weighting, WEIGHTINGS)
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.choice("window_weighting", self.window_weighting, ("shrink", "distance", "flat"))
        parameters.real("sample", self.sample, 0.0, "it is a share of the text")
        parameters.real("power", self._power, 0.0, "it is a power of the weights", above=True)
        if self.drop is not None:
            parameters.whole("drop", self.drop, 0, "it is a number of directions")
        parameters.real("p", self.p, 0.0, "it is a power of the singular values")
        parameters.real("shift", self._shift, 0.0, "its logarithm is subtracted", above=True)
        if parameters.real("smoothing", self.smoothing, 0.0, "it is a power") > 1:
            raise BadInput(f"smoothing={self.smoothing!r}: it is a power. Give a number from 0 to 1.")
        parameters.whole("iterations", self.iterations, 0, "it is a number of times")

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from a corpus or from counts, forgetting what was learnt before.

        Parameters
        ----------
        X
            A `Cooccurrence`, a `Corpus`, or anything that `jari.encode` takes: paths, strings, lists of words.
        y
            Not used.

        Raises
        ------
        BadInput
            A parameter out of its range, or a text of fewer distinct words than `dim`.
        """
        self.check()
        self.seed_ = parameters.seed_of(self.random_state)
        generator = np.random.default_rng(self.seed_)
        if isinstance(X, Cooccurrence):
            self._learn(X, generator)
            return self
        with self._corpus(X) as corpus:
            self._refuse_poor(corpus.vocabulary)
            self._refuse_few(len(corpus.vocabulary))
            with thinned(corpus, self.sample, generator) as rarer:
                counts = self._counted(rarer)
        with counts:
            self._learn(counts, generator)
        return self

    @property
    def _shift(self) -> Any:
        return (_PPMI if self.weighting == "ppmi" else 1.0) if self.shift is None else self.shift

    @property
    def _power(self) -> Any:
        return (_PPMI if self.weighting == "ppmi" else 1.0) if self.power is None else self.power

    def _recorded(self) -> dict[str, Any]:
        return super()._recorded() | {"shift": self._shift, "power": self._power}

    def _dropped(self, words: int) -> int:
        """How many of the first directions are left out."""
        if self.drop is None:
            return _DROPPED if self.weighting == "ppmi" and words >= _MANY_WORDS else 0
        return self.drop

    def _refuse_few(self, words: int) -> None:
        if words >= self.dim + self._dropped(words):
            return
        asked = f"dim={self.dim}" + (f" and drop={self.drop}" if self.drop else "")
        raise BadInput(
            f"{asked}: only {words:,} distinct words occur min_count={self.min_count} times or more, and they lie in "
            f"{words:,} dimensions at most. Lower dim, lower min_count or give more text."
        )

    def _counted(self, corpus: Corpus) -> Cooccurrence:
        return Cooccurrence.of(
            corpus,
            window=self.window,
            weighting=self.window_weighting,
            symmetric=self.symmetric,
            memory=self.memory,
            threads=self.threads,
            callback=self._tell,
        )

    def _learn(self, counts: Cooccurrence, generator: np.random.Generator) -> None:
        self._refuse_few(len(counts.vocabulary))
        matrix = weighted(
            counts,
            self.weighting,
            shift=self._shift,
            smoothing=self.smoothing,
            power=self._power,
            threads=thread_count(self.threads),
        )
        drop = self._dropped(len(counts.vocabulary))
        about = {
            "pairs_counted": int(counts.matrix.nnz),
            "pairs_kept": int(matrix.nnz),
            "rows_without_pairs": int(np.count_nonzero(np.diff(matrix.indptr) == 0)),
            "directions_dropped": drop,
        }
        U, s, Vt = truncated_svd(
            matrix,
            self.dim + drop,
            iterations=self.iterations,
            generator=generator,
            threads=self.threads,
            transposed=matrix if counts.symmetric and self.smoothing == 1 else None,
            tell=_Teller(self._tell),
        )
        U, s, Vt = U[:, drop:], s[drop:], Vt[drop:]
        self.singular_values_ = s
        self.explained_variance_ratio_ = s**2 / max(_sum_of_squares(matrix.data), np.finfo(float).tiny)
        self.losses_ = []
        spectrum = {
            "singular_values": s.tolist(),
            "explained_variance_ratio": self.explained_variance_ratio_.tolist(),
        }
        scale = np.power(s, self.p, out=np.zeros_like(s), where=s > 0).astype(np.float32)
        self.embedding_ = Embedding(
            counts.vocabulary,
            U * scale,
            context=Vt.T * scale,
            metadata=self._metadata(counts.statistics) | {"matrix": about | spectrum},
        )

    def _tell(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback(progress)


class _Teller:
    """Tells of rows done, some ten times a second and at the end."""

    def __init__(self, tell: Callback) -> None:
        self.tell, self.told = tell, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self.told > _LOOK:
            self.told = now
            self.tell(Progress("learning", done, total, "rows"))


def _sum_of_squares(values: npt.NDArray[np.float32]) -> float:
    """In float64, a part at a time."""
    parts = (values[at : at + _AT_ONCE].astype(np.float64) for at in range(0, len(values), _AT_ONCE))
    return float(sum(part @ part for part in parts))
