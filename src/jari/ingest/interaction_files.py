"""Tables of interactions on disk: delimited text with a header or without, json lines, Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet

from jari.errors import BadFile, BadInput
from jari.ingest.delimited import Delimited
from jari.ingest.interaction_columns import Columns, Role
from jari.ingest.interaction_names import Names
from jari.ingest.rows import rows
from jari.ingest.tables import columns_of, size_of, table_format

_ROWS: Final = 1 << 18
_OBJECTS: Final = 1 << 14


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
        return size_of(self.path)

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
        text = Delimited.of(self.path, self.delimiter or ("\t" if kind == "tsv" else None))
        header = not self.names.are_numbers() if self.header is None else self.header
        if not header and any(isinstance(said, str) for said in self.names.given().values()):
            raise BadInput("Without a header columns have no names: give numbers, from 1 on: user=1, item=2.")
        if not header and not self.names.given():
            raise BadInput("Without a header nobody knows the columns: give their numbers, from 1 on: user=1, item=2.")
        titles = text.record if header else [str(at) for at in range(1, len(text.record) + 1)]
        places = self.names.places(titles, self.path)
        names = {role: titles[place] for role, place in places.items()}
        for cells, done, position in text.rows(list(places.values()), header=header):
            yield Columns(dict(zip(places, cells, strict=True)), self.path, names, done, position)
