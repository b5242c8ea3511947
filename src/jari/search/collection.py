"""`Collection`: documents that can be searched by meaning, by their words, and by both."""

from __future__ import annotations

import copy
import os
import types
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias, cast, get_args

import numpy as np
import numpy.typing as npt

from jari.embedding.neighbours import whole_k
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile
from jari.ingest.passages import PASSAGE_WORDS
from jari.ingest.tokenizers import tokenizer_named
from jari.search.directions import direction, directions
from jari.search.documents import Given, check_utf8, fields_of, grow, read_documents, read_strings
from jari.search.encoder import Encoder, QueryEncoder, encoder_of, open_encoder
from jari.search.fusion import TEXT_WEIGHT, depth, fused
from jari.search.places import open_store, shown
from jari.search.records import Hit, Record
from jari.search.store import Store
from jari.search.where import Condition, FieldType, Where, conditions
from jari.types import Matrix, Path

Mode: TypeAlias = Literal["vector", "text", "hybrid"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the documents that were given.

    Parameters
    ----------
    added
        How many are now in the collection.
    unknown
        The ids of those without a word that the encoder knows: found by full text, never by vector.
    empty
        The ids of those without any word: found by their ids and fields only.
    """

    added: int
    unknown: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class Collection:
    """Documents in a database, each with a vector, its words and its fields; made by `create` or `open`.

    ::

        with Collection.create("library/", "wiki.jari") as library:
            library.add([("a", "A cat sat.", {"year": 1999}), ("b", "Dogs bark.", {"year": 2003})])
            library.search("kitten", k=1)
            library.search("cat", mode="hybrid", where={"year": {"<": 2000}})

    Parameters
    ----------
    place
        Where it is, for messages.
    store
        The database; `close` closes it.
    encoder
        What makes vectors of texts; None to open the one that the collection names, once it is needed.

    Raises
    ------
    NoSuchFile
        The store holds no collection.
    BadInput
        The encoder is not the one that made the collection.
    """

    def __init__(self, place: Path, store: Store, encoder: Encoder | None = None) -> None:
        self._place, self._store = shown(place), store
        about = store.about()
        if about is None:
            raise NoSuchFile(
                f"There is no collection at {self._place}: make one with Collection.create, or on the command line "
                "with jari index."
            )
        self._about = about
        if encoder is not None:
            self._refuse_other(encoder)
        self._encoder = encoder

    @classmethod
    def create(cls, place: Path, encoder: Encoder | Path, force: bool = False) -> Self:
        """A new, empty collection.

        Parameters
        ----------
        place
            A folder, for LanceDB; ``postgresql://…``; ``qdrant://…``: see `open_store`.
        encoder
            What makes vectors of texts: the path of a ``.jari`` folder, or the folder or name of a deep encoder (see
            `jari.search.encoder.encoder_of`), or any other `Encoder`. The collection remembers it, and takes no other.
        force
            Delete the collection that is there.

        Raises
        ------
        FileIsThere
            A collection is there and `force` is not given; or a folder that holds other things.
        """
        encoder = encoder_of(encoder) if isinstance(encoder, str | os.PathLike) else encoder
        store = open_store(place)
        try:
            if store.about() is not None:
                if not force:
                    raise FileIsThere(
                        f"There is a collection at {shown(place)} already. Pass force=True (on the command line "
                        "--force) to replace it."
                    )
                store.forget()
            store.describe({"dim": encoder.dim, "fields": {}, "encoder": encoder.describe()})
            return cls(place, store, encoder)
        except BaseException:
            store.close()
            raise

    @classmethod
    def open(cls, place: Path, encoder: Encoder | Path | None = None) -> Self:
        """The collection at a place.

        Parameters
        ----------
        place
            As for `create`.
        encoder
            The one that made the collection. Without it, the one that the collection names is opened once it is needed:
            not for searches by vector, and not for searches by a list of words.
        """
        encoder = encoder_of(encoder) if isinstance(encoder, str | os.PathLike) else encoder
        store = open_store(place)
        try:
            return cls(place, store, encoder)
        except BaseException:
            store.close()
            raise

    @property
    def about(self) -> dict[str, Any]:
        """Dimension, fields and encoder; a copy of what the store holds."""
        return copy.deepcopy(self._again())

    @property
    def fields(self) -> dict[str, FieldType]:
        """The type of each field that a document of the collection has or had."""
        return dict(self._again().get("fields", {}))

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self._about["dim"])

    @property
    def passage_words(self) -> int:
        """How many words a passage should have at most for the encoder to read all of it; `PASSAGE_WORDS` if it can."""
        return min(PASSAGE_WORDS, int(self._about["encoder"].get("passage_words", PASSAGE_WORDS)))

    @property
    def encoder(self) -> Encoder:
        """What makes vectors of texts; opened when it is first asked for.

        Raises
        ------
        NoSuchFile, BadFile
            It is no longer where it was when the collection was made, or damaged.
        BadInput
            Another one is there now.
        """
        if self._encoder is None:
            try:
                encoder = open_encoder(self._about["encoder"])
            except (NoSuchFile, BadFile) as error:
                raise type(error)(
                    f"{error} The collection at {self._place} was made with it: if it is elsewhere now, pass encoder=."
                ) from error
            self._refuse_other(encoder)
            self._encoder = encoder
        return self._encoder

    def add(self, documents: Iterable[Given]) -> Written:
        """Put documents in, all or none: one transaction, so give a few thousand at a time.

        Parameters
        ----------
        documents
            Each a `Document`, ``(id, text)``, ``(id, text, metadata)`` or a mapping with these as keys.

        Raises
        ------
        BadInput
            An id is there already or stands twice; a field has another type than before; a text is none.
        """
        return self._write(documents, replace=False, replacing=())

    def upsert(self, documents: Iterable[Given], replacing: Sequence[str] = ()) -> Written:
        """Put documents in, in place of those with their ids; all or none.

        Parameters
        ----------
        documents
            As for `add`.
        replacing
            Sources whose other records are deleted in the same transaction: what a document that changed had before.
        """
        return self._write(documents, replace=True, replacing=read_strings(replacing, "sources"))

    def delete(self, ids: Sequence[str]) -> int:
        """Delete documents; answers how many there were."""
        return self._store.delete(read_strings(ids, "ids"))

    def get(self, ids: Sequence[str]) -> list[Hit]:
        """The documents with these ids, in their order; unknown ids are left out."""
        return self._store.get(read_strings(ids, "ids"))

    def __len__(self) -> int:
        return self._store.count()

    def __bool__(self) -> bool:  # an empty collection is one
        return True

    def __repr__(self) -> str:
        return f"Collection({self._place!r}, dim={self.dim}, fields={list(self._about.get('fields', {}))})"

    def count(self, where: Where | None = None) -> int:
        """How many documents meet the conditions."""
        return self._store.count(self._conditions(where))

    def digests(self) -> dict[str, str]:
        """The digest of each source, for finding out which changed."""
        return self._store.sources()

    def search(
        self,
        query: str | Sequence[str] | npt.ArrayLike,
        k: int = 10,
        where: Where | None = None,
        mode: Mode = "vector",
    ) -> list[Hit]:
        """The k best documents, the best first.

        Parameters
        ----------
        query
            A text. Or a vector (d,), to search by vector; or a list of words as the encoder's tokenizer gives them, to
            search by text.
        k
            How many; fewer come back where fewer are found.
        where
            Conditions that all answers meet, as `conditions` takes them: ``{"year": {">=": 1999}}`` or
            ``"year >= 1999"``. They are applied before the best are chosen.
        mode
            ``"vector"``: by the cosine of the vectors, the meaning as the encoder has it. ``"text"``: by BM25, the
            words as they stand. ``"hybrid"``: by both, fused by their reciprocal ranks, of which those by text count
            twice; where the query has no word that the encoder knows, by text alone.

        Raises
        ------
        BadInput
            The query has no word, or none that the encoder knows (and ``mode="vector"``); a vector of another dimension
            or with NaN; an unknown field.
        """
        k, met = whole_k(k), self._conditions(where)
        if mode not in get_args(Mode):
            raise BadInput(f"There is no mode {mode!r}: choose 'vector', 'text' or 'hybrid'.")
        if not isinstance(query, str) and not _are_words(query):
            if mode != "vector":
                raise BadInput(f"mode={mode!r} looks for words: give a text, or leave the mode out for a vector.")
            return self._store.nearest(direction(query, self.dim), k, met)
        if mode == "text":
            return self._store.matching(self._words(query), k, met)
        if not isinstance(query, str):
            raise BadInput(f"A list of words was given: mode={mode!r} takes a text, mode='text' a list of words.")
        check_utf8(query, "The query")
        vector = directions(self._vectors([query], of_queries=True))[0]
        if mode == "vector" and vector is not None:  # which a deep encoder has of an emoji too
            return self._store.nearest(vector, k, met)
        words = self._words(query)
        if mode == "vector":
            raise BadInput(
                f"The encoder knows no word of the query: {_listed(words)}. Full text may find it: pass "
                "mode='text' or 'hybrid' (on the command line --hybrid)."
            )
        rankings = [self._store.matching(words, depth(k), met)]
        if vector is not None:
            rankings.append(self._store.nearest(vector, depth(k), met))
        return fused(rankings, k, [TEXT_WEIGHT, 1.0][: len(rankings)])

    def tidy(self) -> None:
        """Whatever makes later searches faster; worth it after many writes, and never needed for a right answer."""
        self._store.tidy()

    def close(self) -> None:
        """Let go of files and connections."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()

    def _write(self, given: Iterable[Given], *, replace: bool, replacing: Sequence[str]) -> Written:
        documents = read_documents(given)
        held = [fields_of(document) for document in documents]
        fields = dict(self._again().get("fields", {}))
        before = len(fields)
        for document, values in zip(documents, held, strict=True):
            grow(fields, document, values)
        texts = [document.text for document in documents]
        vectors = directions(self._vectors(texts)) if documents else []
        words = self.encoder.terms(texts) if documents else []
        records = [
            Record(one.id, one.text, values, vector, tuple(terms), one.source or one.id, one.digest)
            for one, values, vector, terms in zip(documents, held, vectors, words, strict=True)
        ]
        if len(fields) > before:
            self._store.describe({**self._about, "fields": fields})
        self._store.write(records, replace=replace, sources=replacing)
        lost = [record for record in records if record.vector is None]
        return Written(
            added=len(records),
            unknown=tuple(record.id for record in lost if record.terms),
            empty=tuple(record.id for record in lost if not record.terms),
        )

    def _again(self) -> dict[str, Any]:
        """What the store says now: another process may have added fields, or made another collection here."""
        about = self._store.about()
        if about is None or about["encoder"]["checksum"] != self._about["encoder"]["checksum"]:
            happened = "deleted" if about is None else "made anew with another encoder"
            raise BadInput(f"The collection at {self._place} was {happened} since it was opened: open it again.")
        self._about = about
        return about

    def _conditions(self, where: Where | None) -> tuple[Condition, ...]:
        return conditions(where, self._again().get("fields", {}))

    def _words(self, query: str | Sequence[str] | npt.ArrayLike) -> list[str]:
        if not isinstance(query, str):
            words = [str(word) for word in cast(Sequence[str], query)]
        else:
            check_utf8(query, "The query")
            words = self._terms(query)
        if not words:
            raise BadInput(f"There is no word in the query {query!r}.")
        return words

    def _terms(self, query: str) -> list[str]:
        try:
            encoder = self.encoder
        except (NoSuchFile, BadFile):
            tokenizer = self._about["encoder"].get("tokenizer")
            if tokenizer is None:
                raise
            return list(tokenizer_named(tokenizer)(query))  # full text needs no vectors
        return encoder.terms([query])[0]

    def _vectors(self, texts: Sequence[str], *, of_queries: bool = False) -> Matrix:
        encoder = self.encoder
        encode = encoder.query_vectors if of_queries and isinstance(encoder, QueryEncoder) else encoder.vectors
        vectors = np.asarray(encode(texts), dtype=np.float32)
        if vectors.shape != (len(texts), self.dim):
            raise BadInput(
                f"The encoder made vectors of shape {vectors.shape} from {len(texts)} texts: the collection holds "
                f"vectors of {self.dim} numbers."
            )
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            raise BadInput(f"The encoder made a vector with NaN of the text {texts[int(np.argmin(finite))][:60]!r}.")
        return vectors

    def _refuse_other(self, encoder: Encoder) -> None:
        mine, other = self._about["encoder"], encoder.describe()
        if mine["checksum"] != other["checksum"]:
            raise BadInput(
                f"The collection at {self._place} was made with {mine['path']} (checksum {mine['checksum'][:12]}); "
                f"{other['path']} (checksum {other['checksum'][:12]}) is another encoder, whose vectors mean something "
                "else. Open the collection with the first, or index the documents again with the second."
            )


def _are_words(query: Any) -> bool:
    return isinstance(query, list | tuple) and bool(query) and all(isinstance(word, str) for word in query)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(repr(word) for word in words[:8]) + (", …" if len(words) > 8 else "")
