"""`WatchPage`: the explorer page beside a running learning, in a process of its own.

The process that learns opens the socket and writes the folder; this one reads the folder and answers. It has the line
to the other process for a sign: when the line is cut, by `close` or because the other process died, it says how the run
ended to whoever looks at the page, removes the folder and ends.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import shutil
import signal
import socket
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from jari.serve.exports import check_packages
from jari.types import Path as PathLike

_LOOK = 0.2  # seconds between two looks at the line
_LAST_WORDS = 1.0  # seconds in which pages hear how the run ended
_PATIENCE = 10.0  # seconds until a server that does not end is ended


class WatchPage:
    """Serves the page while the block lasts.

    Parameters
    ----------
    folder
        What a `jari.learn.watching.WatchedFolder` writes.
    place
        Where the embedding will be once it is learnt: it is on the shelf from then on.
    host, port
        Where to listen; port 0 is one that is free.
    static
        The built page; None is the one in the package.

    Raises
    ------
    ExtraMissing
        What a server needs is not installed.
    """

    def __init__(
        self,
        folder: PathLike,
        place: PathLike,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        static: PathLike | None = None,
    ) -> None:
        if importlib.util.find_spec("fastapi") is None:  # looking is enough: importing takes half a second
            check_packages()
        self.folder, self.place = Path(folder), Path(place)
        self._static = None if static is None else os.fspath(static)
        self._listening = socket.create_server((host, port))
        # What is asked before the other process is there waits in the socket's queue.
        self.address = f"http://{host}:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        theirs, self._line = context.Pipe(duplex=False)
        given = (theirs, self._listening, os.fspath(self.folder), os.fspath(self.place), self._static)
        self._process = context.Process(target=_serve, args=given, name="jari-watch")
        # Ctrl-C reaches every process of a terminal. This one ends when the learning has ended.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if _is_main() else None
        try:
            self._process.start()
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)
        theirs.close()
        self._listening.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_built(self) -> bool:
        """Whether there is a page to serve: where it could not be built, only programs can ask."""
        static = Path(__file__).parent / "static" if self._static is None else Path(self._static)
        return (static / "index.html").exists()

    @property
    def is_up(self) -> bool:
        """Whether the other process lives."""
        return self._process.is_alive()

    def wait(self) -> None:
        """Until the other process ends, which it does only when something is wrong with it; or Ctrl-C."""
        self._process.join()

    def close(self) -> None:
        """End the server. Pages hear how the run ended before."""
        self._line.close()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


def _serve(line: Connection, listening: socket.socket, folder: str, place: str, static: str | None) -> None:
    """The other process."""
    import uvicorn
    from threadpoolctl import threadpool_limits

    from jari.learn.watching import abandon
    from jari.serve.app import create_app
    from jari.serve.opening import Place
    from jari.serve.routes.learning import watch
    from jari.serve.settings import Settings
    from jari.serve.shelf import Shelf

    threadpool_limits(1)
    with suppress(OSError, AttributeError):
        os.nice(5)  # the learning goes first
    host, port = listening.getsockname()[:2]
    shelf = Shelf({}, [Place(Path(place).stem, place)])
    settings = Settings(host=host, port=port, static=None if static is None else Path(static))
    app = create_app(shelf, settings)
    watch(app, [Path(folder).parent], only=Path(folder).stem)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=2))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="jari-serve")
    serving.start()  # not in the main thread, where it would take signals for itself
    ended = Path(folder) / "state.json"
    while serving.is_alive() and not _is_cut(line):
        if ended.exists() and not len(shelf):
            with suppress(Exception):  # stopped: there is nothing to show
                shelf.reload()
    abandon(Path(folder))
    time.sleep(_LAST_WORDS)
    app.state.jari.stopping.set()
    server.should_exit = True
    serving.join()
    shutil.rmtree(folder, ignore_errors=True)  # the other process may not be there to do it


def _is_cut(line: Connection) -> bool:
    """Whether nobody holds the other end any more; waits a moment for that."""
    try:
        return line.poll(_LOOK)  # nothing is ever sent: what can be read is the end
    except (OSError, EOFError):
        return True


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
