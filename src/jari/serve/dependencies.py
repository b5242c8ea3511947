"""What routes get: the desk, with all that the server holds, and things of the shelf by the query's `name`."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import Depends, Query, Request

from jari.serve.batching import Batches
from jari.serve.failures import Failure
from jari.serve.items import CollectionItem, EmbeddingItem, RecommenderItem
from jari.serve.metrics import Metrics
from jari.serve.settings import MOST_K, Settings
from jari.serve.shelf import Shelf

if TYPE_CHECKING:
    from jari.explore.maps import MapDesk

_MAPS_OPENING = threading.Lock()


@dataclass(eq=False)
class Desk:
    """What the server holds, as ``request.app.state.jari``.

    Parameters
    ----------
    shelf
        What is served.
    settings
        How.
    metrics
        What is counted.
    batches
        Where questions go that are answered together.
    stopping
        Set once the server is to stop: streams of events end then.
    """

    shelf: Shelf
    settings: Settings
    metrics: Metrics
    batches: Batches
    stopping: threading.Event = field(default_factory=threading.Event)
    _maps: list[Any] = field(default_factory=list)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def maps(self) -> MapDesk:
        """Where maps are drawn; it is set up when the first one is asked for."""
        if not self._maps:
            with _MAPS_OPENING:
                if not self._maps:
                    from jari.explore.maps import MapDesk

                    paths = [item.path for item in self.shelf.of_kind(EmbeddingItem) if item.path]
                    self._maps.append(MapDesk(self._folder_for_maps(), paths))
        desk: MapDesk = self._maps[0]
        return desk

    def check_writes(self) -> None:
        """Refuse what changes things, where the server only reads (read_only)."""
        if self.settings.read_only:
            raise Failure("read_only", "This server only reads: it was started with --read-only.")

    def _folder_for_maps(self) -> str | None:
        """None is beside the embeddings; a server that only reads has a folder of its own, until it ends."""
        if not self.settings.read_only:
            return None
        self._folder = tempfile.TemporaryDirectory(prefix="jari-maps-")
        return self._folder.name

    def close(self) -> None:
        """Stop what runs beside the server."""
        self.stopping.set()
        self.batches.close()
        for maps in self._maps:
            maps.close()
        if self._folder is not None:
            self._folder.cleanup()


def desk_of(request: Request) -> Desk:
    """The desk of the app that answers."""
    desk: Desk = request.app.state.jari
    return desk


DeskOf: TypeAlias = Annotated[Desk, Depends(desk_of)]
Name: TypeAlias = Annotated[
    str | None,
    Query(max_length=500, description="What is asked, by its name on the shelf; may be left out where only one fits."),
]
K: TypeAlias = Annotated[int, Query(ge=1, le=MOST_K, description=f"How many, 1 to {MOST_K}.")]


def _embedding(desk: DeskOf, name: Name = None) -> EmbeddingItem:
    return desk.shelf.embedding(name)


def _recommender(desk: DeskOf, name: Name = None) -> RecommenderItem:
    return desk.shelf.recommender(name)


def _collection(desk: DeskOf, name: Name = None) -> CollectionItem:
    return desk.shelf.collection(name)


EmbeddingOf: TypeAlias = Annotated[EmbeddingItem, Depends(_embedding)]
RecommenderOf: TypeAlias = Annotated[RecommenderItem, Depends(_recommender)]
CollectionOf: TypeAlias = Annotated[CollectionItem, Depends(_collection)]
