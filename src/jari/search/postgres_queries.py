"""The SQL of `PostgresStore`: its tables, its conditions, and what they cannot hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

from jari.errors import BadInput
from jari.extras import require
from jari.search import bm25
from jari.search.records import Record, Value
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

MATCHING: Final[LiteralString] = """
with asked as (select * from unnest(%(terms)s::text[], %(times)s::float8[]) as asked (term, times)),
rare as (
  select term, times * ln(1 + (records - count(*) + 0.5::float8) / (count(*) + 0.5::float8)) as rarity
  from {postings} join asked using (term) cross join {about} group by term, times, records),
scored as (
  select record, sum(rarity * count * (%(k1)s + 1)
    / (count + %(k1)s * (1 - %(b)s + %(b)s * length * records / words::float8))) as score
  from {postings} join rare using (term) cross join {about} group by record),
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
    parts, parameters = [sql.SQL("true")], {}
    for at, one in enumerate(where):
        if not all(sayable(value) for value in (one.field, *one.values) if isinstance(value, str)):
            raise BadInput(f"PostgreSQL holds no text with a NUL or half a character: the condition on {one.field!r}.")
        json, value, many = _TYPES[one.type]
        values = [_float(given) for given in one.values] if one.type == "number" else list(one.values)
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
            yield bm25.key(term), number, count, len(one.terms)


def sayable(text: str) -> bool:
    """Whether PostgreSQL can hold a text: it has no NUL, and no half of a surrogate pair.

    Examples
    --------
    >>> sayable("자리"), sayable("a\0b"), sayable("\ud83d")
    (True, False, False)
    """
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def check(record: Record) -> None:
    """Raise `BadInput` for what PostgreSQL cannot hold.

    Examples
    --------
    >>> check(Record("a", "zero \0 byte", {}, None, (), "a"))
    Traceback (most recent call last):
    jari.errors.BadInput: The text of 'a' holds a NUL (U+0000) or half a character, which PostgreSQL cannot ...
    """
    parts = {"id": record.id, "text": record.text, "source": record.source, "digest": record.digest}
    parts["list of terms"] = "".join(record.terms)
    parts |= {f"field {field!r}": f"{field}{value}" for field, value in record.metadata.items()}
    for part, text in parts.items():
        if not sayable(text):
            raise BadInput(
                f"The {part} of {record.id!r} holds a NUL (U+0000) or half a character, which PostgreSQL cannot store. "
                "Take it out."
            )
    for field, value in record.metadata.items():
        if isinstance(value, int | float) and not math.isfinite(_float(value)):
            raise BadInput(
                f"The field {field!r} of {record.id!r} is {_shown(value)}: give a number that float64 holds."
            )


def _float(value: Value) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return math.copysign(math.inf, value)  # type: ignore[arg-type]


def _shown(value: float) -> str:
    return f"{value}" if isinstance(value, float) else "an integer of more than 308 digits"
