"""Conditions on the fields of documents: ``where={"year": {">=": 1999}, "lang": ["en", "ko"]}``."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from jari.errors import BadInput
from jari.search.records import Value

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "in"]
FieldType: TypeAlias = Literal["text", "number", "boolean"]
Where: TypeAlias = Mapping[str, Any] | str | Sequence[str]
OPERATORS: Final[tuple[Operator, ...]] = ("=", "!=", "<", "<=", ">", ">=", "in")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition; a record that does not have the field does not meet it, whatever it is.

    Parameters
    ----------
    field
        A field that the collection knows: any string.
    type
        Of the field; all `values` are of it.
    operator
        ``"in"`` takes any number of values, all others one.
    values
        What the field is compared with. Numbers compare as float64, text by its code points.
    """

    field: str
    type: FieldType
    operator: Operator
    values: tuple[Value, ...]


def conditions(where: Where | None, fields: Mapping[str, FieldType]) -> tuple[Condition, ...]:
    """What was asked for, checked against the fields that there are.

    Parameters
    ----------
    where
        A mapping from fields to what they must be: a value, a list of values of which it must be one, or a mapping from
        operators to values. Or a string, ``"year >= 1999 and lang in (en, 'ko')"``, or several: all must be met. In a
        string, a value in quotes is text, in which ``''`` is one quote. The name of a field may stand in double quotes
        or backticks, and must where it holds blanks, quotes, commas, brackets or operators.
    fields
        The type of each field.

    Raises
    ------
    BadInput
        There is no such field, operator or value of the field's type, or the string cannot be read.

    Examples
    --------
    >>> fields = {"year": "number", "lang": "text"}
    >>> conditions({"year": {">=": 1999}}, fields)
    (Condition(field='year', type='number', operator='>=', values=(1999,)),)
    >>> conditions("year >= 1999", fields) == conditions({"year": {">=": 1999}}, fields)
    True
    """
    if where is None:
        return ()
    if isinstance(where, str):
        return tuple(_of_string(where, fields))
    if isinstance(where, Mapping):
        return tuple(one for field, asked in where.items() for one in _of_field(field, asked, fields))
    if not isinstance(where, list | tuple) or not all(isinstance(line, str) for line in where):
        raise BadInput(f"where={where!r} is no condition: give a mapping of fields, or strings like 'year >= 1999'.")
    return tuple(one for line in where for one in _of_string(line, fields))


def type_of(value: Any) -> FieldType | None:
    """The type of a field that could hold this value; None where no field can.

    Examples
    --------
    >>> type_of(True), type_of(1), type_of("x"), type_of([1])
    ('boolean', 'number', 'text', None)
    """
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, int | float | np.integer | np.floating):
        return "number"
    return "text" if isinstance(value, str) else None


def plain(value: Any, field: str, type: FieldType) -> Value:
    """A value of a field, without NumPy's types.

    Raises
    ------
    BadInput
        It is of another type than the field, or a number that is not finite or too great for float64.
    """
    if type_of(value) != type:
        raise BadInput(f"{field!r} is a field of type {type}: {_short(value)} is none{_REMEDY[type]}.")
    held: Value = value.item() if isinstance(value, np.generic) else value
    if type == "number":
        try:
            finite = math.isfinite(held)  # type: ignore[arg-type]
        except OverflowError:
            finite = False
        if not finite:
            raise BadInput(f"{field!r} cannot be {_short(held)}: numbers are finite, and within those of float64.")
    return str(held) if isinstance(held, str) else held  # a subclass of str is not what comes back


_REMEDY: Final[dict[FieldType, str]] = {
    "text": " (text stands in quotes)",
    "number": " (a number is not in quotes)",
    "boolean": " (it is true or false)",
}
_SYNONYMS: Final[dict[str, Operator]] = {"==": "=", "<>": "!="}
_TOKEN: Final = re.compile(
    r"""\s*(?: (?P<text>'(?:[^']|'')*') | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
             | (?P<operator><=|>=|!=|<>|==|=|<|>) | (?P<mark>[(),]) | (?P<bare>[^\s'"`<>=!(),]+) )""",
    re.VERBOSE,
)
_SHOWN: Final = 12  # fields


def _of_field(field: Any, asked: Any, fields: Mapping[str, FieldType]) -> Iterator[Condition]:
    if isinstance(asked, Mapping):
        for operator, value in asked.items():
            yield _condition(field, operator, value, fields)
    elif isinstance(asked, list | tuple | set | frozenset | np.ndarray):
        yield _condition(field, "in", asked, fields)
    else:
        yield _condition(field, "=", asked, fields)


