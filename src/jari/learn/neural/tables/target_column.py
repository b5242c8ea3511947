"""`TargetColumn`: the column of a table that is to be foretold, and what is left to foretell it from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.errors import BadInput
from jari.ingest.column_kinds import kind_of
from jari.ingest.table_numbers import Numbers, are_numbers, is_text, numbers_of, without_missing

Task: TypeAlias = Literal["regression", "binary", "multiclass"]

_LOOKED_AT: Final = 1000  # cells, to tell numbers with a slip among them from names
_MOSTLY: Final = 0.5
_FEW: Final = 20  # of so many rows, half may well be classes of their own


@dataclass(frozen=True, slots=True, eq=False)
class TargetColumn:
    """A table taken apart.

    Parameters
    ----------
    name
        Of the column.
    values
        Of each row that has one: float64, or classes; shape (rows,).
    task
        As `EntityEmbedder` takes it.
    table
        All other columns, of the same rows.
    left_out
        How many rows had no value.
    """

    name: str
    values: npt.NDArray[Any]
    task: Task
    table: dict[str, pa.Array]
    left_out: int

    @classmethod
    def of(cls, table: Mapping[str, pa.Array], name: str, task: Task | None = None) -> TargetColumn:
        """Take it out of a table, without the rows that lack it.

        Parameters
        ----------
        task
            None is by the values: two of them are two classes, also where they are numbers; numbers are numbers; names
            are classes.

        Raises
        ------
        BadInput
            All rows lack it; it is a number in most rows and text in others; names that hardly come twice.

        Examples
        --------
        >>> TargetColumn.of({"x": pa.array([1, 2, 3]), "y": pa.array(["$5", None, "$7.50"])}, "y", "regression").values
        array([5. , 7.5])
        """
        column = table[name]
        column = without_missing(column) if is_text(column.type) else column
        if column.null_count == len(column):
            raise BadInput(f"The target {name!r} is missing in every row: there is nothing to learn from.")
        chosen = _task_of(name, column) if task is None else task
        values: npt.NDArray[Any]
        if chosen == "regression":
            values = _numbers(name, column)
            there = ~np.isnan(values)
        else:
            there = np.asarray(pc.is_valid(column))
            values = column.filter(pa.array(there)).to_numpy(zero_copy_only=False)
        mask = pa.array(there)
        rows = {other: cells.filter(mask) for other, cells in table.items() if other != name}
        return cls(name, values[there] if len(values) == len(there) else values, chosen, rows, int((~there).sum()))


def _task_of(name: str, column: pa.Array) -> Task:
    distinct = pc.unique(column.drop_null())
    if pa.types.is_boolean(column.type) or len(distinct) == 2:
        return "binary"
    if kind_of(name, column) in ("numeric", "identifier", "constant") and (
        not is_text(column.type) or are_numbers(column)
    ):
        return "regression"
    if not is_text(column.type):
        return "multiclass"
    some = distinct.slice(0, _LOOKED_AT)
    numbers = sum(are_numbers(some.slice(at, 1)) for at in range(len(some)))
    if numbers > _MOSTLY * len(some):
        _numbers(name, column)  # which says the cell that is none
    rows = len(column) - column.null_count
    if rows > _FEW and len(distinct) > _MOSTLY * rows:
        raise BadInput(
            f"The target {name!r} holds {len(distinct):,} different texts in {rows:,} rows: hardly one comes twice, so "
            "none can be foretold. Give another target, or say task='multiclass' (on the command line --task "
            "multiclass)."
        )
    return "multiclass"


def _numbers(name: str, column: pa.Array) -> Numbers:
    try:
        return numbers_of(name, column, first=1)
    except BadInput as error:
        reason = re.sub(r"[^.]*categorical=.*$", "", str(error))
        raise BadInput(
            f"The target: {reason} Correct the cell (leave it empty where the value is missing), or say "
            "task='multiclass' (on the command line --task multiclass) where classes are meant."
        ) from error
