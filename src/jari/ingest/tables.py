"""One column of a table as sentences: csv, tsv, json lines and Parquet, some rows at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet

from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.ingest.delimited import Delimited
from jari.ingest.files import DECOMPRESSORS, opened
from jari.ingest.json_lines import lines
from jari.ingest.sentences import blocks_of
from jari.ingest.tokens import Block

_ROWS = 8192

Batch = tuple[list[str | None], int]  # values, and how many bytes of the file were read so far


def table_format(path: str) -> str | None:
    """``csv``, ``tsv``, ``jsonl`` or ``parquet`` by the name of a file; None for what is no table."""
    place = Path(path)
    suffix = (Path(place.stem) if place.suffix.lower() in DECOMPRESSORS else place).suffix.lower()
    return {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}.get(suffix)


def size_of(path: str) -> int:
    """Bytes on disk.

    Raises
    ------
    NoSuchFile, BadInput
        There is no such file; it is a folder.
    """
    place = Path(path)
    if not place.exists():
        raise NoSuchFile(f"There is no file {path!r}. Check the name.")
    if not place.is_file():
        raise BadInput(f"{path} is no file: give a table (.csv .tsv .jsonl .parquet), compressed or not.")
    return place.stat().st_size


@dataclass(frozen=True, slots=True)
class TableFile:
    """A column of a table, each value one sentence; a missing value is an empty one."""

    path: str
    column: str
    errors: str

    @property
    def name(self) -> str:
        """What to call it in errors."""
        return self.path

    @property
    def size(self) -> int | None:
        """Bytes on disk."""
        return Path(self.path).stat().st_size

    def blocks(self, size: int, *, whole_lines: bool) -> Iterator[Block]:
        """The values as lines; a line feed inside a value counts as a space.

        Raises
        ------
        BadInput
            There is no such column, or it does not hold text.
        BadFile
            The file is not the table that its name says.
        """
        kind = table_format(self.path)
        if kind is None:
            raise BadInput(
                f"{self.path} is no table (.csv .tsv .jsonl .parquet), so it has no column {self.column!r}. "
                "Leave out column= to read its lines."
            )
        read = _READERS[kind]
        try:
            yield from blocks_of(read(self), size, errors=self.errors)
        except pa.ArrowException as error:
            raise BadFile(f"{self.path} cannot be read as {kind}: {error}") from error


def columns_of(path: str) -> list[str]:
    """The names of the columns of a table.

    Raises
    ------
    BadFile, pyarrow.ArrowException, ValueError
        It cannot be read.
    """
    kind = table_format(path)
    if kind == "parquet":
        return list(pa.parquet.read_schema(path).names)
    if kind != "jsonl":
        return list(_delimited(path).record)
    with opened(path) as (stream, _):
        first = next(lines(stream)).strip()
        return list(json.loads(first)) if first else []


def _check(table: TableFile, columns: list[str]) -> None:
    if table.column not in columns:
        there = ", ".join(map(repr, columns)) or "none"
        raise BadInput(f"{table.path} has no column {table.column!r}. The columns that are there: {there}.")


def _read_csv(table: TableFile) -> Iterator[Batch]:
    text = _delimited(table.path)
    _check(table, list(text.record))
    for (values,), row, position in text.rows([text.record.index(table.column)], header=True):
        for start in range(0, len(values), _ROWS):
            yield _decoded(values.slice(start, _ROWS), table, row + start), position


def _delimited(path: str) -> Delimited:
    return Delimited.of(path, "\t" if table_format(path) == "tsv" else ",")


def _read_parquet(table: TableFile) -> Iterator[Batch]:
    try:
        file = pa.parquet.ParquetFile(table.path)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{table.path} cannot be read as parquet ({error}). Take it from a good copy.") from error
    with file:
        _check(table, list(file.schema_arrow.names))
        kind = file.schema_arrow.field(table.column).type
        value = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_binary(value)):
            raise BadInput(f"The column {table.column!r} of {table.path} holds {kind}, not text.")
        size, rows, row = Path(table.path).stat().st_size, max(1, file.metadata.num_rows), 0
        for batch in file.iter_batches(_ROWS, columns=[table.column]):
            values = batch.column(0).cast(pa.large_binary() if pa.types.is_binary(value) else pa.large_string())
            yield _decoded(values, table, row), size * row // rows
            row += len(values)


def _read_jsonl(table: TableFile) -> Iterator[Batch]:
    with opened(table.path) as (stream, position):
        values: list[str | None] = []
        for number, line in enumerate(lines(stream), 1):
            if not line.strip():
                continue
            values.append(_member(table, line, number))
            if len(values) == _ROWS:
                yield values, position()
                values = []
        yield values, position()


def _member(table: TableFile, line: bytes, number: int) -> str | None:
    try:
        found = json.loads(_text(line, table, "line", number))
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadFile(f"{table.path}, line {number:,}: this is not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise BadFile(f"{table.path}, line {number:,}: a line must be an object, not {type(found).__name__}.")
    if number == 1:
        _check(table, list(found))
    value = found.get(table.column)
    if value is None or isinstance(value, str):
        return value
    raise BadInput(f"{table.path}, line {number:,}: the column {table.column!r} holds {value!r:.40}, not text.")


def _decoded(values: pa.Array, table: TableFile, row: int) -> list[str | None]:
    listed = values.to_pylist()
    if not (pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type)):
        return list(listed)
    return [None if v is None else _text(v, table, "row", row + i + 1) for i, v in enumerate(listed)]


def _text(value: bytes, table: TableFile, unit: str, number: int) -> str:
    if number == 1:
        value = value.removeprefix(b"\xef\xbb\xbf")
    try:
        return value.decode("utf-8", "strict" if table.errors == "strict" else "surrogateescape")
    except UnicodeDecodeError as error:
        raise BadEncoding(
            f"{table.path}, {unit} {number:,}, byte {error.start:,} of it: 0x{value[error.start]:02X} is not UTF-8. "
            'Convert the file, or pass errors="replace" (--errors replace) to read over such bytes.'
        ) from error


_READERS: Final[dict[str, Callable[[TableFile], Iterator[Batch]]]] = {
    "csv": _read_csv,
    "tsv": _read_csv,
    "jsonl": _read_jsonl,
    "parquet": _read_parquet,
}