def _condition(field: Any, operator: Any, value: Any, fields: Mapping[str, FieldType]) -> Condition:
    kind = _type_of_field(field, fields)
    known = _SYNONYMS.get(operator, operator) if isinstance(operator, str) else operator
    if known not in OPERATORS:
        raise BadInput(f"There is no operator {operator!r} (for {field!r}): use one of {'  '.join(OPERATORS)}.")
    if kind == "boolean" and known not in ("=", "!=", "in"):
        raise BadInput(f"{field!r} is true or false: {known} does not compare these. Use = or !=.")
    if known != "in":
        return Condition(field, kind, known, (plain(value, field, kind),))
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise BadInput(f"'in' takes a list of values (for {field!r}), not {_short(value)}.")
    return Condition(field, kind, "in", tuple(plain(one, field, kind) for one in value))


def _type_of_field(field: Any, fields: Mapping[str, FieldType]) -> FieldType:
    if isinstance(field, str) and field in fields:
        return fields[field]
    if not fields:
        raise BadInput(f"There is no field {field!r}: the documents of this collection have no metadata.")
    near = difflib.get_close_matches(field, list(fields), n=1) if isinstance(field, str) else []
    hint = f" Did you mean {near[0]!r}?" if near else ""
    names = ", ".join(repr(name) for name in list(fields)[:_SHOWN]) + (", …" if len(fields) > _SHOWN else "")
    raise BadInput(f"There is no field {field!r}.{hint} Fields: {names}.")


class _Reader:
    """The tokens of a string, one after the other."""

    def __init__(self, line: str) -> None:
        self._line, self._at = line, 0

    def ended(self) -> bool:
        return not self._line[self._at :].strip()

    def next(self, wanted: str) -> tuple[str, str]:
        """The kind of the next token and the token; `wanted` says what should be there."""
        found = None if self.ended() else _TOKEN.match(self._line, self._at)
        if found is None or found.lastgroup is None:
            raise self.wrong(wanted)
        self._before, self._at = self._at, found.end()
        return found.lastgroup, found[found.lastgroup]

    def back(self) -> None:
        self._at = self._before

    def wrong(self, wanted: str) -> BadInput:
        rest = self._line[self._at :].strip()
        place = f"at {_short(rest)}" if rest else "at its end"
        return BadInput(
            f"Cannot read where={_short(self._line)} {place}: {wanted} should stand there. "
            "Conditions look like: year >= 1999 and lang in (en, 'ko')."
        )


def _of_string(line: str, fields: Mapping[str, FieldType]) -> Iterator[Condition]:
    reader = _Reader(line)
    while True:
        kind, token = reader.next("the name of a field")
        if kind not in ("bare", "name"):
            reader.back()
            raise reader.wrong("the name of a field")
        field = _unquoted(token) if kind == "name" else token
        of = _type_of_field(field, fields)
        kind, operator = reader.next("an operator")
        if kind == "bare" and operator.lower() == "in":
            yield _condition(field, "in", _values(reader, field, of), fields)
        elif kind == "operator":
            yield _condition(field, operator, _value(reader, field, of), fields)
        else:
            reader.back()
            raise reader.wrong(f"an operator ({' '.join(OPERATORS)})")
        if reader.ended():
            return
        kind, token = reader.next("'and'")
        if kind != "bare" or token.lower() != "and":
            reader.back()
            raise reader.wrong("'and' (there is no 'or': 'in' takes several values)")


def _values(reader: _Reader, field: str, of: FieldType) -> Iterator[Value]:
    if reader.next("'('")[1] != "(":
        reader.back()
        raise reader.wrong("'('")
    if reader.next("a value")[1] == ")":
        return
    reader.back()
    while True:
        yield _value(reader, field, of)
        mark = reader.next("',' or ')'")[1]
        if mark == ")":
            return
        if mark != ",":
            reader.back()
            raise reader.wrong("',' or ')'")


def _value(reader: _Reader, field: str, of: FieldType) -> Value:
    kind, token = reader.next("a value")
    if kind in ("text", "name"):
        return _unquoted(token)
    if kind != "bare":
        reader.back()
        raise reader.wrong("a value")
    if of == "number":
        try:
            return int(token) if re.fullmatch(r"[+-]?\d{1,400}", token, re.ASCII) else float(token)
        except ValueError:
            return token  # and refused, as text
    return token.lower() == "true" if of == "boolean" and token.lower() in ("true", "false") else token


def _unquoted(token: str) -> str:
    return token[1:-1].replace(token[0] * 2, token[0])


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}…"
