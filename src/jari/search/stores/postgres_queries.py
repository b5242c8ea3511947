"""The SQL of `PostgresStore`: its tables, its questions, its conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString, cast

from jari.errors import BadInput
from jari.extras import require
from jari.search.records import Record
from jari.search.stores.holdable import as_float, sayable
from jari.search.stores.term_keys import text_key
from jari.search.where import Condition, FieldType, Operator

# Records keep what they are asked for as json, not as jsonb: that would give 1e300 back as an integer of 301 digits.
# An exclusion by a hash index says that ids are unique, as `unique` does, but of ids of any length.
# Postings say the length of their record, too, so that scores come from one index alone. They don't reference their
# record: checking that takes longer than storing them, and each write changes both.
TABLES: Final[LiteralString] = """
create table {about} (layout integer not null, about json not null, records bigint not null, words bigint not null,
  last bigint not null, indexed boolean not null);
create table {records} (number bigint primary key, id text collate "C" not null, source text collate "C" not null,
  digest text not null, text text not null, metadata json not null, length integer not null, vector vector({dim}),
  exclude using hash (id with =));
create index on {records} using hash (source);
alter table {records} alter column vector set storage main;
create table {postings} (term text collate "C" not null, record bigint not null, count integer not null,
  length integer not null, primary key (term, record) include (count, length));
create index on {postings} (record)
"""

# The index is asked for each id and source: of a long array the planner expects many rows, and would read all records.
GET: Final[LiteralString] = """
select found.* from unnest(%(ids)s::text[]) with ordinality as asked (id, place), lateral (
  select id, text, 0, source, metadata from {records} where {records}.id = asked.id limit 1) as found
order by place
"""

THERE: Final[LiteralString] = """
select asked.id from unnest(%s::text[]) as asked (id), lateral (
  select from {records} where {records}.id = asked.id limit 1) as found limit 1
"""

REMOVE: Final[LiteralString] = """
delete from {records} where number = any(array(
  select number from unnest(%s::text[]) as asked (id), lateral (
    select number from {records} where {records}.id = asked.id limit 1) as found
  union select number from unnest(%s::text[]) as asked (source), lateral (
    select number from {records} where {records}.source = asked.source offset 0) as found))
returning number, length
"""

# One look at the postings of the terms serves both sums; without `materialized` and scalar subqueries the planner
# reads all postings, or believes that it costs so much that the statement must be compiled first.
MATCHING: Final[LiteralString] = """
with held as materialized (select * from {postings} where term = any(%(terms)s)),
rare as (
  select term, times * ln(1 + ((select records from {about}) - count(*) + 0.5::float8) / (count(*) + 0.5::float8))
    as rarity
  from held join unnest(%(terms)s, %(times)s::float8[]) as asked (term, times) using (term) group by term, times),
scored as (
  select record, sum(rarity * count * (%(k1)s + 1) / (count + %(k1)s * (1 - %(b)s
    + %(b)s * length / (select words / records::float8 from {about})))) as score
  from held join rare using (term) group by record),
chosen as (
  select record, score from scored {filter} order by score desc, record limit %(k)s)
select id, text, score, source, metadata from chosen join {records} on number = record order by score desc, number
"""

# Another order than that of the index, so that it cannot be used: it would leave some out.
EXACT: Final[LiteralString] = """
select id, text, -(vector <#> %(vector)s) as score, source, metadata from {records}
where vector is not null and {conditions} order by score desc, number limit %(k)s
"""

INDEXED: Final[LiteralString] = """
select id, text, -(vector <#> %(vector)s), source, metadata from {records}
where vector is not null order by vector <#> %(vector)s limit %(k)s
"""

# What json_typeof says of a value of the type; the value of a field; the type of many.
_TYPES: Final[dict[FieldType, tuple[str, LiteralString, LiteralString]]] = {
    "text": ("string", '(metadata->>{field}::text) collate "C"', "text[]"),
    "number": ("number", "(metadata->>{field}::text)::float8", "float8[]"),
    "boolean": ("boolean", "(metadata->>{field}::text)::boolean", "boolean[]"),
}
_OPERATORS: Final[dict[Operator, LiteralString]] = {
    "=": " = {value}",
    "!=": " <> {value}",
    "<": " < {value}",
    "<=": " <= {value}",
    ">": " > {value}",
    ">=": " >= {value}",
}


def conditions(where: Sequence[Condition]) -> tuple[Any, dict[str, Any]]:
    """A SQL expression for all conditions, and the parameters that it names.

    Raises
    ------
    BadInput
        A field or a value cannot be said to PostgreSQL.
    """
    sql = require("psycopg.sql", extra="postgres")
    parts = [sql.SQL("true")]
    parameters: dict[str, Any] = {}
    for at, one in enumerate(where):
        if not all(sayable(value, nul=False) for value in (one.field, *one.values) if isinstance(value, str)):
            raise BadInput(f"PostgreSQL holds no text with a NUL or half a character: the condition on {one.field!r}.")
        json, value, many = _TYPES[one.type]
        values = [as_float(cast(float, given)) for given in one.values] if one.type == "number" else list(one.values)
        test = f" = any({{value}}::{many})" if one.operator == "in" else _OPERATORS[one.operator]
        # In a `case`, which is evaluated in order: the cast of a value of another type would fail.
        text = "case when json_typeof(metadata->{field}::text) = {json} then " + value + test + " else false end"
        parameters |= {
            f"field{at}": one.field,
            f"json{at}": json,
            f"value{at}": values if one.operator == "in" else values[0],
        }
        names = {name: sql.Placeholder(f"{name}{at}") for name in ("field", "json", "value")}
        parts.append(sql.SQL(text).format(**names))
    return sql.SQL(" and ").join(parts), parameters


def postings(records: Sequence[Record], first: int) -> Iterator[tuple[str, int, int, int]]:
    """Term, number of the record, how often it holds the term, and its length; `first` is the first record's number."""
    for number, one in enumerate(records, first):
        for term, count in Counter(one.terms).items():
            yield text_key(term), number, count, len(one.terms)
