"""Values of a column as names: one a row, or many in a cell."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.errors import BadInput
from jari.types import Rows

UNKNOWN: Final = "<unknown>"
MISSING: Final = "<missing>"

_EXACT: Final = 2.0**53  # floating-point numbers below are exact where they are whole

Names: TypeAlias = Any  # pa.Array, (rows,) large_string, none of them null or empty


def names_of(column: str, values: pa.Array) -> Names:
    """One name a row; what is missing, or empty, is called `MISSING`.

    Numbers are written as text, whole ones without a point, so that 12 and 12.0 (what pandas makes of whole numbers
    where one is missing) have the same name; dates as in ISO 8601.

    Raises
    ------
    BadInput
        A cell holds a list, or something that is no category.
    """
    kind = _value_type(values)
    if _is_list(kind):
        row = _first(values)
        raise BadInput(
            f"Column {column!r}, row {row} holds {_short(values[row].as_py())}, a list: one category is due. "
            "MultiHotCategories takes cells that hold many. A table of several columns is a data frame, a dict of "
            "columns or a 2-D array."
        )
    if not _is_category(kind):
        remedy = "decode them to text" if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else "give text"
        raise BadInput(
            f"Column {column!r} is of type {kind}: categories are text, numbers, booleans or dates. Please {remedy}."
        )
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_floating(kind):
        values = values.cast(pa.float32()) if pa.types.is_float16(kind) else values
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    names = _written(values) if pa.types.is_floating(kind) else values.cast(pa.large_string())
    return pc.fill_null(pc.if_else(pc.equal(names, ""), pa.scalar(MISSING, pa.large_string()), names), MISSING)


def _written(values: pa.Array) -> pa.Array:
    """Floating-point numbers as text: whole ones as integers are written, which Arrow does up to 10¹⁰ only."""
    is_whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), _EXACT))
    whole = pc.if_else(is_whole, values, pa.scalar(0, values.type)).cast(pa.int64())
    return pc.if_else(is_whole, whole.cast(pa.large_string()), values.cast(pa.large_string()))


def members_of(column: str, values: pa.Array, separator: str | None) -> tuple[Names, Rows]:
    """The names in all cells, one after another, and the row of each; a missing cell holds `MISSING`.

    Raises
    ------
    BadInput
        Cells are text and there is no separator, or hold something that is no category.
    """
    kind = _value_type(values)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_null(kind):
        values = values.cast(pa.large_list(pa.large_string()))
    elif not _is_list(kind):
        values = pc.split_pattern(_splittable(column, values, separator), separator)
    inner = pc.list_flatten(values)
    if _is_list(inner.type):
        row = int(pc.list_parent_indices(values)[0].as_py())
        raise BadInput(f"Column {column!r}, row {row} holds lists within a list: give one list of names a cell.")
    names = names_of(column, inner)
    rows = pc.list_parent_indices(values).to_numpy(zero_copy_only=False).astype(np.int64)
    absent = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
    if len(absent):
        names = pa.concat_arrays([names, pa.array([MISSING] * len(absent), pa.large_string())])
        rows = np.concatenate([rows, absent])
    return names, rows


def _splittable(column: str, values: pa.Array, separator: str | None) -> pa.Array:
    row = _first(values)
    if not _is_text(values.type):
        raise BadInput(
            f"Column {column!r}, row {row} holds {values[row].as_py()!r}, one {values.type}: a cell of many is due. "
            "Give lists; OneHotCategories takes one category a row."
        )
    if separator is None:
        text = values[row].as_py()
        sign = next((sign for sign in "|;,/" if sign in text), "|")
        raise BadInput(
            f"Column {column!r}, row {row} holds the text {_short(text)}: a cell of many is due. Give lists, or say "
            f"what stands between the names, such as separator={sign!r}."
        )
    texts = values.cast(pa.large_string())
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.large_string()), texts)


def counted(names: Names) -> dict[str, int]:
    """How often each name is there."""
    found = pc.value_counts(names)
    return dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))


def original_type(values: pa.Array, *, many: bool) -> pa.DataType:
    """The type that names go back to."""
    kind = _value_type(values)
    return _value_type_of(kind.value_type) if many and _is_list(kind) else kind


def as_given(names: Names, kind: pa.DataType) -> npt.NDArray[np.object_]:
    """Names as the values that they came from, shape (n,)."""
    if not (_is_text(kind) or pa.types.is_null(kind)):
        names = names.cast(kind)
    given = np.empty(len(names), dtype=object)
    given[:] = names.to_pylist()
    return given


def _value_type(values: pa.Array) -> pa.DataType:
    return _value_type_of(values.type)


def _value_type_of(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_category(kind: pa.DataType) -> bool:
    tests = pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal, pa.types.is_date
    return _is_text(kind) or pa.types.is_null(kind) or pa.types.is_timestamp(kind) or any(test(kind) for test in tests)


def _first(values: pa.Array) -> int:
    """The first row that is not missing."""
    return max(0, int(pc.index(values.is_valid(), True).as_py()))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
