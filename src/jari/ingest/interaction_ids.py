"""Ids out of columns: strings and whole numbers, and which are missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.errors import BadEncoding
from jari.ingest.idnumbers import IdColumn
from jari.ingest.interaction_columns import Columns, Role, nulls_of, values_of

Missing = npt.NDArray[np.bool_]

_LARGEST_WHOLE: Final = 2.0**53  # below it every whole number is a float of its own
_RULE: Final = "is no id: ids are strings or whole numbers."


def ids_of(columns: Columns, role: Role) -> tuple[IdColumn, Missing | None]:
    """A column as ids, and which of them are missing: None, NaN, or the empty string.

    Floats are taken for whole numbers where they are: pandas makes them of whole numbers with gaps.

    Raises
    ------
    BadInput
        A value is no id.
    BadEncoding
        It is not UTF-8.

    Examples
    --------
    >>> ids_of(Columns({"user": np.array([3.0, np.nan, 4.0])}), "user")
    (array([3, 0, 4]), array([False,  True, False]))
    """
    column = columns[role]
    if isinstance(column, list):
        return _of_list(columns, role, column)
    if isinstance(column, np.ndarray):
        return _of_numpy(columns, role, column)
    kind = column.type
    if pa.types.is_null(kind):
        return np.zeros(len(column), np.int64), np.ones(len(column), np.bool_)
    if pa.types.is_integer(kind):
        missing = nulls_of(column) if column.null_count else None
        values = values_of(column)
        return _of_numpy(columns, role, values if missing is None else np.where(missing, 0, values))[0], missing
    if pa.types.is_floating(kind):
        return _of_numpy(columns, role, np.where(nulls_of(column), np.nan, values_of(column.cast(pa.float64()))))
    if is_text(kind):
        return _of_text(text_of(columns, role))
    return columns.wrong(0, role, f"{kind} {_RULE}")


def is_text(kind: pa.DataType) -> bool:
    """Whether Arrow holds strings, or the bytes of such."""
    tests = "string", "large_string", "string_view", "binary", "large_binary", "binary_view"
    return any(getattr(pa.types, f"is_{test}")(kind) for test in tests)


def text_of(columns: Columns, role: Role) -> pa.Array:
    """A column of Arrow's strings or bytes as ``large_string``.

    Raises
    ------
    BadEncoding
        Not UTF-8.
    """
    column = columns[role]
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        for at, value in enumerate(column.to_pylist()):
            try:
                (value or b"").decode()
            except UnicodeDecodeError as error:
                byte = f"byte {error.start:,} of it, 0x{value[error.start]:02X},"
                columns.wrong(at, role, f"{byte} is not UTF-8. Convert it first.", BadEncoding)
        raise


def _of_text(text: pa.Array) -> tuple[pa.Array, Missing | None]:
    offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset :][: len(text) + 1]
    missing = np.diff(offsets) == 0
    if text.null_count:
        missing |= nulls_of(text)
    return text, missing if missing.any() else None


def _of_numpy(columns: Columns, role: Role, column: npt.NDArray[Any]) -> tuple[IdColumn, Missing | None]:
    if column.dtype.kind == "u" and len(column) and column.max() >= 2**63:
        return _strings([str(value) for value in column.tolist()]), None
    if column.dtype.kind in "iu":
        return column, None
    if column.dtype.kind != "f":
        columns.wrong(0, role, f"{column.dtype} {_RULE}")
    missing = np.isnan(column)
    values = np.where(missing, 0, column)
    wrong = (np.abs(values) > _LARGEST_WHOLE) | (values != np.floor(values))
    if wrong.any():
        at = int(np.argmax(wrong))
        columns.wrong(at, role, f"{column[at]} {_RULE}")
    return values.astype(np.int64), missing if missing.any() else None


def _of_list(columns: Columns, role: Role, column: list[Any]) -> tuple[IdColumn, Missing | None]:
    kinds = set(map(type, column))
    if kinds == {int} and min(column) >= -(2**63) and max(column) < 2**63:
        return np.array(column, dtype=np.int64), None
    keys = column if kinds == {str} else [_key(columns, role, at, value) for at, value in enumerate(column)]
    try:
        return _of_text(_strings(keys))
    except UnicodeEncodeError:
        at = next(at for at, key in enumerate(keys) if any("\ud800" <= character <= "\udfff" for character in key))
        columns.wrong(at, role, f"{keys[at]!r:.60} holds half a surrogate pair and is not valid Unicode.")


def _key(columns: Columns, role: Role, at: int, value: Any) -> str:
    """One id as a string, empty where it is missing."""
    if isinstance(value, str):
        return str(value)
    if value is None or value != value:  # NaN, NaT
        return ""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | np.floating | Decimal):
        number = float(value)
        if abs(number) <= _LARGEST_WHOLE and number.is_integer():
            return str(int(number))
    return columns.wrong(at, role, f"{value!r:.40} {_RULE}")


def _strings(keys: list[str]) -> pa.Array:
    return pa.array(keys, type=pa.large_string())
