"""`Job`: a map that is drawn by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import jari
from jari.errors import BadFile
from jari.explore.maps.folder import MapFolder
from jari.explore.maps.state import Stand
from jari.explore.maps.worker import BUSY

_KILL: Final = 9  # the signal; Windows has no name for it
_EVERY: Final = 0.1  # seconds between two looks at the process
# The parent's jari, and not one that lies where the parent happens to stand (-P).
_START: Final = "import sys; sys.path.append(sys.argv[1]); from jari.explore.maps.worker import main; sys.exit(main())"
_HOME: Final = str(Path(jari.__file__).parents[1])


class Job:
    """One map to be drawn.

    Parameters
    ----------
    folder
        Of the map; it holds what is wanted.
    path
        Of the embedding.
    """

    def __init__(self, folder: MapFolder, path: Path) -> None:
        self.folder, self.path = folder, path
        self.stand: Stand = "waiting"
        self.error: dict[str, str] | None = None
        self._stop = threading.Event()
        self._cancelled = folder.cancelled

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.stand not in ("waiting", "running")

    @property
    def is_to_stop(self) -> bool:
        """Whether somebody stopped it, although its process may not have ended yet."""
        return self._stop.is_set() and self.stand not in ("done", "failed")

    def stop(self) -> None:
        """Draw no further."""
        self._stop.set()
        if self.stand == "waiting":
            self.stand = "cancelled"

    def fail(self, error: dict[str, str]) -> None:
        """It cannot be drawn."""
        self.stand, self.error = "failed", error

    def run(self) -> None:
        """Draw, or wait until another process has drawn, or stop."""
        if self.over:
            return
        while not self._is_there():
            if self._stopped():
                self.stand = "cancelled"
                return
            if self.folder.is_being_drawn:  # by a process of another server
                self._stop.wait(_EVERY)
                continue
            self.stand = "running"
            self.folder.forget()
            code = self._work()
            if code != BUSY:
                self._end(code)
                return
        self.stand = "done"

    def _stopped(self) -> bool:
        return self._stop.is_set() or self.folder.cancelled != self._cancelled

    def _is_there(self) -> bool:
        try:
            return self.folder.stamp is not None and self.folder.open() is not None
        except BadFile:
            self.folder.discard()
            return False

    def _work(self) -> int:
        """The exit status of the process that draws."""
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, _HOME],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the parent
        )
        pipe = process.stdin
        assert pipe is not None
        with suppress(OSError):  # it died at once
            pipe.write(json.dumps(self._order()).encode() + b"\n")
            pipe.flush()
        try:
            while True:
                try:
                    return process.wait(_EVERY)
                except subprocess.TimeoutExpired:
                    if self._stopped():
                        process.kill()
                        process.wait()
                        self._stop.set()
                        return 0
        finally:
            process.kill()
            process.wait()
            with suppress(OSError):
                pipe.close()

    def _order(self) -> dict[str, object]:
        return {"folder": str(self.folder.path), "path": str(self.path), "cancelled": self._cancelled}

    def _end(self, code: int) -> None:
        if self.folder.stamp is not None:
            self.stand = "done"
        elif self._stopped():
            self._note("cancelled", None)
        elif code == 0 and (told := self.folder.told()).get("state") in ("failed", "cancelled"):
            self._note(told["state"], told.get("error"))
        elif code < 0:
            why = ", as the system does when memory runs out" if code == -_KILL else ""
            self._fail(f"was ended by signal {-code}{why}: ask again, or for a smaller top.")
        else:
            self._fail(f"ended with status {code}: ask again.")

    def _fail(self, how: str) -> None:
        self._note("failed", {"type": "failed", "message": f"The process that drew the map {how}"})

    def _note(self, stand: Stand, error: dict[str, str] | None) -> None:
        """For other servers too."""
        with suppress(OSError):
            self.folder.tell(state=stand, error=error)
        self.error, self.stand = error, stand
