"""`MapDesk`: where maps are asked for, drawn in a process of their own, and kept."""

from __future__ import annotations

import pathlib
import queue
import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final

from jari.embedding.formats import native
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.explore.maps.clusters import Clusters, clusters_of
from jari.explore.maps.drawing import DrawnMap, draw_map
from jari.explore.maps.folder import MapFolder, Wanted
from jari.explore.maps.job import Job
from jari.explore.maps.lock import held
from jari.explore.maps.places import is_id, is_writable, roots_of, thin
from jari.explore.maps.request import MapRequest
from jari.explore.maps.state import MapState, done_state, going_state
from jari.explore.maps.worker import failure
from jari.types import Path

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

_AT_ONCE: Final = 100_000_000  # numbers: PCA of so many, 1,000,000 × 100, takes 1.4 s on two cores, and poles less
_REMEMBERED: Final = 256  # maps


class MapDesk:
    """Maps of embeddings that have a place on the disk; to be asked by many threads.

    One map at a time is drawn. Several processes may share the folders: what one of them has drawn, or is drawing, is
    found by the others.

    Parameters
    ----------
    cache
        A folder for all maps. None keeps those of ``wiki.jari`` in ``wiki.maps`` beside it, or where nothing can be
        written there, in the user's cache folder. The last hundred of a folder are kept.
    paths
        Embeddings whose maps are found by their ids although nobody has asked this desk for them.
    """

    def __init__(self, cache: Path | None = None, paths: Iterable[Path] = ()) -> None:
        self._cache = None if cache is None else pathlib.Path(cache).absolute()
        self._roots: dict[pathlib.Path, None] = {}  # in their order
        self._folders: OrderedDict[str, MapFolder] = OrderedDict()
        self._sources: dict[str, pathlib.Path] = {}
        self._jobs: dict[str, Job] = {}
        self._opened: dict[str, tuple[tuple[int, int], DrawnMap]] = {}
        self._turn, self._drawing = threading.RLock(), threading.Lock()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        if self._cache is not None:
            self._roots[self._cache] = None
        for path in paths:
            self.know(path)

    def know(self, path: Path) -> None:
        """Find the maps of this embedding by their ids too."""
        with self._turn:
            self._roots.update(dict.fromkeys(roots_of(pathlib.Path(path).absolute(), self._cache)))

    def ask(
        self, path: Path, request: MapRequest, *, embedding: Embedding | None = None, checksum: str | None = None
    ) -> MapState:
        """Begin a map, or find it: one that is kept is ``"done"`` at once, and so are small ones of PCA and poles.

        Parameters
        ----------
        path
            Of the embedding, a ``.jari``.
        request
            What to draw. A map that failed or was cancelled is begun anew.
        embedding
            The one at `path`, where it is open already.
        checksum
            Of the embedding that is meant: where another one is at `path` by now, only kept maps are found.

        Raises
        ------
        BadInput, UnknownKey
            This map cannot be drawn of this embedding; another one is at `path`; the desk is closed.
        NoSuchFile, BadFile
            There is none at `path`.
        """
        place = pathlib.Path(path).absolute()
        there = native.checksum(place) if checksum is None else None
        meant = checksum or there or ""
        opened = native.read(place) if embedding is None else embedding
        request.check(opened)
        if request.top is not None and request.top >= len(opened):
            request = replace(request, top=None)
        wanted = Wanted(meant, request.points(len(opened)), request)
        map_id = request.digest(meant)
        self.know(place)
        with self._turn:
            if self._closed:
                raise BadInput("This desk is closed: open another one.")
            self._sources[map_id] = place
            folder = self._folder(map_id)
            if folder is not None and self._ready(folder) is not None:
                return self.state(map_id)
            job = self._jobs.get(map_id)
            if job is not None and not job.over and not job.is_to_stop:
                return self.state(map_id)
            folder = MapFolder(self._root(place) / map_id)
            folder.begin(wanted)
            self._remember(folder)
            small = request.method in ("pca", "poles") and wanted.points * opened.dim <= _AT_ONCE
        if small and (embedding is not None or there is not None):
            return self._draw_at_once(folder, opened, wanted, place)
        if native.checksum(place) != meant:
            raise BadInput(f"{place} is another embedding by now: open it again, and ask for a map of that one.")
        self._begin(folder, place)
        return self.state(map_id)

    def state(self, map_id: str) -> MapState:
        """How far a map is.

        Raises
        ------
        NoSuchFile
            Nobody asked for one of that id.
        """
        with self._turn:
            folder = self._known(map_id)
            job = self._jobs.get(map_id)
            drawn = self._ready(folder)
        if drawn is not None:
            return done_state(map_id, drawn)
        wanted = folder.wanted()
        if wanted is None:
            raise NoSuchFile(f"There is no map {map_id}: ask for it.")
        told = folder.told()
        if job is not None and (job.over or job.is_to_stop):
            return going_state(map_id, wanted, "failed" if job.stand == "failed" else "cancelled", told, job.error)
        if folder.is_being_drawn:
            return going_state(map_id, wanted, "running", told)
        if job is not None:
            return going_state(map_id, wanted, job.stand, told)
        ended = told.get("state")  # of another process, which may have died over it
        return going_state(map_id, wanted, "failed" if ended == "failed" else "cancelled", told, told.get("error"))

    def open(self, map_id: str) -> DrawnMap:
        """A map that is done, its coordinates mapped from the file.

        Raises
        ------
        NoSuchFile
            Nobody asked for one of that id.
        BadInput
            It is not done.
        """
        with self._turn:
            folder = self._known(map_id)
            drawn = self._ready(folder)
        if drawn is None:
            raise BadInput(f"The map {map_id} is not done, but {self.state(map_id).state}: wait until it is.")
        folder.touch()
        return drawn

    def clusters(self, map_id: str, count: int | None = None, *, embedding: Embedding | None = None) -> Clusters:
        """`clusters_of` a map that is done, with the seed of the map.

        Parameters
        ----------
        map_id
            Of the map.
        count
            How many clusters.
        embedding
            What the map is of; may be left out where this desk was asked for the map.
        """
        drawn = self.open(map_id)
        if embedding is None:
            if map_id not in self._sources:
                raise BadInput(f"Nobody asked this desk for the map {map_id}: give its embedding too.")
            embedding = native.read(self._sources[map_id])
        return clusters_of(embedding, drawn, count, seed=drawn.request.seed)

    def cancel(self, map_id: str) -> MapState:
        """Stop drawing, here or in another process; a map that is done stays as it is."""
        state = self.state(map_id)
        if state.over:
            return state
        folder = self._known(map_id)
        folder.ask_to_stop()
        with self._turn:
            job = self._jobs.get(map_id)
        if job is not None:
            job.stop()
        return replace(state, state="cancelled")

    def close(self) -> None:
        """Stop all that is being drawn, and wait until it has."""
        with self._turn:
            self._closed = True
            for job in self._jobs.values():
                job.stop()
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def __enter__(self) -> MapDesk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _draw_at_once(self, folder: MapFolder, embedding: Embedding, wanted: Wanted, path: pathlib.Path) -> MapState:
        with self._drawing, held(folder.lock) as ours:
            if ours and self._ready(folder) is None:
                try:
                    folder.save(draw_map(embedding, wanted.request), wanted)
                except OSError as error:
                    job = Job(folder, path)
                    job.fail(failure(error))
                    self._jobs[folder.id] = job
                else:
                    self._jobs.pop(folder.id, None)
                    thin(folder.path.parent)
        if not ours:  # another process is at it
            self._begin(folder, path)
        return self.state(folder.id)

    def _begin(self, folder: MapFolder, path: pathlib.Path) -> None:
        with self._turn:
            job = self._jobs[folder.id] = Job(folder, path)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="maps", daemon=True)
                self._thread.start()
            self._queue.put(job)

    def _work(self) -> None:
        """Draw one map after another."""
        while (job := self._queue.get()) is not None:
            try:
                job.run()
            except Exception as error:  # no process could be started, or nothing written
                job.fail(failure(error))
            with suppress(OSError):
                thin(job.folder.path.parent)

    def _root(self, path: pathlib.Path) -> pathlib.Path:
        roots = roots_of(path, self._cache)
        for root in roots:
            if is_writable(root):
                return root
        raise BadInput(
            f"Maps are kept in {' or '.join(map(str, roots))}, where nothing can be written: name a folder for them."
        )

    def _known(self, map_id: str) -> MapFolder:
        folder = self._folder(map_id)
        if folder is None:
            raise NoSuchFile(f"There is no map {map_id!r:.60}: ask for it.")
        return folder

    def _folder(self, map_id: str) -> MapFolder | None:
        if not is_id(map_id):
            return None
        with self._turn:
            known = self._folders.get(map_id)
            if known is not None and known.path.is_dir():
                return known
            found = [MapFolder(root / map_id) for root in self._roots if (root / map_id).is_dir()]
            if not found:
                return None
            best = next((folder for folder in found if folder.stamp is not None), found[0])
            self._remember(best)
            return best

    def _remember(self, folder: MapFolder) -> None:
        self._folders[folder.id] = folder
        self._folders.move_to_end(folder.id)
        for old in list(self._folders)[:-_REMEMBERED]:
            job = self._jobs.get(old)
            if job is None or job.over:
                del self._folders[old]
                for table in (self._jobs, self._sources, self._opened):
                    table.pop(old, None)

    def _ready(self, folder: MapFolder) -> DrawnMap | None:
        """A map that is done; one that is damaged is not."""
        stamp = folder.stamp
        with self._turn:
            known = self._opened.get(folder.id)
        if stamp is None:
            return None
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            drawn = folder.open()
        except BadFile:
            folder.discard()
            return None
        with self._turn:
            self._opened[folder.id] = (stamp, drawn)
        return drawn
