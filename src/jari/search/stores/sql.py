"""Conditions as SQL, for databases that take no parameters. Whatever a user gave becomes a literal here, and only here.

A string stands between single quotes, and a single quote in it is doubled: no other character has a meaning there
(neither the backslash nor the zero byte has one in DataFusion). Names of columns are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jari.errors import BadInput
from jari.search.records import Value
from jari.search.where import OPERATORS, Condition


def literal(value: Value) -> str:
    """A value as SQL; numbers as float64.

    Raises
    ------
    BadInput
        The string holds half of a surrogate pair.

    Examples
    --------
    >>> literal("it's"), literal(2), literal(True)
    ("'it''s'", '2.0', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(float(value) + 0.0)  # -0.0 would not be 0.0
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"{value[:40]!r} holds half of a surrogate pair, which is no character: give text that UTF-8 can hold."
        ) from error
    return "'" + value.replace("'", "''") + "'"


def among(column: str, values: Sequence[Value]) -> str:
    """That a column has one of the values.

    Examples
    --------
    >>> among("id", ["a", "b"]), among("id", [])
    ("id IN ('a', 'b')", 'false')
    """
    return f"{column} IN ({', '.join(map(literal, values))})" if values else "false"


def all_of(where: Sequence[Condition], columns: Mapping[str, str]) -> str:
    """All conditions as one expression, empty where there are none.

    Parameters
    ----------
    where
        Conditions on fields.
    columns
        The column of each field.

    Examples
    --------
    >>> all_of([Condition("year", "number", ">=", (1999,))], {"year": "f0"})
    'f0 >= 1999.0'
    """
    parts = []
    for condition in where:
        if condition.field not in columns:
            raise BadInput(f"There is no field {condition.field!r} in this collection.")
        column = columns[condition.field]
        if condition.operator == "in":
            parts.append(among(column, condition.values))
        elif condition.operator in OPERATORS:
            parts.append(f"{column} {condition.operator} {literal(condition.values[0])}")
        else:
            raise BadInput(f"There is no operator {condition.operator!r}: use one of {', '.join(OPERATORS)}.")
    return " AND ".join(parts)
