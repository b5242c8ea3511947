"""Rows of tables with all of their columns: csv, tsv, json lines and Parquet, some thousands at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from jari.errors import BadEncoding, BadFile, BadInput
from jari.ingest.files import opened
from jari.ingest.tables import table_format

Row: TypeAlias = dict[str, Any]
Numbered: TypeAlias = tuple[int, Row, int]  # from 1 on; and how many bytes of the file were read

_ROWS: Final = 4096
_BLOCK: Final = 4 << 20
_LARGEST_BLOCK: Final = 1 << 30
_LARGEST_NUMBER: Final = 2.0**63
# Numbers in text: not 007 and not +82: such are names that happen to be of digits
_NUMBER: Final = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?$"
_BOOLEAN: Final = r"^(true|false|True|False|TRUE|FALSE)$"


def rows(path: str, needed: Sequence[str], left_out: Counter[str]) -> Iterator[Numbered]:
    """Each row with its number, from 1 on, and how many bytes of the file were read; what is missing is left out.

    In csv a column holds numbers where each value of it is one, and booleans likewise; other columns hold text. Dates
    are text, as ISO 8601 has them.

    Parameters
    ----------
    path
        A table, by its name.
    needed
        Columns that must be there, and are given as they are, of whatever type: of csv, as text.
    left_out
        Counts, by column, the values that are no text, numbers, or booleans, or not of the same type as the first value
        of that column.

    Raises
    ------
    BadInput
        A column that is needed is not there.
    BadFile, BadEncoding
        The file is not the table that its name says.
    """
    kind = table_format(path)
    reader = {"parquet": _parquet, "jsonl": _jsonl}.get(kind or "", _csv)
    types: dict[str, type] = {}
    try:
        for number, row, position in reader(path, needed):
            yield number, _simple(row, needed, types, left_out), position
    except pa.ArrowException as error:
        raise BadFile(f"{path} cannot be read as {kind}: {error}") from error


def _simple(row: Row, needed: Sequence[str], types: dict[str, type], left_out: Counter[str]) -> Row:
    simple: Row = {}
    for column, value in row.items():
        if value is None or value != value:  # NaN is how pandas writes that a number is missing
            continue
        if column not in needed:
            kind = float if type(value) is int else type(value)
            usable = kind in (str, bool) or (kind is float and abs(value) < _LARGEST_NUMBER)
            if not usable or types.setdefault(column, kind) is not kind:
                left_out[column] += 1
                continue
        simple[column] = value
    return simple


def _check(path: str, needed: Sequence[str], columns: Sequence[str]) -> None:
    for column in needed:
        if column not in columns:
            there = ", ".join(map(repr, columns)) or "none"
            raise BadInput(f"{path} has no column {column!r}. The columns that are there: {there}.")


def _parquet(path: str, needed: Sequence[str]) -> Iterator[Numbered]:
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} cannot be read as parquet ({error}). Take it from a good copy.") from error
    with file:
        _check(path, needed, file.schema_arrow.names)
        size, total, number = Path(path).stat().st_size, max(1, file.metadata.num_rows), 0
        for batch in file.iter_batches(_ROWS):
            columns = {name: _listed(batch.column(at)) for at, name in enumerate(batch.schema.names)}
            for at in range(batch.num_rows):
                number += 1
                yield number, {name: values[at] for name, values in columns.items()}, size * number // total


def _listed(values: Any) -> list[Any]:
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_decimal(kind):
        values = values.cast(pa.float64())
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        values = values.cast(pa.string())
    return list(values.to_pylist())


def _jsonl(path: str, needed: Sequence[str]) -> Iterator[Numbered]:
    number = 0
    with opened(path) as (stream, position):
        for at, line in enumerate(_lines(stream), 1):
            if not line.strip():
                continue
            number += 1
            try:
                row = json.loads(line.removeprefix(b"\xef\xbb\xbf") if at == 1 else line)
            except UnicodeDecodeError as error:
                raise BadEncoding(
                    f"{path}, line {at:,}, byte {error.start:,} of it is not UTF-8. Convert the file."
                ) from error
            except (ValueError, RecursionError) as error:
                raise BadFile(f"{path}, line {at:,}: this is not JSON ({error}).") from error
            if not isinstance(row, dict):
                raise BadFile(f"{path}, line {at:,}: a line must be an object, not {type(row).__name__}.")
            if number == 1:
                _check(path, needed, list(row))
            yield number, row, position()


def _lines(stream: Any) -> Iterator[bytes]:
    parts: list[bytes] = []  # of a line that is not whole yet
    while chunk := stream.read(1 << 20):
        *whole, rest = chunk.split(b"\n")
        if whole:
            yield b"".join([*parts, whole[0]])
            yield from whole[1:]
            parts = []
        parts.append(rest)
    yield b"".join(parts)


def _csv(path: str, needed: Sequence[str]) -> Iterator[Numbered]:
    block, kinds = _surveyed(path, needed)
    number = 0
    for batch, position in _batches(path, block):
        listed = {
            name: _converted(batch.column(at), kinds.get(name), f"{path}, column {name!r}", number, keep=name in needed)
            for at, name in enumerate(batch.schema.names)
        }
        for at in range(batch.num_rows):
            number += 1
            yield number, {name: values[at] for name, values in listed.items()}, position


def _surveyed(path: str, needed: Sequence[str]) -> tuple[int, Mapping[str, str]]:
    """A first pass: how large blocks must be for the longest record, and what each column can be taken for."""
    block = _BLOCK
    while True:
        can_be: dict[str, list[str]] = {}
        try:
            for batch, _ in _batches(path, block):
                names = batch.schema.names
                if not can_be:
                    _check(path, needed, names)
                    can_be = {name: [] if name in needed else [_NUMBER, _BOOLEAN] for name in names}
                for at, name in enumerate(names):
                    can_be[name] = [pattern for pattern in can_be[name] if _all_match(batch.column(at), pattern)]
            return block, {name: patterns[0] for name, patterns in can_be.items() if patterns}
        except pa.ArrowInvalid as error:
            if "straddl" not in str(error) or block >= _LARGEST_BLOCK:
                raise
            block *= 8


def _all_match(values: Any, pattern: str) -> bool:
    matches = pc.or_(pc.match_substring_regex(values, pattern), pc.equal(pc.binary_length(values), 0))
    return bool(pc.all(matches, min_count=0).as_py())


def _converted(values: Any, kind: str | None, name: str, row: int, *, keep: bool) -> list[Any]:
    try:
        listed = values.cast(pa.large_string()).to_pylist()
    except pa.ArrowInvalid as error:
        wrong = next(at for at, value in enumerate(values.to_pylist()) if not _is_utf8(value))
        raise BadEncoding(f"{name}, row {row + wrong + 1:,} is not UTF-8. Convert the file.") from error
    if kind == _BOOLEAN:
        return [value.lower() == "true" if value else None for value in listed]
    if kind == _NUMBER:
        return [(int(value) if value.lstrip("-").isdigit() else float(value)) if value else None for value in listed]
    return list(listed) if keep else [value or None for value in listed]


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _batches(path: str, block: int) -> Iterator[tuple[Any, int]]:
    """All columns as bytes, with how far in the file they are."""
    delimiter = "\t" if table_format(path) == "tsv" else ","
    parse = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    names: list[str] = []
    while True:
        convert = pa.csv.ConvertOptions(
            check_utf8=False, column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False
        )
        with opened(path) as (stream, position):
            read = pa.csv.ReadOptions(block_size=block, use_threads=False)
            table = pa.csv.open_csv(pa.PythonFile(stream, mode="r"), read, parse, convert)
            if names:
                for batch in table:
                    yield batch, position()
                return
            names = table.schema.names  # now it is known what is to be bytes
