"""Tables into files: Parquet, csv and json lines, by the end of the name."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Final

from jari.errors import BadInput
from jari.types import Path

ENDINGS: Final = (".parquet", ".csv", ".jsonl")


def check_ending(path: Path) -> str:
    """How the name of a file ends, if a table can be written there.

    Raises
    ------
    BadInput
        It ends otherwise.
    """
    ending = pathlib.Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise BadInput(f"{path} ends in none of {', '.join(ENDINGS)}, which say how a table is written.")
    return ending


def table_writer(file: Any, ending: str, schema: Any) -> Any:
    """What takes the record batches of a table, `write_batch`, while its context lasts.

    Parameters
    ----------
    file
        Open for writing.
    ending
        One of `ENDINGS`.
    """
    if ending == ".parquet":
        from pyarrow.parquet import ParquetWriter

        return ParquetWriter(file, schema)
    if ending == ".csv":
        from pyarrow.csv import CSVWriter

        return CSVWriter(file, schema)
    return JSONLines(file)


class JSONLines:
    """Writes batches as one object a line."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __enter__(self) -> JSONLines:
        return self

    def __exit__(self, *error: object) -> None: ...

    def write_batch(self, batch: Any) -> None:
        """Write each row of a record batch."""
        for row in batch.to_pylist():
            self._file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
