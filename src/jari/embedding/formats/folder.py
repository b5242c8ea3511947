"""Reading the files of a folder by fixed names, never leaving it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar

from jari.errors import BadFile, NoSuchFile

Result = TypeVar("Result")

_TRIES = 5
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Folder:
    """An open folder: its files stay those of one moment, even when another folder takes its name meanwhile."""

    __slots__ = ("_handle", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        if not path.is_dir():
            if not os.path.lexists(path):
                raise NoSuchFile(f"There is no {path}.")
            raise BadFile(f"{path} is a file, and a .jari is a folder.")
        if os.open in os.supports_dir_fd:
            self._handle = os.open(path, os.O_RDONLY)

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def open(self, name: str) -> BinaryIO:
        """Open one file: a plain one, not a link to somewhere else."""
        try:
            handle = os.open(name if self._handle is not None else self.path / name, _FLAGS, dir_fd=self._handle)
        except FileNotFoundError:
            raise BadFile(f"{self.path} has no {name}: it is no .jari, or a part of it is lost.") from None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK):
                raise BadFile(f"{self.path / name} is a link: the files of a .jari are in its folder.") from None
            raise
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise BadFile(f"{self.path / name} is not a plain file.")
        return os.fdopen(handle, "rb")

    def is_replaced(self) -> bool:
        """Whether the name belongs to another folder by now."""
        if self._handle is None:
            return False
        try:
            now, then = self.path.stat(), os.fstat(self._handle)
        except OSError:
            return True
        return (now.st_dev, now.st_ino) != (then.st_dev, then.st_ino)


def read_folder(path: Path, read: Callable[[Folder], Result]) -> Result:
    """What `read` makes of a folder; once more where somebody saved a new one in its place meanwhile.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        As `read` says, of a folder that is still the one.
    """
    for _ in range(_TRIES):
        with Folder(path) as folder:
            try:
                return read(folder)
            except BadFile:
                if not folder.is_replaced():
                    raise
    raise BadFile(f"{path} was replaced {_TRIES} times while it was opened: wait until it is written.")
