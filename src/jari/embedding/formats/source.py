"""Opening a foreign file for reading in pieces, compressed or not."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from jari.errors import BadFile, NoSuchFile

_GZIP = b"\x1f\x8b"
_GZIP_RATIO = 1032  # deflate makes no more than this many bytes out of one (zlib, Technical Details)


class Source:
    """A file being read from its beginning.

    Parameters
    ----------
    path
        Plain or gzip, told apart by the first two bytes.
    """

    __slots__ = ("_file", "_raw", "most_bytes", "offset", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0  # how many bytes were read so far, uncompressed
        refuse_absent(path)
        self._raw = file = path.open("rb")
        size = os.fstat(file.fileno()).st_size
        compressed = file.read(2) == _GZIP
        file.seek(0)
        # What the file can hold at most, against headers that promise more.
        self.most_bytes = size * _GZIP_RATIO if compressed else size
        self._file = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if compressed else file

    def __enter__(self) -> Source:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self._raw.close()

    def read(self, size: int) -> bytes:
        """The next bytes, `size` of them except at the end."""
        with self._compression_errors():
            data = self._file.read(size)
        self.offset += len(data)
        return data

    def line(self, longest: int) -> bytes:
        """Up to and with the next line break, `longest` bytes at most."""
        with self._compression_errors():
            data = self._file.readline(longest)
        self.offset += len(data)
        return data

    @contextmanager
    def _compression_errors(self) -> Iterator[None]:
        try:
            yield
        except EOFError as error:
            raise BadFile(f"{self.path}: the compressed file is cut short. Take it from its source again.") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BadFile(f"{self.path}: the compressed data are damaged ({error}).") from error


def refuse_absent(path: Path) -> None:
    """Raise `NoSuchFile` where nothing is, `BadFile` for a folder."""
    if path.is_dir():
        raise BadFile(f"{path} is a folder and no .jari; a file of vectors was expected.")
    if not path.exists():
        raise NoSuchFile(f"There is no file {path}.")
