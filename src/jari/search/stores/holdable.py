"""What a database can hold: checked before it is written, so that the message names the record."""

from __future__ import annotations

import math

from jari.errors import BadInput
from jari.search.records import Record


def sayable(text: str, *, nul: bool) -> bool:
    """Whether a text is UTF-8, so without half of a surrogate pair; and without NUL, where that cannot be held.

    Examples
    --------
    >>> sayable("자리", nul=False), sayable("a\\0b", nul=False), sayable("\\ud83d", nul=True)
    (True, False, False)
    """
    try:
        return b"\0" not in text.encode() or nul
    except UnicodeEncodeError:
        return False


def check(record: Record, database: str, *, nul: bool) -> None:
    """Raise `BadInput` for what the database cannot hold.

    Examples
    --------
    >>> check(Record("a", "zero \\0 byte", {}, None, (), "a"), "PostgreSQL", nul=False)
    Traceback (most recent call last):
    jari.errors.BadInput: The text of 'a' holds a NUL (U+0000), which PostgreSQL cannot store. Take it out.
    """
    parts = {"id": record.id, "text": record.text, "source": record.source, "digest": record.digest}
    parts["list of terms"] = "".join(record.terms)
    parts |= {f"field {field!r}": f"{field}{value}" for field, value in record.metadata.items()}
    for part, text in parts.items():
        if not sayable(text, nul=nul):
            what = "half of a surrogate pair" if not sayable(text, nul=True) else "a NUL (U+0000)"
            raise BadInput(f"The {part} of {record.id!r} holds {what}, which {database} cannot store. Take it out.")
    for field, value in record.metadata.items():
        if isinstance(value, int | float) and not math.isfinite(as_float(value)):
            raise BadInput(
                f"The field {field!r} of {record.id!r} is no number that float64 holds. Give one below 1e308."
            )


def as_float(value: float) -> float:
    """A number as float64; an integer of more than 308 digits as infinity.

    Examples
    --------
    >>> as_float(2**53 + 1), as_float(-(10**400))
    (9007199254740992.0, -inf)
    """
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
