"""`Distillation`: the knowledge of a contextual encoder in static vectors, which a text needs a lookup for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.embedding.pooling import smooth_inverse_frequency
from jari.errors import BadInput
from jari.extras import require
from jari.ingest import encode
from jari.ingest.bags import bag_of_words
from jari.ingest.resources import Report
from jari.ingest.tokenizers import name_of, tokenizer_named
from jari.learn.corpora import ENCODING_MEMORY
from jari.learn.static_texts import TextSample
from jari.learn.static_vectors import fitted, lone
from jari.learn.textlearner import TextLearner, counts_of
from jari.threads import thread_count
from jari.types import Callback, Counts, Matrix, Progress, Vector

ENCODERS_OWN: Final = "encoder"
_ZIPF_HALF = 1e-4  # the `a` of model2vec
_AT_ONCE = 512  # texts: half a minute's work at most, after which it is told how far it is
_FEWEST = 10  # passages, of which one is kept apart


class Distillation(TextLearner):
    """Words to static vectors whose mean is near what a contextual encoder makes of a text.

    A text's vector is then a lookup and a sum, thousands of times as fast as the encoder. Given texts of the kind that
    will be asked about, it is nearly as good; given none, it knows words but not what they mean there.

    Parameters
    ----------
    encoder
        A `jari.encoders.texts.encoder.TextEncoder`, or the folder or name of a model for one; None for its default.
    dim
        Numbers in a vector, the encoder's at most.
    tokenizer
        What texts are made of, as for `jari.encode`; or ``"encoder"`` for the pieces of words that the encoder itself
        reads. Those leave no word unknown, but the ``tokenizer.json`` of the encoder must stay where it is.
    vocabulary
        The words, the most frequent first; the text's own, or all pieces of the encoder, if not given.
    texts
        How many passages of the text to encode, chosen by chance: what costs time, and what makes it good. 0 looks at
        how frequent words are and no further.
    min_count
        Words seen less often in the text are left out.
    max_vocabulary
        Keep at most so many of them, the most frequent.
    threads
        For all but the encoder, which has its own; None uses every core.
    random_state
        A seed, or None for another choice of passages each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        Without counts: how much a word should count in the mean of a text is in the length of its vector already, so
        that plain pooling is right, in Jari and in model2vec.
    unexplained_ : tuple of two float, or None
        What the means of words miss of the vectors of passages that they were not fitted to, as a share of their
        squares: by words encoded alone, and by the result. None without text.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Without text it is the recipe of model2vec (van Dongen & Tulkens 2024): each word is encoded alone, principal
    components are kept, and words weighted by a / (a + p), p being Zipf's 1 / rank (Arora, Liang & Ma 2017). Words
    alone are not what an encoder was made for; with text, its vectors of passages teach those of words, by least
    squares (`jari.learn.static_vectors`), as Tokenlearn of the same authors does by descent. No prompt is put before
    words or passages but the encoder's own.

    Examples
    --------
    >>> learner = Distillation("sentence-transformers/all-MiniLM-L6-v2")  # doctest: +SKIP
    >>> learner.fit("articles/").embedding_.save("static.jari")  # doctest: +SKIP
    """

    unexplained_: tuple[float, float] | None

    def __init__(
        self,
        encoder: Any = None,
        *,
        dim: int = 256,
        tokenizer: Any = "words",
        vocabulary: Vocabulary | Iterable[str] | None = None,
        texts: int = 20_000,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.encoder = encoder
        self.dim = dim
        self.tokenizer = tokenizer
        self.vocabulary = vocabulary
        self.texts = texts
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter that can be looked at without the encoder, as `fit` does first of all.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> Distillation(dim=0).check()
        Traceback (most recent call last):
        jari.errors.BadInput: dim=0: a vector needs at least one number. Give a whole number, 1 or more.
        """
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.whole("texts", self.texts, 0, "it is a number of passages")
        super().check()
        if self.tokenizer != ENCODERS_OWN:
            tokenizer_named(self.tokenizer)

    def fit(self, X: Any = None, y: Any = None, *, column: str | None = None) -> Self:
        """Distil the encoder.

        Parameters
        ----------
        X
            Texts of the kind that the vectors are for: anything that `jari.encode` takes but lists of words and a
            `Corpus`. Long ones are cut into passages that the encoder reads whole. None for no text: then a
            `vocabulary` is needed, or the pieces of the encoder.
        y
            Not used.
        column
            Of tables, the column that holds the text.

        Raises
        ------
        BadInput
            A parameter out of its range, too little text or too few words, more dimensions than the encoder has; or an
            encoder that gives all words the same vector.
        """
        self.check()
        encoder = _opened(self.encoder)
        if self.dim > encoder.dim:
            raise BadInput(f"dim={self.dim}: the vectors of this encoder have {encoder.dim} numbers. Lower dim.")
        self.seed_ = parameters.seed_of(self.random_state)
        self.losses_, self.unexplained_ = [], None
        generator = np.random.default_rng(self.seed_)
        tokenizer, pieces = self.tokenizer, None
        if tokenizer == ENCODERS_OWN:
            tokenizer, pieces = pieces_of(encoder)
        known = self._known(pieces)
        if X is None:
            if known is None:
                raise BadInput(
                    f"There is no text and no vocabulary. Give a text, vocabulary=[…], or tokenizer={ENCODERS_OWN!r} "
                    "for the pieces of words that the encoder reads."
                )
            isolated = self._isolated(encoder, known, pieces)
            vectors = lone(isolated, int(self.dim), zipf_weights(len(known)))
            statistics: dict[str, Any] = {"tokenizer": name_of(tokenizer)}
        else:
            sample = TextSample(int(self.texts), words=max(1, encoder.max_tokens_ // 2), generator=generator)
            known, counts, statistics = self._counted(sample.of(X, self._tell, column=column), tokenizer, known)
            statistics |= {"passages": sample.seen, "sources": sample.sources}
            weights = smooth_inverse_frequency(counts)
            isolated = self._isolated(encoder, known, pieces)
            if self.texts:
                vectors = self._taught(encoder, sample.kept, tokenizer, known, isolated, weights, generator)
            else:
                vectors = lone(isolated, int(self.dim), weights)
        metadata = self._metadata(statistics) | {"encoder": _described(encoder), "unexplained": self.unexplained_}
        self.embedding_ = Embedding(Vocabulary(known.keys), vectors, metadata=metadata)
        return self

    def _known(self, pieces: dict[str, str] | None) -> Vocabulary | None:
        given = self.vocabulary
        if given is None:
            return None if pieces is None else Vocabulary(pieces)
        if isinstance(given, str):
            raise BadInput(f"vocabulary={given[:40]!r} is one string: give a list of words.")
        vocabulary = given if isinstance(given, Vocabulary) else Vocabulary(given)
        for row, word in enumerate(vocabulary):
            if not word.strip():
                raise BadInput(f"Word {row} of the vocabulary is {word!r}: an encoder needs something to read.")
        return vocabulary

    def _counted(
        self, texts: Iterator[str], tokenizer: Any, known: Vocabulary | None
    ) -> tuple[Vocabulary, Counts, dict[str, Any]]:
        """The words, how often each was seen, and what was read."""
        corpus = encode(
            texts,
            tokenizer=tokenizer,
            min_count=self.min_count,
            max_vocabulary=self.max_vocabulary,
            threads=thread_count(self.threads),
            memory=ENCODING_MEMORY,
            vocabulary=known,
        )
        try:
            counts = np.array(counts_of(corpus.vocabulary))
            return corpus.vocabulary, counts, dict(corpus.statistics)
        finally:
            corpus.close()

    def _isolated(self, encoder: Any, vocabulary: Vocabulary, pieces: dict[str, str] | None) -> Matrix:
        if len(vocabulary) <= self.dim:
            raise BadInput(
                f"dim={self.dim}: {len(vocabulary):,} words have {max(0, len(vocabulary) - 1):,} dimensions at most. "
                "Lower dim or min_count, or give more words."
            )
        texts = [word if pieces is None else pieces.get(word, word) for word in vocabulary]
        return self._encoded(encoder, texts, "encoding words", "words")

    def _taught(
        self,
        encoder: Any,
        passages: list[str],
        tokenizer: Any,
        vocabulary: Vocabulary,
        isolated: Matrix,
        weights: Vector,
        generator: np.random.Generator,
    ) -> Matrix:
        from scipy.sparse import diags_array

        counted = bag_of_words(iter(passages), vocabulary=vocabulary, tokenizer=tokenizer).matrix
        lengths: Vector = counted.sum(axis=1)
        told = np.flatnonzero(lengths)
        if len(told) <= max(_FEWEST, int(self.dim)):
            raise BadInput(
                f"{len(told):,} passages with a known word are too few to teach {self.dim} dimensions: give more text, "
                "lower dim, or say texts=0 to go by words alone."
            )
        vectors = self._encoded(encoder, [passages[i] for i in told], "encoding passages", "passages")
        shares = (diags_array((1 / lengths[told]).astype(np.float32)) @ counted[told]).tocsr()

        def tell(rounds: int) -> None:
            self._tell(Progress("fitting", rounds, None, "rounds"))

        made = fitted(
            shares,
            vectors,
            isolated,
            weights,
            int(self.dim),
            generator=generator,
            threads=thread_count(self.threads),
            tell=tell,
        )
        self.unexplained_ = made.unexplained
        return made.vectors

    def _encoded(self, encoder: Any, texts: list[str], stage: str, unit: str) -> Matrix:
        """One vector a text; those of like length together, so that little is padded."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        out = np.empty((len(texts), encoder.dim), np.float32)
        report = Report(self._tell, stage, len(texts), unit)
        for begin in range(0, len(texts), _AT_ONCE):
            rows = order[begin : begin + _AT_ONCE]
            out[rows] = encoder.encode([texts[row] for row in rows])
            report(begin + len(rows))
        report.end()
        return out

    def _recorded(self) -> dict[str, Any]:
        recorded = super()._recorded()
        recorded.pop("vocabulary", None)  # the keys are there to see
        recorded.pop("encoder", None)
        return recorded

    def _tell(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback(progress)


def zipf_weights(n: int) -> Vector:
    """``a / (a + p)`` for n words by rank, with p ∝ 1 / (rank + 1), a = 1e-4: what model2vec does.

    Examples
    --------
    >>> zipf_weights(3).round(4)
    array([0.0002, 0.0003, 0.0004], dtype=float32)
    """
    shares = 1 / np.arange(2, n + 2)
    shares /= shares.sum()
    return np.asarray(_ZIPF_HALF / (_ZIPF_HALF + shares), np.float32)


def pieces_of(encoder: Any) -> tuple[str, dict[str, str]]:
    """The path of an encoder's ``tokenizer.json``, and its tokens, each with the text that it is.

    Raises
    ------
    BadInput
        The encoder has none.
    """
    from jari.encoders.hub import find

    folder = find(encoder.describe()["path"], offline=True).folder
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise BadInput(f"{folder} has no tokenizer.json: give tokenizer='words', or another tokenizer of texts.")
    tokenizer = require("tokenizers", extra="tokenizers").Tokenizer.from_file(str(file))
    never = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    never.add(getattr(tokenizer.model, "unk_token", None))
    prefix = getattr(tokenizer.model, "continuing_subword_prefix", None) or ""
    found: dict[str, str] = {}
    for token, number in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]):
        if token not in never:
            text = tokenizer.decode([number]).strip().removeprefix(prefix)
            found[token] = token if not text or "\ufffd" in text else text
    return str(Path(file).absolute()), found


def _opened(encoder: Any) -> Any:
    if encoder is None or isinstance(encoder, str | os.PathLike):
        from jari.encoders.texts.encoder import TextEncoder

        return TextEncoder() if encoder is None else TextEncoder(encoder)
    if not callable(getattr(encoder, "encode", None)):
        raise BadInput(f"encoder={encoder!r:.60} has no encode: give a TextEncoder, or the folder or name of a model.")
    return encoder


def _described(encoder: Any) -> dict[str, Any]:
    describe = getattr(encoder, "describe", None)
    return describe() if callable(describe) else {"kind": type(encoder).__name__}
