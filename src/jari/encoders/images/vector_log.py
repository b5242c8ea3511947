"""`VectorLog`: the rows that were made so far, kept where a process may be killed at any moment.

::

    .photos.jari.part/   beside photos.jari
      about.json         whose rows these are, and how wide they are
      rows.f32           (rows, dim) float32, little-endian, as they came
      journal            a line a batch: a checksum, then which keys, of which digests, and the checksum of their rows
      lock               held by the process that writes

A batch counts once its line is on the disk, which is written after its rows. What follows the last whole line, in
either file, is cut off when the log is opened again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from jari.embedding.formats.atomic import synced_file
from jari.errors import BadInput, FileIsThere
from jari.types import Matrix, Vector

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FORMAT: Final = "jari.vector-log"
_VERSION: Final = 1
_ABOUT, _DRAFT, _ROWS, _JOURNAL, _ORDERED = "about.json", "about.json.new", "rows.f32", "journal", "ordered.f32"
_LOCK: Final = "lock"
_BLOCK: Final = 1024  # rows copied at once


class VectorLog:
    """What will become an embedding, batch by batch; a context that one process at a time may enter.

    Parameters
    ----------
    out
        The embedding that this is for.
    owner
        JSON: whatever makes vectors what they are. Rows of another owner are of no use.
    force
        Drop what another owner has begun.

    Raises
    ------
    BadInput
        Another process is in it.
    FileIsThere
        It holds rows of another owner, and `force` is not given.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp(), "photos.jari")
    >>> with VectorLog(out, {"model": "m"}) as log:
    ...     log.append(["cat.jpg"], [bytes(32)], np.array([[1, 2]], np.float32))
    >>> with VectorLog(out, {"model": "m"}) as log:
    ...     print(len(log), log.vector(log.row_of(bytes(32))))
    ...     log.remove()
    1 [1. 2.]
    """

    def __init__(self, out: Path, owner: Mapping[str, Any], *, force: bool = False) -> None:
        self.out, self.folder = out, out.with_name(f".{out.name}.part")
        self._owner, self._force = json.loads(json.dumps(dict(owner))), force
        self._lock: int | None = None
        self._rows: FileIO | None = None  # without a buffer: what a full disk refused would be tried again at closing
        self._journal: FileIO | None = None
        self.dim: int | None = None
        self._by_key: dict[str, int] = {}  # the last row of each key
        self._by_digest: dict[bytes, int] = {}
        self._digests: list[bytes] = []

    def __enter__(self) -> Self:
        if self.folder.is_symlink():
            raise FileIsThere(f"{self.folder} is a link, and work in progress would be kept there: remove it.")
        self._lock = self._locked()
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._lock is not None and not self._digests:
            self.remove()
        self._close()

    def __len__(self) -> int:
        return len(self._digests)

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def told(self) -> str:
        """What is kept, for the message of whoever stops."""
        if not self._digests:
            return "Nothing was encoded yet."
        return f"{len(self):,} encoded images are kept in {self.folder}: the same command goes on from there."

    def row(self, key: str) -> int | None:
        """The last row of a key; None where it has none."""
        return self._by_key.get(key)

    def row_of(self, digest: bytes) -> int | None:
        """A row that was made from something of this digest; None where there is none."""
        return self._by_digest.get(digest)

    def digest(self, key: str) -> bytes | None:
        """What the last row of a key was made from; None where it has none."""
        row = self._by_key.get(key)
        return None if row is None else self._digests[row]

    def vector(self, row: int) -> Vector:
        """One row."""
        return np.array(self._mapped()[row])

    def append(self, keys: Sequence[str], digests: Sequence[bytes], vectors: Matrix) -> None:
        """Write a batch, through to the disk: all of it or, if the process dies, nothing."""
        if not keys:
            return
        little = np.ascontiguousarray(vectors, "<f4")
        if self.dim is None:
            self._begin(little.shape[1])
        if little.shape != (len(keys), self.dim) or len(digests) != len(keys):
            raise BadInput(f"{len(keys)} keys, {len(digests)} digests and vectors of shape {little.shape}.")
        entries = [[key, digest.hex()] for key, digest in zip(keys, digests, strict=True)]
        data = little.reshape(-1).view(np.uint8).data
        try:
            _through(self._rows, data)
            _through(self._journal, _line({"entries": entries, "rows": hashlib.sha256(data).hexdigest()}))
        except OSError as error:  # which does not say the name: a full disk, for one
            raise OSError(error.errno, error.strerror, str(self.folder)) from error
        self._take(keys, digests)

    def ordered(self, parts: Sequence[tuple[Matrix | None, int]]) -> Matrix:
        """Rows in another order, as a memory map of a file in the folder.

        Parameters
        ----------
        parts
            For each row the matrix that it is in, None for this log, and its number there.
        """
        mine = self._mapped()
        place = self.folder / _ORDERED
        with place.open("wb") as file:
            for start in range(0, len(parts), _BLOCK):
                rows = [(mine if matrix is None else matrix)[row] for matrix, row in parts[start : start + _BLOCK]]
                file.write(np.asarray(rows, "<f4").reshape(-1).view(np.uint8).data)
        return np.memmap(place, "<f4", "r").reshape(len(parts), -1).view(np.ndarray)

    def remove(self) -> None:
        """Delete the folder: what it was for is done."""
        self._wipe()
        (self.folder / _LOCK).unlink(missing_ok=True)
        try:
            self.folder.rmdir()
        except OSError:  # somebody keeps something in it
            return

    # ── opening

    def _locked(self) -> int:
        path = self.folder / _LOCK
        while True:
            self.folder.mkdir(exist_ok=True)
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            except FileNotFoundError:  # whoever was before has just deleted the folder
                continue
            if not _taken(handle):
                os.close(handle)
                raise BadInput(
                    f"Another process is making {self.out} at this moment (it holds {path}). Wait until it has ended, "
                    f"or give another name."
                )
            try:
                if os.fstat(handle).st_ino == path.stat().st_ino:
                    return handle
            except OSError:  # deleted before it was locked: nobody else would see this lock
                pass
            os.close(handle)

    def _open(self) -> None:
        about = self._about()
        journal = self.folder / _JOURNAL
        if about is None or not journal.is_file():
            self._wipe()
            return
        if about.get("owner") != self._owner or about.get("version") != _VERSION:
            if journal.stat().st_size and not self._force:
                raise FileIsThere(
                    f"{self.folder} holds unfinished work for {self.out.name} by another encoder. Go on with that one, "
                    f"or pass force=True (on the command line --force) to drop it."
                )
            self._wipe()
            return
        self.dim = int(about["dim"])
        whole, rows = self._read(journal, 4 * self.dim)
        self._rows, self._journal = FileIO(self.folder / _ROWS, "r+"), FileIO(journal, "r+")
        for file, end in ((self._journal, whole), (self._rows, 4 * self.dim * rows)):
            file.truncate(end)
            file.seek(end)

    def _about(self) -> dict[str, Any] | None:
        try:
            about = json.loads((self.folder / _ABOUT).read_bytes())
        except (OSError, ValueError):  # killed before there was anything
            return None
        right = isinstance(about, dict) and about.get("format") == _FORMAT and type(about.get("dim")) is int
        return about if right and about["dim"] > 0 else None

    def _read(self, journal: Path, width: int) -> tuple[int, int]:
        """Take in all whole batches; how many bytes of the journal, and rows, they are."""
        end = 0
        rows = self.folder / _ROWS
        if not rows.is_file():
            rows.touch()
        with journal.open("rb") as lines, rows.open("rb") as vectors:
            for line in lines:
                batch = _batch(line)
                if batch is None:
                    break
                keys, digests, checksum = batch
                if hashlib.sha256(vectors.read(width * len(keys))).hexdigest() != checksum:
                    break
                self._take(keys, digests)
                end += len(line)
        return end, len(self._digests)

    def _begin(self, dim: int) -> None:
        """The files, empty; `about.json` last, so that what has one has all."""
        self._wipe()
        self._rows, self._journal = FileIO(self.folder / _ROWS, "x"), FileIO(self.folder / _JOURNAL, "x")
        draft = self.folder / _DRAFT
        with synced_file(draft) as file:
            about = {"format": _FORMAT, "version": _VERSION, "dim": dim, "owner": self._owner}
            file.write(json.dumps(about, indent=1).encode())
        draft.replace(self.folder / _ABOUT)
        self.dim = dim

    def _wipe(self) -> None:
        self._close_files()
        for name in (_ABOUT, _DRAFT, _JOURNAL, _ROWS, _ORDERED):
            (self.folder / name).unlink(missing_ok=True)
        self.dim = None
        self._by_key, self._by_digest, self._digests = {}, {}, []

    def _take(self, keys: Sequence[str], digests: Sequence[bytes]) -> None:
        for key, digest in zip(keys, digests, strict=True):
            self._by_key[key] = self._by_digest[digest] = len(self._digests)
            self._digests.append(digest)

    def _mapped(self) -> Matrix:
        if not self._digests:
            return np.empty((0, self.dim or 1), np.float32)
        return np.memmap(self.folder / _ROWS, "<f4", "r", shape=(len(self), self.dim or 1)).view(np.ndarray)

    def _close_files(self) -> None:
        for file in (self._rows, self._journal):
            if file is not None:
                file.close()
        self._rows = self._journal = None

    def _close(self) -> None:
        self._close_files()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _line(batch: Mapping[str, Any]) -> bytes:
    text = json.dumps(batch).encode()  # ASCII: no line ends within, and half a surrogate passes
    return hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"


def _batch(line: bytes) -> tuple[list[str], list[bytes], str] | None:
    """Keys, digests and the checksum of the rows, of a line of the journal; None where it is not whole."""
    checksum, _, text = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or hashlib.sha256(text).hexdigest().encode() != checksum:
        return None
    batch = json.loads(text)
    return (
        [str(key) for key, _ in batch["entries"]],
        [bytes.fromhex(digest) for _, digest in batch["entries"]],
        str(batch["rows"]),
    )


def _through(file: FileIO | None, data: bytes | memoryview) -> None:
    """To the disk, before anything else happens."""
    if file is not None:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _taken(handle: int) -> bool:
    """Whether the lock is ours now; it is given back when the file is closed, or the process ends."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
