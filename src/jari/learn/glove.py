"""`GloVe`: vectors whose products are the logarithms of how often words stand together."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, Self

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, Interrupted
from jari.ingest.cooccurrence import Cooccurrence
from jari.learn.checkpoint import Checkpoint, State, refuse_other_parameters
from jari.learn.glove_descent import Descent, Position
from jari.learn.pages import trim
from jari.learn.textlearner import TextLearner
from jari.learn.watching import shown_to
from jari.threads import thread_count
from jari.types import Callback, Matrix, Progress
from jari.types import Path as PathLike

_WORTH_KEEPING = 60.0  # seconds of learning that nobody should have to repeat because a disk was full
_ANSWERS = ("sum", "input", "output", "mean")


class GloVe(TextLearner):
    """Words to vectors, from how often each two stand near each other.

    Parameters
    ----------
    dim
        Numbers in a vector. 100 to 300 serve; more needs more text.
    window
        Words to either side that are counted.
    window_weighting
        How much a pair counts that stands d words apart: ``"distance"`` 1/d, as in GloVe; ``"shrink"``
        (window + 1 - d)/window, as word2vec does on average; ``"flat"`` 1.
    symmetric
        Whether words to the left are contexts too.
    x_max
        Pairs counted so often weigh 1, rarer ones less.
    alpha
        They weigh ``(x / x_max) ** alpha``.
    unseen
        For each counted pair so many others are drawn, frequent words more often, and those that never stood near each
        other are learnt too: else nothing says that they have nothing to do with each other. 0 learns from counted
        pairs alone, as Pennington et al. do: faster, and for analogies a quarter worse.
    learning_rate
        No step is longer; AdaGrad makes them shorter with every gradient.
    epochs
        Times that the counts are gone through.
    vectors
        What is the answer: the words' vectors as words (``"input"``), as contexts (``"output"``), or both together,
        ``"sum"`` or ``"mean"``.
    min_count
        Words seen less often are left out.
    max_vocabulary
        Keep at most so many words, the most frequent ones.
    memory
        What counting may hold at once, such as ``"1GB"``. Learning holds 6 bytes for each two words that stand near
        each other or were drawn, and 16 for each number of a vector.
    tokenizer
        ``"words"``, ``"whitespace"`` or a function from a string to a list of words.
    threads
        None uses every core. The vectors depend on how threads meet unless `deterministic`, or ``threads=1``.
    deterministic
        The same seed gives the same bits whatever `threads` says: one thread does the learning.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        What was learnt: `vectors` as asked for, `context` the words as contexts (as words, with ``vectors="output"``).
    losses_ : list of float
        Of each epoch: the mean of ``f(x) · (log x - what was foretold)²`` over all pairs.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Pennington, Socher & Manning 2014, *GloVe: Global Vectors for Word Representation*, equations 8 and 9; with AdaGrad
    as of Duchi, Hazan & Singer 2011. Where it begins, and the defaults: docs/decisions/0006-glove.md.

    Examples
    --------
    >>> text = ["king rules land", "queen rules land", "cat purrs softly", "dog barks loudly"] * 200
    >>> learner = GloVe(dim=16, epochs=50, vectors="input", unseen=30, random_state=1).fit(text)
    >>> learner.embedding_.similar("king", k=1).keys[0]
    'queen'
    """

    def __init__(
        self,
        dim: int = 100,
        *,
        window: int = 10,
        window_weighting: Literal["distance", "shrink", "flat"] = "distance",
        symmetric: bool = True,
        x_max: float = 10.0,
        alpha: float = 0.75,
        unseen: float = 3.0,
        learning_rate: float = 0.1,
        epochs: int = 15,
        vectors: Literal["sum", "input", "output", "mean"] = "sum",
        min_count: int = 5,
        max_vocabulary: int | None = None,
        memory: str | int = "1GB",
        tokenizer: Any = "words",
        threads: int | None = None,
        deterministic: bool = False,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.dim = dim
        self.window = window
        self.window_weighting = window_weighting
        self.symmetric = symmetric
        self.x_max = x_max
        self.alpha = alpha
        self.unseen = unseen
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.vectors = vectors
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.memory = memory
        self.tokenizer = tokenizer
        self.threads = threads
        self.deterministic = deterministic
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
        >>> GloVe(x_max=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: x_max=0: counts are compared with it. Give a number above 0.
        """
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.choice("window_weighting", self.window_weighting, ("distance", "shrink", "flat"))
        parameters.real("x_max", self.x_max, 0.0, "counts are compared with it", above=True)
        parameters.real("alpha", self.alpha, 0.0, "it is a power")
        parameters.real("unseen", self.unseen, 0.0, "it is a number of pairs")
        parameters.real("learning_rate", self.learning_rate, 0.0, "steps have a size", above=True)
        parameters.whole("epochs", self.epochs, 1, "the counts must be gone through at least once")
        parameters.choice("vectors", self.vectors, _ANSWERS)

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        checkpoint: PathLike | None = None,
        checkpoint_minutes: float = 10.0,
        resume: bool = False,
    ) -> Self:
        """Learn from a text or from counts, forgetting what was learnt before.

        Parameters
        ----------
        X
            A `Cooccurrence`, which is taken as it was counted, a `Corpus`, or anything that `jari.encode` takes: paths,
            strings, lists of words.
        y
            Not used.
        checkpoint
            A folder to keep a checkpoint in: every `checkpoint_minutes`, when interrupted, and at the end of what took
            more than a minute. It holds the counts too, if they were counted here. It stays; delete it once the result
            is safe.
        resume
            Go on from `checkpoint` where it holds one.

        Raises
        ------
        BadInput
            A parameter out of its range, a text without two words to learn, other parameters than the checkpoint's.
        Interrupted
            Ctrl-C, once the checkpoint is written.
        """
        self.check()
        kept = None if checkpoint is None else Checkpoint(checkpoint)
        state = kept.load() if kept is not None and resume and kept.exists() else None
        if state is not None and kept is not None:
            refuse_other_parameters(kept.folder, state.parameters, self._recorded())
        counts = self._given(X, kept, state)
        self._refuse_poor(counts.vocabulary)
        vocabulary, statistics = counts.vocabulary, counts.statistics
        self.seed_ = parameters.seed_of(self.random_state) if state is None else int(state.position["seed"])
        descent = self._descent(counts, state)
        del counts, X  # the tiles are all that is needed
        self._learn(descent, vocabulary, kept, checkpoint_minutes * 60)
        self.embedding_ = self._made(descent.matrices, vocabulary, statistics)
        return self

    def _given(self, X: Any, kept: Checkpoint | None, state: State | None) -> Cooccurrence:
        """The checkpoint's counts, those that were given, or those of a text, which the checkpoint then keeps."""
        place = None if kept is None else kept.folder / "counts"
        if place is not None and state is not None and place.is_dir():
            return Cooccurrence.open(place)
        if place is not None and state is None:
            shutil.rmtree(place, ignore_errors=True)  # of another learning
        if isinstance(X, Cooccurrence):
            return X
        counts = self._counts(X)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            counts.save(place)  # so that the text, perhaps a pipe, is not needed again
        return counts

    def _counts(self, X: Any) -> Cooccurrence:
        with self._corpus(X) as corpus:
            self._refuse_poor(corpus.vocabulary)
            return Cooccurrence.of(
                corpus,
                window=self.window,
                weighting=self.window_weighting,
                symmetric=self.symmetric,
                memory=self.memory,
                threads=self.threads,
                callback=self._tell,
            )

    def _recorded(self) -> dict[str, Any]:
        return {name: value for name, value in super()._recorded().items() if name != "memory"}

    def _tell(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback(progress)

    def _descent(self, counts: Cooccurrence, state: State | None) -> Descent:
        descent = Descent.of(
            counts,
            dim=int(self.dim),
            x_max=float(self.x_max),
            alpha=float(self.alpha),
            unseen=float(self.unseen),
            rate=float(self.learning_rate),
            epochs=int(self.epochs),
            seed=self.seed_,
            threads=1 if self.deterministic else thread_count(self.threads),
        )
        if state is not None:
            descent.go_on(state.matrices, Position(**state.position["descent"]), state.position["losses"])
        return descent

    def _learn(self, descent: Descent, vocabulary: Vocabulary, checkpoint: Checkpoint | None, every: float) -> None:
        trim()
        total = descent.epochs * descent.pairs
        saved = time.monotonic()

        def tell() -> None:
            here = descent.position
            figures = {"epoch": here.epoch + here.visit / descent.tiles.visits, "loss": descent.loss}
            self._tell(Progress("learning", descent.pairs_done, total, "pairs", figures))

        def pausing() -> bool:
            tell()
            return checkpoint is not None and time.monotonic() - saved > every

        def save() -> None:
            if checkpoint is not None:
                position = {"descent": asdict(descent.position), "losses": descent.losses, "seed": self.seed_}
                checkpoint.save(State(self._recorded(), position, descent.matrices))

        try:
            with shown_to(self.callbacks, vocabulary, lambda count: self._answer(descent.matrices, count)):
                while not descent.run(pausing):
                    save()
                    saved = time.monotonic()
            if time.monotonic() - saved > _WORTH_KEEPING:
                save()
            tell()
        except KeyboardInterrupt as interruption:
            if checkpoint is None:
                raise
            save()
            share = descent.pairs_done / total
            raise Interrupted(f"Stopped at {share:.0%}. What was learnt is in {checkpoint.folder}.") from interruption
        self.losses_ = descent.losses
        if not np.isfinite(self.losses_[-1]):
            raise BadInput(
                f"The loss is no longer a number (learning_rate={self.learning_rate:g}): the steps were too long. "
                "Lower learning_rate."
            )

    def _made(self, matrices: Mapping[str, Matrix], vocabulary: Vocabulary, statistics: Mapping[str, Any]) -> Embedding:
        beside = matrices["vectors" if self.vectors == "output" else "context"][:, : self.dim].copy()
        answer = self._answer(matrices, len(vocabulary))
        return Embedding(vocabulary, answer, context=beside, metadata=self._metadata(statistics))

    def _answer(self, matrices: Mapping[str, Matrix], count: int) -> Matrix:
        """The vectors that are asked for of the first `count` words: a copy."""
        words, contexts = (matrices[name][:count, : self.dim] for name in ("vectors", "context"))
        if self.vectors in ("input", "output"):
            return (words if self.vectors == "input" else contexts).copy()
        answer: Matrix = words + contexts
        if self.vectors == "mean":
            answer /= 2
        return answer
