from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jari.errors import BadInput
from jari.learn.neural.tables.target_column import TargetColumn


def of(values: Any, task: Any = None) -> TargetColumn:
    column = values if isinstance(values, pa.Array) else pa.array(values)
    return TargetColumn.of({"x": pa.array(range(len(column))), "y": column}, "y", task)


@pytest.mark.parametrize(
    ("values", "task", "kind"),
    [
        (["1", "2", "3.5"], "regression", "f"),
        ([1, 2, 3], "regression", "f"),
        (["$86.00", "$1,200.00", "$5"], "regression", "f"),
        (["0", "1", "0"], "binary", "O"),
        ([0.0, 1.0, 0.0], "binary", "f"),
        ([True, False, True], "binary", "b"),
        (["a", "b", "c", "a"], "multiclass", "O"),
        (["020", "060", "190"], "multiclass", "O"),  # codes
        (list(range(200)), "regression", "f"),  # though it may be an identifier
    ],
)
def test_the_task_is_by_the_values(values: list[Any], task: str, kind: str) -> None:
    found = of(values)
    assert (found.task, found.values.dtype.kind) == (task, kind)
    assert len(found.values) == len(values)


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_rows_without_it_are_left_out_and_counted(task: str) -> None:
    found = of(["1", None, "NA", "3", " "], task)
    assert found.left_out == 3
    assert [float(one) for one in found.values] == [1, 3]
    assert list(found.table) == ["x"]
    assert found.table["x"].to_pylist() == [0, 3]


def test_numbers_that_are_missing_as_nan() -> None:
    found = of(np.array([1.0, np.nan, 3.0, 4.0]))
    assert (found.left_out, found.values.tolist()) == (1, [1.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("values", "task", "said"),
    [
        ([None, "NA", ""], None, "The target 'y' is missing in every row"),
        (["1", "free", "3", "4"], None, "The target: Column 'y', row 2 holds 'free', which is no number .*--task"),
        (["a", "b", "c"], "regression", "row 1 holds 'a', which is no number"),
        (["1.5", "1,5", "2"], "regression", "writes fractions in two ways"),
        ([f"name {at}" for at in range(30)], None, "30 different texts in 30 rows: hardly one comes twice"),
    ],
)
def test_what_cannot_be_foretold(values: list[Any], task: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said) as raised:
        of(values, task)
    assert "categorical=" not in str(raised.value)
