"""`Word2Vec`: skip-gram and CBOW with negative sampling."""

from __future__ import annotations

import math
import pathlib
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict
from typing import Any, Literal, Self

import numpy as np

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, Interrupted
from jari.ingest import Corpus
from jari.ingest.tokenizers import tokenizer_named
from jari.learn import parameters
from jari.learn.checkpoint import Checkpoint, State, refuse_other_parameters
from jari.learn.corpora import corpus_of
from jari.learn.estimator import Estimator
from jari.learn.matrices import compacted, padded, random_rows, zeros
from jari.learn.merging import merged, renumbered
from jari.learn.pages import trim
from jari.learn.sampling import Noise, keep_thresholds, largest_kept
from jari.learn.walk import Position, Walk
from jari.types import Callback, Matrix, Progress
from jari.types import Path as PathLike

_WORTH_KEEPING = 60.0  # seconds of learning that nobody should have to repeat because a disk was full
_RATES = {"skipgram": 0.035, "cbow": 0.05}  # docs/decisions/0003-walk.md
_LAST_RATE = 0.1  # of the first; docs/decisions/0003-walk.md


class Word2Vec(Estimator):
    """Words to vectors, from the words that stand around them.

    Parameters
    ----------
    architecture
        ``"skipgram"`` foretells each context from the word; ``"cbow"`` the word from the mean of its contexts: twice as
        fast, and for frequent words as good.
    dim
        Numbers in a vector. 100 to 300 serve; more needs more text.
    window
        Words to either side. Small (2) brings words that replace each other together, large (10) words of one topic.
    shrink_windows
        Near words count more, as if each window's size were drawn from 1 to `window` (CBOW does draw it).
    negative
        Noise words to each true pair. 5 serves; 2 is enough for billions of words, 15 for few.
    noise_exponent
        Noise words are drawn in proportion to ``count ** noise_exponent``.
    sample
        Words more frequent than this share of the text are thinned out; 0 keeps every word.
    min_count
        Words seen less often are left out.
    max_vocabulary
        Keep at most so many words, the most frequent ones.
    epochs
        Times that the text is read through.
    learning_rate, min_learning_rate
        It falls in a straight line from the one to the other. None is 0.035 for skip-gram and 0.05 for CBOW, and a
        tenth of that at the end: with few epochs, or for word similarity, better than word2vec's fall from 0.025 to 0.
    tokenizer
        ``"words"``, ``"whitespace"`` or a function from a string to a list of words.
    threads
        None uses every core. The vectors depend on how threads meet unless `deterministic`, or ``threads=1``.
    deterministic
        The same seed gives the same bits with any number of threads; ten times slower on two of them.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        What was learnt: `vectors` are the words as centres, `context` as contexts.
    losses_ : list of float
        The mean loss of each epoch: of a (word, context) pair for skip-gram, of a word for CBOW; natural logarithm.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Mikolov, Sutskever, Chen, Corrado & Dean 2013, *Distributed Representations of Words and Phrases and their
    Compositionality*, equation 4. Noise words are shared by groups of 24 or 32 centres: see `jari.kernels.skipgram`.

    Examples
    --------
    >>> text = ["king rules land", "queen rules land", "cat purrs softly", "dog barks loudly"] * 200
    >>> learner = Word2Vec(dim=16, epochs=10, sample=0, random_state=1, threads=1).fit(text)
    >>> learner.embedding_.similar("king", k=1).keys[0]
    'queen'
    """

    embedding_: Embedding
    losses_: list[float]
    seed_: int

    def __init__(
        self,
        architecture: Literal["skipgram", "cbow"] = "skipgram",
        *,
        dim: int = 100,
        window: int = 5,
        shrink_windows: bool = True,
        negative: int = 5,
        noise_exponent: float = 0.75,
        sample: float = 1e-4,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        epochs: int = 5,
        learning_rate: float | None = None,
        min_learning_rate: float | None = None,
        tokenizer: Any = "words",
        threads: int | None = None,
        deterministic: bool = False,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.architecture = architecture
        self.dim = dim
        self.window = window
        self.shrink_windows = shrink_windows
        self.negative = negative
        self.noise_exponent = noise_exponent
        self.sample = sample
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.min_learning_rate = min_learning_rate
        self.tokenizer = tokenizer
        self.threads = threads
        self.deterministic = deterministic
        self.random_state = random_state
        self.callbacks = callbacks

    def fit(
        self,
        X: Corpus | Any,
        y: Any = None,
        *,
        checkpoint: PathLike | None = None,
        checkpoint_minutes: float = 10.0,
        resume: bool = False,
    ) -> Self:
        """Learn from a corpus, forgetting what was learnt before.

        Parameters
        ----------
        X
            A `Corpus`, or anything that `jari.encode` takes: paths, strings, lists of words.
        y
            Not used.
        checkpoint
            A folder to keep a checkpoint in: every `checkpoint_minutes`, when interrupted, and at the end of what took
            more than a minute. It stays; delete it once the result is safe.
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
        encoded = kept.corpus if state is not None and kept is not None and kept.corpus.is_dir() else None
        with self._corpus(X, self.min_count, encoded) as corpus:
            self._refuse_poor(corpus.vocabulary)
            if state is None:
                self.seed_ = parameters.seed_of(self.random_state)
                width = padded(self.dim)
                n = len(corpus.vocabulary)
                W = random_rows(n, self.dim, width, np.random.default_rng(self.seed_))
                walk = self._walk(corpus, W, zeros(n, width))
            else:
                walk = self._walk_on(corpus, state)
            self._learn(walk, corpus, kept, checkpoint_minutes * 60)
        return self

    def partial_fit(self, X: Corpus | Any, y: Any = None) -> Self:
        """Go on learning from another corpus, with its new words added.

        Known words keep their vectors to begin with; their counts are added up. Words of `X` that are not known yet and
        stand in it `min_count` times begin at random. The learning rate starts from `learning_rate` again.
        """
        if "embedding_" not in vars(self):
            return self.fit(X)
        self.check()
        known: Embedding = self.embedding_
        if known.context is None:
            raise BadInput("This embedding was saved without its context vectors and cannot be learnt further.")
        with self._corpus(X, 1) as corpus:
            vocabulary, old = merged(known.vocabulary, corpus.vocabulary, self.min_count)
            ids, offsets = renumbered(corpus, vocabulary)
            if len(ids) == 0:
                raise BadInput("No word of this text is known or frequent enough. Lower min_count or give more text.")
            width = padded(self.dim)
            W = random_rows(len(vocabulary), self.dim, width, np.random.default_rng([self.seed_, len(self.losses_)]))
            C = zeros(len(vocabulary), width)
            W[old >= 0, : self.dim] = known.vectors[old[old >= 0]]
            C[old >= 0, : self.dim] = known.context[old[old >= 0]]
            before = list(self.losses_)
            text = Corpus(ids=ids, offsets=offsets, vocabulary=vocabulary, statistics=corpus.statistics)
            walk = self._walk(text, W, C)
            self._learn(walk, text, None, 0.0)
            self.losses_ = before + self.losses_
        return self

    @classmethod
    def from_embedding(cls, embedding: Embedding, **changed: Any) -> Self:
        """A learner that `partial_fit` continues from an embedding that a `Word2Vec` made.

        Parameters
        ----------
        embedding
            As loaded by `jari.load`.
        changed
            Parameters to change, such as `epochs`.
        """
        recorded = embedding.metadata.get("parameters", {})
        learner = cls(**({name: recorded[name] for name in cls._parameters() if name in recorded} | changed))
        learner.dim = embedding.dim
        learner.embedding_ = embedding
        learner.losses_ = list(embedding.metadata.get("losses", []))
        learner.seed_ = int(embedding.metadata.get("seed", 0))
        return learner

    def transform(self, X: Iterable[str | Sequence[str]]) -> Any:
        """The mean vector of each text's known words, shape (texts, dim); zeros where none is known."""
        embedding: Embedding = self._learnt("embedding_")
        return self._output(embedding.pool(X, tokenizer=tokenizer_named(self.tokenizer)), self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray[Any, Any]:
        """``word2vec0``, ``word2vec1``, …"""
        embedding: Embedding = self._learnt("embedding_")
        return np.array([f"word2vec{i}" for i in range(embedding.dim)], dtype=object)

    @property
    def vocabulary_(self) -> Vocabulary:
        """The words that have a vector, the most frequent first."""
        embedding: Embedding = self._learnt("embedding_")
        return embedding.vocabulary

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> Word2Vec(window=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: window=0: a word learns from its neighbours. Give a whole number, 1 or more.
        """
        parameters.choice("architecture", self.architecture, ("skipgram", "cbow"))
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.whole("negative", self.negative, 1, "without noise words every pair would become alike")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")
        parameters.real("sample", self.sample, 0.0, "it is a share of the text")
        parameters.whole("min_count", self.min_count, 1, "a word is seen at least once")
        if self.max_vocabulary is not None:
            parameters.whole("max_vocabulary", self.max_vocabulary, 2, "one word has no other to differ from")
        parameters.whole("epochs", self.epochs, 1, "the text must be read at least once")
        parameters.real("learning_rate", self._rate, 0.0, "steps have a size", above=True)
        parameters.real("min_learning_rate", self._last_rate, 0.0, "steps have a size")
        parameters.thread_count(self.threads)

    @property
    def _rate(self) -> Any:
        return _RATES[self.architecture] if self.learning_rate is None else self.learning_rate

    @property
    def _last_rate(self) -> Any:
        return self._rate * _LAST_RATE if self.min_learning_rate is None else min(self.min_learning_rate, self._rate)

    def _corpus(self, X: Any, min_count: int, encoded: pathlib.Path | None = None) -> AbstractContextManager[Corpus]:
        if encoded is not None:
            return closing(Corpus.open(encoded))
        return corpus_of(
            X,
            tokenizer=self.tokenizer,
            min_count=min_count,
            max_vocabulary=self.max_vocabulary,
            threads=parameters.thread_count(self.threads),
            callbacks=self.callbacks,
        )

    def _refuse_poor(self, vocabulary: Vocabulary) -> None:
        if len(vocabulary) < 2:
            only = vocabulary.keys[0] if len(vocabulary) else None
            raise BadInput(
                f"The only word that occurs min_count={self.min_count} times or more is {only!r}: "
                f"it has no other to differ from. Lower min_count or give more text."
            )

    def _recorded(self) -> dict[str, Any]:
        """The parameters as JSON, those that decide the result."""
        given = self.get_params() | {
            "learning_rate": self._rate,
            "min_learning_rate": self._last_rate,
            "random_state": None,
            "callbacks": None,
            "threads": None,
        }
        given["tokenizer"] = (
            self.tokenizer if isinstance(self.tokenizer, str) else getattr(self.tokenizer, "__name__", "?")
        )
        return {name: value for name, value in given.items() if value is not None}

    def _walk(self, corpus: Corpus, W: Matrix, C: Matrix) -> Walk:
        counts = corpus.vocabulary.counts
        if counts is None:
            raise BadInput("This corpus came with a vocabulary without counts, which skip-gram and CBOW learn by.")
        keep = keep_thresholds(counts, float(self.sample))
        return Walk(
            ids=corpus.ids,
            offsets=corpus.offsets,
            keep=keep,
            largest=largest_kept(counts, keep),
            noise=Noise.of(counts, float(self.noise_exponent)),
            W=W,
            C=C,
            dim=int(self.dim),
            is_cbow=self.architecture == "cbow",
            window=int(self.window),
            shrink=bool(self.shrink_windows),
            negative=int(self.negative),
            epochs=int(self.epochs),
            rates=(float(self._rate), float(self._last_rate)),
            seed=self.seed_,
            threads=parameters.thread_count(self.threads),
            deterministic=bool(self.deterministic),
        )

    def _walk_on(self, corpus: Corpus, state: State) -> Walk:
        self.seed_ = int(state.position["seed"])
        n, width = len(corpus.vocabulary), padded(self.dim)
        matrices = []
        for name in ("vectors", "context"):
            matrix = zeros(n, width)
            kept = state.matrices[name]
            if len(kept) != n or kept.shape[1] < self.dim:
                raise BadInput(f"The checkpoint holds {len(kept):,} words and this text {n:,}: it is another text.")
            matrix[:, : self.dim] = kept[:, : self.dim]  # whatever the padding was where it was saved
            matrices.append(matrix)
        walk = self._walk(corpus, matrices[0], matrices[1])
        walk.position = Position(**state.position["walk"])
        walk.losses = list(state.position["losses"])
        return walk

    def _learn(self, walk: Walk, corpus: Corpus, checkpoint: Checkpoint | None, every: float) -> None:
        trim()
        total = walk.epochs * len(walk.ids)
        saved = time.monotonic()

        def tell(position: Position, words: int) -> None:
            loss = position.loss / position.pairs if position.pairs else walk.losses[-1] if walk.losses else math.nan
            done = position.epoch + position.block / walk.blocks
            figures = {"epoch": done, "loss": loss, "rate": walk.rate(position.epoch, position.block)}
            for callback in self.callbacks:
                callback(Progress("learning", words, total, "words", figures))

        def pausing(position: Position, words: int) -> bool:
            tell(position, words)
            return checkpoint is not None and time.monotonic() - saved > every

        def save() -> None:
            if checkpoint is not None:
                if corpus.is_temporary and not checkpoint.corpus.is_dir():
                    checkpoint.folder.mkdir(parents=True, exist_ok=True)
                    corpus.save(checkpoint.corpus)  # so that the text, perhaps a pipe, is not needed again
                position = {"walk": asdict(walk.position), "losses": walk.losses, "seed": self.seed_}
                matrices = {"vectors": walk.W, "context": walk.C}  # with their padding: no copy
                checkpoint.save(State(self._recorded(), position, matrices))

        try:
            while not walk.run(pausing):
                save()
                saved = time.monotonic()
            if time.monotonic() - saved > _WORTH_KEEPING:
                save()
            tell(walk.position, total)
        except KeyboardInterrupt as interruption:
            if checkpoint is None:
                raise
            save()
            share = walk.words_done / total
            raise Interrupted(f"Stopped at {share:.0%}. What was learnt is in {checkpoint.folder}.") from interruption
        self.losses_ = walk.losses
        if not np.isfinite(self.losses_[-1]):
            raise BadInput(
                f"The loss is no longer a number (learning_rate={self._rate:g}): the steps were too long. "
                "Lower learning_rate."
            )
        self.embedding_ = Embedding(
            corpus.vocabulary,
            compacted(walk.W, self.dim),
            context=compacted(walk.C, self.dim),
            metadata=self._metadata(corpus.statistics),
        )

    def _metadata(self, statistics: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "learner": "Word2Vec",
            "parameters": self._recorded(),
            "seed": self.seed_,
            "losses": list(self.losses_),
            "corpus": dict(statistics),
        }
