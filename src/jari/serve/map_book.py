"""`MapBook`: which embedding of the shelf a map is of."""

from __future__ import annotations

import hashlib
import pathlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from jari.embedding.formats import native
from jari.errors import JariError, NoSuchFile
from jari.explore.maps import DrawnMap
from jari.serve.dependencies import Desk
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem, stamp_of
from jari.serve.kept import Kept

_KNOWN: Final = 256  # ids
_OPEN: Final = 16  # maps: their points are mapped from files, not read
_ANSWERS: Final = 32  # clusters, 1 byte a point, and densities


@dataclass(frozen=True, slots=True, eq=False)
class ShownMap:
    """A map that is done.

    Parameters
    ----------
    id
        Of the map.
    item
        What it is of.
    drawn
        Its points.
    etag
        Of the points, with its quotes.
    """

    id: str
    item: EmbeddingItem
    drawn: DrawnMap
    etag: str


def no_map(map_id: str) -> Failure:
    """The error for an id that no map has."""
    return Failure("not_found", f"There is no map {map_id!r:.80}: ask for one with /api/project.")


class MapBook:
    """The ids of maps and what they are of; for several threads.

    A map that another process was asked for is found by its id, which is a digest of what was asked and of the
    embedding's checksum.

    Parameters
    ----------
    desk
        Of the server.
    """

    def __init__(self, desk: Desk) -> None:
        self._shelf, self._maps = desk.shelf, desk.maps
        self._items: OrderedDict[str, EmbeddingItem] = OrderedDict()
        self._checksums: WeakKeyDictionary[EmbeddingItem, str] = WeakKeyDictionary()
        self._turn = threading.Lock()
        self._shown = Kept[ShownMap](_OPEN, at_once=4)
        self.answers = Kept[Any](_ANSWERS, at_once=2)  # clusters, densities

    def note(self, map_id: str, item: EmbeddingItem) -> None:
        """Remember what a map is of."""
        with self._turn:
            self._items[map_id] = item
            self._items.move_to_end(map_id)
            while len(self._items) > _KNOWN:
                self._items.popitem(last=False)

    def item(self, map_id: str) -> EmbeddingItem | None:
        """What a map is of; None where nothing on the shelf is it, or that cannot be told yet."""
        with self._turn:
            known = self._items.get(map_id)
        if known is not None:
            return known
        try:
            request = self._maps.open(map_id).request
        except JariError:
            return None
        for item in self._shelf.of_kind(EmbeddingItem):
            try:
                found = request.digest(self.checksum(item)) == map_id
            except (Failure, JariError, OSError):
                continue
            if found:
                self.note(map_id, item)
                return item
        return None

    def shown(self, map_id: str) -> ShownMap:
        """A map that is done.

        Raises
        ------
        Failure
            There is no such map, or what it is of is no longer here (not_found); it is not done (bad_input).
        """

        def opened() -> ShownMap:
            drawn = self._maps.open(map_id)
            item = self.item(map_id)
            if item is None:
                raise Failure("not_found", f"The embedding of the map {map_id} is not on the shelf any more.")
            digest = hashlib.blake2b(np.ascontiguousarray(drawn.coordinates).data, digest_size=12)
            return ShownMap(map_id, item, drawn, f'"{digest.hexdigest()}"')

        try:
            return self._shown(map_id, opened)
        except NoSuchFile as error:
            raise no_map(map_id) from error

    def checksum(self, item: EmbeddingItem) -> str:
        """Of an embedding as it was opened.

        Raises
        ------
        Failure
            It lies in memory only, or is no ``.jari`` (bad_input); another one is in its place by now (gone).
        """
        known = self._checksums.get(item)
        if known is not None:
            return known
        path = pathlib.Path(item.path)
        if not item.path or not path.is_dir():
            raise Failure(
                "bad_input",
                f"{item.name!r} is no .jari folder, and maps are kept beside one. Make one with: jari convert",
                param="name",
            )
        if not _is_the_same(item, path):
            raise Failure(
                "gone", f"{item.name!r} was replaced on disk since it was opened: POST /api/reload opens what is there."
            )
        found = native.checksum(path)
        if not _is_the_same(item, path):
            raise Failure("gone", f"{item.name!r} was being replaced on disk: POST /api/reload opens what is there.")
        self._checksums[item] = found
        return found


def _is_the_same(item: EmbeddingItem, path: pathlib.Path) -> bool:
    """By the stamp that was taken when it was opened: of the folder, or of the recommender that it is a part of."""
    marks = (path, path.parent / "recommender.json")
    return any(mark.exists() and stamp_of(mark) == item.version for mark in marks)


_books: WeakKeyDictionary[Desk, MapBook] = WeakKeyDictionary()
_opening = threading.Lock()


def book_of(desk: Desk) -> MapBook:
    """The book of a server."""
    with _opening:
        if desk not in _books:
            _books[desk] = MapBook(desk)
        return _books[desk]
