"""Numbers as inputs: by hand, in order, bounded, straight between quantiles; and what is no number."""

from __future__ import annotations

import datetime
import itertools
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.learn.neural.tables.number_columns import Bends, NumberColumn

ANY = st.floats(allow_nan=False, allow_infinity=False)
COLUMNS = st.lists(st.one_of(st.integers(-5, 5).map(float), st.floats(-1e3, 1e3), ANY), min_size=1, max_size=40)


def fitted(values, bins=4):
    return NumberColumn.fit("n", pa.array(values), bins)[0]


def inputs(column, values):
    return Bends.of([column]).inputs(column.encode(pa.array(values, pa.float64()))[:, None])


def test_by_hand():
    """0 … 100: the median 50, half of the way from the 5th to the 95th of a hundred 45, quantiles 0, 25, … 100."""
    column, scaled = NumberColumn.fit("n", pa.array(np.arange(101.0)), 4)
    assert (column.center, column.scale) == (50, 45)
    np.testing.assert_allclose(np.array(column.edges) * 45 + 50, [0, 25, 50, 75, 100], atol=1e-5)
    np.testing.assert_allclose(scaled * 45 + 50, np.arange(101), atol=1e-5)
    found = inputs(column, [0, 30, 100, 110, -10, -1000, 1000, None])
    right = [
        [0, 0, 0, 0],
        [1, 0.2, 0, 0],
        [1, 1, 1, 1],
        [1, 1, 1, 1.4],
        [-0.4, 0, 0, 0],
        [-1, 0, 0, 0],
        [1, 1, 1, 2],
        [1, 1, 0, 0],  # the median
    ]
    np.testing.assert_allclose(found, right, atol=1e-6)


@given(COLUMNS, st.lists(ANY, min_size=1, max_size=20), st.integers(1, 8))
def test_in_order_and_bounded(learnt, asked, bins):
    """Whatever was learnt and whatever is asked: no NaN, no overflow, larger numbers no smaller inputs."""
    column = fitted(learnt, bins)
    found = inputs(column, sorted(asked + learnt))
    assert found.shape[1] == max(len(column.edges) - 1, 0) <= bins
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=0) >= 0).all()
    assert ((found >= -1) & (found <= 2)).all()
    assert ((found[:, 1:] >= 0) & (found[:, :-1] <= 1)).all()
    assert column.edges == tuple(sorted(set(column.edges)))


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40), st.integers(1, 6), st.floats(0, 1))
def test_straight_between_quantiles(learnt, bins, share):
    column = fitted(learnt, bins)
    edges = np.array(column.edges, np.float64)
    bends = Bends.of([column])
    for at, (low, high) in enumerate(itertools.pairwise(edges)):
        between = np.float32(low + share * (high - low))
        right = np.repeat([1.0, (between - low) / (high - low), 0.0], [at, 1, len(edges) - 2 - at])
        np.testing.assert_allclose(bends.inputs(np.array([[between]]))[0], right, atol=1e-3)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.sampled_from([0.0, 1.0, 2.0])), min_size=2, max_size=30))
def test_columns_beside_each_other_are_what_each_is_alone(rows):
    columns = [fitted(values, bins) for values, bins in zip(zip(*rows, strict=True), (5, 3), strict=True)]
    numbers = np.column_stack(
        [column.encode(pa.array(v)) for column, v in zip(columns, zip(*rows, strict=True), strict=True)]
    )
    together = Bends.of(columns)
    found = together.inputs(numbers)
    assert together.width == found.shape[1]
    alone = [Bends.of([column]).inputs(numbers[:, at : at + 1]) for at, column in enumerate(columns)]
    np.testing.assert_array_equal(found, np.hstack(alone))


def test_whether_a_number_is_missing_is_an_input_where_some_were():
    whole, holey = fitted([1.0, 2.0, 3.0]), fitted([1.0, None, 3.0])
    assert (whole.has_missing, holey.has_missing) == (False, True)
    bends = Bends.of([whole, holey])
    found = bends.inputs(np.array([[np.nan, np.nan], [0, 0], [np.nan, 0], [0, np.nan]], np.float32))
    assert found[:, -1].tolist() == [1, 0, 0, 1]
    np.testing.assert_array_equal(found[0, :-1], found[1, :-1])  # the median
    assert bends.width == found.shape[1] == 2 * 4 + 1


