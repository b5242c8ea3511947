"""Texts, or the numbers of their tokens, as vectors of unit length: for programs that compare texts by cosine.

A text never gets a made-up vector: one that no known word is in is an error, which says which one it is.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from scipy.sparse import csr_array

from jari.embedding.bags import Tokenizer
from jari.embedding.embedding import Embedding
from jari.embedding.metrics import lengths_of
from jari.errors import BadInput
from jari.search.pooled_texts import pooling_of, terms_of
from jari.types import Counts, Matrix

if TYPE_CHECKING:
    from jari.encoders.texts.encoder import TextEncoder

_NO_MORE = 1e-6  # of the longest vector: what is left of a text by rounding, once what all have in common is taken away
_SHOWN = 5  # words, in an error


@dataclass(frozen=True, slots=True, eq=False)
class TextVectors:
    """Vectors of texts.

    Parameters
    ----------
    vectors
        Shape (texts, d), each of unit length.
    tokens
        How many tokens each text has, known or not: shape (texts,).
    """

    vectors: Matrix
    tokens: Counts


class TextModel(Protocol):
    """What makes vectors of texts."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    def of_texts(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of texts; raises `BadInput` for one that gets none."""
        ...

    def of_tokens(self, texts: Sequence[Sequence[int]]) -> TextVectors:
        """The same of texts that are given as the numbers of their tokens."""
        ...


