"""The process that draws a map. It ends with its parent, whose end of the pipe it reads from."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from jari.embedding.embedding import Embedding
from jari.embedding.formats import native
from jari.errors import BadInput, ExtraMissing, JariError
from jari.explore.maps.drawing import draw_map
from jari.explore.maps.folder import MapFolder
from jari.explore.maps.lock import held
from jari.types import Progress

BUSY: Final = 75  # another process draws this map: EX_TEMPFAIL of sysexits.h
_EVERY = 0.1  # seconds between two reports
_PATIENCE = 1.0  # seconds: who looks whether the lock is held has it for a moment


class Stopped(Exception):
    """Somebody wants no map any more."""


class Reports:
    """A callback that notes in the map's folder how far it is, at most ten times a second.

    Parameters
    ----------
    folder
        Of the map.
    cancelled
        When somebody had asked to stop before the map was asked for; a later time raises `Stopped`.
    """

    def __init__(self, folder: MapFolder, cancelled: int | None) -> None:
        self._folder, self._cancelled, self._stage, self._next = folder, cancelled, "", 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage == self._stage and now < self._next:
            return
        self._stage, self._next = progress.stage, now + _EVERY
        if self._folder.cancelled != self._cancelled:
            raise Stopped
        with suppress(OSError):  # a full disk shows when the map is saved
            self._folder.tell(state="running", stage=progress.stage, done=progress.done, total=progress.total)


def open_meant(path: Path, checksum: str) -> Embedding:
    """The embedding at a place.

    Raises
    ------
    BadInput
        It is another one than that of `checksum`, before it is opened or after.
    """
    if native.checksum(path) == checksum:
        embedding = native.read(path)
        if native.checksum(path) == checksum:
            return embedding
    raise BadInput(f"{path} was replaced on the disk since the map was asked for: open it again and ask again.")


def draw_into(folder: MapFolder, path: Path, cancelled: int | None) -> None:
    """Draw what the folder wants; how it ends is noted there."""
    wanted = folder.wanted()
    reports = Reports(folder, cancelled)
    try:
        if wanted is None:
            raise BadInput(f"{folder.path} does not say what is wanted: ask for the map again.")
        reports(Progress("starting", 0, None, "points"))
        drawn = draw_map(open_meant(path, wanted.checksum), wanted.request, reports)
        reports(Progress("saving", 0, None, "points"))
        folder.save(drawn, wanted)
    except Stopped:
        folder.tell(state="cancelled")
    except Exception as error:
        folder.tell(state="failed", error=failure(error))


def failure(error: Exception) -> dict[str, str]:
    """What went wrong, as `MapState.error` has it."""
    if isinstance(error, JariError):
        kind = "extra_missing" if isinstance(error, ExtraMissing) else "failed"
        return {"type": kind, "message": str(error)}
    if isinstance(error, MemoryError):
        return {"type": "failed", "message": "There is too little memory for this map: ask for a smaller top."}
    return {"type": "failed", "message": f"The map could not be drawn: {type(error).__name__}: {error}"}


def main() -> int:
    """Do the one job that the first line of the standard input says."""
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    folder = MapFolder(Path(job["folder"]))
    with held(folder.lock, patience=_PATIENCE) as ours:
        if not ours:
            return BUSY
        os.truncate(folder.lock, 0)
        folder.lock.write_text(f"{os.getpid()}\n", encoding="ascii")  # for people: the system knows who holds it
        draw_into(folder, Path(job["path"]), job["cancelled"])
    return 0


def _end_with_parent() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
