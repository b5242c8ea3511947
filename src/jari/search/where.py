"""Conditions on the fields of documents: ``where={"year": {">=": 1999}, "lang": ["en", "ko"]}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jari.search.records import Value

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "in"]
FieldType: TypeAlias = Literal["text", "number", "boolean"]
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
