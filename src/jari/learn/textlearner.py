"""`TextLearner`: what the learners whose keys are words have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.estimator import Estimator
from jari.ingest import Corpus
from jari.ingest.recorded import tokenizer_of
from jari.ingest.tokenizers import Tokenizer
from jari.learn.corpora import corpus_of
from jari.threads import thread_count
from jari.types import Callback, Counts, Unknown


class TextLearner(Estimator):
    """A learner of words from a corpus. Subclasses name their parameters, check them and fit.

    Attributes
    ----------
    embedding_ : Embedding
        What was learnt.
    seed_ : int
        The seed that was used.
    losses_ : list of float
        One an epoch, where there is a loss; else empty.
    """

    tokenizer: Any
    min_count: int
    max_vocabulary: int | None
    threads: int | None
    random_state: Any
    callbacks: Sequence[Callback]

    embedding_: Embedding
    losses_: list[float]
    seed_: int

    def check(self) -> None:
        """Look at the parameters that all such learners have.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        parameters.whole("min_count", self.min_count, 1, "a word is seen at least once")
        if self.max_vocabulary is not None:
            parameters.whole("max_vocabulary", self.max_vocabulary, 2, "one word has no other to differ from")
        thread_count(self.threads)

    def transform(self, X: Iterable[str | Sequence[str]]) -> Any:
        """The mean vector of each text's known words, shape (texts, dim); zeros where none is known.

        Texts are taken apart as those that were learnt from, into words, morphemes or phrases. Unknown words are put
        together from their n-grams, where words are made of n-grams.
        """
        embedding: Embedding = self._learnt("embedding_")
        texts = X if isinstance(X, str) else list(X)
        tokenizer = self._tokenizer() if any(isinstance(text, str) for text in texts) else None
        unknown: Unknown = "skip" if embedding.subwords is None else "subword"
        return self._output(embedding.pool(texts, tokenizer=tokenizer, unknown=unknown), self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray[Any, Any]:
        """``word2vec0``, ``word2vec1``, …: the learner's name and the column."""
        embedding: Embedding = self._learnt("embedding_")
        return np.array([f"{type(self).__name__.lower()}{i}" for i in range(embedding.dim)], dtype=object)

    @property
    def vocabulary_(self) -> Vocabulary:
        """The words that have a vector, the most frequent first."""
        embedding: Embedding = self._learnt("embedding_")
        return embedding.vocabulary

    def _corpus(self, X: Any, min_count: int | None = None) -> AbstractContextManager[Corpus]:
        return corpus_of(
            X,
            tokenizer=self.tokenizer,
            min_count=self.min_count if min_count is None else min_count,
            max_vocabulary=self.max_vocabulary,
            threads=thread_count(self.threads),
            callbacks=self.callbacks,
        )

    def _tokenizer(self) -> Tokenizer:
        """What took the texts apart that were learnt from."""
        embedding: Embedding = self._learnt("embedding_")
        return tokenizer_of(embedding.metadata["corpus"], embedding.vocabulary, self.tokenizer)

    def _refuse_poor(self, vocabulary: Vocabulary) -> None:
        if len(vocabulary) < 2:
            only = vocabulary.keys[0] if len(vocabulary) else None
            raise BadInput(
                f"The only word that occurs min_count={self.min_count} times or more is {only!r}: "
                f"it has no other to differ from. Lower min_count or give more text."
            )

    def _recorded(self) -> dict[str, Any]:
        """The parameters as JSON, those that decide the result."""
        given = self.get_params() | {"random_state": None, "callbacks": None, "threads": None}
        given["tokenizer"] = (
            self.tokenizer if isinstance(self.tokenizer, str) else getattr(self.tokenizer, "__name__", "?")
        )
        return {name: value for name, value in given.items() if value is not None}

    def _metadata(self, statistics: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "learner": type(self).__name__,
            "parameters": self._recorded(),
            "seed": self.seed_,
            "losses": list(self.losses_),
            "corpus": dict(statistics),
        }


def counts_of(vocabulary: Vocabulary) -> Counts:
    """How often each word was seen.

    Raises
    ------
    BadInput
        The vocabulary came without counts.
    """
    if vocabulary.counts is None:
        raise BadInput("This corpus came with a vocabulary without counts, which this learner needs.")
    return vocabulary.counts
