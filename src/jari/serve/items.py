"""What stands on a shelf: embeddings, recommenders, collections, text encoders, each as it was opened."""

from __future__ import annotations

import hashlib
import os
import pathlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from jari.embedding import Embedding
from jari.errors import BadFile
from jari.explore.asking import Reader
from jari.explore.suggesting import Suggester
from jari.types import Metadata, Unknown

if TYPE_CHECKING:
    from jari.encoders.texts.encoder import TextEncoder
    from jari.ingest.titles import Titles
    from jari.learn.recommender import Recommender
    from jari.search.ann import ANN
    from jari.search.collection import Collection

Kind: TypeAlias = Literal["embedding", "recommender", "collection", "encoder"]
Made = TypeVar("Made")

_SAMPLE = 5


class Once(Generic[Made]):
    """A value that is made when it is first asked for, by one thread, and once."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: list[Made] = []

    def __call__(self) -> Made:
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]


@dataclass(frozen=True, eq=False)
class EmbeddingItem:
    """An embedding as it was when it was opened: a new one on disk does not change it."""

    kind: ClassVar[Kind] = "embedding"
    name: str
    path: str
    version: str
    embedding: Embedding
    titled: bool = False

    @cached_property
    def metadata(self) -> Metadata:
        """How it was learnt: read once, never to be written to."""
        return self.embedding.metadata

    @cached_property
    def pictures(self) -> bool:
        """Whether its keys are the names of picture files below a folder that it remembers."""
        return isinstance(self.metadata.get("root"), str) and "images" in self.metadata

    @cached_property
    def unknown(self) -> Unknown:
        """What is done about keys that it does not hold: their vectors come from subwords where there are any."""
        return "raise" if self.embedding.subwords is None else "subword"

    @cached_property
    def approximate(self) -> bool:
        """Whether an index lies beside it."""
        from jari.search.ann.files import place_of

        return bool(self.path) and place_of(self.path).exists()

    @cached_property
    def index(self) -> Once[ANN]:
        """The index beside it, opened at the first call.

        Raises
        ------
        BadFile
            It is of another embedding, which has been put in the place of this one.
        """

        def opened() -> ANN:
            from jari.search.ann import ANN

            index, here = ANN.open(self.path, threads=1), self.embedding
            same = index.embedding.shape == here.shape and index.embedding.vocabulary.arrow.equals(
                here.vocabulary.arrow
            )
            if not same:
                raise BadFile(f"{self.path} was replaced since it was opened here, and its index too: reload it.")
            return index

        return Once(opened)

    @cached_property
    def reader(self) -> Reader:
        """What reads questions of one box."""
        return Reader(self.embedding)

    @cached_property
    def suggester(self) -> Once[Suggester]:
        """Finds keys by how they begin; built at the first call."""
        return Once(lambda: Suggester(self.embedding.vocabulary))

    def warm_up(self) -> None:
        """Build what the first questions would have to wait for."""
        self.embedding.vocabulary.rows([""] * 9, unknown="mark")  # more than it scans for: its dictionary is made
        self.suggester()

    def described(self) -> dict[str, Any]:
        """What the list of things says of it."""
        vocabulary, subwords = self.embedding.vocabulary, self.embedding.subwords
        return {
            "name": self.name,
            "kind": self.kind,
            "size": len(self.embedding),
            "dim": self.embedding.dim,
            "learner": _word(self.metadata.get("learner")),
            "counted": vocabulary.counts is not None,
            "subwords": subwords is not None,
            "pictures": self.pictures,
            "approximate": self.approximate,
            "sample": vocabulary.keys[:_SAMPLE],
            "titled": self.titled,
            "version": self.version,
            "fields": None,
        }


@dataclass(frozen=True, eq=False)
class RecommenderItem:
    """A recommender and the titles of its items."""

    kind: ClassVar[Kind] = "recommender"
    name: str
    path: str
    version: str
    recommender: Recommender
    titles: Titles
    titled: bool

    def described(self) -> dict[str, Any]:
        """What the list of things says of it."""
        items = self.recommender.item_embedding_
        return {
            "name": self.name,
            "kind": self.kind,
            "size": len(items),
            "dim": items.dim,
            "learner": type(self.recommender).__name__,
            "counted": items.vocabulary.counts is not None,
            "subwords": False,
            "pictures": False,
            "approximate": False,
            "sample": [self.titles[row] for row in range(min(_SAMPLE, len(items)))],
            "titled": self.titled,
            "version": self.version,
            "fields": None,
        }


@dataclass(frozen=True, eq=False)
class CollectionItem:
    """A collection; calls take turns by `lock`."""

    kind: ClassVar[Kind] = "collection"
    name: str
    path: str
    version: str
    collection: Collection
    lock: threading.RLock = field(default_factory=threading.RLock)

    def described(self) -> dict[str, Any]:
        """What the list of things says of it."""
        with self.lock:
            size, fields = len(self.collection), self.collection.fields
        return {
            "name": self.name,
            "kind": self.kind,
            "size": size,
            "dim": self.collection.dim,
            "learner": None,
            "counted": False,
            "subwords": False,
            "pictures": False,
            "approximate": False,
            "sample": [],
            "titled": False,
            "version": self.version,
            "fields": dict(fields),
        }


@dataclass(frozen=True, eq=False)
class EncoderItem:
    """A text encoder, for the programs that ask OpenAI's way; opened when it is first asked."""

    kind: ClassVar[Kind] = "encoder"
    name: str
    path: str
    version: str
    encoder: TextEncoder
    lock: threading.RLock = field(default_factory=threading.RLock)


Item: TypeAlias = EmbeddingItem | RecommenderItem | CollectionItem | EncoderItem


def stamp_of(path: pathlib.Path) -> str:
    """Changes whenever a file or folder was replaced: of its inode, its time and its size.

    A folder of Jari is written beside and renamed, so that its own inode tells.
    """
    about = path.stat()
    said = f"{about.st_dev} {about.st_ino} {about.st_mtime_ns} {0 if path.is_dir() else about.st_size}"
    return hashlib.sha256(os.fsencode(said)).hexdigest()[:16]


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
