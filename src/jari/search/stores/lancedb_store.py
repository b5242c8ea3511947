"""`LanceStore`: a collection in a folder, by LanceDB.

::

    library/
      collection.json     what it says of itself, which table holds the records, which column each field has
      records-….lance/    one row a record
      lock                held while somebody writes

A write is one operation on one table, which LanceDB commits as one version: that is the transaction. Writers take turns
by the lock, which the system lets go of when a process dies; readers take the newest version and need no lock.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.formats.atomic import new_file
from jari.errors import BadFile, BadInput, FileIsThere, JariError
from jari.extras import require
from jari.search.records import Hit, Record
from jari.search.stores.about import grown
from jari.search.stores.bm25 import bm25
from jari.search.stores.lock import locked
from jari.search.stores.sql import all_of, among, literal
from jari.search.where import Condition
from jari.types import Path, Vector

_FORMAT: Final = 1
_ABOUT: Final = "collection.json"
_LOCK: Final = "lock"
_OURS: Final = re.compile(r"lock|records-[0-9a-f]{8}\.lance|\.collection\.json\.[0-9a-f]{12}\.tmp")
_TYPES: Final = {"text": pa.string(), "number": pa.float64(), "boolean": pa.bool_()}
_SHOWN: Final = ["id", "text", "source", "metadata"]
# Compaction leaves the files of older versions, which another process may be reading: a call takes seconds.
_KEEP: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Said:
    """What ``collection.json`` holds."""

    about: dict[str, Any]
    table: str
    columns: dict[str, str]  # of each field


class LanceStore:
    """A collection in a folder.

    Parameters
    ----------
    path
        The folder; it is made by the first `describe`.

    Notes
    -----
    Calls take turns: an instance may be used by several threads, and several processes may open the folder. The nearest
    are found by comparing with all vectors, so they are exact.

    Raises
    ------
    ExtraMissing
        LanceDB is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._lancedb = require("lancedb", extra="store")
        self._path = FilePath(path)
        self._turn = threading.RLock()
        self._table: Any = None
        self._lengths: tuple[str, int, int, float] = ("", -1, 0, 0.0)  # table, version, records, mean length

    def about(self) -> dict[str, Any] | None:
        """What `describe` stored last, or None."""
        said = self._said()
        return None if said is None else said.about

    def describe(self, about: Mapping[str, Any]) -> None:
        """Make the collection, give it columns for new fields, and store what it says of itself."""
        _refuse_foreign(self._path)
        self._path.mkdir(parents=True, exist_ok=True)
        with self._writing():
            said = self._said()
            grew = grown(None if said is None else said.about, about, str(self._path))
            if said is None:
                self._drop_tables()  # of a collection that was not quite made, or not quite forgotten
                said = _Said({}, f"records-{secrets.token_hex(4)}", {})
                self._connect().create_table(said.table, schema=_schema(grew["dim"]))
            columns = dict(said.columns)
            table = self._open(said)
            for field, kind in grew.get("fields", {}).items():
                if field not in columns:
                    columns[field] = f"f{len(columns)}"
                    if columns[field] in table.schema.names:  # of a describe that was killed
                        table.drop_columns([columns[field]])
                    table.add_columns(pa.field(columns[field], _TYPES[kind]))
            content = {"format": _FORMAT, "table": said.table, "columns": columns, "about": grew}
            with new_file(self._path / _ABOUT, force=True) as file:
                file.write(json.dumps(content, ensure_ascii=False, indent=1).encode())

    def forget(self) -> None:
        """Delete the collection with all of its records."""
        if self._said() is None:
            return
        with self._writing():
            (self._path / _ABOUT).unlink(missing_ok=True)
            self._drop_tables()
            self._table = None

    def write(self, records: Sequence[Record], *, replace: bool, sources: Sequence[str] = ()) -> None:
        """Put records in, as one version of the table."""
        if not records and not sources:
            return
        gone = among("source", sources)
        with self._writing():
            said = self._there()
            table = self._open(said)
            if not records:
                table.delete(gone)
                return
            rows = _rows(records, said, table.schema)
            if not replace:
                _refuse_known(table, [record.id for record in records])
            if not replace and not sources:
                table.add(rows)
                return
            merge = table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            if sources:
                merge = merge.when_not_matched_by_source_delete(gone)
            merge.execute(rows, on_bad_vectors="null")  # to LanceDB a vector that is not there is a bad one

    def delete(self, ids: Sequence[str]) -> int:
        """Delete records; answers how many there were."""
        those = among("id", ids)
        if not ids:
            return 0
        with self._writing():
            table = self._open(self._there())
            there = int(table.count_rows(those))
            if there:
                table.delete(those)
            return there

    def get(self, ids: Sequence[str]) -> list[Hit]:
        """The records with these ids, in their order."""
        those = among("id", ids)
        if not ids:
            return []
        with self._reading() as (table, _):
            found = table.search().where(those).select(_SHOWN).limit(None).to_arrow()
        hits = {hit.id: hit for hit in _hits(found, np.zeros(len(found)))}
        return [hits[id] for id in ids if id in hits]

    def count(self, where: Sequence[Condition] = ()) -> int:
        """How many records meet all conditions."""
        with self._reading() as (table, said):
            return int(table.count_rows(all_of(where, said.columns) or None))

    def sources(self) -> dict[str, str]:
        """The digest of each source."""
        with self._reading() as (table, _):
            found = table.search().select(["source", "digest"]).limit(None).to_arrow()
        return dict(zip(found["source"].to_pylist(), found["digest"].to_pylist(), strict=True))

    def nearest(self, vector: Vector, k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k records with the greatest dot product with `vector`."""
        with self._reading() as (table, said):
            query = table.search(vector, vector_column_name="vector").distance_type("dot").limit(k)
            conditions = " AND ".join(filter(None, ["vector IS NOT NULL", all_of(where, said.columns)]))
            query = query.where(conditions, prefilter=True)
            found = query.select([*_SHOWN, "_distance"]).to_arrow()
        return _hits(found, 1.0 - found["_distance"].to_numpy())

    def matching(self, terms: Sequence[str], k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k best records by BM25, with k1 = 1.2 and b = 0.75."""
        asked = ", ".join(map(literal, dict.fromkeys(terms)))
        if not asked:
            return []
        with self._reading() as (table, said):
            columns = {name: name for name in ("words", "counts", "length")}
            columns["meets"] = all_of(where, said.columns) or "true"
            query = table.search().where(f"array_has_any(words, [{asked}])").select(columns)
            found = query.with_row_id(True).limit(None).to_arrow()
            records, mean = self._mean_length(table)
            words, counts = found["words"].combine_chunks(), found["counts"].combine_chunks()
            scores = bm25(terms, words, counts, found["length"].to_numpy(), records=records, mean=mean)
            meeting = np.flatnonzero(pc.fill_null(found["meets"], False).to_numpy())
            rows = found["_rowid"].to_numpy()
            best = meeting[np.lexsort((rows[meeting], -scores[meeting]))[:k]]
            if not len(best):
                return []
            shown = table.take_row_ids(rows[best].tolist()).select(_SHOWN).with_row_id().to_arrow()
        order = pc.index_in(pa.array(rows[best]), value_set=shown["_rowid"].combine_chunks())
        return _hits(shown.take(order), scores[best])

    def tidy(self) -> None:
        """Merge the small files that many writes leave, and delete those that no version of the last minutes needs."""
        with self._writing():
            self._open(self._there()).optimize(cleanup_older_than=_KEEP)

    def close(self) -> None:
        """Let go of the table."""
        self._table = None

    @contextmanager
    def _reading(self) -> Iterator[tuple[Any, _Said]]:
        """The newest version of the table: all that is asked of it until the end of the block is of one state."""
        with self._turn, self._told("read"):
            said = self._there()
            yield self._open(said), said

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._path.is_dir():
            self._there()  # says that nothing is
        with self._turn, self._told("written"), locked(self._path / _LOCK):
            yield

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        try:
            yield
        except JariError:
            raise
        except (OSError, RuntimeError, ValueError) as error:
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise BadFile(f"The collection in {self._path} cannot be {doing}: {first}") from error

    def _connect(self) -> Any:
        return self._lancedb.connect(self._path)

    def _open(self, said: _Said) -> Any:
        if self._table is None or self._table.name != said.table:
            self._table = self._connect().open_table(said.table)
        else:
            self._table.checkout_latest()
        return self._table

    def _said(self) -> _Said | None:
        if self._path.exists() and not self._path.is_dir():
            raise BadInput(f"{self._path} is a file: a collection is a folder.")
        path = self._path / _ABOUT
        try:
            content = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise BadFile(f"{path} is damaged: {error}.") from error
        try:
            if content["format"] > _FORMAT:
                raise BadFile(f"{path} has format {content['format']}: a newer version of Jari wrote it.")
            return _Said(content["about"], content["table"], content["columns"])
        except (KeyError, TypeError) as error:
            raise BadFile(f"{path} is damaged: it does not say what a collection says of itself.") from error

    def _there(self) -> _Said:
        said = self._said()
        if said is None:
            raise BadInput(f"There is no collection in {self._path} yet: describe it first.")
        return said

    def _drop_tables(self) -> None:
        for folder in self._path.glob("*.lance"):
            if _OURS.fullmatch(folder.name):
                self._connect().drop_table(folder.stem)

    def _mean_length(self, table: Any) -> tuple[int, float]:
        if self._lengths[:2] != (table.name, table.version):
            lengths = table.search().select(["length"]).limit(None).to_arrow()["length"]
            self._lengths = table.name, table.version, len(lengths), pc.mean(lengths).as_py() or 0.0
        return self._lengths[2:]


def _schema(dim: int) -> pa.Schema:
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("text", pa.large_string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("digest", pa.string(), nullable=False),
            pa.field("metadata", pa.large_string(), nullable=False),  # JSON: columns hold numbers as float64
            pa.field("words", pa.list_(pa.string())),  # distinct
            pa.field("counts", pa.list_(pa.uint32())),
            pa.field("length", pa.int64()),
            pa.field("vector", pa.list_(pa.float32(), dim)),
        ]
    )


