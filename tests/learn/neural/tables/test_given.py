"""What is taken for a table, and what is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from jari.errors import BadInput
from jari.learn.neural.tables.given import table_of

ROWS = [["a", 1.5], ["b", None], [None, 2.5]]


class Wrapped:
    """What is only known to give an array, such as a tensor."""

    def __init__(self, rows):
        self.rows = rows

    def __array__(self, dtype=None, copy=None):
        return np.array(self.rows, dtype=dtype or object)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda rows: rows, False),
        (lambda rows: [tuple(row) for row in rows], False),
        (lambda rows: np.array(rows, dtype=object), False),
        (Wrapped, False),
        (lambda rows: pd.DataFrame(rows, columns=["x0", "x1"]), True),
        (lambda rows: pytest.importorskip("polars").DataFrame(rows, schema=["x0", "x1"], orient="row"), True),
        (lambda rows: pa.table({"x0": ["a", "b", None], "x1": [1.5, None, 2.5]}), True),
        (lambda rows: {"x0": ["a", "b", None], "x1": np.array([1.5, np.nan, 2.5])}, True),
    ],
)
def test_tables_of_all_kinds_are_the_same_columns(make, named):
    given = table_of(make(ROWS))
    assert (given.named, given.rows) == (named, 3)
    assert {name: values.to_pylist() for name, values in given.arrays.items()} == {
        "x0": ["a", "b", None],
        "x1": [1.5, None, 2.5],
    }


def test_arrays_of_text_hold_numbers_as_they_are_written():
    given = table_of(np.array([["a", "1"], ["b", "2"]]))
    assert given.arrays["x1"].to_pylist() == ["1", "2"]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("store", r"Give a table of pandas, .*, not one string \('store'\)\."),
        (["a", "b"], r"Expected 2D array, got 1D array instead.* one column is X\.reshape\(-1, 1\)"),
        ([{"store": "a"}], r"Expected 2D array, got 1D array instead"),
        (np.arange(3), r"Expected 2D array, got 1D array instead.*Reshape your data"),
        (np.zeros((2, 2, 2)), r"Expected 2D array, got 3D array instead"),
        (pd.Series(["a", "b"]), r"got 1D Series instead.* X\.to_frame\(\), one row .* X\.to_frame\(\)\.T"),
        (pa.array(["a"]), r"got 1D StringArray instead"),
        (3, r"Give a list, a dict of columns, .*, not int\."),
        (None, r"not NoneType\."),
        (iter([["a"]]), r"can be read once only"),
        (csr_array(np.eye(3)), r"Sparse data was passed, and a table is due"),
        ([["a", 1], ["b"]], r"not of one length|Expected 2D array"),
        (np.ones((3, 1)) * 1j, r"Complex data not supported: X holds complex numbers\. Give their parts as columns\."),
        ([[1j], [2]], r"Complex data not supported"),
        (
            np.empty((0, 2)),
            r"Found array with 0 sample\(s\), while a minimum of 1 is required: the table has no rows\.",
        ),
        (np.empty((2, 0)), r"0 feature\(s\) \(shape=\(2, 0\)\) while a minimum of 1 is required\."),
        ({}, r"The dict has no columns"),
        ({"a": [1, 2], "b": [1]}, r"Column 'b' has 1 rows, but 'a' has 2"),
        ({"a": "text"}, r"Column 'a' is 'text', a str: a column is a list"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"Two columns are called 'a': names must differ\. Rename one"),
        (pa.table([[1], [2]], names=["a", "a"]), r"Two columns are called 'a'"),
        (pd.DataFrame([[1, 2]], columns=[0, "0"]), r"Two columns are called '0'"),
        ({"a": ["x", 1]}, r"Column 'a' mixes str and int: row 0 holds 'x' and row 1 holds 1"),
    ],
)
def test_what_is_no_table_is_refused(X, message):
    with pytest.raises(BadInput, match=message):
        table_of(X)


def test_a_series_of_polars_is_no_table_either():
    with pytest.raises(BadInput, match="got 1D Series instead"):
        table_of(pytest.importorskip("polars").Series(["a", "b"]))


def test_columns_go_by_their_names_where_both_have_some():
    given = table_of({"b": [1], "a": [2]})
    assert given.lined_up("Learner", ["a", "b"], named=True) is given.arrays