class WordModel:
    """The words of a text, averaged: see `jari.search.pooled_texts.pooling_of`. Tokens are rows of the embedding.

    Examples
    --------
    >>> model = WordModel(Embedding(["to", "be"], [[3, 0], [0, 4]]))
    >>> model.of_texts(["to to be ?", "be"]).vectors.round(2)
    array([[0.83, 0.55],
           [0.  , 1.  ]], dtype=float32)
    >>> model.of_tokens([[0, 0, 1]]).tokens.tolist()
    [3]
    """

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._pooling = pooling_of(embedding)
        self._least = _NO_MORE * float(embedding.norms.max(initial=0.0))

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._embedding.dim

    def of_texts(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of texts; raises `BadInput` for one without a word that is known."""
        words = terms_of(cast(Tokenizer, self._pooling.tokenizer), texts)

        def why(place: int) -> str:
            said = words[place]
            if not said:
                return f"there is no word in {texts[place]!r:.60}."
            more = ", …" if len(said) > _SHOWN else ""
            return f"none of its words is known: {', '.join(map(repr, said[:_SHOWN]))}{more}."

        vectors = _at_unit_length(self._pooling(words), self._least, why)
        return TextVectors(vectors, np.array([len(each) for each in words], np.int64))

    def of_tokens(self, texts: Sequence[Sequence[int]]) -> TextVectors:
        """The vectors of texts given as rows of the embedding."""
        n = len(self._embedding)
        counts = np.array([len(each) for each in texts], np.int64)
        given = [row for each in texts for row in each]
        wrong = next((row for row in given if not 0 <= row < n), None)  # which may be beyond int64
        if wrong is not None:
            raise BadInput(
                f"There is no token {wrong}: tokens of this embedding are its rows, 0 to {n - 1}. Tokens of another "
                "model's tokenizer mean nothing here: send texts."
            )
        ends = np.concatenate([[0], np.cumsum(counts)])
        rows = np.array(given, np.int64)
        matrix = csr_array((np.ones(len(rows), np.float32), rows, ends), shape=(len(texts), n))
        return TextVectors(
            _at_unit_length(self._pooling(matrix), self._least, lambda _: "its tokens have no direction."), counts
        )


class DeepModel:
    """A deep encoder; its texts take turns. Tokens are those of its tokenizer."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder, self._turn = encoder, threading.Lock()

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._encoder.dim

    def of_texts(self, texts: Sequence[str]) -> TextVectors:
        """The vectors of texts; raises `BadInput` for one that is longer than the encoder reads."""
        from jari.encoders.texts.token_ids import token_counts

        with self._turn:
            counts, limit = token_counts(self._encoder, texts), self._encoder.max_tokens_
            if counts.max(initial=0) > limit:
                place = int(np.argmax(counts > limit))
                raise BadInput(
                    f"Text {place} has {counts[place]:,} tokens, and this encoder reads {limit:,}: send shorter texts."
                )
            vectors = self._encoder.encode(texts)
        least = _NO_MORE * float(lengths_of(vectors.astype(np.float64)).max(initial=0.0))
        return TextVectors(_at_unit_length(vectors, least, lambda _: "its tokenizer makes nothing of it."), counts)

    def of_tokens(self, texts: Sequence[Sequence[int]]) -> TextVectors:
        """The vectors of texts given as tokens of the encoder's own tokenizer."""
        from jari.encoders.texts.token_ids import text_of_tokens

        with self._turn:
            decoded = [text_of_tokens(self._encoder, ids) for ids in texts]
        return self.of_texts(decoded)


def text_model_of(embedding: Embedding, *, offline: bool = True) -> TextModel:
    """What makes vectors of texts that go with those of an embedding.

    Parameters
    ----------
    embedding
        Of words, whose vectors are averaged; or of texts, for the deep encoder that made it.
    offline
        Whether an encoder that is not on this machine is an error rather than downloaded.

    Raises
    ------
    BadInput
        It is one of pictures, or of the users or items of a recommender: see `reads_texts`.
    NoSuchFile, BadFile
        The deep encoder is not there any more, or is another one now.
    """
    about = embedding.metadata
    if not reads_texts(about):
        raise BadInput(
            "The keys of this embedding are no words of texts: ask an embedding of words, or a text encoder."
        )
    made_by = about.get("encoder")
    if isinstance(made_by, Mapping) and made_by.get("kind") == "text-encoder":
        from jari.encoders.texts.encoder import TextEncoder

        return DeepModel(TextEncoder.described(made_by, offline=offline))
    return WordModel(embedding)


def shortened(vectors: Matrix, dimensions: int) -> Matrix:
    """The first numbers of vectors, at unit length again.

    That loses little where the learner put what matters first. Of others, `jari compress --dim` makes a shorter
    embedding that keeps more.

    Raises
    ------
    BadInput
        There are fewer; or of one vector they are all 0.

    Examples
    --------
    >>> shortened(np.array([[3, 4, 12]], np.float32), 2)
    array([[0.6, 0.8]], dtype=float32)
    """
    if not 1 <= dimensions <= vectors.shape[1]:
        raise BadInput(f"dimensions={dimensions}: these vectors have {vectors.shape[1]}, so give 1 to that.")
    if dimensions == vectors.shape[1]:
        return vectors
    return _at_unit_length(
        vectors[:, :dimensions], 0.0, lambda _: f"its first {dimensions} numbers are all 0. Ask for more dimensions."
    )


def reads_texts(about: Mapping[str, Any]) -> bool:
    """Whether an embedding with this metadata can make vectors of texts: not of pictures, nor of users and items.

    Examples
    --------
    >>> reads_texts({"learner": "Word2Vec"}), reads_texts({"encoder": {"kind": "image-encoder"}})
    (True, False)
    """
    made_by = about.get("encoder")
    kind = made_by.get("kind") if isinstance(made_by, Mapping) else None
    return kind in (None, "text-encoder") and "interactions" not in about


def _at_unit_length(vectors: Matrix, least: float, why: Any) -> Matrix:
    lengths = lengths_of(vectors.astype(np.float64))
    if len(lengths) and lengths.min() <= least:
        place = int(np.argmax(lengths <= least))
        raise BadInput(f"Text {place} has no vector: {why(place)}")
    return cast(Matrix, (vectors / lengths[:, None]).astype(np.float32))
