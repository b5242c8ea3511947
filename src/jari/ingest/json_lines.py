"""Files with a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from jari.errors import BadEncoding, BadFile
from jari.ingest.files import opened

_BOM = b"\xef\xbb\xbf"


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, however long, without their line feeds."""
    parts: list[bytes] = []  # of a line that is not whole yet
    while chunk := stream.read(1 << 20):
        first, *others = chunk.split(b"\n")
        parts.append(first)
        if others:
            yield b"".join(parts)
            *whole, last = others
            yield from whole
            parts = [last]
    yield b"".join(parts)


def objects(path: str, errors: str = "strict") -> Iterator[tuple[dict[str, Any], int]]:
    """The object of each line that is not blank, and how many bytes of the file were read.

    Raises
    ------
    BadEncoding
        A line is not UTF-8, and `errors` is ``"strict"``.
    BadFile
        A line is not JSON, or no object.
    """
    with opened(path) as (stream, position):
        for number, line in enumerate(lines(stream), 1):
            if not line.strip():
                continue
            try:
                found = json.loads((line.removeprefix(_BOM) if number == 1 else line).decode("utf-8", errors))
            except UnicodeDecodeError as error:
                raise BadEncoding(
                    f"{path}, line {number:,}, byte {error.start:,} of it: 0x{error.object[error.start]:02X} is not "
                    'UTF-8. Convert the file, or pass errors="replace" to read over such bytes.'
                ) from error
            except (ValueError, RecursionError) as error:
                raise BadFile(f"{path}, line {number:,}: this is not JSON ({error}).") from error
            if not isinstance(found, dict):
                raise BadFile(f"{path}, line {number:,}: a line must be an object, not {type(found).__name__}.")
            yield found, position()
