"""`FastText`: skip-gram and CBOW whose words are made of n-grams of characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Subwords, Vocabulary
from jari.embedding.subwords import JAMO, MOST_BUCKETS
from jari.errors import BadInput
from jari.ingest import Corpus
from jari.ingest.resources import refuse_too_large
from jari.learn.matrices import compacted, padded, random_rows, zeros
from jari.learn.sampling import Noise, keep_thresholds
from jari.learn.subword_model import Parts, SubwordSampling
from jari.learn.textlearner import counts_of
from jari.learn.walking import WalkingLearner
from jari.types import Callback, Matrix

_RATES = {"skipgram": 0.06, "cbow": 0.06}  # docs/decisions/0009-subwords.md
_LAST_RATE = 0.1  # of the first; docs/decisions/0003-walk.md


class FastText(WalkingLearner):
    """Words to vectors, from the words around them and from how they are spelt.

    A word's vector is the mean of one of its own and those of its n-grams, the runs of some characters of ``<word>``.
    Words that are spelt alike begin alike, rare ones learn from frequent ones, and words that the text does not hold
    have a vector too: ``embedding_.similar(word, unknown="subword")``.

    Parameters
    ----------
    architecture
        ``"skipgram"`` foretells each context from the word; ``"cbow"`` the word from the mean of its contexts.
    dim
        Numbers in a vector. 100 to 300 serve; more needs more text.
    window
        Words to either side. Small (2) brings words that replace each other together, large (10) words of one topic.
    min_ngram, max_ngram
        Lengths of the n-grams in characters, both included. For Korean written in eojeol, 1 to 6 serve.
    buckets
        How many different n-grams there can be: beyond, some share a vector. Memory is taken for those that the text
        needs, `buckets` at most.
    jamo
        Whether words with Hangul syllables have n-grams of 3 to 5 jamo (초성, 중성, 종성) besides: for Korean.
    shrink_windows, negative, noise_exponent, sample, min_count, max_vocabulary, epochs
        As for `Word2Vec`.
    learning_rate, min_learning_rate
        It falls in a straight line from the one to the other. None is 0.06, and a tenth of it at the end.
    tokenizer, threads, deterministic, random_state, callbacks
        As for `Word2Vec`.

    Attributes
    ----------
    embedding_ : Embedding
        What was learnt: `vectors` are the words as centres, `context` as contexts, `subwords` the n-grams.
    losses_ : list of float
        The mean loss of each epoch: of a (word, context) pair for skip-gram, of a word for CBOW; natural logarithm.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Bojanowski, Grave, Joulin & Mikolov 2017, *Enriching Word Vectors with Subword Information*; n-grams and their
    buckets are those of fastText. Jamo after Park, Byun, Baek, Cho & Oh 2018, *Subword-level Word Vector
    Representations for Korean*. How it is learnt: see `jari.kernels.subwords`.

    Examples
    --------
    >>> text = ["king rules land", "queen rules land", "cat purrs softly", "dog barks loudly"] * 200
    >>> learner = FastText(dim=16, epochs=10, sample=0, random_state=1, threads=1).fit(text)
    >>> learner.embedding_.similar("king", k=1).keys[0]
    'queen'
    >>> learner.embedding_.similar("kings", k=1, unknown="subword").keys[0]
    'king'
    """

    def __init__(
        self,
        architecture: Literal["skipgram", "cbow"] = "skipgram",
        *,
        dim: int = 100,
        window: int = 5,
        min_ngram: int = 3,
        max_ngram: int = 6,
        buckets: int = 2_000_000,
        jamo: bool = False,
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
        self.min_ngram = min_ngram
        self.max_ngram = max_ngram
        self.buckets = buckets
        self.jamo = jamo
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

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> FastText(min_ngram=6, max_ngram=3).check()
        Traceback (most recent call last):
        jari.errors.BadInput: min_ngram=6 and max_ngram=3: the longest n-grams are shorter than the shortest. ...
        """
        parameters.choice("architecture", self.architecture, ("skipgram", "cbow"))
        super().check()
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.whole("negative", self.negative, 1, "without noise words every pair would become alike")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")
        parameters.whole("min_ngram", self.min_ngram, 1, "an n-gram has at least one character")
        parameters.whole("max_ngram", self.max_ngram, 1, "without n-grams, learn with Word2Vec")
        if self.max_ngram < self.min_ngram:
            raise BadInput(
                f"min_ngram={self.min_ngram} and max_ngram={self.max_ngram}: the longest n-grams are shorter than the "
                "shortest. Give 1 ≤ min_ngram ≤ max_ngram."
            )
        if parameters.whole("buckets", self.buckets, 1, "n-grams need a place") > MOST_BUCKETS:
            raise BadInput(f"buckets={self.buckets:,}: their numbers have 31 bits. Give {MOST_BUCKETS:,} at most.")
        if not isinstance(self.jamo, bool | np.bool_):
            raise BadInput(f"jamo={self.jamo!r}: give True or False.")

    @property
    def _rate(self) -> Any:
        return _RATES[self.architecture] if self.learning_rate is None else self.learning_rate

    @property
    def _last_rate(self) -> Any:
        return self._rate * _LAST_RATE if self.min_learning_rate is None else min(self.min_learning_rate, self._rate)

    @property
    def _jamo(self) -> tuple[int, int] | None:
        return JAMO if self.jamo else None

    def _parts(self, vocabulary: Vocabulary) -> Parts:
        kept = _kept(vocabulary, float(self.sample))
        lengths = int(self.min_ngram), int(self.max_ngram)
        return Parts.of(vocabulary, kept, *lengths, int(self.buckets), self._jamo)

    def _matrices(self, vocabulary: Vocabulary) -> dict[str, Matrix]:
        words, ngrams, width = len(vocabulary), len(self._parts(vocabulary).buckets), padded(self.dim)
        refuse_too_large(
            4 * width * (2 * words + ngrams),
            f"The vectors of {words:,} words and {ngrams:,} n-grams",
            f"Lower buckets (now {self.buckets:,}), dim ({self.dim}) or max_ngram ({self.max_ngram}), or raise "
            f"min_count ({self.min_count}).",
        )
        generator = np.random.default_rng(self.seed_)
        return {"parts": random_rows(words + ngrams, self.dim, width, generator), "context": zeros(words, width)}

    def _model(self, vocabulary: Vocabulary, matrices: Mapping[str, Matrix]) -> SubwordSampling:
        parts, kept = self._parts(vocabulary), _kept(vocabulary, float(self.sample))
        shares = parts.shares(kept / kept.sum())
        scales = parts.scales(shares)
        return SubwordSampling(
            matrices["parts"],
            matrices["context"],
            parts,
            scales,
            dim=int(self.dim),
            is_cbow=self.architecture == "cbow",
            window=int(self.window),
            shrink=bool(self.shrink_windows),
            negative=int(self.negative),
            noise=Noise.of(counts_of(vocabulary), float(self.noise_exponent)),
            largest=parts.overlap(shares * scales),
            rate=float(self._rate),
        )

    def _vectors(self, model: Any, count: int) -> Matrix:
        return compacted(model.composed(count), self.dim)

    def _made(self, corpus: Corpus, model: Any) -> Embedding:
        words = len(model.compose())
        whole = compacted(model.W, self.dim)
        subwords = None
        if len(model.parts.buckets):
            subwords = Subwords(
                whole[words:],
                int(self.min_ngram),
                int(self.max_ngram),
                size=int(self.buckets),
                buckets=model.parts.buckets,
                jamo=self._jamo,
            )
        return Embedding(
            corpus.vocabulary,
            whole[:words],
            context=compacted(model.C, self.dim),
            subwords=subwords,
            metadata=self._metadata(corpus.statistics),
        )


def _kept(vocabulary: Vocabulary, sample: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How many of each word are expected to be kept."""
    counts = counts_of(vocabulary)
    return counts * (keep_thresholds(counts, sample) / 2.0**32)
