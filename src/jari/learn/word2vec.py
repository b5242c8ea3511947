"""`Word2Vec`: skip-gram and CBOW, with negative sampling, the hierarchical softmax or the full one."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.ingest import Corpus
from jari.kernels.hierarchical import TOP
from jari.learn.halves import HALVES, Half, answer, halves
from jari.learn.hierarchical import HierarchicalSoftmax, Tree
from jari.learn.matrices import compacted, padded, random_rows, zeros
from jari.learn.merging import merged, renumbered
from jari.learn.negative import NegativeSampling
from jari.learn.pairs import PairModel
from jari.learn.sampling import Noise, keep_thresholds, largest_kept
from jari.learn.softmax import LARGE, Softmax
from jari.learn.textlearner import counts_of
from jari.learn.walk import Model
from jari.learn.walking import WalkingLearner
from jari.types import Callback, Matrix, Vector

_RATES = {  # docs/decisions/0003-walk.md, 0008-softmaxes.md
    "negative": {"skipgram": 0.035, "cbow": 0.05},
    "hierarchical": {"skipgram": 0.035, "cbow": 0.05},
    "softmax": {"skipgram": 0.035, "cbow": 0.05},
}
_LAST_RATE = 0.1  # of the first; docs/decisions/0003-walk.md


@dataclass(frozen=True, slots=True)
class Biases:
    """b and b' of softmax(W'(W x + b) + b').

    Parameters
    ----------
    hidden
        b, shape (dim,).
    output
        b', one a word; of the hierarchical softmax one an inner node of the tree.
    """

    hidden: Vector
    output: Vector


class Word2Vec(WalkingLearner):
    """Words to vectors, from the words that stand around them.

    Parameters
    ----------
    architecture
        ``"skipgram"`` foretells each context from the word; ``"cbow"`` the word from the mean of its contexts: twice as
        fast, and for frequent words as good.
    loss
        ``"negative"`` tells true pairs from noise; ``"hierarchical"`` foretells a word by its way down a Huffman tree,
        without noise, some three times slower; ``"softmax"`` is what both stand in for, the
        cross-entropy over all words: for vocabularies of some thousands.
    noise
        For negative sampling: ``"context"`` sets false contexts against a true word, ``"target"`` another word into the
        true context (*the plane flies*, *the plane jogs*). None is as word2vec does it: contexts for skip-gram, targets
        for CBOW.
    bias
        Learn b and b' too, as in softmax(W'(W x + b) + b'), so that how frequent a word is need not be in its vector.
    vectors
        Which matrix is the answer: W (``"input"``, as word2vec), W' (``"output"``), their ``"mean"`` or ``"sum"``.
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
        What was learnt: `vectors` as asked for, and in `context` the other matrix: W beside W', else W'. The
        hierarchical softmax has none: its output vectors belong to the nodes of a tree.
    biases_ : Biases or None
        b and b', with ``bias=True``. They are not saved with the embedding.
    losses_ : list of float
        The mean loss of each epoch: of a (word, context) pair for skip-gram, of a word for CBOW; natural logarithm.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Mikolov, Sutskever, Chen, Corrado & Dean 2013, *Distributed Representations of Words and Phrases and their
    Compositionality*, equations 2 to 4. Noise words are shared by groups of 24 or 32 centres: see
    `jari.kernels.skipgram`; and `jari.kernels.hierarchical`, `jari.kernels.softmax`.

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
        loss: Literal["negative", "softmax", "hierarchical"] = "negative",
        noise: Literal["context", "target"] | None = None,
        bias: bool = False,
        vectors: Half = "input",
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
        self.loss = loss
        self.noise = noise
        self.bias = bias
        self.vectors = vectors
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
        if self.loss == "hierarchical":
            raise BadInput(
                "loss='hierarchical': other counts make another tree, so learning cannot go on. Fit all text at once."
            )
        known: Embedding = self.embedding_
        inputs, outputs = halves(known)
        biases: Biases | None = getattr(self, "biases_", None)
        if self.bias and biases is None:
            raise BadInput("bias=True: biases are not saved with an embedding, so learning cannot go on from it.")
        with self._corpus(X, min_count=1) as corpus:
            vocabulary, old = merged(known.vocabulary, corpus.vocabulary, self.min_count)
            ids, offsets = renumbered(corpus, vocabulary)
            if len(ids) == 0:
                raise BadInput("No word of this text is known or frequent enough. Lower min_count or give more text.")
            matrices = self._matrices(vocabulary, [self.seed_, len(self.losses_)])
            here, rows = np.flatnonzero(old >= 0), old[old >= 0]
            matrices["context"][here, : self.dim] = outputs[rows]
            matrices["vectors"][here, : self.dim] = inputs[rows]
            if self.bias and biases is not None:
                W, C = self._in_and_out(matrices)
                W[-1, : self.dim], C[here, self.dim] = biases.hidden, biases.output[rows]
            before = list(self.losses_)
            text = Corpus(ids=ids, offsets=offsets, vocabulary=vocabulary, statistics=corpus.statistics)
            self._learn(self._walk(text, matrices), text, None, 0.0)
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
        parameters.choice("loss", self.loss, ("negative", "softmax", "hierarchical"))
        parameters.choice("vectors", self.vectors, HALVES)
        if self.noise is not None:
            parameters.choice("noise", self.noise, ("context", "target"))
            if self.loss != "negative":
                raise BadInput(f"noise={self.noise!r}: loss={self.loss!r} draws no noise. Leave it out.")
        if self.loss == "hierarchical" and self.vectors != "input":
            raise BadInput(
                f"vectors={self.vectors!r}: with loss='hierarchical' only tree nodes have output vectors, and no word "
                "has. Give vectors='input'."
            )
        super().check()
        parameters.whole("window", self.window, 1, "a word learns from its neighbours")
        parameters.whole("negative", self.negative, 1, "without noise words every pair would become alike")
        parameters.real("noise_exponent", self.noise_exponent, -10.0, "it is a power")

    @property
    def _rate(self) -> Any:
        return _RATES[self.loss][self.architecture] if self.learning_rate is None else self.learning_rate

    @property
    def _last_rate(self) -> Any:
        return self._rate * _LAST_RATE if self.min_learning_rate is None else min(self.min_learning_rate, self._rate)

    @property
    def _columns(self) -> int:
        return int(self.dim) + bool(self.bias)

    def _matrices(self, vocabulary: Vocabulary, seed: Any = None) -> dict[str, Matrix]:
        rows = max(TOP, (len(vocabulary) + bool(self.bias) + 3) // 4 * 4)  # kernels take whole fours; the last may be b
        generator = np.random.default_rng(self.seed_ if seed is None else seed)
        width = padded(self._columns)
        matrices = {"vectors": random_rows(rows, self.dim, width, generator), "context": zeros(rows, width)}
        matrices["vectors"][len(vocabulary) :] = 0
        if self.bias:
            self._in_and_out(matrices)[0][-1, self.dim] = 1
        return matrices

    def _in_and_out(self, matrices: Mapping[str, Matrix]) -> tuple[Matrix, Matrix]:
        """What foretells and what is foretold.

        A pair of skip-gram reads both ways: words foretell their contexts, or contexts their words. Noise stands in for
        what is foretold.
        """
        W, C = matrices["vectors"], matrices["context"]
        return (C, W) if self.architecture == "skipgram" and self.noise == "target" else (W, C)

    def _model(self, vocabulary: Vocabulary, matrices: Mapping[str, Matrix]) -> PairModel:
        counts = counts_of(vocabulary)
        keep = keep_thresholds(counts, float(self.sample))
        W, C = self._in_and_out(matrices)
        shared: dict[str, Any] = {
            "matrices": matrices,
            "W": W,
            "C": C,
            "dim": int(self.dim),
            "is_cbow": self.architecture == "cbow",
            "window": int(self.window),
            "shrink": bool(self.shrink_windows),
            "bias": bool(self.bias),
            "largest": largest_kept(counts, keep),
            "rate": float(self._rate),
        }
        if self.loss == "hierarchical":
            return HierarchicalSoftmax(**shared, tree=Tree.of(counts * (keep / 2**32)))
        if self.loss == "softmax":
            if len(counts) > LARGE:
                warnings.warn(
                    f"loss='softmax' compares every pair with all {len(counts):,} words. loss='negative' and "
                    f"loss='hierarchical' are far cheaper; max_vocabulary={LARGE} would keep fewer words.",
                    stacklevel=2,
                )
            return Softmax(**shared, words=len(counts))
        return NegativeSampling(
            **shared,
            negative=int(self.negative),
            false_contexts=self.architecture == "cbow" and self.noise == "context",
            noise=Noise.of(counts, float(self.noise_exponent)),
        )

    def _vectors(self, model: Model, count: int) -> Matrix:
        W, C = (model.matrices[name][:count, : self.dim].copy() for name in ("vectors", "context"))
        return W if self.loss == "hierarchical" else answer(W, C, self.vectors)[0]

    def _made(self, corpus: Corpus, model: Model) -> Embedding:
        n = len(corpus.vocabulary)
        W, C = self._in_and_out(model.matrices)
        self.biases_ = Biases(W[-1, : self.dim].copy(), C[:n, self.dim].copy()) if self.bias else None
        W, C = (compacted(model.matrices[name][:n], self.dim) for name in ("vectors", "context"))
        vectors, context = (W, None) if self.loss == "hierarchical" else answer(W, C, self.vectors)
        return Embedding(corpus.vocabulary, vectors, context=context, metadata=self._metadata(corpus.statistics))
