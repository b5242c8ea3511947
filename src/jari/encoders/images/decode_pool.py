"""The processes that read pictures, seen from the one that asks them."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Final, cast

import numpy as np

from jari.encoders.images.decode_worker import Found, Setting, receive, send
from jari.errors import JariError

_START: Final = (  # Ctrl-C goes to all processes of a terminal: the one that asks ends those that read
    "import json, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = json.loads(sys.argv[1]); "
    "from jari.encoders.images.decode_worker import main; main()"
)
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class DecodePool:
    """Threads that each talk to a process, which is started when there is a first picture for it.

    A thread waits for its process without holding up this one, so that pictures come in while a network is at work.
    """

    def __init__(self, setting: Setting, count: int) -> None:
        self._setting = setting
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="jari-decode")
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._running: set[_Process] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, path: str, known: bytes | None) -> Future[Found]:
        """Have a file read. The result is an error only where no process can be started."""
        return self._threads.submit(self._ask, path, known)

    def close(self) -> None:
        """End all processes, whatever they are at."""
        with self._lock:
            self._closed = True
            for process in self._running:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._running:
            process.end()

    def _ask(self, path: str, known: bytes | None) -> Found:
        process = self._idle.get()
        try:
            process = process or self._started()
            return process.ask(path, known)
        except (EOFError, OSError):
            reason = process.end() if process else "the process to read it in was stopped"
            with self._lock:
                self._running -= {process} if process else set()
            process = None
            return Found(b"", reason=reason)
        finally:
            self._idle.put(process)

    def _started(self) -> _Process:
        with self._lock:
            if self._closed:
                raise EOFError
            process = _Process()
            self._running.add(process)
        process.begin(self._setting)
        return process


class _Process:
    """One that runs `jari.encoders.images.decode_worker`, with the module path of this one."""

    def __init__(self) -> None:
        paths = [one or os.getcwd() for one in sys.path if isinstance(one, str)]  # noqa: PTH109
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, json.dumps(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ONE_THREAD,
        )
        self._to = cast(IO[bytes], self._process.stdin)
        self._of = cast(IO[bytes], self._process.stdout)

    def begin(self, setting: Setting) -> None:
        try:
            send(self._to, setting.to_json())
            receive(self._of)
        except (EOFError, OSError) as error:
            raise JariError(
                f"A process to read pictures in does not start: {sys.executable} ended with {self._process.wait()}. "
                "Give workers=0 to read in this process."
            ) from error

    def ask(self, path: str, known: bytes | None) -> Found:
        send(self._to, {"path": path, "known": (known or b"").hex()})
        said, body = receive(self._of)
        pixels = np.frombuffer(body, said["dtype"]).reshape(said["shape"]) if "shape" in said else None
        return Found(bytes.fromhex(said["digest"]), pixels, said["reason"])

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> str:
        """Leave nothing of it behind; how it ended, for a person."""
        for pipe in (self._to, self._of):
            try:
                pipe.close()
            except OSError:  # what was not yet sent cannot be
                continue
        code = self._process.wait()
        if code >= 0:
            return f"the process that read it ended with {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"the process that read it was killed ({name})"
