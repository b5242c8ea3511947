"""`Columns`: some rows of interactions, column by column, from wherever they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.errors import BadInput

Role: TypeAlias = Literal["user", "item", "weight", "time"]
ROLES: Final[tuple[Role, ...]] = ("user", "item", "weight", "time")

_ROWS_AT_ONCE: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows that were read together.

    Parameters
    ----------
    values
        The columns that there are: anything that holds values one after the other.
    source
        What to call in errors where they come from; empty for what has no name.
    names
        What a column is called in errors, where that is not just its role.
    first
        How many rows came before.
    position
        How far into the source their end is, in the unit of progress.
    """

    values: Mapping[Role, Any]
    source: str = ""
    names: Mapping[Role, str] = field(default_factory=dict)
    first: int = 0
    position: int = 0

    def __len__(self) -> int:
        return len(self.values["user"])

    def __getitem__(self, role: Role) -> Any:
        return self.values[role]

    def wrong(self, at: int, role: Role, what: str, kind: type[BadInput] = BadInput) -> NoReturn:
        """Raise what is wrong with a value."""
        name = self.names.get(role)
        column = f"the {role}" if name is None else f"column {name!r}"
        source = f"{self.source}, " if self.source else ""
        raise kind(f"{source}row {self.first + at + 1:,}, {column}: {what}")

    def missing(self, at: int, role: Role) -> NoReturn:
        """Raise that there is no value where one is due."""
        self.wrong(at, role, f"no {role} is there. Give one in every row, or leave out that column.")

    def pieces(self) -> Iterator[Columns]:
        """The same, some rows at a time, each column as NumPy has it, or as one Arrow array, or as a list.

        Raises
        ------
        BadInput
            The columns are not of one length, or not columns.
        """
        plain = {role: _plain(values, role) for role, values in self.values.items()}
        if len({len(values) for values in plain.values()}) > 1:
            said = ", ".join(f"{len(values):,} of the {role}" for role, values in plain.items())
            raise BadInput(f"The columns are not of one length ({said}): give one value a row.")
        for start in range(0, len(plain["user"]), _ROWS_AT_ONCE):
            part = {role: values[start : start + _ROWS_AT_ONCE] for role, values in plain.items()}
            yield replace(self, values=part, first=self.first + start)


def is_column(given: Any) -> bool:
    """Whether it is many values, rather than one."""
    if isinstance(given, str | bytes | np.generic | Mapping):
        return False
    return isinstance(given, list | range) or is_array(given)


def is_array(given: Any) -> bool:
    """Whether it is a column of NumPy, Arrow, pandas or polars."""
    if isinstance(given, np.ndarray):
        return given.ndim == 1
    if isinstance(given, pa.Array | pa.ChunkedArray):
        return True
    return hasattr(given, "__arrow_c_stream__") and len(getattr(given, "shape", ())) == 1


# Not by Arrow's `to_numpy`: it imports pandas, where there is one, to see whether it was given something of its: 0.3 s
def values_of(column: pa.Array) -> Any:
    """Arrow's numbers as NumPy's; where they are null it is anything."""
    values = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
    return values[column.offset :][: len(column)]


def nulls_of(column: pa.Array) -> npt.NDArray[np.bool_]:
    """Where an Arrow array has no value."""
    valid = column.buffers()[0]
    if valid is None:
        return np.zeros(len(column), np.bool_)
    bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")
    nulls: npt.NDArray[np.bool_] = bits[column.offset :][: len(column)] == 0
    return nulls


def _plain(column: Any, role: Role) -> Any:
    if isinstance(column, np.ma.MaskedArray):
        return column.tolist()  # None where it is masked
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise BadInput(f"The {role}s are an array of shape {column.shape}: a column has one dimension.")
        return column if column.dtype.kind in "biufM" else column.tolist()
    if isinstance(column, pa.Array | pa.ChunkedArray):
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    if hasattr(column, "__arrow_c_stream__"):
        try:
            return _plain(pa.chunked_array(column), role)
        except pa.ArrowException:  # pandas, with objects of several kinds
            return list(column)
    if isinstance(column, Iterable) and not isinstance(column, str | bytes):
        return list(column)
    raise BadInput(f"{column!r:.40} is no column of {role}s: give an array or a list.")
