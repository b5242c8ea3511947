"""`PostgresStore`: a collection in PostgreSQL with pgvector, in tables beside the tables of others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, LiteralString

from jari.errors import BadInput
from jari.extras import require
from jari.search.records import Hit, Record
from jari.search.stores.about import grown
from jari.search.stores.bm25 import K1, B
from jari.search.stores.holdable import check, sayable
from jari.search.stores.postgres_connection import Connection, Link, in_short, parse
from jari.search.stores.postgres_queries import (
    EXACT,
    GET,
    INDEXED,
    MATCHING,
    REMOVE,
    TABLES,
    THERE,
    conditions,
    postings,
)
from jari.search.stores.retry import WAIT
from jari.search.stores.term_keys import text_key
from jari.search.where import Condition
from jari.types import Vector

# Vectors. Comparing with 100,000 of 100 numbers takes 60 ms and misses none; to index them took 130 s.
INDEX_FROM: Final = 500_000
_LAYOUT: Final = 1
_DESCRIBING: Final = 0x6A617269  # the advisory lock of making tables: "jari" in ASCII
_INDEXABLE: Final = 2000  # numbers of a vector, at most, that pgvector can index
_EFFORT: Final = 8  # candidates that the index looks at for each record that it finds
_WIDEST: Final = 1000  # candidates at most: hnsw.ef_search
_LONGEST: Final = 63 - len("_postings")  # bytes of a name; PostgreSQL cuts longer ones silently


class PostgresStore:
    """A collection in a PostgreSQL database with pgvector, in three tables that begin with its name.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:5432/database?collection=name``; the collection is ``"jari"`` where none is
        named. Whatever else libpq understands may follow, and what is left out it takes from its own places
        (``PGHOST``, ``~/.pgpass``).
    wait
        Seconds to wait for a server that does not answer.
    index_from
        From how many vectors on `tidy` makes an HNSW index (Malkov and Yashunin, 2016). `nearest` with conditions, or
        with a large k, does not use it.

    Raises
    ------
    BadInput
        The address cannot be read, or the server refuses it.
    ServerDown
        The server does not answer within `wait`.

    Notes
    -----
    Writers of one collection come one after the other: each locks the row of what the collection says of itself.
    Readers never wait.
    """

    def __init__(self, url: str, *, wait: float = WAIT, index_from: int = INDEX_FROM) -> None:
        self._psycopg = require("psycopg", extra="postgres")
        self._sql = require("psycopg.sql", extra="postgres")
        address, self._name = parse(url)
        self._index_from = index_from
        # A per cent sign would be read as the place of a parameter, even within an identifier.
        if not self._name or "%" in self._name or not _sayable([self._name]) or len(self._name.encode()) > _LONGEST:
            raise BadInput(
                f"A collection cannot be named {self._name!r} in PostgreSQL: give 1 to {_LONGEST} bytes without %."
            )
        self._connection = Connection(address, wait)
        self._tables = {part: self._sql.Identifier(f"{self._name}_{part}") for part in ("about", "records", "postings")}

    def about(self) -> dict[str, Any] | None:
        """What `describe` stored last, or None where no collection was made here yet.

        Raises
        ------
        BadInput
            There is a table of that name that is not ours, or it was made by a later version of Jari.
        """
        return self._connection.read(self._about)

    def _about(self, link: Link) -> dict[str, Any] | None:
        errors = self._psycopg.errors
        try:
            row = link.execute(self._query("select layout, about from {about}")).fetchone()
        except errors.UndefinedTable:
            return None
        except (errors.UndefinedColumn, errors.WrongObjectType):
            row = None
        if row is None:
            raise self._not_ours()
        if row[0] != _LAYOUT:
            raise BadInput(f"The {self._place} was made by another version of Jari, with layout {row[0]}. Update Jari.")
        return dict(row[1])

    def describe(self, about: Mapping[str, Any]) -> None:
        """Make the collection if it is not there, and store what it says of itself.

        Raises
        ------
        BadInput
            The database has no pgvector or is not in UTF-8; a table that is not ours has the name; the vectors are
            of another dimension than they were; a field changes its type.
        """
        self._connection.change(lambda link: self._describe(link, about))
        self._connection.learn_vectors()

    def _describe(self, link: Link, about: Mapping[str, Any]) -> None:
        errors = self._psycopg.errors
        link.execute("select pg_advisory_xact_lock(%s)", [_DESCRIBING])
        if link.execute(self._query("select to_regclass(quote_ident(%s))"), [f"{self._name}_about"]).fetchone()[0]:
            link.execute(self._query("select from {about} for update"))
            whole = grown(self._about(link), about, f"the {self._place}")
            link.execute(self._query("update {about} set about = %s::json"), [json.dumps(whole)])
            return
        if link.info.parameter_status("server_encoding") != "UTF8":
            raise BadInput(f"The database of the {self._place} is not in UTF-8. Make one with encoding 'UTF8'.")
        try:
            link.execute("create extension if not exists vector")
        except (errors.FeatureNotSupported, errors.UndefinedFile, errors.InsufficientPrivilege) as error:
            raise BadInput(
                f"The {self._place} needs the extension pgvector, which cannot be made: {in_short(error)}. Install "
                "pgvector on the server; then have an administrator run CREATE EXTENSION vector in the database."
            ) from error
        try:
            link.execute(self._query(TABLES, dim=self._sql.Literal(int(about["dim"]))))
        except errors.DuplicateTable:
            raise self._not_ours() from None
        except errors.InvalidParameterValue as error:  # a dimension of pgvector's: 16,000 at most
            raise BadInput(f"The {self._place} cannot hold such vectors: {in_short(error)}.") from error
        link.execute(
            self._query("insert into {about} values (%s, %s::json, 0, 0, 0, false)"), [_LAYOUT, json.dumps(about)]
        )

    def forget(self) -> None:
        """Delete the collection with all records, so that `about` answers None."""

        def work(link: Link) -> None:
            link.execute("select pg_advisory_xact_lock(%s)", [_DESCRIBING])
            if self._about(link) is not None:
                link.execute(self._query("drop table {about}, {records}, {postings}"))

        with self._said():
            self._connection.change(work)

    def write(self, records: Sequence[Record], *, replace: bool, sources: Sequence[str] = ()) -> None:
        """Put records in, in one transaction; see `Store.write`."""
        for record in records:
            check(record, "PostgreSQL", nul=False)
        with self._said():
            self._connection.change(lambda link: self._write(link, records, replace, sources))

    def _write(self, link: Link, records: Sequence[Record], replace: bool, sources: Sequence[str]) -> None:
        last = self._locked(link)
        ids = [record.id for record in records]
        if not replace:
            there = link.execute(self._query(THERE), [ids]).fetchone()
            if there:
                raise BadInput(f"{there[0]!r} is in the {self._place} already. Use upsert to replace it.")
        self._remove(link, ids, _sayable(sources))
        if not records:
            return
        with link.cursor() as cursor:
            rows = self._query("copy {records} from stdin (format binary)")
            with cursor.copy(rows) as copy:
                copy.set_types(("int8", "text", "text", "text", "text", "json", "int4", "vector"))
                for number, one in enumerate(records, last + 1):
                    metadata = self._psycopg.types.json.Json(dict(one.metadata))
                    copy.write_row(
                        (number, one.id, one.source, one.digest, one.text, metadata, len(one.terms), one.vector)
                    )
            with cursor.copy(self._query("copy {postings} from stdin (format binary)")) as copy:
                copy.set_types(("text", "int8", "int4", "int4"))
                for posting in postings(records, last + 1):
                    copy.write_row(posting)
        link.execute(
            self._query("update {about} set records = records + %s, words = words + %s, last = last + %s"),
            [len(records), sum(len(one.terms) for one in records), len(records)],
        )

    def delete(self, ids: Sequence[str]) -> int:
        """Delete records; answers how many there were. Unknown ids are none."""
        known = _sayable(ids)

        def work(link: Link) -> int:
            self._locked(link)
            return self._remove(link, known, [])

        with self._said():
            return self._connection.change(work)

    def _locked(self, link: Link) -> int:
        """Hold other writers back until the transaction ends; answers the last number given to a record."""
        row = link.execute(self._query("select last from {about} for update")).fetchone()
        return int(row[0])

    def _remove(self, link: Link, ids: list[str], sources: list[str]) -> int:
        gone = link.execute(self._query(REMOVE), [ids, sources]).fetchall()
        if gone:
            link.execute(self._query("delete from {postings} where record = any(%s)"), [[row[0] for row in gone]])
            link.execute(
                self._query("update {about} set records = records - %s, words = words - %s"),
                [len(gone), sum(row[1] for row in gone)],
            )
        return len(gone)

    def get(self, ids: Sequence[str]) -> list[Hit]:
        """The records with these ids, in their order, with a score of 0; unknown ids are left out."""
        return self._hits(self._query(GET), {"ids": _sayable(ids)})

    def count(self, where: Sequence[Condition] = ()) -> int:
        """How many records meet all conditions."""
        met, values = conditions(where)
        return int(self._rows(self._query("select count(*) from {records} where {met}", met=met), values)[0][0])

    def sources(self) -> dict[str, str]:
        """The digest of each source; of records that were written one after the other, the last."""
        query = "select distinct on (source) source, digest from {records} order by source, number desc"
        return dict(self._rows(self._query(query), {}))

    def nearest(self, vector: Vector, k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k records with the greatest dot product with `vector` (d,), which is at unit length.

        Exact, but for a search without conditions once `tidy` has made an index: that may miss a few. An index answers
        first and is filtered then, which could leave fewer than k; so a search with conditions compares with all.
        """
        if not where and _EFFORT * k <= _WIDEST and self._rows(self._query("select indexed from {about}"), {})[0][0]:
            hits = self._nearest_by_index(vector, k)
            if len(hits) == k:
                return hits
        met, values = conditions(where)
        return self._hits(self._query(EXACT, conditions=met), {"vector": vector, "k": k, **values})

    def _nearest_by_index(self, vector: Vector, k: int) -> list[Hit]:
        def work(link: Link) -> list[Hit]:
            with link.transaction():
                link.execute("select set_config('hnsw.ef_search', %s, true)", [str(max(_EFFORT * k, 200))])
                return [_hit(row) for row in link.execute(self._query(INDEXED), {"vector": vector, "k": k})]

        with self._said():
            return self._connection.read(work)

    def matching(self, terms: Sequence[str], k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k best records by BM25 (k1 = 1.2, b = 0.75), of those that hold one of the terms."""
        met, values = conditions(where)
        chosen = self._query("join {records} on number = record where {met}", met=met) if where else self._query("")
        asked = Counter(text_key(term) for term in _sayable(terms))
        values |= {"terms": list(asked), "times": list(asked.values()), "k1": K1, "b": B, "k": k}
        return self._hits(self._query(MATCHING, filter=chosen), values)

    def tidy(self) -> None:
        """Let PostgreSQL take away what was deleted, and count what is there; make an index of many vectors."""
        about = self.about()
        if about is None:
            return
        with self._said():
            for part in "records", "postings":
                self._connection.read(partial(self._vacuum, table=self._tables[part]))
            if about["dim"] <= _INDEXABLE:
                self._connection.change(self._index)

    def _vacuum(self, link: Link, table: Any) -> None:
        link.execute(self._query("vacuum (analyze) {table}", table=table))

    def _index(self, link: Link) -> None:
        self._locked(link)
        query = self._query("select indexed, (select count(vector) from {records}) from {about}")
        indexed, vectors = link.execute(query).fetchone()
        if not indexed and vectors >= self._index_from:
            link.execute(self._query("create index on {records} using hnsw (vector vector_ip_ops)"))
            link.execute(self._query("update {about} set indexed = true"))

    def close(self) -> None:
        """Let go of the connection; the store is not asked again."""
        self._connection.close()

    # ── how it is said to PostgreSQL

    @property
    def _place(self) -> str:
        return f"collection {self._name!r} of {self._connection.server}"

    def _query(self, text: LiteralString, **parts: Any) -> Any:
        return self._sql.SQL(text).format(**self._tables, **parts)

    def _rows(self, query: Any, values: Mapping[str, Any]) -> list[Any]:
        with self._said():
            return self._connection.read(lambda link: link.execute(query, values).fetchall())

    def _hits(self, query: Any, values: Mapping[str, Any]) -> list[Hit]:
        return [_hit(row) for row in self._rows(query, values)]

    def _not_ours(self) -> BadInput:
        return BadInput(
            f"A table that is not Jari's has the name of the {self._place}. Choose another name: ?collection=name at "
            "the end of the address."
        )

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say what a user can do about what PostgreSQL says."""
        errors = self._psycopg.errors
        try:
            yield
        except errors.UndefinedTable as error:
            raise BadInput(f"There is no {self._place}. Make it first, with describe.") from error
        except errors.InsufficientPrivilege as error:
            raise BadInput(f"PostgreSQL forbids this for the {self._place}: {in_short(error)}.") from error
        except errors.DataError as error:  # a vector of another dimension, or with a NaN
            raise BadInput(f"This cannot be stored in the {self._place}: {in_short(error)}.") from error


def _sayable(texts: Sequence[str]) -> list[str]:
    """Those of the texts that can be in PostgreSQL at all."""
    return [text for text in texts if sayable(text, nul=False)]


def _hit(row: Sequence[Any]) -> Hit:
    id, text, score, source, metadata = row
    return Hit(id, text, float(score), source, metadata)
