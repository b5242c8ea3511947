"""`MapDesk`: where maps are asked for, drawn in a process of their own, and kept."""

from __future__ import annotations

import pathlib
from types import TracebackType
from typing import TYPE_CHECKING

from jari.explore.maps.clusters import Clusters
from jari.explore.maps.drawing import DrawnMap
from jari.explore.maps.request import MapRequest
from jari.explore.maps.state import MapState
from jari.types import Path

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding


class MapDesk:
    """Maps of embeddings that have a place on the disk; to be asked by many threads.

    Parameters
    ----------
    cache
        A folder for all maps. None keeps those of ``wiki.jari`` in ``wiki.maps`` beside it, or where nothing can be
        written there, in the user's cache folder.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = None if cache is None else pathlib.Path(cache)

    def ask(
        self, path: Path, request: MapRequest, *, embedding: Embedding | None = None, checksum: str | None = None
    ) -> MapState:
        """Begin a map, or find it: one that is kept is ``"done"`` at once.

        Parameters
        ----------
        path
            Of the embedding.
        request
            What to draw.
        embedding
            The one at `path`, where it is open already.
        checksum
            Of the embedding that is meant: another one at `path` by now is refused.

        Raises
        ------
        BadInput, UnknownKey
            This map cannot be drawn of this embedding.
        NoSuchFile, BadFile
            There is none at `path`.
        """
        raise NotImplementedError

    def state(self, map_id: str) -> MapState:
        """How far a map is; `NoSuchFile` where nobody asked for one of that id."""
        raise NotImplementedError

    def open(self, map_id: str) -> DrawnMap:
        """A map that is done, its coordinates mapped from the file; `BadInput` where it is not done."""
        raise NotImplementedError

    def clusters(self, map_id: str, count: int | None = None, *, embedding: Embedding | None = None) -> Clusters:
        """`clusters_of` a map that is done, kept beside it."""
        raise NotImplementedError

    def cancel(self, map_id: str) -> MapState:
        """Stop drawing."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop all that is being drawn."""

    def __enter__(self) -> MapDesk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
