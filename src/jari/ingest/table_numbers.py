"""Columns of a table as numbers: numeric types, dates, and text that holds numbers as people write them."""

from __future__ import annotations

from typing import Any, Final, Literal, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.errors import BadInput
from jari.ingest.interaction_columns import values_of

Numbers: TypeAlias = npt.NDArray[np.float64]  # (rows,), NaN where one is missing
Decimal: TypeAlias = Literal[".", ","]

MISSING_WORDS: Final = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A")  # not "None": many a table has that

_SECONDS_A_DAY: Final = 86_400
_A_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

_DATE: Final = r"^\s*\d{4}-\d\d-\d\d"
_DATES: Final = (pa.timestamp("us"), pa.timestamp("us", "UTC"))  # ISO 8601 without and with a zone

_SPACES: Final = "[\u00a0\u2007\u2009\u202f]"  # which stand between thousands: no-break, of a digit's width, thin
_MONEY: Final = r"(?:\p{Sc}|원|円|元|zł|kr|EUR|USD|GBP|CHF|KRW|JPY)"
_BY_SPACES: Final = r"[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:['’]\d{3})+"
_WHOLE: Final[dict[Decimal, str]] = {
    ".": rf"(?:\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+|[1-9]\d?(?:,\d{{2}})+,\d{{3}}|{_BY_SPACES})",  # the third is India's
    ",": rf"(?:\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+|{_BY_SPACES})",
}


def _pattern(decimal: Decimal) -> str:
    number = rf"(?:{_WHOLE[decimal]}(?:[{decimal}]\d*)?|[{decimal}]\d+)(?:[eE][+-]?\d+)?"
    return rf"^(?:[+-]?{number}(?: ?(?:%|{_MONEY}))?|[+-]?{_MONEY} ?{number}|{_MONEY} ?[+-]{number})$"


_WRITTEN: Final[dict[Decimal, str]] = {".": _pattern("."), ",": _pattern(",")}
_REMEDY: Final = "Name the column in categorical=, or correct the cell (leave it empty where the value is missing)."


def numbers_of(name: str, values: pa.Array, *, first: int = 0, decimal: Decimal | None = None) -> Numbers:
    """A column as numbers, shape (rows,), NaN where a value is missing.

    Dates and times are days since 1970, times of day and durations are days too; true is 1. Text may hold numbers as
    people write them: ``86``, ``1e3``, ``$86.00``, ``1,234.50``, ``1 234``, ``12,000원``, ``12%`` (which is 12); or
    dates in ISO 8601: ``2026-01-31``, ``2026-01-31T12:00:00Z``. ``(5)`` is refused: some mean -5 by it, and others a
    note. Text that is blank or one of `MISSING_WORDS` is missing.

    Parameters
    ----------
    name
        What to call the column in errors.
    first
        What to call the first row in errors.
    decimal
        What stands before the fraction in text; None: a point where every cell can be read so, else a comma where
        every cell can (``1.234,50 €``). Give `decimal_of` of the first table to read a second like it.

    Raises
    ------
    BadInput
        A cell is no number, or an infinite one; the column mixes points and commas, or currencies.

    Examples
    --------
    >>> numbers_of("price", pa.array(["$86.00", "$1,250.50", None]))
    array([  86. , 1250.5,    nan])
    """
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if is_text(values.type):
        values = without_missing(values)
        quick = None if decimal == "," else _cast(values)
        numbers = _parsed(name, values, first, decimal) if quick is None else quick
    else:
        numbers = _of_type(name, values)
    infinite = np.isinf(numbers)
    if infinite.any():
        _wrong(name, values, int(np.argmax(infinite)), first, "an infinite number; a number must be finite")
    return numbers


def are_numbers(values: pa.Array) -> bool:
    """Whether `numbers_of` reads the text, and finds a number or more.

    Examples
    --------
    >>> are_numbers(pa.array(["1", "NA", "2.5"])), are_numbers(pa.array(["1", "two"])), are_numbers(pa.array(["NA"]))
    (True, False, False)
    """
    if not is_text(values.type):
        return False
    try:
        return not bool(np.isnan(numbers_of("", values)).all())
    except BadInput:
        return False


