"""The recommendations of all users, as a table."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from jari.embedding import Neighbours
from jari.embedding.formats.atomic import new_file
from jari.errors import BadInput
from jari.ingest.resources import Report
from jari.ingest.titles import Titles
from jari.learn.recommender import Recommender
from jari.types import Callback, Path

_USERS: Final = 4096  # at once
_SCHEMA: Final = pa.schema(
    [
        ("user", pa.string()),
        ("rank", pa.int32()),
        ("item", pa.string()),
        ("title", pa.string()),
        ("score", pa.float32()),
    ]
)
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


def write_all(
    recommender: Recommender,
    path: Path,
    *,
    titles: Titles | None = None,
    k: int = 10,
    exclude_seen: bool = True,
    force: bool = False,
    callback: Callback | None = None,
) -> int:
    """Write what is recommended to every user who was learnt: user, rank, item, title, score, in rows.

    Parameters
    ----------
    path
        A ``.parquet``, a ``.csv`` or a ``.jsonl``.
    titles
        What items are called; otherwise there is no such column.
    k, exclude_seen
        As for `Recommender.recommend`.
    force
        Replace a file that is there.
    callback
        Told how many users are done.

    Returns
    -------
    written
        How many rows.

    Raises
    ------
    BadInput
        The name ends otherwise.
    FileIsThere
        Something is there and `force` is not given.
    """
    ending = check_ending(path)
    schema = _SCHEMA if titles is not None else _SCHEMA.remove(_SCHEMA.get_field_index("title"))
    written = 0
    with new_file(pathlib.Path(path), force=force) as file, _writer(file, ending, schema) as writer:
        for batch in _batches(recommender, titles, schema, k, exclude_seen, callback):
            writer.write_batch(batch)
            written += len(batch)
    return written


def _batches(
    recommender: Recommender, titles: Titles | None, schema: Any, k: int, exclude_seen: bool, callback: Callback | None
) -> Iterator[Any]:
    keys = recommender.user_embedding_.keys
    report = Report(callback, "recommending", len(keys), "users")
    for start in range(0, len(keys), _USERS):
        users = list(keys[start : start + _USERS])
        found: Neighbours = recommender.recommend_many(users, k, exclude_seen=exclude_seen)
        user, place = np.nonzero(found.rows >= 0)
        rows = found.rows[user, place]
        columns = {
            "user": [users[each] for each in user],
            "rank": (place + 1).astype(np.int32),
            "item": found.keys[user, place],
            "title": None if titles is None else [titles[row] for row in rows],
            "score": found.scores[user, place],
        }
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        yield pa.record_batch(arrays, schema=schema)
        report(start + len(users))
    report.end()


def _writer(file: Any, ending: str, schema: Any) -> Any:
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
