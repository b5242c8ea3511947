"""Files and folders that appear whole or not at all.

Everything is written under a temporary name beside its place, flushed to the disk, and renamed. A reader sees what
was there before or what is there now; when the disk fills or the process dies, what was there before stays.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from jari.errors import FileIsThere, NoSuchFile

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file to write, which takes its place when the block ends well.

    Raises
    ------
    FileIsThere
        Something is at `path` and `force` is not given, or a folder is.
    NoSuchFile
        The folder to write in is not there.
    """
    _check_parent(path)
    refuse_existing(path, force=force)
    if path.is_dir():
        raise FileIsThere(f"{path} is a folder: give the name of a file.")
    temporary = _beside(path, "tmp")
    try:
        with _told_of(path), synced_file(temporary) as file:
            yield file
        refuse_existing(path, force=force)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def new_folder(path: Path, *, force: bool, ours: Sequence[str]) -> Iterator[Path]:
    """A folder to fill, which takes its place when the block ends well.

    Parameters
    ----------
    path
        Where.
    force
        Replace what is there. A folder is replaced only where it holds nothing but files named in `ours`: a slip of
        the keyboard must not delete a home directory.
    ours
        Names of the files that this kind of folder has.
    """
    _check_parent(path)
    refuse_existing(path, force=force)
    _refuse_foreign(path, ours)
    temporary = _beside(path, "tmp")
    temporary.mkdir()
    try:
        with _told_of(path):
            yield temporary
            _sync_folder(temporary)
        refuse_existing(path, force=force)
        if os.path.lexists(path):
            exchange(temporary, path)
            _sync_folder(path.parent)
        else:
            temporary.rename(path)
            _sync_folder(path.parent)
            return
    except BaseException:
        remove(temporary)
        raise
    remove(temporary)  # now the old one


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """A disk that fills says which file it had no room for, and that the old one is whole."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        kept = " (what was there before is untouched)" if os.path.lexists(path) else ""
        raise OSError(error.errno, f"{os.strerror(error.errno)}{kept}", str(path)) from error


@contextmanager
def synced_file(path: Path) -> Iterator[BinaryIO]:
    """A new file, through to the disk when the block ends."""
    with path.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `FileIsThere` where something is and `force` is not given."""
    if not force and os.path.lexists(path):
        raise FileIsThere(f"{path} exists already. Pass force=True (on the command line --force) to replace it.")


def exchange(new: Path, old: Path) -> None:
    """Swap two names: in one step on Linux, in two renames where the system or its file system cannot."""
    if not _exchange_at_once(new, old):
        aside = _beside(old, "old")
        old.rename(aside)
        try:
            new.rename(old)
        except BaseException:
            aside.rename(old)
            raise
        aside.rename(new)


def remove(path: Path) -> None:
    """Delete a file, a link or a folder; what cannot be deleted stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _exchange_at_once(new: Path, old: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):  # a C library older than glibc 2.28
        return False
    if rename(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(old), ctypes.c_uint(_RENAME_EXCHANGE)) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(old))


def _refuse_foreign(path: Path, ours: Sequence[str]) -> None:
    if path.is_dir() and not path.is_symlink():
        others = sorted({entry.name for entry in path.iterdir()} - set(ours))
        if others:
            raise FileIsThere(f"{path} holds other things too ({', '.join(others[:3])}): it is not replaced.")


def _check_parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise NoSuchFile(f"There is no folder {path.parent} to write {path.name!r} in: make it first.")


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:  # some network file systems cannot sync folders
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _beside(path: Path, ending: str) -> Path:
    """A hidden name that nobody else has, on the same disk."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.{ending}")


class Digested:
    """A file that counts and hashes what is written to it."""

    __slots__ = ("_bytes", "_digest", "_file")

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self._bytes = file, hashlib.sha256(), 0

    def write(self, data: Any, /) -> int:
        """Write all of `data`."""
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)
        return len(data)

    def summary(self) -> dict[str, Any]:
        """How many bytes were written, and their SHA-256."""
        return {"bytes": self._bytes, "sha256": self._digest.hexdigest()}
