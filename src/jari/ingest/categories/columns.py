"""Tables of any kind as Arrow columns: pandas, polars, Arrow, dicts, NumPy arrays and plain lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput

_TAKEN = "a list, a dict of columns, a NumPy array, or a table of pandas, polars or Arrow"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, as they were given.

    Parameters
    ----------
    given
        By name, in the order of the table.
    named
        False where the input has no names: then they are x0, x1, …, as scikit-learn has it.
    """

    given: dict[str, Any]
    named: bool

    def arrays(self) -> dict[str, pa.Array]:
        """All of them as Arrow arrays of one length.

        Raises
        ------
        BadInput
            Columns differ in length; one mixes types.
        """
        arrays = {name: _array(name, values) for name, values in self.given.items()}
        first = next(iter(arrays))
        for name, array in arrays.items():
            if len(array) != len(arrays[first]):
                raise BadInput(
                    f"Column {name!r} has {len(array):,} rows, but {first!r} has {len(arrays[first]):,}: all columns "
                    "of a table are of one length."
                )
        return arrays

    def chosen(self, names: Sequence[str]) -> Columns:
        """Some of the columns, in this order.

        Raises
        ------
        BadInput
            One is not there, with the nearest spelling.
        """
        if not self.named:
            raise BadInput(f"columns={list(names)!r}: what was given has no names of columns. Give a table, or a dict.")
        for name in names:
            if name not in self.given:
                raise BadInput(_not_there(name, list(self.given)))
        return Columns({name: self.given[name] for name in names}, True)


def columns_of(X: Any) -> Columns:
    """The columns of whatever holds some; none is read yet.

    Raises
    ------
    BadInput
        It is no table and no column; it has no columns; two have one name.

    Examples
    --------
    >>> columns_of({"size": ["S", "M", None]}).arrays()["size"].null_count
    1
    """
    named, parts = _parts(X)
    given: dict[str, Any] = {}
    for name, values in parts:
        if name in given:
            raise BadInput(f"Two columns are called {name!r}: names must differ. Rename one of them.")
        given[name] = values
    if not given:
        raise BadInput(f"The {_kind(X)} has no columns. Give {_TAKEN}, with one column or more.")
    return Columns(given, named)


def _parts(X: Any) -> tuple[bool, list[tuple[str, Any]]]:
    """Whether there are names, and each column with its name."""
    if isinstance(X, str | bytes):
        raise BadInput(f"Give {_TAKEN}, not one string ({X[:40]!r}).")
    if isinstance(X, Mapping):
        return True, [(str(name), values) for name, values in X.items()]
    if isinstance(X, pa.Array | pa.ChunkedArray):
        return False, [("x0", X)]
    if isinstance(X, np.ndarray):
        return False, _of_array(X)
    library = type(X).__module__.partition(".")[0]
    if library == "pandas" and hasattr(X, "iloc"):
        if X.ndim == 1:
            return X.name is not None, [("x0" if X.name is None else str(X.name), X)]
        return True, [(str(name), X.iloc[:, at]) for at, name in enumerate(X.columns)]
    if library == "polars" and hasattr(X, "get_columns"):
        return True, [(series.name, series) for series in X.get_columns()]
    if library == "polars" and hasattr(X, "to_arrow"):
        return bool(X.name), [(X.name or "x0", X)]
    if hasattr(X, "__arrow_c_stream__") and not isinstance(X, pa.Table | pa.RecordBatch):
        X = pa.table(X)
    if isinstance(X, pa.Table | pa.RecordBatch):
        return True, [(name, X.column(at)) for at, name in enumerate(X.schema.names)]
    if isinstance(X, Iterator):
        raise BadInput(f"A {_kind(X)} can be read once only, and fit and transform both read: give a list of it.")
    if not isinstance(X, Iterable) or hasattr(X, "tocsr"):
        raise BadInput(f"Give {_TAKEN}, not {_kind(X)}.")
    return False, [("x0", list(X))]


def _of_array(X: np.ndarray[Any, Any]) -> list[tuple[str, Any]]:
    if X.ndim not in (1, 2):
        raise BadInput(f"An array of shape {X.shape}: give one column, shape (rows,), or several, (rows, columns).")
    columns = [X] if X.ndim == 1 else list(X.T)
    return [(f"x{at}", np.ascontiguousarray(column)) for at, column in enumerate(columns)]


def _array(name: str, values: Any) -> pa.Array:
    if type(values).__module__.partition(".")[0] == "polars":  # its objects come out of to_arrow as addresses
        values = values.to_list() if str(values.dtype) == "Object" else values.to_arrow()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, str | bytes | Iterator) or not isinstance(values, Iterable):
        raise BadInput(f"Column {name!r} is {values!r}, a {_kind(values)}: a column is a list, one value a row.")
    if not hasattr(values, "dtype"):
        values = [list(value) if isinstance(value, frozenset) else value for value in values]
    try:
        made = pa.array(values, from_pandas=True)
    except UnicodeEncodeError as error:
        raise BadInput(
            f"Column {name!r}: {error.object!r} holds half a surrogate pair and is not valid Unicode."
        ) from error
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadInput(_why_not(name, list(values), error)) from error
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _why_not(name: str, values: list[Any], error: Exception) -> str:
    """What of a column Arrow could not take."""
    within = [(row, one) for row, value in enumerate(values) for one in _members(value) if not _is_missing(one)]
    whole = [(row, value) for row, value in enumerate(values) if not _is_missing(value)]
    for held in (whole, within):
        first = next(iter(held), None)
        other = next((one for one in held if first and type(one[1]) is not type(first[1])), None)
        if first and other:
            return (
                f"Column {name!r} mixes {_kind(first[1])} and {_kind(other[1])}: row {first[0]} holds {first[1]!r} and "
                f"row {other[0]} holds {other[1]!r} (the first row is 0). The categories of a column are of one type: "
                "give all of them as text, None where one is missing."
            )
    return f"Column {name!r} cannot be read ({error}). Give text, whole numbers, None where a value is missing."


def _members(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | np.ndarray) else ()


def _is_missing(value: Any) -> bool:
    return (
        value is None or (isinstance(value, float) and value != value) or type(value).__name__ in ("NAType", "NaTType")
    )


def _not_there(name: str, names: list[str]) -> str:
    meant = Vocabulary(names).nearest_spellings(name, k=1)
    hint = f" Did you mean {meant[0]!r}?" if meant else ""
    return f"There is no column {name!r}.{hint} The columns that are there: {', '.join(map(repr, names))}."


def _kind(value: Any) -> str:
    return type(value).__name__
