"""Weights and times out of columns of numbers, of text, of dates."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.ingest.interaction_columns import Columns, Role, nulls_of, values_of
from jari.ingest.interaction_ids import is_text, text_of
from jari.types import Vector

Numbers = npt.NDArray[np.float64]

_NUMBER: Final = pa.float64()
_DATES: Final = (pa.timestamp("us"), pa.timestamp("us", "UTC"))  # ISO 8601 without and with a zone
_A_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def weights_of(columns: Columns) -> Vector:
    """Finite, 0 or above.

    Raises
    ------
    BadInput
        A value is none of that.

    Examples
    --------
    >>> weights_of(Columns({"weight": ["1", "2.5"]}))
    array([1. , 2.5], dtype=float32)
    """
    given, _ = _numbers_of(columns, "weight", ())
    with np.errstate(over="ignore", under="ignore"):
        weights = given.astype(np.float32)
    wrong = ~(given >= 0) | np.isinf(weights) | ((weights == 0) & (given > 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        rule = "a weight is a finite number above 0, or 0 for what was not wanted."
        columns.wrong(at, "weight", f"the weight is {given[at]:g}, and {rule}")
    return weights


def times_of(columns: Columns) -> tuple[Numbers, bool]:
    """Numbers as they are, dates as seconds since 1970 (in UTC where no zone is said); and whether they are dates.

    Raises
    ------
    BadInput
        A value is neither, or not finite.

    Examples
    --------
    >>> times_of(Columns({"time": ["1970-01-02", "1970-01-01T00:00:01.5"]}))
    (array([8.64e+04, 1.50e+00]), True)
    """
    times, dates = _numbers_of(columns, "time", _DATES)
    wrong = ~np.isfinite(times)
    if wrong.any():
        at = int(np.argmax(wrong))
        columns.wrong(at, "time", f"the time is {times[at]:g}: give a finite number, or a date.")
    return times, dates


def _numbers_of(columns: Columns, role: Role, dates: Sequence[pa.DataType]) -> tuple[Numbers, bool]:
    column = columns[role]
    if isinstance(column, list):
        return _of_list(columns, role, column, dates)
    if isinstance(column, np.ndarray):
        if column.dtype.kind == "M" and dates:
            missing = np.isnat(column)
            if missing.any():
                columns.missing(int(np.argmax(missing)), role)
            return column.astype("datetime64[us]").astype(np.int64) / 10**6, True
        if column.dtype.kind in "biuf":
            return column.astype(np.float64), False
        columns.wrong(0, role, f"{column.dtype}, where a number is due.")
    if column.null_count:
        columns.missing(int(np.argmax(nulls_of(column))), role)
    if is_text(column.type):
        return _parsed(columns, role, text_of(columns, role), dates)
    return _of_arrow(columns, role, column, dates)


def _of_arrow(columns: Columns, role: Role, column: pa.Array, dates: Sequence[pa.DataType]) -> tuple[Numbers, bool]:
    kind = column.type
    if dates and pa.types.is_date(kind):
        column, kind = column.cast(pa.timestamp("ms")), pa.timestamp("ms")
    if dates and pa.types.is_timestamp(kind):
        return values_of(column.cast(pa.int64())) / _A_SECOND[kind.unit], True
    plain = pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal
    if not any(test(kind) for test in plain):
        columns.wrong(0, role, f"{kind}, where a number is due.")
    return values_of(column.cast(_NUMBER, safe=False)), False


def _parsed(columns: Columns, role: Role, text: pa.Array, dates: Sequence[pa.DataType]) -> tuple[Numbers, bool]:
    """Text as that which its first value is: a number, or a date."""
    if not len(text):
        return np.empty(0, np.float64), False
    kind = next((kind for kind in (_NUMBER, *dates) if _is_all(text[:1], kind)), _NUMBER)
    try:
        return _of_arrow(columns, role, text.cast(kind), dates)
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim_whitespace(text)
        if not trimmed.equals(text):
            return _parsed(columns, role, trimmed, dates)
        right, wrong = 0, len(text)  # so many from the front can be read, and so many cannot
        while wrong - right > 1:
            middle = (right + wrong) // 2
            right, wrong = (middle, wrong) if _is_all(text[:middle], kind) else (right, middle)
        value = text[right].as_py()
        if not value.strip():
            columns.missing(right, role)
        rule = "is no number" if not dates else "is no date like the others" if kind in dates else _NEITHER
        columns.wrong(right, role, f"{value!r:.60} {rule}.")


_NEITHER: Final = "is neither a number nor a date (2026-01-31, 2026-01-31T12:00:00Z)"


def _is_all(text: pa.Array, kind: pa.DataType) -> bool:
    try:
        text.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _of_list(columns: Columns, role: Role, column: list[Any], dates: Sequence[pa.DataType]) -> tuple[Numbers, bool]:
    kinds = set(map(type, column))
    if kinds == {int} and max(map(abs, column)) < 2**63:
        column, kinds = list(map(float, column)), {float}
    if kinds <= {float, bool}:
        return np.array(column, dtype=np.float64), False
    if str in kinds:
        as_text = ["" if value is None else str(value) for value in column]
        return _parsed(columns, role, pa.array(as_text, type=pa.large_string()), dates)
    found = np.empty(len(column), np.float64)
    instants = 0
    for at, value in enumerate(column):
        if value is None or (dates and value != value):
            columns.missing(at, role)
        elif dates and isinstance(value, datetime.date | np.datetime64):
            found[at] = _instant(value)
            instants += 1
        elif isinstance(value, numbers.Real | np.bool_):
            try:
                found[at] = float(value)
            except OverflowError:
                columns.wrong(at, role, f"{value!s:.40}… is too large a number.")
        else:
            columns.wrong(at, role, f"{value!r:.40} is no number.")
    if 0 < instants < len(column):
        columns.wrong(0, role, "some are dates and others numbers: give all in one way.")
    return found, instants > 0


def _instant(value: Any) -> float:
    if isinstance(value, np.datetime64):
        return float(value.astype("datetime64[us]").astype(np.int64) / 10**6)
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    aware = value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
    return float(aware.timestamp())
