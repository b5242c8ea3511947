"""The recommendations of all users, as a table."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from jari.embedding import Neighbours
from jari.embedding.formats.atomic import new_file
from jari.ingest.resources import Report
from jari.ingest.table_writing import check_ending, table_writer
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
    with new_file(pathlib.Path(path), force=force) as file, table_writer(file, ending, schema) as writer:
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
