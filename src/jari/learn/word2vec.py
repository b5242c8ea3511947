"""`Word2Vec`: skip-gram and CBOW with negative sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.ingest import Corpus
from jari.learn import parameters
from jari.learn.matrices import compacted, padded, random_rows, zeros
from jari.learn.merging import merged, renumbered
from jari.learn.negative import NegativeSampling
from jari.learn.sampling import Noise, keep_thresholds, largest_kept
from jari.learn.textlearner import counts_of
from jari.learn.walk import Model
from jari.learn.walking import WalkingLearner
from jari.types import Callback, Matrix

_RATES = {"skipgram": 0.035, "cbow": 0.05}  # docs/decisions/0003-walk.md
_LAST_RATE = 0.1  # of the first; docs/decisions/0003-walk.md


class Word2Vec(WalkingLearner):
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
        The same seed gives the same bits whatever `threads` says: one thread does the work.
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
        with self._corpus(X, min_count=1) as corpus:
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
            walk = self._walk(text, {"vectors": W, "context": C})
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
        super().check()
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.whole("negative", self.negative, 1, "without noise words every pair would become alike")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")

    @property
    def _rate(self) -> Any:
        return _RATES[self.architecture] if self.learning_rate is None else self.learning_rate

    @property
    def _last_rate(self) -> Any:
        return self._rate * _LAST_RATE if self.min_learning_rate is None else min(self.min_learning_rate, self._rate)

    def _matrices(self, vocabulary: Vocabulary) -> dict[str, Matrix]:
        n, width = len(vocabulary), padded(self.dim)
        generator = np.random.default_rng(self.seed_)
        return {"vectors": random_rows(n, self.dim, width, generator), "context": zeros(n, width)}

    def _model(self, vocabulary: Vocabulary, matrices: Mapping[str, Matrix]) -> NegativeSampling:
        counts = counts_of(vocabulary)
        return NegativeSampling(
            matrices["vectors"],
            matrices["context"],
            dim=int(self.dim),
            is_cbow=self.architecture == "cbow",
            window=int(self.window),
            shrink=bool(self.shrink_windows),
            negative=int(self.negative),
            noise=Noise.of(counts, float(self.noise_exponent)),
            largest=largest_kept(counts, keep_thresholds(counts, float(self.sample))),
            rate=float(self._rate),
        )

    def _made(self, corpus: Corpus, model: Model) -> Embedding:
        return Embedding(
            corpus.vocabulary,
            compacted(model.matrices["vectors"], self.dim),
            context=compacted(model.matrices["context"], self.dim),
            metadata=self._metadata(corpus.statistics),
        )
