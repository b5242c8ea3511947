"""word2vec binary: ``.bin``.

::

    "{n} {d}\\n"
    n times: key in UTF-8, " ", d float32 little-endian, and from word2vec.c (not from gensim) "\\n"
"""

from __future__ import annotations

import pathlib

import numpy as np
import pyarrow as pa

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_file
from jari.embedding.formats.plain_keys import refuse_unwritable
from jari.embedding.formats.rows import Rows, refuse_not_finite
from jari.embedding.formats.source import Source
from jari.embedding.formats.word2vec_text import read_header
from jari.errors import BadEncoding, BadFile
from jari.types import Matrix, Path

_BLOCK = 16 << 20
_CHARACTERS_OF_NUMBERS = b"0123456789+-.eE \r\n"
_LONGEST_KEY = 1 << 20


def read(path: Path) -> Embedding:
    """Read a file, plain or gzip; with or without a line break after each row."""
    with Source(pathlib.Path(path)) as source:
        n, dim = read_header(source, bytes_of_a_row=4)
        rows = Rows(source.path, n, dim)
        rest = b""
        while rows.filled < n:
            more = source.read(max(_BLOCK, 4 * dim))
            data = rest + more
            keys, starts, used = _records(data, n - rows.filled, 4 * dim)
            if keys:
                values = _gather(data, starts, dim)
                if _is_text(values.tobytes()):
                    raise BadFile(f'{source.path} holds its numbers as text: pass format="word2vec".')
                refuse_not_finite(source.path, values, "row", rows.filled)
                rows.add(_decoded(keys, source.path, rows.filled), values)
            rest = data[used:]
            if len(rest) > _LONGEST_KEY + 4 * dim:
                raise BadFile(f"{source.path}: the key of row {rows.filled} does not end: this is no word2vec binary.")
            if not more and rows.filled < n:
                raise BadFile(
                    f"{source.path}: the header says {n} rows, and the file ends in row {rows.filled}. It is cut "
                    f"short, or the header is wrong: take it from its source again."
                )
        if (rest + source.read(64)).strip(b"\n"):
            raise BadFile(f"{source.path}: the header says {n} rows, and more bytes follow. The header is wrong.")
        return rows.embedding(first_line=None)


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write a file. Counts, context vectors and metadata have no place in it."""
    place = pathlib.Path(path)
    refuse_unwritable(embedding.vocabulary, "word2vec binary", characters=" ", starts="\n")
    with new_file(place, force=force) as file:
        file.write(f"{len(embedding)} {embedding.dim}\n".encode())
        step = max(1, _BLOCK // (4 * embedding.dim))
        for start in range(0, len(embedding), step):
            data = np.ascontiguousarray(embedding.vectors[start : start + step], dtype="<f4")
            keys = embedding.vocabulary.arrow.slice(start, len(data)).to_pylist()
            file.write(
                b"".join(key.encode() + b" " + row.tobytes() + b"\n" for key, row in zip(keys, data, strict=True))
            )


def _records(data: bytes, most: int, width: int) -> tuple[list[bytes], list[int], int]:
    """Keys, where their numbers begin, and how many bytes these whole records take."""
    keys: list[bytes] = []
    starts: list[int] = []
    at, size = 0, len(data)
    while len(keys) < most:
        # The line break that may end the row before. A key cannot begin with one.
        begin = at + 1 if data[at : at + 1] == b"\n" else at
        space = data.find(b" ", begin, begin + _LONGEST_KEY + 1)
        if space < 0 or space + 1 + width > size:
            break
        keys.append(data[begin:space])
        starts.append(space + 1)
        at = space + 1 + width
    return keys, starts, at


def _gather(data: bytes, starts: list[int], dim: int) -> Matrix:
    """The numbers that begin at these bytes, which need not be multiples of four."""
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, dtype=np.uint8), 4 * dim)
    return windows[starts].view("<f4")


def _is_text(numbers: bytes) -> bool:
    return not numbers.strip(_CHARACTERS_OF_NUMBERS) and bool(numbers.strip(b" \r\n"))


def _decoded(keys: list[bytes], path: pathlib.Path, first_row: int) -> pa.Array:
    try:
        return pa.array(keys, type=pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        for row, key in enumerate(keys, first_row):
            try:
                key.decode("utf-8")
            except UnicodeDecodeError as error:
                raise BadEncoding(
                    f"{path}: the key of row {row}, {key[:40]!r}, is not UTF-8 (byte {error.start}). The file is "
                    f"damaged, or not a word2vec binary of the dimensions that its header says."
                ) from error
        raise
