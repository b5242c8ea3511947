"""Targets: numbers and classes, read, told apart and taken back."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.learn.neural.tables.targets import Amounts, Classes, target_learnt, target_of

NUMBERS = st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=30).filter(lambda y: np.ptp(y) > 1e-3 * max(y))


@given(NUMBERS, st.sampled_from([None, "log", "log1p"]))
def test_numbers_come_back_as_they_were(y, transform):
    target, values = Amounts.fit(y, transform)
    assert values.dtype == np.float32
    assert abs(values.mean()) < 1e-4
    assert values.std() == pytest.approx(1, rel=1e-4)
    np.testing.assert_allclose(target.predicted(values[:, None]), y, rtol=1e-3, atol=1e-4 * max(y))


@pytest.mark.parametrize(
    "y",
    [
        [1, 2, 4],
        (1.0, 2.0, 4.0),
        np.array([[1], [2], [4]]),
        np.array([1, 2, 4], dtype=object),
        pd.Series([1, 2, 4], dtype="Int64"),
        pd.DataFrame({"price": [1, 2, 4]}),
        pa.array([1, 2, 4]),
        pa.chunked_array([[1, 2], [4]]),
        ["$1", "$2", "$4.00"],
    ],
)
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_numbers_of_all_kinds(y):
    target, values = Amounts.fit(y, None)
    assert target.mean == pytest.approx(7 / 3)
    assert values.shape == (3,)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, r"requires y to be passed, but the target y is None"),
        ([3.0, 3.0], r"The target is 3\.0 in every row, a constant: there is nothing to foretell\. Give the column"),
        ([1e9, 1e9], r"The target is 1000000000\.0 in every row"),
        ([3], r"1 sample \(n_samples = 1\): from the target 3 alone nothing is learnt\."),
        (
            [1.0, float("nan")],
            r"Input y contains NaN: the target of row 1 is missing or no finite.* Leave such rows out\.",
        ),
        ([1.0, None], r"Input y contains NaN: the target of row 1 "),
        (pd.Series([1, None, 3], dtype="Int64"), r"Input y contains NaN: the target of row 1 "),
        (pa.array([1, None, 3]), r"Input y contains NaN: the target of row 1 "),
        (["1", "", "3"], r"Input y contains NaN: the target of row 1 "),
        ([float("inf"), 1.0], r"Input y contains infinity: the target of row 0 "),
        (["1", "two"], r"foretells numbers: the target, row 1 holds 'two', which is no number\. Correct it, or choose"),
        ([[1, 2], [3, 4]], r"The target has shape \(2, 2\): give one value a row\."),
        (3.0, r"The target is one float: give one value a row, such as a column of the table\."),
        ("price", r"The target is one str: give one value a row"),
        (
            [1e300, -1e300],
            r"holds numbers up to 1e\+300, whose squares are no numbers any more\. Give it in larger units",
        ),
        ([1j, 2j], r"Complex data not supported"),
    ],
)
def test_bad_numbers(y, message):
    with pytest.raises(BadInput, match=message):
        target_learnt(y, "regression", None)


@pytest.mark.parametrize(
    ("transform", "y", "message"),
    [
        (
            "log",
            [1, 2, 0],
            r"target of row 2 is 0, and only numbers above 0 .* Leave the row out, .* or target_transform='log1p'",
        ),
        ("log", [1, 2, -5], r"the target of row 2 is -5, .* choose target_transform=None\.$"),
        ("log1p", [1, -1, 3], r"the target of row 1 is -1, and only numbers above -1"),
    ],
)
def test_numbers_without_a_logarithm(transform, y, message):
    with pytest.raises(BadInput, match=message):
        Amounts.fit(y, transform)


@pytest.mark.parametrize(
    ("y", "classes", "codes"),
    [
        (["b", "a", "b"], ["a", "b"], [1, 0, 1]),
        ([True, False, True], [False, True], [1, 0, 1]),
        ([7, 3, 5], [3, 5, 7], [2, 0, 1]),
        (pd.Series(["b", "a", "b"], dtype="category"), ["a", "b"], [1, 0, 1]),
        (pd.Series(["b", "a", "b"], dtype="string"), ["a", "b"], [1, 0, 1]),
        (pd.Series([7, 3, 5], dtype="Int64"), [3, 5, 7], [2, 0, 1]),
        (pa.array(["b", "a", "b"]), ["a", "b"], [1, 0, 1]),
    ],
)
def test_classes_are_sorted_and_numbered(y, classes, codes):
    target, numbered = Classes.fit(y, "multiclass")
    assert target.classes.tolist() == classes
    assert numbered.tolist() == codes
    assert target.outputs == (1 if len(classes) == 2 else len(classes))


def test_classes_that_are_seen_once_are_counted():
    assert Classes.fit(list("aabcd"), "multiclass")[0].statistics == {"classes seen once": 3}
    assert Amounts.fit([1, 2], None)[0].statistics == {}


def test_series_of_polars():
    series = pytest.importorskip("polars").Series
    assert Amounts.fit(series([1, 2, 4]), None)[0].mean == pytest.approx(7 / 3)
    assert Classes.fit(series(["b", "a", "b"]), "binary")[1].tolist() == [1, 0, 1]
    with pytest.raises(BadInput, match="Input y contains NaN: the target of row 1 "):
        Amounts.fit(series([1, None, 3]), None)


def test_chances_follow_from_scores():
    two = Classes.fit(["a", "b"], "binary")[0]
    np.testing.assert_allclose(two.probabilities(np.array([[np.log(3)]], np.float32)), [[0.25, 0.75]], rtol=1e-6)
    three = Classes.fit(list("abc"), "multiclass")[0]
    scores = np.log(np.array([[1, 2, 5]], np.float32))
    np.testing.assert_allclose(three.probabilities(scores), [[0.125, 0.25, 0.625]], rtol=1e-6)
    assert np.isfinite(three.probabilities(np.array([[1e30, -1e30, 0]], np.float32))).all()


@pytest.mark.parametrize(
    ("task", "y", "message"),
    [
        (
            "binary",
            list("abc"),
            r"task='binary' is for two classes, and the target has 3: 'a', 'b', 'c'\. Choose task='mu",
        ),
        ("binary", list("abcd"), r"the target has 4: 'a', 'b', 'c', …"),
        ("multiclass", [0.5, 1.0], r"Unknown label type: continuous.* such as 0\.5: choose task='regression'\."),
        ("multiclass", list("aaa"), r"The target is 'a' in every row, one class: there is nothing to foretell\."),
        ("binary", ["a"], r"1 sample \(n_samples = 1\)"),
        ("multiclass", ["a", None], r"Input y contains NaN: the target of row 1 is missing\. Leave such rows out\."),
        ("multiclass", [1.0, float("nan")], r"the target of row 1 is missing"),
        ("multiclass", pd.Series(["a", None, "b"], dtype="string"), r"the target of row 1 is missing"),
        ("multiclass", pd.Series([True, None, False], dtype="boolean"), r"the target of row 1 is missing"),
        ("multiclass", [1.0, float("inf")], r"Input y contains infinity: the target of row 1 is no class"),
        ("multiclass", np.array(["a", 1], dtype=object), r"The target mixes types.* give all of it as text"),
    ],
)
def test_bad_classes(task, y, message):
    with pytest.raises(BadInput, match=message):
        target_learnt(y, task, None)


def test_targets_are_taken_back_from_json():
    amounts, _ = Amounts.fit([1.0, 2.0], "log")
    assert target_of(json.loads(json.dumps(amounts.described())), "regression") == amounts
    classes, _ = Classes.fit(list("abc"), "multiclass")
    again = target_of(json.loads(json.dumps(classes.described())), "multiclass")
    assert (again.classes.tolist(), again.outputs) == (["a", "b", "c"], 3)