def test_heavy_tails_keep_their_middle_apart():
    """Most are 0 … 9 and a few 10⁹: the quantiles still tell 3 from 4."""
    column = fitted([*np.tile(np.arange(10.0), 50), 1e9, 1e9], 10)
    found = inputs(column, [3.0, 4.0, 1e9])
    assert np.abs(found[0] - found[1]).max() > 0.5
    assert np.isfinite(found).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1e300])
def test_a_constant_says_nothing(value):
    column = fitted([value] * 7)
    assert (column.edges, column.scale) == ((), 1.0)
    assert inputs(column, [value, 5.0]).shape == (2, 0)
    assert column.encode(pa.array([value]))[0] == 0


def test_two_values():
    column = fitted([0.0] * 9 + [1.0])
    np.testing.assert_allclose(inputs(column, [0, 1, 2, -1]), [[0], [1], [2], [-1]], atol=1e-6)


def test_numbers_beyond_all_reckoning():
    column = fitted([1e308, -1e308, 0.0])
    assert np.isfinite(inputs(column, [1e308, -1e308, 5e-324])).all()
    far = fitted([0.0] * 3 + [0.1] * 50 + [1e300])
    assert np.isfinite(inputs(far, [1e308, -1e308, 0.1])).all()
    assert np.isfinite(far.encode(pa.array([1e308]))).all()
    close = fitted([-1.0] * 4 + [0, 1e-38, 2e-38] + [1.0] * 4, 10)
    assert np.diff(close.edges).min() > 1e-30
    near = fitted([0.0] * 20 + [5e-324, 1.0])
    assert np.isfinite(inputs(near, [1e308, -1e308, 5e-324])).all()


def test_no_columns():
    bends = Bends.of([])
    assert (bends.width, bends.inputs(np.empty((3, 0), np.float32)).shape) == (0, (3, 0))


def test_decimal_commas_are_remembered():
    """3 and 4 with a comma among those that were learnt; alone, 1.234 could be either."""
    column = fitted(["1.234,5", "2,5", "0,25"])
    assert column.decimal == ","
    again = NumberColumn.of(json.loads(json.dumps(column.described())))
    for one in (column, again):
        found = one.encode(pa.array(["1.234", "2,5"])) * one.scale + one.center
        np.testing.assert_allclose(found, [1234, 2.5], rtol=1e-6)
    with pytest.raises(BadInput, match=r"Column 'n', row 1 holds '4\.5', which is no number"):
        column.encode(pa.array(["1,5", "4.5"]))


def test_dates_are_days():
    first = datetime.date(2026, 1, 1)
    column = fitted([first, first + datetime.timedelta(10)], 1)
    assert (column.center, column.scale) == ((first - datetime.date(1970, 1, 1)).days + 5, 4.5)
    for same in (["2026-01-06"], np.array(["2026-01-06"], "datetime64[s]")):
        assert column.encode(pa.array(same))[0] == 0


@given(COLUMNS, st.booleans())
def test_described_as_json_and_back(learnt, missing):
    column = fitted(learnt + [None] * missing)
    again = NumberColumn.of(json.loads(json.dumps(column.described())))
    for name in NumberColumn.__slots__:
        assert getattr(again, name) == getattr(column, name)


def test_what_is_no_number():
    with pytest.raises(BadInput, match=r"Column 'n', row 1 holds inf, an infinite number"):
        fitted([1.0, float("inf")])
    with pytest.raises(BadInput, match=r"Column 'n', row 0 holds -inf, an infinite number"):
        fitted([1.0, 2.0]).encode(pa.array([float("-inf")]))
    with pytest.raises(BadInput, match=r"Column 'n', row 2 holds 'much', which is no number .* Name the column in cat"):
        fitted(["1", "2", "much"])
    with pytest.raises(BadInput, match=r"Column 'n' holds no number: its 2 rows are missing\. Leave it out\."):
        fitted([None, float("nan")])
