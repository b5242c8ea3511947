"""Tables of interactions on disk: delimited text with a header or without, json lines, Parquet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.ingest.files import opened
from jari.ingest.interaction_columns import Columns, Role
from jari.ingest.interaction_names import Names
from jari.ingest.rows import rows
from jari.ingest.tables import columns_of, table_format

_BLOCK: Final = 4 << 20
_LARGEST_BLOCK: Final = 1 << 30
_ROWS: Final = 1 << 18
_OBJECTS: Final = 1 << 14
_LONGEST_HEADER: Final = 1 << 20
_DELIMITERS: Final = ("\t", "::", ",", ";", "|")  # of which the first line has most; the earlier where none leads
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class InteractionFile:
    """A table by its path.

    Parameters
    ----------
    header
        Whether the first line of delimited text names the columns; None: unless all columns are said by number.
    delimiter
        One character or ``"::"``; None: by the name of the file and its first line.
    """

    path: str
    names: Names
    header: bool | None
    delimiter: str | None

    def size(self) -> int:
        """Bytes on disk.

        Raises
        ------
        NoSuchFile, BadInput
            There is no such file; it is a folder.
        """
        place = Path(self.path)
        if not place.exists():
            raise NoSuchFile(f"There is no file {self.path!r}. Check the name.")
        if not place.is_file():
            raise BadInput(f"{self.path} is no file: give a table (.csv .tsv .jsonl .parquet), compressed or not.")
        return place.stat().st_size

    def read(self) -> Generator[Columns, None, None]:
        """All rows, some at a time.

        Raises
        ------
        BadInput
            It is empty, or its columns are not those that were said.
        BadEncoding
            Its first line is not UTF-8.
        BadFile
            It is not the table that its name says.
        """
        kind = table_format(self.path)
        if kind in ("parquet", "jsonl") and (self.header is not None or self.delimiter is not None):
            raise BadInput(f"{self.path} is {kind}: header= and delimiter= are for delimited text (csv, tsv).")
        try:
            yield from self._parquet() if kind == "parquet" else self._jsonl() if kind == "jsonl" else self._text(kind)
        except pa.ArrowException as error:
            raise BadFile(f"{self.path} cannot be read as {kind or 'delimited text'}: {error}") from error

    def _parquet(self) -> Iterator[Columns]:
        try:
            file = pa.parquet.ParquetFile(self.path)
        except (pa.ArrowException, OSError) as error:
            raise BadFile(f"{self.path} cannot be read as parquet ({error}). Take it from a good copy.") from error
        with file:
            there = list(file.schema_arrow.names)
            places = self.names.places(there, self.path)
            names = {role: there[place] for role, place in places.items()}
            size, total, done = self.size(), max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(_ROWS, columns=list(names.values())):
                values = {role: batch.column(name) for role, name in names.items()}
                yield Columns(values, self.path, names, done, size * (done + batch.num_rows) // total)
                done += batch.num_rows

    def _jsonl(self) -> Iterator[Columns]:
        try:
            there = columns_of(self.path)
        except (ValueError, RecursionError, StopIteration) as error:
            raise BadFile(f"{self.path}, line 1: this is not JSON ({error}).") from error
        if not there:
            raise BadInput(f"{self.path} is empty, or its first line is: give an object in every line.")
        names = {role: there[place] for role, place in self.names.places(there, self.path).items()}
        values: dict[Role, list[Any]] = {role: [] for role in names}
        first = position = number = 0
        for number, row, position in rows(self.path, list(names.values()), Counter()):
            for role, name in names.items():
                values[role].append(row.get(name))
            if number - first == _OBJECTS:
                yield Columns(values, self.path, names, first, position)
                values, first = {role: [] for role in names}, number
        yield Columns(values, self.path, names, first, position)

    def _text(self, kind: str | None) -> Iterator[Columns]:
        line = self._first_line()
        delimiter = self.delimiter or ("\t" if kind == "tsv" else _sniffed(line))
        if delimiter != "::" and (len(delimiter) != 1 or delimiter in '\r\n"' or not delimiter.isascii()):
            raise BadInput(f"delimiter={delimiter!r} is none: give one character, such as ',', or '::'.")
        cells = _cells(line, delimiter)
        header = not self.names.are_numbers() if self.header is None else self.header
        if not header and any(isinstance(said, str) for said in self.names.given().values()):
            raise BadInput("Without a header columns have no names: give numbers, from 1 on: user=1, item=2.")
        if not header and not self.names.given():
            raise BadInput("Without a header nobody knows the columns: give their numbers, from 1 on: user=1, item=2.")
        titles = cells if header else [str(at) for at in range(1, len(cells) + 1)]
        places = self.names.places(titles, self.path)
        names = {role: titles[place] for role, place in places.items()}
        step = len(delimiter)  # "a::b" is three columns for Arrow, which knows ':' only: the second is empty
        fields = [f"f{at}" for at in range(step * len(cells) - step + 1)]
        wanted = {role: fields[step * place] for role, place in places.items()}
        for batch, done, position in self._batches(delimiter[0], fields, list(wanted.values()), header=header):
            values = {role: batch.column(name) for role, name in wanted.items()}
            yield Columns(values, self.path, names, done, position)

    def _batches(
        self, delimiter: str, fields: list[str], wanted: list[str], *, header: bool
    ) -> Iterator[tuple[Any, int, int]]:
        """The columns wanted as bytes, how many rows came before, and how far into the file they end."""
        parse = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        # As bytes: what is no number, and what is not UTF-8, is then our error, with its row
        convert = pa.csv.ConvertOptions(
            check_utf8=False,
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.binary()),
            strings_can_be_null=False,
        )
        block, done = _BLOCK, 0  # where a record is larger than a block, the file is read again with larger ones
        while True:
            read = pa.csv.ReadOptions(
                block_size=block, use_threads=False, column_names=fields, skip_rows_after_names=int(header)
            )
            row = 0
            try:
                with opened(self.path) as (stream, position):
                    for batch in pa.csv.open_csv(pa.PythonFile(stream, mode="r"), read, parse, convert):
                        fresh = batch.slice(max(0, min(batch.num_rows, done - row)))
                        row += batch.num_rows
                        if fresh.num_rows:
                            yield fresh, done, position()
                            done = row
                return
            except pa.ArrowInvalid as error:
                if "straddl" not in str(error) or block >= _LARGEST_BLOCK:
                    raise
                block *= 8

    def _first_line(self) -> str:
        with opened(self.path) as (stream, _):
            sample = b""
            while len(sample) < _LONGEST_HEADER and b"\n" not in sample and (more := stream.read(1 << 16)):
                sample += more
        if b"\0" in sample:
            raise BadInput(f"{self.path} looks like a binary file: give a table (.csv .tsv .jsonl .parquet).")
        line = sample.removeprefix(_BOM).split(b"\n", 1)[0].rstrip(b"\r")
        if not line.strip():
            raise BadInput(f"{self.path} is empty, or its first line is: a table begins with a header, or with a row.")
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            raise BadEncoding(f"{self.path}, line 1: 0x{byte:02X} is not UTF-8. Convert the file first.") from error


def _sniffed(line: str) -> str:
    counts = {delimiter: line.count(delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter]) if any(counts.values()) else ","


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == "::":
        return line.split("::")
    return next(csv.reader(io.StringIO(line), delimiter=delimiter))
