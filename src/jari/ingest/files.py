"""Reading text files, compressed or not, in blocks that end where a token cannot be cut."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa

from jari.embedding.spans import SPARE
from jari.errors import BadFile, BadInput, JariError
from jari.ingest.tokens import Block, Place

STDIN: Final = "-"
_BOM = b"\xef\xbb\xbf"
_SAMPLE = 4096
_LONGEST_START = 8  # what tells formats apart stands in one block, even where a test makes blocks tiny
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b\x1c\x1d\x1e\x1f"))
_MOST_CONTROLS = 0.1
_NEAR = 4096

_KNOWN_STARTS: Final = {
    b"\xff\xfe": "like text in UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
    b"\xfe\xff": "like text in UTF-16: convert it with iconv -f UTF-16 -t UTF-8",
    b"\x1f\x8b": "as gzip does: let its name end in .gz",
    b"BZh": "as bzip2 does: let its name end in .bz2",
    b"\x28\xb5\x2f\xfd": "as zstd does: let its name end in .zst",
    b"\xfd7zXZ": "as xz does: let its name end in .xz",
    b"\x04\x22\x4d\x18": "as lz4 does: let its name end in .lz4",
    b"PAR1": "as Parquet does: let its name end in .parquet, and say which column",
}


def _arrow(codec: str) -> Callable[[BinaryIO], BinaryIO]:
    return lambda raw: cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), codec))


DECOMPRESSORS: Final[dict[str, Callable[[BinaryIO], BinaryIO]]] = {
    ".gz": lambda raw: cast(BinaryIO, gzip.GzipFile(fileobj=raw)),
    ".bz2": lambda raw: cast(BinaryIO, bz2.BZ2File(raw)),
    ".xz": lambda raw: cast(BinaryIO, lzma.LZMAFile(raw)),  # noqa: SIM115  # whoever calls closes it
    ".zst": _arrow("zstd"),
    ".lz4": _arrow("lz4"),
}


@dataclass(frozen=True, slots=True)
class TextFile:
    """Lines of UTF-8, in a file or (as ``-``) on standard input."""

    path: str

    @property
    def name(self) -> str:
        """What to call it in errors."""
        return "standard input" if self.path == STDIN else self.path

    @property
    def size(self) -> int | None:
        """Bytes on disk; None where nobody can know."""
        if self.path == STDIN:
            return None
        place = Path(self.path)
        return place.stat().st_size if place.is_file() else None  # a named pipe has none

    def blocks(self, size: int, *, whole_lines: bool) -> Iterator[Block]:
        """The text, some `size` bytes at a time, more where no place to cut comes earlier.

        Every line ends in a line feed, the last one too.

        Raises
        ------
        BadInput
            This is no text.
        BadFile
            A compressed file is cut short or damaged.
        """
        with opened(self.path) as (stream, position):
            yield from _blocks(stream, position, self.name, size, whole_lines=whole_lines)


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """A file's bytes, decompressed, and a function that tells how far into the file itself they are.

    Raises
    ------
    BadFile
        While the block runs: what is compressed is cut short or damaged.
    """
    place = sys.stdin.buffer if path == STDIN else Path(path)
    source: AbstractContextManager[Any] = (
        place.open("rb", buffering=0) if isinstance(place, Path) else nullcontext(place)
    )
    decompressor = DECOMPRESSORS.get(Path(path).suffix.lower()) if path != STDIN else None
    with source as raw:
        if decompressor is None:
            yield raw, _counted(raw)
            return
        with decompressor(raw) as stream:
            try:
                yield stream, raw.tell
            except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
                if isinstance(error, JariError) or (isinstance(error, OSError) and error.errno):
                    raise
                raise BadFile(
                    f"{path} is cut short or damaged ({error}). Make it again, or take it from a good copy."
                ) from error


def _counted(raw: Any) -> Callable[[], int]:
    try:
        raw.tell()
    except OSError:  # a pipe
        return lambda: 0
    return cast(Callable[[], int], raw.tell)


def _blocks(stream: Any, position: Callable[[], int], name: str, size: int, *, whole_lines: bool) -> Iterator[Block]:
    carried = b""
    offset = 0  # of what is carried
    ended = True  # whether what was given so far ended with a line feed
    at_start = True
    while True:
        data = bytearray(max(size, 2 * len(carried), _LONGEST_START) + SPARE)
        data[: len(carried)] = carried
        length, last = _fill(stream, data, len(carried))
        if at_start:
            _refuse_binary_start(data[: min(length, _SAMPLE)], name)
            at_start = False
            if data.startswith(_BOM):
                del data[: len(_BOM)]
                data += bytes(len(_BOM))
                length -= len(_BOM)
                offset = len(_BOM)
        zero = data.find(0, len(carried), length)
        if zero >= 0:
            raise BadInput(f"{name} looks like a binary file (a zero byte at byte {offset + zero:,}). {_REMEDY}")
        if last:
            ended = data[length - 1] == 10 if length else ended
            if not ended:
                data[length] = 10
                length += 1
            if length:
                data[length : length + SPARE] = b" " * SPARE
                yield Block(data, length, Place(name, offset), position())
            return
        cut = _cut(data, length, whole_lines=whole_lines)
        carried = bytes(data[cut:length])
        if cut:
            data[cut : cut + SPARE] = b" " * SPARE
            ended = data[cut - 1] == 10
            yield Block(data, cut, Place(name, offset), position())
            offset += cut


_REMEDY = (
    "Give text in UTF-8; files may be compressed (.gz .bz2 .zst .xz .lz4), or tables of which column= names one column."
)


def _fill(stream: Any, data: bytearray, length: int) -> tuple[int, bool]:
    """Read until the block is full or the stream ends; gives the length, and whether it ended."""
    with memoryview(data) as view:
        while length < len(data) - SPARE:
            read = stream.readinto(view[length : len(data) - SPARE])
            if not read:
                return length, True
            length += read
    return length, False


def _cut(data: bytearray, length: int, *, whole_lines: bool) -> int:
    """The position after the last line feed, or space; 0 where there is none.

    After either, no token goes on, and no character composes with it.
    """
    if not whole_lines:
        near = max(0, length - _NEAR)
        found = max(data.rfind(b" ", near, length), data.rfind(b"\n", near, length))
        return (found if found >= 0 else max(data.rfind(b" ", 0, near), data.rfind(b"\n", 0, near))) + 1
    return data.rfind(b"\n", 0, length) + 1


def _refuse_binary_start(sample: bytearray, name: str) -> None:
    for start, said in _KNOWN_STARTS.items():
        if sample.startswith(start):
            raise BadInput(f"{name} looks like a binary file: it begins {said}.")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if b"\0" not in sample and controls > _MOST_CONTROLS * len(sample):
        first = next(at for at, byte in enumerate(sample) if byte in _CONTROLS)
        raise BadInput(
            f"{name} looks like a binary file ({controls} control characters in its first {len(sample):,} bytes, "
            f"the first at byte {first:,}). {_REMEDY}"
        )
