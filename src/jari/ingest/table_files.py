"""Whole tables out of files: csv, tsv, json lines and Parquet, column by column."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadEncoding, BadFile, BadInput
from jari.ingest.categories.columns import columns_of
from jari.ingest.delimited import Delimited
from jari.ingest.files import opened
from jari.ingest.json_lines import objects
from jari.ingest.resources import Report
from jari.ingest.table_numbers import MISSING_WORDS
from jari.ingest.tables import size_of, table_format
from jari.types import Callback, Path

Errors = Literal["strict", "replace"]

_ROWS: Final = 1 << 16
_TAIL: Final = 1 << 10
_TEXT: Final = pa.large_string()


def read_table(
    path: Path,
    *,
    columns: Sequence[str] | None = None,
    delimiter: str | None = None,
    missing: Sequence[str] = MISSING_WORDS,
    errors: Errors = "strict",
    callback: Callback | None = None,
) -> dict[str, pa.Array]:
    """All rows of a table, its columns by their names.

    Delimited text begins with a header. All of its columns are text: what they hold is for their user to say, and no
    first rows decide it (`numbers_of` reads numbers, `kind_of` guesses). Names of columns lose blanks around them; the
    third without a name is called ``column 3``. Json lines and Parquet keep their types; of objects, a column is there
    where one has it.

    Parameters
    ----------
    path
        ``.csv .tsv .txt .jsonl .ndjson .parquet``; those of text may be compressed (``.gz .bz2 .xz .zst .lz4``).
    columns
        Which ones, in this order; None: all.
    delimiter
        Of text: one character, or ``"::"``; None: a tab in .tsv, else that of which the first line has most.
    missing
        Cells of text that stand for a missing value; pass ``[""]`` where NA is a name.
    errors
        What to do with bytes that are not UTF-8: ``"replace"`` puts U+FFFD in their place.
    callback
        Told how many bytes were read.

    Raises
    ------
    NoSuchFile
        There is no such file.
    BadInput
        It is empty; a column is not there, or two have one name; a column of json lines mixes types.
    BadEncoding
        A cell is not UTF-8.
    BadFile
        It is not the table that its name says: a row has too many cells, a quote is never closed, it is cut short.
    """
    place = os.fspath(path)
    if errors not in ("strict", "replace"):
        raise BadInput(f'errors={errors!r} is neither "strict" nor "replace".')
    kind = table_format(place)
    report = Report(callback, "reading", size_of(place), "bytes")
    if kind in ("parquet", "jsonl") and delimiter is not None:
        raise BadInput(f"delimiter={delimiter!r} is for delimited text (csv, tsv), and {place} is {kind}.")
    try:
        if kind == "parquet":
            table = _parquet(place, columns, report)
        elif kind == "jsonl":
            table = _jsonl(place, columns, errors, report)
        else:
            text = Delimited.of(place, "\t" if kind == "tsv" and delimiter is None else delimiter)
            table = _text(text, columns, pa.array(missing, _TEXT), errors, report)
    except pa.ArrowException as error:
        raise BadFile(f"{place} cannot be read as {kind or 'delimited text'}: {error}") from error
    report.end()
    return table


def _places(path: str, there: Sequence[str], columns: Sequence[str] | None) -> dict[str, int]:
    """Where the columns stand that are to be read."""
    places: dict[str, int] = {}
    for at, name in enumerate(there):
        if places.setdefault(name, at) != at:
            raise BadInput(f"{path} has two columns {name!r} ({places[name] + 1} and {at + 1}): rename one of them.")
    if columns is None:
        return places
    for name in columns:
        if name not in places:
            meant = Vocabulary(there).nearest_spellings(name, k=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            raise BadInput(
                f"{path} has no column {name!r}.{hint} The columns that are there: {', '.join(map(repr, there))}."
            )
    return {name: places[name] for name in columns}


def _text(
    text: Delimited, columns: Sequence[str] | None, missing: pa.Array, errors: Errors, report: Report
) -> dict[str, pa.Array]:
    titles = [name.strip() or f"column {at}" for at, name in enumerate(text.record, 1)]
    places = _places(text.path, titles, columns)
    parts: dict[str, list[pa.Array]] = {name: [] for name in places}
    ending, rows = b"", 0
    for cells, first, position in text.rows([*places.values(), len(titles) - 1], header=True):
        for name, values in zip(places, cells, strict=False):
            decoded = _decoded(values, f"{text.path}, row {{:,}}, column {name!r}", first, errors)
            parts[name].append(pc.if_else(pc.is_in(decoded, missing), pa.scalar(None, _TEXT), decoded))
        ending, rows = cells[-1][-1].as_py(), first + len(cells[-1])
        report(position)
    # Arrow takes a quote that is never closed for one that the end of the file closes
    if b"\n" in ending and not _tail(text.path).rstrip().endswith(b'"'):
        raise BadFile(f"{text.path}, row {rows:,}: a quote opens a cell and is never closed. Close it, or double it.")
    return {name: _joined(arrays, _TEXT) for name, arrays in parts.items()}


def _decoded(values: pa.Array, where: str, first: int, errors: Errors) -> pa.Array:
    try:
        return values.cast(_TEXT)
    except pa.ArrowInvalid:
        listed = values.to_pylist()
        if errors == "replace":
            return pa.array([value.decode("utf-8", "replace") for value in listed], _TEXT)
        for row, value in enumerate(listed, first + 1):
            try:
                value.decode()
            except UnicodeDecodeError as error:
                raise BadEncoding(
                    f"{where.format(row)}: byte {error.start + 1:,} of it, 0x{value[error.start]:02X}, is not UTF-8. "
                    'Convert the file, or pass errors="replace" to read over such bytes.'
                ) from error
        raise


def _tail(path: str) -> bytes:
    tail = b""
    with opened(path) as (stream, _):
        while chunk := stream.read(1 << 20):
            tail = (tail + chunk)[-_TAIL:]
    return tail


def _joined(arrays: list[pa.Array], kind: pa.DataType) -> pa.Array:
    return pa.concat_arrays(arrays) if arrays else pa.array([], kind)


def _jsonl(path: str, columns: Sequence[str] | None, errors: Errors, report: Report) -> dict[str, pa.Array]:
    given: dict[str, list[Any]] = {}
    rows = 0
    for found, position in objects(path, errors):
        for name, value in found.items():
            if columns is None or name in columns:
                values = given.setdefault(name, [])
                values.extend([None] * (rows - len(values)))
                values.append(value)
        rows += 1
        report(position)
    if not rows:
        raise BadInput(f"{path} is empty: give an object in every line.")
    for values in given.values():
        values.extend([None] * (rows - len(values)))
    places = _places(path, list(given), columns)
    try:
        return columns_of({name: given[name] for name in places}).arrays()
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error


def _parquet(path: str, columns: Sequence[str] | None, report: Report) -> dict[str, pa.Array]:
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} cannot be read as parquet ({error}). Take it from a good copy.") from error
    with file:
        schema = file.schema_arrow
        places = _places(path, schema.names, columns)
        parts: dict[str, list[pa.Array]] = {name: [] for name in places}
        total, done = max(1, file.metadata.num_rows), 0
        for batch in file.iter_batches(_ROWS, columns=list(places)):
            done += batch.num_rows
            for name, arrays in parts.items():
                arrays.append(_plain(batch.column(name)))
            report(size_of(path) * done // total)
        empty = {name: _plain(pa.array([], schema.field(name).type)).type for name in places}
        return {name: _joined(arrays, empty[name]) for name, arrays in parts.items()}


def _plain(values: pa.Array) -> pa.Array:
    """Of a dictionary its values, of strings those that may be larger than 2 GiB together."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.cast(_TEXT) if pa.types.is_string(values.type) else values
