"""Documents into a collection, passage by passage; of documents that are there already only what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from jari.errors import Interrupted
from jari.ingest.documents import Documents
from jari.ingest.listing import Skipped
from jari.ingest.passages import PASSAGE_WORDS, check, passages
from jari.ingest.resources import Report
from jari.search.records import Document, Fields, Hit
from jari.types import Callback

if TYPE_CHECKING:
    from jari.search.collection import Written

_BATCH: Final = 1000  # passages; what is lost at most when the process is killed
_VERSION: Final = 1  # of what passages are: with another, everything is made anew


class Source(Protocol):
    """A whole document: `jari.ingest.documents.SourceDocument`, `jari.search.records.Document`, or anything alike."""

    @property
    def id(self) -> str:
        """No two alike in a collection."""
        ...

    @property
    def text(self) -> str:
        """Any text, an empty one too."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Fields with their values; each passage has them."""
        ...


class Target(Protocol):
    """What of `jari.search.collection.Collection` this needs."""

    def digests(self) -> Mapping[str, str]:
        """The digest of each document."""
        ...

    def upsert(self, documents: Sequence[Document], *, replacing: Sequence[str]) -> Written:
        """Write passages, in place of all that there are of these documents, in one transaction."""
        ...

    def get(self, ids: Sequence[str]) -> Sequence[Hit]:
        """Passages by their ids; unknown ids are left out."""
        ...

    def tidy(self) -> None:
        """Make searches faster."""
        ...


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing did.

    Parameters
    ----------
    read
        How many documents were read: `new`, `changed` and `unchanged` together.
    removed
        How many were in the collection and are no more among what was read.
    passages
        How many were written.
    empty
        How many of the documents read are without a text; they are kept.
    unknown
        How many of the passages written have words, and none that the encoder knows; full text finds them.
    skipped
        What could not be read.
    left_out
        How many values, by column, are no text, number or boolean.
    total
        How many documents the collection now holds.
    """

    read: int
    new: int
    changed: int
    unchanged: int
    removed: int
    passages: int
    empty: int
    unknown: int
    skipped: Sequence[Skipped] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    total: int = 0


def index(
    collection: Target,
    documents: Iterable[Source],
    *,
    passage_words: int = PASSAGE_WORDS,
    overlap: int = PASSAGE_WORDS // 5,
    remove_missing: bool = True,
    callback: Callback | None = None,
) -> Indexed:
    """Bring a collection up to date with documents.

    A document whose text, metadata and parameters are those that it has in the collection is not encoded again. Any
    other is written with all of its passages in one transaction, some thousand passages at a time: whoever is
    interrupted, or killed, calls it again, and it goes on from there.

    Parameters
    ----------
    documents
        `Documents`, or anything that gives objects with an `id`, a `text` and `metadata`. Of two with one id the second
        is skipped.
    passage_words, overlap
        As `jari.ingest.passages.passages` has them. Passages get the ids ``doc#1``, ``doc#2``, … and their number as
        the field ``"passage"``; where passage_words is 0, a document keeps its id.
    remove_missing
        Remove documents of files that are gone from the folders given, and of rows that are gone from tables. Never
        what was indexed from elsewhere, what could not be read, or what did not come from files.
    callback
        Told how many bytes, or documents, were read.

    Raises
    ------
    BadInput
        Numbers that cannot be; whatever the collection refuses.
    Interrupted
        By Ctrl-C: what was written stays.

    Examples
    --------
    ::

        with Collection.create("library/", pooled("wiki.jari")) as library:
            print(index(library, Documents(["docs/", "news.csv"], text_column="body")))
    """
    check(passage_words, overlap)
    run = _Run(collection, passage_words, overlap)
    files = documents if isinstance(documents, Documents) else None
    size, unit = (None, "documents") if files is None else (files.size, "bytes")
    report = Report(callback, "indexing", size, unit)
    report(0)  # so that a first document of 10 MB has a beginning
    try:
        for document in documents:
            run.take(document)
            report(run.counts["read"] if files is None else files.done)
        run.write()
        if files is not None and remove_missing:
            run.remove_missing(files)
        if run.counts["passages"] or run.counts["removed"]:
            collection.tidy()
    except KeyboardInterrupt as error:
        written = run.counts["new"] + run.counts["changed"] - len(run.sources)
        raise Interrupted(
            f"Stopped: {written:,} documents were written. The same command goes on from there."
        ) from error
    Report(callback, "indexing", run.counts["read"] if files is None else size, unit).end()  # now the total is known
    return Indexed(
        **run.counts,
        skipped=[*([] if files is None else files.skipped), *run.repeated()],
        left_out={} if files is None else dict(files.left_out),
        total=len(run.known),
    )


def digest_of(document: Source, passage_words: int, overlap: int) -> str:
    """A hash of whatever makes a document's passages what they are.

    Examples
    --------
    >>> from jari.ingest.documents import SourceDocument
    >>> digest_of(SourceDocument("a", "text"), 200, 40) == digest_of(SourceDocument("b", "text"), 200, 40)
    True
    """
    kept = {name: value for name, value in document.metadata.items() if value is not None}
    how = json.dumps([_VERSION, passage_words, overlap if passage_words else 0, kept], sort_keys=True, default=str)
    return hashlib.blake2b(f"{how}\n{document.text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class _Run:
    """What goes on between the first document and the last."""

    def __init__(self, collection: Target, passage_words: int, overlap: int) -> None:
        self._collection, self._words, self._overlap = collection, passage_words, overlap
        self.known = dict(collection.digests())
        self._seen: dict[str, str] = {}  # of each document, where it is
        self._again: dict[tuple[str, str], list[str]] = {}  # ids that came twice, by where both are
        self._batch: list[Document] = []
        self.sources: list[str] = []  # of the batch
        names = ("read", "new", "changed", "unchanged", "removed", "passages", "empty", "unknown")
        self.counts = dict.fromkeys(names, 0)

    def take(self, document: Source) -> None:
        place = str(document.metadata.get("path", ""))
        if document.id in self._seen:
            self._again.setdefault((place, self._seen[document.id]), []).append(document.id)
            return
        self._seen[document.id] = place
        self.counts["read"] += 1
        self.counts["empty"] += not document.text.strip()
        digest = digest_of(document, self._words, self._overlap)
        before = self.known.get(document.id)
        if before == digest:
            self.counts["unchanged"] += 1
            return
        self.counts["new" if before is None else "changed"] += 1
        self.known[document.id] = digest
        self.sources.append(document.id)
        self._batch += _passages(document, digest, self._words, self._overlap)
        if len(self._batch) >= _BATCH:
            self.write()

    def write(self) -> None:
        """Write what was gathered."""
        if self.sources:
            written = self._collection.upsert(self._batch, replacing=self.sources)
            self.counts["unknown"] += len(written.unknown)
            self.counts["passages"] += len(self._batch)
            self._batch, self.sources = [], []

    def remove_missing(self, documents: Documents) -> None:
        """Remove what came from files that would have been read if they were there."""
        gone = (source for source in self.known.keys() - self._seen.keys())
        while some := list(islice(gone, _BATCH)):
            found = self._collection.get([name for source in some for name in (source, f"{source}#1")])
            places = {hit.source: str(hit.metadata.get("path", "")) for hit in found}
            missing = [source for source in some if documents.lacks(places.get(source, ""))]
            if missing:
                self._collection.upsert([], replacing=missing)
            self.counts["removed"] += len(missing)
            for source in missing:
                del self.known[source]

    def repeated(self) -> Iterator[Skipped]:
        """What was skipped because its id was given before, by the files that both are in."""
        for (place, first), ids in self._again.items():
            where = "" if place == first else f" in {first}" if first else ""
            reason = (
                f"documents whose id was given before{where}" if len(ids) > 1 else f"its id was given before{where}"
            )
            yield Skipped(place or "document", f"{reason}: {', '.join(map(repr, ids[:3]))}", len(ids))


def _passages(document: Source, digest: str, words: int, overlap: int) -> Iterator[Document]:
    fields: Fields = dict(document.metadata)
    if words == 0:
        yield Document(document.id, document.text, fields, document.id, digest)
        return
    for number, passage in enumerate(passages(document.text, words, overlap), 1):
        yield Document(f"{document.id}#{number}", passage.text, {**fields, "passage": number}, document.id, digest)
