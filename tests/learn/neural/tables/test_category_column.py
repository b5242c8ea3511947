"""Categories as rows: their order, what is unknown and missing, names that mean either, and types."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.learn.neural.tables.category_column import CategoryColumn, dim_for

CELLS = st.lists(st.one_of(st.none(), st.sampled_from(["", "<unknown>", "<missing>", "a"]), st.text(max_size=3)))


def fitted(values, *, min_count=1, dim=2):
    values = values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
    return CategoryColumn.fit("c", values, min_count=min_count, dim=dim)


def said(column):
    return dict(zip(column.vocabulary.keys, column.vocabulary.counts.tolist(), strict=True))


def test_the_most_frequent_first_then_by_name_then_unknown_and_missing():
    column, rows = fitted(["b", "c", None, "a", "c", "é", "🙂"])
    assert list(said(column).items()) == [
        ("c", 2),
        ("a", 1),
        ("b", 1),
        ("é", 1),
        ("🙂", 1),
        ("<unknown>", 0),
        ("<missing>", 1),
    ]
    assert rows.tolist() == [2, 0, 6, 1, 0, 3, 4]
    assert rows.dtype == np.int32
    assert (column.unknown, column.has_missing) == (5, True)


def test_rare_ones_are_unknown():
    column, rows = fitted(["a", "b", "a", None, "c"], min_count=2)
    assert said(column) == {"a": 2, "<unknown>": 2, "<missing>": 1}
    assert rows.tolist() == [0, 1, 0, 2, 1]


def test_what_comes_later_is_unknown_and_so_is_what_is_missing_where_nothing_was():
    column, _ = fitted(["a", "b"])
    assert not column.has_missing
    assert column.encode(pa.array(["b", "z", None, ""])).tolist() == [1, 2, 2, 2]
    holey, _ = fitted(["a", None])
    assert holey.encode(pa.array([None, "", "z", "a"])).tolist() == [2, 2, 1, 0]
    assert holey.encode(pa.nulls(2)).tolist() == [2, 2]


def test_names_of_our_own_in_the_data_mean_what_they_say():
    """No key stands twice, and nothing is counted as a category of that name."""
    column, rows = fitted(["<unknown>", "<missing>", "a", None])
    assert said(column) == {"a": 1, "<unknown>": 1, "<missing>": 2}
    assert rows.tolist() == [1, 2, 0, 2]
    assert said(fitted(["<unknown>", "a"])[0]) == {"a": 1, "<unknown>": 1}


@given(CELLS, CELLS, st.integers(1, 3))
def test_as_a_plain_one_counts(cells, asked, min_count):
    names = ["<missing>" if cell in (None, "") else cell for cell in cells]
    counts = Counter(names)
    kept = {n: count for n, count in counts.items() if count >= min_count and n not in ("<unknown>", "<missing>")}
    values = pa.array(cells, pa.string())
    if not kept:
        with pytest.raises(BadInput, match="no category"):
            fitted(values, min_count=min_count)
        return
    column, rows = fitted(values, min_count=min_count)
    keys = sorted(kept, key=lambda name: (-kept[name], name)) + ["<unknown>"] + ["<missing>"] * ("<missing>" in names)
    assert list(column.vocabulary.keys) == keys
    place = {key: row for row, key in enumerate(keys)}
    unknown = place["<unknown>"]
    assert rows.tolist() == [place.get(name, unknown) for name in names]
    np.testing.assert_array_equal(np.bincount(rows, minlength=len(keys)), column.vocabulary.counts)
    np.testing.assert_array_equal(column.encode(values), rows)
    later = ["<missing>" if cell in (None, "") else cell for cell in asked]
    assert column.encode(pa.array(asked, pa.string())).tolist() == [place.get(name, unknown) for name in later]


def test_codes_are_the_same_as_whole_and_as_real_numbers():
    """What pandas makes of whole numbers where one is missing."""
    column, rows = fitted(pd.Series([12, 3, None, 12]))
    assert list(column.vocabulary.keys) == ["12", "3", "<unknown>", "<missing>"]
    assert rows.tolist() == [0, 1, 3, 0]
    for same in ([12, 3], [12.0, 3.0], ["12", "3"]):
        assert column.encode(pa.array(same)).tolist() == [0, 1]
    assert column.encode(pa.array([12.5, float("nan"), -0.0])).tolist() == [2, 3, 2]


def test_booleans_and_categoricals_of_pandas():
    column, rows = fitted([True, False, None, False])
    assert list(column.vocabulary.keys) == ["false", "true", "<unknown>", "<missing>"]
    assert rows.tolist() == [1, 0, 3, 0]
    sizes = pd.Categorical(["S", "M", None, "S"], categories=["XL", "M", "S"])
    column, rows = fitted(sizes)
    assert list(column.vocabulary.keys) == ["S", "M", "<unknown>", "<missing>"]  # XL was never there
    assert rows.tolist() == [0, 1, 3, 0]
    assert column.encode(pa.array(["M", "XL"])).tolist() == [1, 2]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_every_kind_of_string(kind):
    column, rows = fitted(pa.array(["b", "a", "b", None], kind))
    assert rows.tolist() == column.encode(pa.array(["b", "a", "b", None], kind)).tolist() == [0, 1, 0, 3]


def test_200_000_categories_without_a_list_of_them():
    values = pa.array([f"user {row}" for row in range(200_000)])
    start = time.perf_counter()
    column, rows = fitted(values)
    np.testing.assert_array_equal(column.encode(values), rows)
    assert time.perf_counter() - start < 1
    assert len(column.vocabulary) == 200_001
    tracemalloc.start()  # sees Python's objects and NumPy's arrays, but not Arrow's
    column.encode(values)
    fitted(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 200_000  # a list of as many strings of Python takes 65 bytes for each, beside the arrays


@pytest.mark.parametrize(("n", "dim"), [(1, 2), (2, 2), (3, 3), (25, 10), (365, 44), (10**6, 50)])
def test_the_rule_of_thumb(n, dim):
    assert dim_for(n) == dim
    if n < 1000:
        assert fitted([f"{at}" for at in range(n)], dim=None)[0].dim == dim


def test_no_categories():
    with pytest.raises(BadInput, match=r"Column 'c' holds no category: its 3 rows are missing\. Leave it out\."):
        fitted(pa.nulls(3))
    with pytest.raises(BadInput, match=r"Column 'c' holds no category: its 2 rows are missing\."):
        fitted(["<missing>", ""])
    with pytest.raises(
        BadInput, match=r"'c': no category is there min_count=3 times or more \(most frequent: 'a', 2\)"
    ):
        fitted(["b", "a", "a"], min_count=3)
    with pytest.raises(BadInput, match=r"Column 'c', row 0 holds \['a'\], a list: one category is due"):
        fitted([["a"], ["b"]])
    with pytest.raises(BadInput, match=r"Column 'c' is of type binary: .* Please decode them to text"):
        fitted([b"a", b"b"])