def decimal_of(values: pa.Array) -> Decimal | None:
    """What stands before the fraction in text that holds numbers; None for dates, text that holds none, other types.

    Examples
    --------
    >>> decimal_of(pa.array(["1.234,50 €", "3,1 €"]))
    ','
    """
    if not is_text(values.type):
        return None
    distinct = _tidied(pc.unique(without_missing(values)).drop_null())
    return next(
        (sign for sign, fit in _WRITTEN.items() if pc.all(pc.match_substring_regex(distinct, fit)).as_py()), None
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def without_missing(values: pa.Array) -> pa.Array:
    """Text as large_string, null where it is blank or one of `MISSING_WORDS`."""
    values = values.cast(pa.large_string())
    words = pa.array(MISSING_WORDS, pa.large_string())
    return pc.if_else(pc.is_in(pc.utf8_trim_whitespace(values), words), pa.scalar(None, pa.large_string()), values)


def _cast(values: pa.Array) -> Numbers | None:
    """Text that a plain cast reads; None where it does not."""
    try:
        cast = values.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    numbers = _filled(cast)
    return numbers if int(np.isnan(numbers).sum()) == values.null_count else None  # a cast reads "-nan", too


def _parsed(name: str, values: pa.Array, first: int, decimal: Decimal | None) -> Numbers:
    encoded = values.dictionary_encode()
    distinct = _tidied(encoded.dictionary)
    fits = {sign: pc.match_substring_regex(distinct, written) for sign, written in _WRITTEN.items()}
    chosen: list[Decimal] = [decimal] if decimal else [".", ","]
    sign = next((sign for sign in chosen if pc.all(fits[sign]).as_py()), None)
    if sign is None:
        days = _days(distinct)
        if days is not None:
            return _filled(pa.array(days).take(encoded.indices))
        _refuse(name, values, first, [fits[one].take(encoded.indices) for one in chosen])
    units = pc.unique(pc.replace_substring_regex(distinct, r"[^\p{L}\p{Sc}%]|[eE][+-]?\d+", "")).to_pylist()
    units = [unit for unit in units if unit]
    if len(units) > 1:
        raise BadInput(
            f"Column {name!r} mixes {units[0]!r} and {units[1]!r}, and numbers of one column are of one unit. Convert "
            "them, or name the column in categorical=."
        )
    plain = pc.replace_substring_regex(distinct, rf"[ '’%]|{_MONEY}|\+|{'[.]' if sign == ',' else ','}", "")
    numbers = _filled(pc.replace_substring(plain, ",", ".").cast(pa.float64()))
    return _filled(pa.array(numbers).take(encoded.indices))


def _days(text: pa.Array) -> Numbers | None:
    for kind in _DATES:
        try:
            return _of_type("", text.cast(kind))
        except pa.ArrowInvalid:
            continue
    return None


def _refuse(name: str, values: pa.Array, first: int, fits: list[Any]) -> NoReturn:
    neither = pc.invert(pc.or_(fits[0], fits[-1]))
    wrong = int(pc.index(neither, True).as_py())
    if wrong >= 0:
        other = int(pc.index(pc.match_substring_regex(values, _DATE), False).as_py())
        if other > wrong:
            _wrong(name, values, other, first, "which is no date like those above")
        _wrong(name, values, wrong, first, "which is no number")
    point, comma = (int(pc.index(fit, False).as_py()) for fit in reversed(fits))
    raise BadInput(
        f"Column {name!r} writes fractions in two ways: row {first + point} holds {values[point].as_py()!r} and row "
        f"{first + comma} holds {values[comma].as_py()!r} (the first row is {first}). Write all with a point, or name "
        "the column in categorical=."
    )


def _tidied(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(pc.replace_substring_regex(values, _SPACES, " "))
    return pc.replace_substring(trimmed, "\u2212", "-")  # as typesetters write it


def _of_type(name: str, values: pa.Array) -> Numbers:
    kind = values.type
    if pa.types.is_null(kind):
        return np.full(len(values), np.nan)
    if pa.types.is_date32(kind):
        return _filled(values.cast(pa.int32()).cast(pa.float64()))
    if pa.types.is_date64(kind):
        return _filled(values.cast(pa.int64()).cast(pa.float64(), safe=False)) / (_SECONDS_A_DAY * 1000)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        counted = values.cast(pa.int32()) if pa.types.is_time32(kind) else values
        return _filled(counted.cast(pa.int64()).cast(pa.float64(), safe=False)) / (
            _SECONDS_A_DAY * _A_SECOND[kind.unit]
        )
    plain = pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal
    if not any(test(kind) for test in plain):
        raise BadInput(f"Column {name!r} is of type {kind}: numbers are due. Give numbers, or leave the column out.")
    return _filled(values.cast(pa.float64(), safe=False))


def _filled(values: pa.Array) -> Numbers:
    if not len(values):
        return np.empty(0)
    numbers: Numbers = np.array(values_of(pc.fill_null(values, float("nan"))))
    return numbers


def _wrong(name: str, values: pa.Array, at: int, first: int, what: str) -> NoReturn:
    raise BadInput(
        f"Column {name!r}, row {first + at:,} holds {values[at].as_py()!r:.60}, {what} (the first row is {first}). "
        f"{_REMEDY}"
    )
