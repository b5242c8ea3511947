"""`read_lines`: the lines of a small test file, or an error that says where it is broken."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path as FilePath

from jari.errors import BadEncoding, BadFile, NoSuchFile
from jari.types import Path

_GZIP = b"\x1f\x8b"


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file, plain or gzipped, without their ends and without a byte order mark.

    Raises
    ------
    NoSuchFile
        Nothing is there, or it is a folder.
    BadEncoding
        The bytes are not UTF-8.
    BadFile
        A gzip file that is cut short or corrupt.
    """
    file = FilePath(path)
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "does not exist"
        raise NoSuchFile(f"{file} {what}: give the path of a test file.")
    data = file.read_bytes()
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadFile(f"{file} is a gzip file that cannot be read to its end ({error}): fetch it again.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadEncoding(
            f"{file}, line {line}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8. "
            f"Save the file as UTF-8 and try again."
        ) from error
    # Not splitlines(): that would also break at U+2028, form feeds and the like, and count lines as no editor does.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def set_name(path: Path) -> str:
    """The name of a test set: its file's, without the folder and the ending.

    Examples
    --------
    >>> set_name("evaluation/google-analogies.en.txt.gz")
    'google-analogies.en'
    """
    name = FilePath(path).name.removesuffix(".gz")
    return FilePath(name).stem
