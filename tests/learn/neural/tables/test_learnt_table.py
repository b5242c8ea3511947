"""The network in NumPy is the one that was learnt in PyTorch, and takes only arrays that fit."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.small_tables import all_rows, choices, kernels_of, learnt, network_of, plain_table, small_tables
from jari.errors import BadInput
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.learnt_table import LearntTable, width_of

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@given(
    small_tables(),
    st.lists(st.integers(1, 5), max_size=3).map(tuple),
    st.integers(1, 3),
    st.sampled_from(["gelu", "relu", "tanh"]),
)
def test_it_is_the_network(table, hidden, outputs, activation):
    """Any mix of columns, of PyTorch and of the kernels."""
    made = network_of(table, hidden=hidden, outputs=outputs, activation=activation)
    with torch.no_grad():
        right = made.outputs(all_rows(table.rows), learning=False).numpy()
    found = learnt(made).outputs(table.rows)
    assert found.dtype == np.float32
    assert learnt(made).row(table.rows).shape == (len(table.rows), width_of(table.encoding))
    np.testing.assert_allclose(found, right, atol=1e-5, rtol=1e-5)
    kernels = kernels_of(table, hidden=hidden, outputs=outputs, activation=activation)
    x, _ = kernels._inputs(np.arange(len(table.rows)), learning=False)
    np.testing.assert_allclose(kernels._outputs(x, learning=False)[0], right, atol=1e-5, rtol=1e-5)


def test_many_rows_are_what_each_is():
    """More than are taken at once, and none."""
    table, _ = plain_table(5000)
    made = learnt(network_of(table))
    whole = made.outputs(table.rows)
    np.testing.assert_allclose(whole[4090:4100], made.outputs(table.rows.slice(4090, 4100)), atol=1e-6)
    assert made.outputs(table.rows.slice(0, 0)).shape == (0, 2)


def test_by_hand():
    """A linear model over one category of two numbers: [1, 2] · [10, 100] + 0.5."""
    encoding, rows = TableEncoding.fit({"c": pa.array(["a", "b", "a"])}, choices(dims=2), named=True)
    vectors = {"c": np.array([[1, 2], [3, 4], [5, 6]], np.float32)}
    arrays = {"linear_weights": np.array([[10], [100]], np.float32), "linear_bias": np.array([0.5], np.float32)}
    made = LearntTable.of(encoding, vectors, arrays, hidden=(), outputs=1, activation="relu")
    assert made.outputs(rows)[:, 0].tolist() == [210.5, 430.5, 210.5]
    arrays |= {"hidden0_weights": np.array([[1], [-1]], np.float32), "hidden0_bias": np.array([2], np.float32)}
    arrays |= {"output_weights": np.array([[1000]], np.float32)}
    made = LearntTable.of(encoding, vectors, arrays, hidden=(1,), outputs=1, activation="relu")
    assert made.outputs(rows)[:, 0].tolist() == [1210.5, 1430.5, 1210.5]


def test_arrays_that_do_not_fit():
    table, _ = plain_table()
    made = learnt(network_of(table, hidden=(5,)))

    def of(vectors, arrays):
        return LearntTable.of(table.encoding, vectors, arrays, hidden=(5,), outputs=2, activation="gelu")

    vectors, arrays = dict(made.vectors), dict(made.arrays)
    assert of(vectors, arrays).outputs(table.rows).shape == (200, 2)
    for name in arrays:
        with pytest.raises(BadInput, match="arrays of shapes"):
            of(vectors, {other: array for other, array in arrays.items() if other != name})
        with pytest.raises(BadInput, match="arrays of shapes"):
            of(vectors, arrays | {name: arrays[name][:-1]})
    with pytest.raises(BadInput, match="arrays of shapes"):
        of(vectors, arrays | {"hidden1_bias": arrays["hidden0_bias"]})
    for name, array in vectors.items():
        with pytest.raises(BadInput, match=re.escape(f"{name!r} has vectors of shape")):
            of(vectors | {name: array[:-1]}, arrays)
