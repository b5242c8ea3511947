"""A file that one process holds while it draws; the system lets go of it when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def held(path: Path, *, patience: float = 0.0) -> Iterator[bool]:
    """Hold the file until the block ends, if nobody else does: whether it is held.

    Unlike `jari.search.stores.lock.locked` this does not wait, or only for `patience` seconds.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, held(Path(folder, "lock")) as ours:
    ...     with held(Path(folder, "lock")) as theirs:
    ...         ours, theirs
    (True, False)
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        until = time.monotonic() + patience
        taken = _take(handle)
        while not taken and time.monotonic() < until:
            time.sleep(0.02)
            taken = _take(handle)
        yield taken
    finally:
        os.close(handle)


def is_held(path: Path) -> bool:
    """Whether a process holds the file at this moment."""
    if not path.exists():
        return False
    try:
        with held(path) as free:
            return not free
    except OSError:  # nobody may write there
        return False


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
