"""Delimited text (csv, tsv, with any delimiter), some rows at a time, its cells as bytes."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.csv

from jari.errors import BadEncoding, BadFile, BadInput
from jari.ingest.files import opened

_BLOCK: Final = 4 << 20
_LARGEST_BLOCK: Final = 1 << 30
_LONGEST_HEADER: Final = 1 << 20
_DELIMITERS: Final = ("\t", "::", ",", ";", "|")  # of which the first line has most; the earlier where none leads
_BOM: Final = b"\xef\xbb\xbf"

Cells: TypeAlias = Any  # pa.Array of binary: what is no number, and what is not UTF-8, is then our error, with its row


class Rows(NamedTuple):
    """Rows that were read together.

    Parameters
    ----------
    cells
        One array a column, in the order in which the columns were asked for.
    first
        How many rows came before, a header not counted.
    position
        How far into the file they end, in bytes.
    """

    cells: list[Cells]
    first: int
    position: int


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file of delimited text of which the first record was read.

    Parameters
    ----------
    delimiter
        One character, or ``"::"``.
    record
        The cells of the first record: the names of the columns, where it is a header.
    alone
        Whether nothing comes after it, not even a line feed.
    """

    path: str
    delimiter: str
    record: tuple[str, ...]
    alone: bool

    @classmethod
    def of(cls, path: str, delimiter: str | None = None) -> Delimited:
        """Read the first record; without a delimiter, guess it of the first line.

        Raises
        ------
        BadInput
            The file is empty, or its first line is; it is binary; the delimiter is none.
        BadEncoding
            The first record is not UTF-8.
        """
        sample, alone = _start(path)
        text = sample.removeprefix(_BOM).decode("utf-8", "surrogateescape")
        line = next(io.StringIO(text, newline=""), "").rstrip("\r\n")
        if not line.strip():
            raise BadInput(f"{path} is empty, or its first line is: a table begins with a header, or with a row.")
        if delimiter is None:
            delimiter = _guessed(line)
        if delimiter != "::" and (len(delimiter) != 1 or delimiter in '\r\n"' or not delimiter.isascii()):
            raise BadInput(f"delimiter={delimiter!r} is none: give one character, such as ',', or '::'.")
        record = line.split("::") if delimiter == "::" else _record(text, delimiter, path)
        wrong = next((ord(one) - 0xDC00 for one in "".join(record) if "\udc80" <= one <= "\udcff"), None)
        if wrong is not None:
            raise BadEncoding(f"{path}, line 1: 0x{wrong:02X} is not UTF-8. Convert the file first.")
        return cls(path, delimiter, tuple(record), alone)

    def rows(self, wanted: Sequence[int], *, header: bool) -> Iterator[Rows]:
        """The columns at these places, from 0 on, of all rows; of those after the first where that is a header.

        Raises
        ------
        BadFile
            A row has more cells, or fewer, than the first record.
        """
        if self.alone and header:
            return
        step = len(self.delimiter)  # "a::b" is three columns for Arrow, which knows ':' only: the second is empty
        fields = [f"f{at}" for at in range(step * len(self.record) - step + 1)]
        names = [fields[step * place] for place in wanted]
        ragged: list[Any] = []

        def refuse(row: Any) -> str:
            ragged.append(row)
            return "error"

        parse = pa.csv.ParseOptions(delimiter=self.delimiter[0], newlines_in_values=True, invalid_row_handler=refuse)
        convert = pa.csv.ConvertOptions(
            check_utf8=False,
            include_columns=list(dict.fromkeys(names)),
            column_types=dict.fromkeys(names, pa.binary()),
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
                            yield Rows([fresh.column(name) for name in names], done, position())
                            done = row
                return
            except pa.ArrowInvalid as error:
                _let_readers_end()
                if ragged:
                    raise BadFile(self._why_ragged(ragged[0], step, header=header)) from error
                if "straddl" not in str(error) or block >= _LARGEST_BLOCK:
                    raise
                block *= 8

    def _why_ragged(self, row: Any, step: int, *, header: bool) -> str:
        there, due = ((cells - 1) // step + 1 for cells in (row.actual_columns, row.expected_columns))
        cells = "cell" if there == 1 else "cells"
        return (
            f"{self.path}, row {row.number - header:,}: it has {there} {cells}, and the first line {due} "
            f"({row.text!r:.60}). Where a cell holds {self.delimiter!r} or a line feed, it must stand in quotes."
        )


def _let_readers_end() -> None:
    """Give Arrow's threads the interpreter once more: one that reads ahead and still waits for it as Python ends,
    aborts the process. It was seen, now and then, where a program ends at once after a row that has too few cells.
    """
    time.sleep(0.05)


def _start(path: str) -> tuple[bytes, bool]:
    """The first bytes, with a whole line where that is not endless; and whether the file is one line without an end."""
    sample, more = b"", b"\n"
    with opened(path) as (stream, _):
        while more and len(sample) < _LONGEST_HEADER and b"\n" not in sample and b"\r" not in sample:
            more = stream.read(1 << 16)
            sample += more
    if b"\0" in sample:
        raise BadInput(f"{path} looks like a binary file: give a table (.csv .tsv .jsonl .parquet).")
    return sample, not more


def _guessed(line: str) -> str:
    counts = {delimiter: line.count(delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter]) if any(counts.values()) else ","


def _record(text: str, delimiter: str, path: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(
            f"{path}, line 1 names no columns ({error}): give a table (.csv .tsv .jsonl .parquet)."
        ) from error
