"""`Encoder`: from texts to vectors and to the terms of full-text search, and a mark to know it again by."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast, runtime_checkable

from jari.embedding.bags import Tokenizer
from jari.embedding.embedding import Embedding
from jari.embedding.formats import native
from jari.embedding.formats.model2vec import is_model2vec
from jari.errors import BadInput
from jari.search.contextual import ContextualEncoder
from jari.search.pooled_texts import pooling_of, terms_of
from jari.types import Matrix, Path


class Encoder(Protocol):
    """What makes vectors of the documents and of the queries of a collection: the same one for both."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    def describe(self) -> dict[str, Any]:
        """What a collection stores of it, JSON: ``"path"`` for people; ``"checksum"``, which another one does not have;
        and whatever is needed to open it again.
        """
        ...

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One vector a text, shape (texts, d), float32; zeros for a text without a word that is known."""
        ...

    def terms(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, for full-text search."""
        ...


@runtime_checkable
class QueryEncoder(Protocol):
    """An encoder that reads queries otherwise than documents."""

    def query_vectors(self, texts: Sequence[str]) -> Matrix:
        """One vector a query, as `Encoder.vectors`."""
        ...


class PooledEncoder:
    """The vectors of a text's words, averaged.

    Where the embedding knows how frequent its words are, frequent ones count little, and what all texts have in common
    is taken away: `Pooling.expected`.

    Parameters
    ----------
    path
        A ``.jari`` folder.

    Raises
    ------
    NoSuchFile, BadFile
        There is no embedding.
    BadInput
        It is a file in another format; or its words were made by a function of somebody's own, which a path cannot
        bring back.
    """

    kind = "pooled"

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        if pathlib.Path(path).is_file():
            raise BadInput(
                f"{self._path} is a file, and documents are encoded by a .jari folder. Make one with: "
                f"jari convert {self._path} NAME.jari"
            )
        self._checksum = native.checksum(path)
        self.embedding = Embedding.load(path)
        self._pooling = pooling_of(self.embedding)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self.embedding.dim

    def describe(self) -> dict[str, Any]:
        """Kind, absolute path and checksum; and the tokenizer, where its name says all of it."""
        path = str(pathlib.Path(self._path).absolute())
        described = {"kind": self.kind, "path": path, "checksum": self._checksum}
        corpus = self.embedding.metadata.get("corpus", {})
        if "tokenizer" in corpus and corpus.get("phrases") is None:
            described["tokenizer"] = corpus["tokenizer"]
        return described

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One vector a text, shape (texts, d), float32; zeros for a text without a word that is known."""
        return self._pooling(list(texts))

    def terms(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, for full-text search."""
        return terms_of(cast(Tokenizer, self._pooling.tokenizer), texts)


def pooled(path: Path) -> PooledEncoder:
    """An encoder that averages the vectors of the words of an embedding in a ``.jari`` folder."""
    return PooledEncoder(path)


def encoder_of(place: Path, *, offline: bool = False) -> Encoder:
    """The encoder at a place: words averaged for an embedding, else a deep encoder.

    Parameters
    ----------
    place
        A ``.jari`` folder; or a folder, or the name, of a model for `TextEncoder`.
    offline
        Whether a model that is not on this machine is an error rather than fetched.

    Raises
    ------
    NoSuchFile, BadFile, BadInput
        There is neither; or a file in another format.
    """
    path = pathlib.Path(place)
    if is_model2vec(path):
        raise BadInput(f"{place} is a folder of model2vec. Make a .jari of it: jari convert {place} NAME.jari")
    if path.suffix == ".jari" or path.is_file() or (path / "embedding.json").exists():
        return pooled(place)
    return ContextualEncoder(place, offline=offline)


def open_encoder(description: Mapping[str, Any]) -> Encoder:
    """The encoder that a collection describes.

    Raises
    ------
    BadInput
        It is of a kind that this library does not know.
    NoSuchFile, BadFile
        What it was made from is not there any more, or is damaged.
    """
    kind = description.get("kind")
    if kind == PooledEncoder.kind:
        return PooledEncoder(description["path"])
    if kind == ContextualEncoder.kind:
        return ContextualEncoder.described(description)
    raise BadInput(f"The collection was made by an encoder of the kind {kind!r}: upgrade jari.")
