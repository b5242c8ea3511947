"""Lines of a key and its numbers: what the word2vec and GloVe text formats share.

Two readers. The quick one gives a block of lines to Arrow's CSV parser, which takes every regular block. What it does
not take goes to the careful one, line by line in Python: there, keys with spaces are read from the right and every
error is found and named.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from jari.embedding.embedding import Embedding
from jari.embedding.formats.rows import Rows
from jari.embedding.formats.source import Source
from jari.errors import BadEncoding, BadFile
from jari.types import Matrix

_BLOCK = 16 << 20
_CSV_BLOCK = 4 << 20  # Arrow's threads take one each: 1 MB is a third slower
_LONGEST_KEY = 1 << 20
_LONGEST_NUMBER = 64
_BOM = b"\xef\xbb\xbf"


class Block:
    """Whole lines of a file, and where they stand in it."""

    __slots__ = ("data", "line", "offset")

    def __init__(self, data: bytes, line: int, offset: int) -> None:
        self.data, self.line, self.offset = data, line, offset


def read_lines(source: Source, n: int | None, dim: int, *, line: int, start: bytes) -> Embedding:
    """Read all lines of a file from here to its end.

    Parameters
    ----------
    source
        Behind the header, where there is one.
    n
        How many rows the header says, or None without one.
    dim
        How many numbers a row has.
    line
        The number of the next line, counting from 1.
    start
        What was read of it and of later ones already.

    Raises
    ------
    BadFile
        A row is ragged, is not numbers, is NaN; a key stands twice; there are more or fewer rows than `n`.
    BadEncoding
        A key is not UTF-8.
    """
    rows = Rows(source.path, n, dim)
    first_line = line
    blank: int | None = None
    for block in _blocks(source, dim, line, start):
        if blank is None:
            quick = _quick(block, dim)
            if quick is not None:
                _refuse_surplus(source.path, n, rows.filled + len(quick[1]), first_line)
                rows.add(*quick)
                continue
        careful = _Careful(source.path, block, dim, blank)
        keys, values = careful.read()
        blank = careful.blank
        _refuse_surplus(source.path, n, rows.filled + len(values), first_line)
        rows.add(keys, values)
    if n is not None and rows.filled < n:
        raise BadFile(
            f"{source.path}: the header says {n} rows, and the file ends after {rows.filled}. It is cut short, or the "
            f"header is wrong: take it from its source again or correct the first line."
        )
    return rows.embedding(first_line)


def _blocks(source: Source, dim: int, line: int, start: bytes) -> Iterator[Block]:
    longest = _LONGEST_KEY + dim * _LONGEST_NUMBER
    offset, rest = source.offset - len(start), start
    while True:
        more = source.read(_BLOCK)
        data = rest + more
        end = data.rfind(b"\n") + 1 if more else len(data)
        if len(data) - end > longest or (not end and len(data) > longest):
            at = line + data.count(b"\n", 0, end)
            raise BadFile(
                f"{source.path}: line {at} goes on for more than {longest} bytes. "
                f"This is no text of {dim} numbers a line; is it a binary file?"
            )
        if end:
            block = data[:end]
            yield Block(block, line, offset)
            line, offset = line + block.count(b"\n"), offset + end
        rest = data[end:]
        if not more:
            return


def _quick(block: Block, dim: int) -> tuple[pa.Array, Matrix] | None:
    """The rows of a block where every line is regular; None where any is not."""
    data = block.data
    # Arrow would drop the mark, and end lines at a lone \r: both may be part of a key.
    if data.startswith(_BOM) or data.count(b"\r") != data.count(b"\r\n"):
        return None
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    end = data.find(b"\n")
    first = data[: end if end >= 0 else len(data)].rstrip(b"\r")
    trailing = first.endswith(b" ")  # word2vec and fastText end each line with a space
    numbers = [f"{column}" for column in range(dim)]
    types = {"key": pa.large_string(), "end": pa.string()} | dict.fromkeys(numbers, pa.float32())
    names = ["key", *numbers, *(["end"] if trailing else [])]
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            read_options=csv.ReadOptions(column_names=names, block_size=_CSV_BLOCK),
            parse_options=csv.ParseOptions(delimiter=" ", quote_char=False),
            convert_options=csv.ConvertOptions(column_types=types, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != lines or (trailing and pc.max(pc.binary_length(table.column("end"))).as_py()):
        return None
    values = np.empty((lines, dim), dtype=np.float32)
    for column, name in enumerate(numbers):
        chunks = table.column(name)
        if chunks.null_count:
            return None
        values[:, column] = chunks.to_numpy()
    if not np.isfinite(values).all():
        return None
    return table.column("key").combine_chunks(), values


class _Careful:
    """One block, line by line."""

    __slots__ = ("_block", "_dim", "_line", "_offset", "_path", "blank")

    def __init__(self, path: Path, block: Block, dim: int, blank: int | None) -> None:
        self._path, self._block, self._dim = path, block, dim
        self._line, self._offset = block.line, block.offset
        self.blank = blank  # an empty line: fine at the end of the file only

    def read(self) -> tuple[pa.Array, Matrix]:
        keys: list[str] = []
        values: list[np.ndarray] = []
        for line in self._block.data.removesuffix(b"\n").split(b"\n"):
            if not line.strip():
                self.blank = self.blank or self._line
            elif self.blank:
                raise BadFile(f"{self._path}: line {self.blank} is empty, and more follow. Remove it.")
            else:
                key, numbers = self._parse(line)
                keys.append(key)
                values.append(numbers)
            self._line += 1
            self._offset += len(line) + 1
        matrix = np.array(values, dtype=np.float32).reshape(len(values), self._dim)
        return pa.array(keys, type=pa.large_string()), matrix

    def _parse(self, line: bytes) -> tuple[str, np.ndarray]:
        parts = line.rstrip(b" \r").rsplit(b" ", self._dim)
        if len(parts) <= self._dim:
            self._refuse(f"holds {len(parts) - 1} numbers, and the others {self._dim}. Rows must be of one length")
        raw, *fields = parts
        try:
            key = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadEncoding(
                f"{self._path}: line {self._line}, byte {self._offset + error.start} of the file: the key "
                f"{raw[:40]!r} is not UTF-8. Convert the file, or leave the row out."
            ) from error
        surplus = key.rsplit(" ", 1)[-1] if " " in key else ""
        if _looks_like_a_value(surplus):
            self._refuse(
                f"holds one number too many ({surplus!r}): the others have {self._dim}. Rows must be of one length"
            )
        return key, self._floats(fields)

    def _floats(self, fields: list[bytes]) -> np.ndarray:
        numbers = np.empty(self._dim, dtype=np.float32)
        for column, field in enumerate(fields):
            try:
                with np.errstate(over="ignore"):
                    numbers[column] = np.float32(_float(field))
            except ValueError:
                self._refuse(f"holds {field[:40]!r} as number {column + 1} of {self._dim}, which is none")
            if not np.isfinite(numbers[column]):
                self._refuse(
                    f"holds {field.decode()} as number {column + 1}: every value must be a finite float32 number"
                )
        return numbers

    def _refuse(self, what: str) -> NoReturn:
        raise BadFile(f"{self._path}: line {self._line} {what}. Mend the line or leave it out.")


def _float(field: bytes) -> float:
    if b"_" in field or field.strip() != field:  # Python's float takes 1_000
        raise ValueError(field)
    return float(field)


def _looks_like_a_value(word: str) -> bool:
    """Whether the last word of a key with spaces is rather a number too many: "0.25" is, the "66" of a route is not."""
    try:
        float(word)
    except ValueError:
        return False
    return "." in word or "e" in word.lower() or "n" in word.lower()


def _refuse_surplus(path: Path, n: int | None, rows: int, first_line: int) -> None:
    if n is not None and rows > n:
        raise BadFile(
            f"{path}: the header says {n} rows, and more follow in line {first_line + n}. Correct the first line."
        )