def _rows(records: Sequence[Record], said: _Said, schema: pa.Schema) -> pa.Table:
    counts = [Counter(record.terms) for record in records]
    columns: dict[str, list[Any]] = {
        "id": [record.id for record in records],
        "text": [record.text for record in records],
        "source": [record.source for record in records],
        "digest": [record.digest for record in records],
        "metadata": [json.dumps(dict(record.metadata), ensure_ascii=False) for record in records],
        "words": [list(count) for count in counts],
        "counts": [list(count.values()) for count in counts],
        "length": [len(record.terms) for record in records],
        "vector": [record.vector for record in records],
    }
    for field, column in said.columns.items():
        values = [record.metadata.get(field) for record in records]
        if said.about["fields"].get(field) == "number":  # -0.0 is 0.0 here, and whole numbers may be greater than int64
            values = [None if value is None else float(value) + 0.0 for value in values]
        columns[column] = values
    try:
        arrays = [pa.array(columns.get(field.name, [None] * len(records)), field.type) for field in schema]
    except UnicodeEncodeError as error:
        raise BadInput(
            f"A record holds half of a surrogate pair ({error.object[error.start : error.end]!r}), which is no "
            "character: give text that UTF-8 can hold."
        ) from error
    return pa.table(arrays, schema=schema)


def _refuse_known(table: Any, ids: Sequence[str]) -> None:
    known = table.search().where(among("id", ids)).select(["id"]).limit(1).to_arrow()["id"].to_pylist()
    if known:
        raise BadInput(f"The id {known[0]!r} is there already: upsert replaces it. Nothing was written.")


def _refuse_foreign(path: FilePath) -> None:
    """A slip of the keyboard must not put tables into a home directory."""
    if path.is_dir() and not (path / _ABOUT).exists():
        others = sorted(entry.name for entry in path.iterdir() if not _OURS.fullmatch(entry.name))
        if others:
            raise FileIsThere(f"{path} holds other things ({', '.join(others[:3])}): give a folder of its own.")


def _hits(found: pa.Table, scores: Any) -> list[Hit]:
    columns = (found[name].to_pylist() for name in _SHOWN)
    return [
        Hit(id, text, float(score), source, json.loads(metadata))
        for id, text, source, metadata, score in zip(*columns, scores, strict=True)
    ]
