"""Encoders of categories: what they give, what they do with the unknown and the missing, and what they refuse."""

from __future__ import annotations

import datetime
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, OneHotEncoder

import jari
from jari.errors import BadInput, NotLearntYet
from jari.ingest.categories import (
    MISSING,
    UNKNOWN,
    CategoryEncoder,
    LabelCategories,
    MultiHotCategories,
    OneHotCategories,
    OrdinalCategories,
)
from jari.ingest.categories.columns import columns_of

SCHOOLS = ["초졸", "중졸", "고졸", "대졸"]
ONE_A_ROW = [LabelCategories(), OrdinalCategories(["a", "b"]), OneHotCategories()]
ALL = [*ONE_A_ROW, MultiHotCategories(separator="|")]
named = pytest.mark.parametrize("encoder", ALL, ids=lambda encoder: type(encoder).__name__)
one_a_row = pytest.mark.parametrize("encoder", ONE_A_ROW, ids=lambda encoder: type(encoder).__name__)


def column(values: Any) -> list[Any]:
    """The only column of what an encoder gave."""
    assert values.shape[1] == 1
    return list(values[:, 0])


# ── what they give


def test_labels_are_ordered_by_count_then_name() -> None:
    encoder = LabelCategories().fit(["c", "b", "a", "c"])
    assert list(encoder.vocabulary_) == ["c", "a", "b", UNKNOWN, MISSING]
    assert encoder.vocabulary_.counts is not None
    assert encoder.vocabulary_.counts.tolist() == [2, 1, 1, 0, 0]
    assert encoder.transform(["a", "c"]).dtype == np.int64


def test_ranks_follow_the_order_given_whatever_is_frequent() -> None:
    encoder = OrdinalCategories(SCHOOLS).fit(["대졸", "대졸", "초졸"])
    assert column(encoder.transform(["초졸", "중졸", "고졸", "대졸"])) == [0, 1, 2, 3]
    assert encoder.vocabulary_.counts is not None
    assert encoder.vocabulary_.counts.tolist() == [1, 0, 0, 2, 0, 0]


def test_an_order_by_column_chooses_the_columns() -> None:
    table = {"학력": ["고졸", "초졸"], "이름": ["가", "나"], "만족도": ["상", "하"]}
    encoder = OrdinalCategories({"만족도": ["하", "중", "상"], "학력": SCHOOLS})
    assert encoder.fit_transform(table).tolist() == [[2, 2], [0, 0]]
    assert encoder.get_feature_names_out().tolist() == ["만족도", "학력"]


def test_one_order_serves_all_columns() -> None:
    assert OrdinalCategories(["no", "yes"]).fit_transform({"q1": ["yes"], "q2": ["no"]}).tolist() == [[1, 0]]


def test_an_order_of_numbers_is_one_too() -> None:
    assert column(OrdinalCategories([0.5, 1, 1.5]).fit_transform([1.5, 0.5, 1.0])) == [2, 0, 1]


def test_an_ordered_categorical_brings_its_order() -> None:
    values = pd.Series(pd.Categorical(["hi", "lo", None], categories=["lo", "hi"], ordered=True))
    assert column(OrdinalCategories().fit_transform(values)) == [1, 0, 3]


def test_an_enum_of_polars_brings_its_order() -> None:
    polars = pytest.importorskip("polars")
    values = polars.Series(["a", "b"], dtype=polars.Enum(["b", "c", "a"]))
    assert column(OrdinalCategories().fit_transform(values)) == [2, 0]


def test_ranks_can_leave_out_what_has_none() -> None:
    encoder = OrdinalCategories(SCHOOLS, unknown="nan", missing="nan").fit(["고졸"])
    found = column(encoder.transform(["대졸", "박사", None]))
    assert found[0] == 3
    assert np.isnan(found[1:]).all()
    assert column(encoder.inverse_transform([[3], [np.nan]])) == ["대졸", None]


def test_one_hot_is_what_scikit_learn_makes_of_what_was_seen() -> None:
    table = pd.DataFrame({"colour": list("rgbr"), "size": ["S", "M", "S", "S"]})
    matrix = OneHotCategories().fit_transform(table)
    assert isinstance(matrix, csr_array)
    assert matrix.dtype == np.float32
    order = [["r", "b", "g"], ["S", "M"]]
    expected = OneHotEncoder(categories=order).fit_transform(table).toarray()
    np.testing.assert_array_equal(matrix.toarray()[:, [0, 1, 2, 5, 6]], expected)
    assert matrix.sum() == 8


@given(st.lists(st.lists(st.sampled_from("abcdefg")), min_size=1).filter(any))
def test_multi_hot_is_what_scikit_learn_makes_of_what_was_seen(cells: list[list[str]]) -> None:
    encoder = MultiHotCategories()
    matrix = encoder.fit_transform(cells)
    assert isinstance(matrix, csr_array)
    keys = list(encoder.vocabulary_)[:-2]
    expected = MultiLabelBinarizer(classes=keys).fit_transform(cells)
    np.testing.assert_array_equal(matrix.toarray()[:, :-2], expected)
    assert matrix[:, -2:].nnz == 0
    assert [set(cell) for cell in column(encoder.inverse_transform(matrix))] == [set(cell) for cell in cells]


@pytest.mark.parametrize(
    "cells",
    [
        [["a", "b"], ["a"], [], None],
        [("a", "b"), ("a",), (), None],
        [{"a", "b"}, {"a"}, set(), None],
        [frozenset("ab"), frozenset("a"), frozenset(), None],
        pd.Series([np.array(["a", "b"]), ["a"], [], float("nan")]),
        pa.array([["a", "b"], ["a"], [], None]),
        pa.chunked_array([[["a", "b"], ["a"]], [[], None]]),
        {"seen": [["a", "b"], ["a"], [], None]},
    ],
    ids=lambda cells: type(cells).__name__,
)
def test_cells_of_many_are_lists_of_any_kind(cells: Any) -> None:
    encoder = MultiHotCategories()
    assert encoder.fit_transform(cells).toarray().tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert column(encoder.inverse_transform(encoder.transform(cells))) == [["a", "b"], ["a"], [], None]


def test_cells_of_text_are_split_and_spaces_stay() -> None:
    encoder = MultiHotCategories(separator="|").fit(["a|b", "a", " a", "", None, "a|"])
    assert list(encoder.vocabulary_) == ["a", " a", "b", UNKNOWN, MISSING]
    assert encoder.transform(["b|b|?|!", "", "a|"]).toarray().tolist() == [
        [0, 0, 1, 1, 0],
        [0, 0, 0, 0, 1],
        [1, 0, 0, 0, 1],
    ]
    assert encoder.unseen(["?|!|?", "a"]) == {"x0": {"?": 2, "!": 1}}


def test_several_columns_of_many_stand_side_by_side() -> None:
    encoder = MultiHotCategories(separator="|")
    matrix = encoder.fit_transform({"genres": ["a|b", "a"], "tags": ["x", "y"]})
    assert encoder.get_feature_names_out().tolist() == [
        *("genres=a", "genres=b", "genres=<unknown>", "genres=<missing>"),
        *("tags=x", "tags=y", "tags=<unknown>", "tags=<missing>"),
    ]
    assert matrix.toarray().tolist() == [[1, 1, 0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 0, 1, 0, 0]]
    assert encoder.inverse_transform(matrix).tolist() == [[["a", "b"], ["x"]], [["a"], ["y"]]]


# ── the unknown and the missing


def missing_values() -> list[Any]:
    return [None, float("nan"), pd.NA, pd.NaT, np.nan, ""]


@one_a_row
@pytest.mark.parametrize("absent", missing_values(), ids=repr)
def test_what_is_missing_has_a_row_and_so_has_the_unknown(encoder: CategoryEncoder, absent: Any) -> None:
    encoder = clone(encoder).fit(["a", "b", "a"])
    answer = encoder.transform(["a", "new", absent])
    dense = answer.toarray().argmax(axis=1) if issparse(answer) else answer[:, 0]
    assert dense.tolist() == [0, 2, 3]
    assert column(encoder.inverse_transform(answer)) == ["a", UNKNOWN, None]


@named
def test_the_names_of_the_two_rows_mean_the_same_in_data(encoder: CategoryEncoder) -> None:
    encoder = clone(encoder).fit(["a", UNKNOWN, "b", MISSING])
    assert list(encoder.vocabulary_) == ["a", "b", UNKNOWN, MISSING]
    assert encoder.vocabulary_.counts is not None
    assert encoder.vocabulary_.counts.tolist() == [1, 1, 1, 1]


def test_rare_categories_share_the_row_of_the_unknown() -> None:
    encoder = LabelCategories(min_count=2).fit(["a", "b", "a", "c", None])
    assert encoder.vocabulary_ == jari.Vocabulary(["a", UNKNOWN, MISSING], counts=[2, 2, 1])
    assert column(encoder.transform(["a", "b", "z", None])) == [0, 1, 1, 2]
    assert encoder.unseen(["b", "z", "z", "a", None]) == {"x0": {"z": 2, "b": 1}}


@pytest.mark.parametrize("kind", [LabelCategories, OneHotCategories])
def test_the_unknown_can_be_refused(kind: Any) -> None:
    encoder = kind(unknown="raise").fit({"genre": ["Comedy", "Drama"]})
    encoder.transform({"genre": ["Drama", None]})
    message = r"Column 'genre', row 1 holds 'Comdy', which was not there .*2 categories.*mean 'Comedy'.*unknown='row'"
    with pytest.raises(BadInput, match=message):
        encoder.transform({"genre": ["Drama", "Comdy"]})


def test_a_refused_member_is_said_by_the_row_of_its_cell() -> None:
    with pytest.raises(BadInput, match="row 2 holds 'z'"):
        MultiHotCategories(unknown="raise").fit([["a", "b"]]).transform([["a", "b"], [], ["b", "z"]])


@named
def test_the_missing_can_be_refused(encoder: CategoryEncoder) -> None:
    encoder = clone(encoder).set_params(missing="raise")
    with pytest.raises(BadInput, match=r"row 1 is missing or empty .* missing='row'"):
        encoder.fit(["a", None])
    with pytest.raises(BadInput, match="row 0 is missing"):
        encoder.fit(["a", "b"]).transform([""])


def test_an_embedding_with_the_vocabulary_has_a_row_for_every_id() -> None:
    encoder = LabelCategories().fit(["red", "blue", "red"])
    embedding = jari.Embedding(encoder.vocabulary_, np.eye(4, dtype=np.float32))
    ids = encoder.transform(["blue", "green", None])[:, 0]
    keys = ["blue", UNKNOWN, MISSING]
    np.testing.assert_array_equal(embedding.vectors[ids], [embedding[key] for key in keys])


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), min_size=1).filter(any))
def test_every_name_comes_back(values: list[str | None]) -> None:
    for encoder in (LabelCategories(), OneHotCategories()):
        back = column(encoder.inverse_transform(encoder.fit_transform(values)))
        assert back == [None if value in (None, "", MISSING) else value for value in values]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([3, None, 1, 3], ["3", "1"]),
        ([3.0, None, 2.5, 3.0], ["3", "2.5"]),
        ([12345678901.0, None], ["12345678901"]),
        ([True, None, False, True], ["true", "false"]),
        ([datetime.date(2020, 1, 2), None], ["2020-01-02"]),
        ([Decimal("1.50"), None], ["1.50"]),
    ],
    ids=str,
)
def test_numbers_and_dates_are_named_by_their_text_and_come_back(values: list[Any], names: list[str]) -> None:
    encoder = LabelCategories().fit(values)
    assert list(encoder.vocabulary_)[:-2] == names
    assert column(encoder.inverse_transform(encoder.transform(values))) == values


def test_a_number_is_the_same_category_as_an_integer_and_with_a_point() -> None:
    encoder = LabelCategories().fit([12345678901, 7])
    assert column(encoder.transform(pd.Series([7, None, 12345678901]))) == [1, 3, 0]


def test_spaces_make_another_category() -> None:
    assert list(LabelCategories().fit([" a", "a", "a "]).vocabulary_)[:3] == [" a", "a", "a "]


# ── tables of all kinds


def tables() -> dict[str, Any]:
    values = ["b", "a", None, "b"]
    return {
        "list": values,
        "tuple": tuple(values),
        "array": np.array(values, dtype=object),
        "array of strings": np.array(["b", "a", "", "b"]),
        "array of one column": np.array(values, dtype=object)[:, None],
        "series": pd.Series(values, index=[3, 1, 2, 9]),
        "categorical": pd.Series(values, dtype="category"),
        "frame": pd.DataFrame({"c": values}, index=[3, 1, 2, 9]),
        "dict": {"c": values},
        "arrow": pa.array(values),
        "arrow chunks": pa.chunked_array([values[:2], values[2:]]),
        "arrow dictionary": pa.array(values).dictionary_encode(),
        "arrow table": pa.table({"c": values}),
        "arrow batch": pa.record_batch({"c": pa.array(values)}),
    }


@pytest.mark.parametrize("kind", tables())
@one_a_row
def test_the_same_column_in_any_table_gives_the_same(encoder: CategoryEncoder, kind: str) -> None:
    table = tables()[kind]
    encoder = clone(encoder)
    expected = clone(encoder).fit_transform(["b", "a", None, "b"])
    found = encoder.fit_transform(table)
    assert found.shape == expected.shape
    assert abs(found - expected).sum() == 0
    assert column(encoder.inverse_transform(found)) == ["b", "a", None, "b"]


def test_tables_of_polars_do_too() -> None:
    polars = pytest.importorskip("polars")
    values = ["b", "a", None, "b"]
    for table in (
        polars.Series("c", values),
        polars.DataFrame({"c": values}),
        polars.Series(values, dtype=polars.Categorical),
    ):
        assert column(LabelCategories().fit_transform(table)) == [0, 1, 3, 0]
    cells = polars.DataFrame({"c": [["b", "a"], None, [], ["b"]]})
    assert MultiHotCategories().fit_transform(cells).toarray().tolist()[1:] == [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
        [1, 0, 0, 0],
    ]
    assert column(LabelCategories().fit_transform(polars.Series([1.5, float("nan"), None]))) == [0, 2, 2]
    with pytest.raises(BadInput, match="'c' mixes int and str: row 0 holds 1 and row 1 holds 'a'"):
        LabelCategories().fit(polars.DataFrame({"c": polars.Series([1, "a"], dtype=polars.Object)}))
    with pytest.raises(BadInput, match="not LazyFrame"):
        LabelCategories().fit(polars.LazyFrame({"c": values}))


def test_any_table_that_speaks_arrow_is_read() -> None:
    class Table:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return pa.table({"c": ["x", "y"]}).__arrow_c_stream__(requested_schema)

    assert LabelCategories().fit_transform(Table()).tolist() == [[0], [1]]


def test_columns_are_found_by_name_where_there_are_names_else_by_place() -> None:
    encoder = LabelCategories().fit(pd.DataFrame({"a": ["x", "y"], "b": ["p", "q"]}))
    assert encoder.transform({"b": ["q"], "a": ["x"]}).tolist() == [[0, 1]]
    assert encoder.transform(np.array([["y", "p"]])).tolist() == [[1, 0]]


def test_chosen_columns_leave_the_others_alone() -> None:
    encoder = LabelCategories(columns=["b"]).fit({"a": [1, "x", ["not", "text"]], "b": ["p"]})
    assert encoder.transform({"b": ["p", "?"], "c": [1, 2]}).tolist() == [[0], [1]]


@named
def test_a_table_without_rows_is_encoded_as_such(encoder: CategoryEncoder) -> None:
    width = 1 if encoder.__module__.endswith(("labels", "ordinal")) else 4
    assert clone(encoder).fit(["a", "b"]).transform([]).shape == (0, width)


# ── scikit-learn's conventions


@named
def test_init_only_stores_and_clones_are_fresh(encoder: CategoryEncoder) -> None:
    parameters = encoder.get_params()
    assert all(getattr(encoder, name) is value for name, value in parameters.items())
    fitted = clone(encoder)
    assert fitted.fit(["a", "b"]) is fitted
    assert "vocabularies_" not in vars(clone(fitted))
    assert clone(fitted).get_params() == parameters


@named
def test_a_fitted_encoder_survives_a_pickle(encoder: CategoryEncoder) -> None:
    encoder = clone(encoder).fit(["a", "b"])
    assert abs(pickle.loads(pickle.dumps(encoder)).transform(["b", None]) - encoder.transform(["b", None])).sum() == 0


@named
def test_refitting_forgets(encoder: CategoryEncoder) -> None:
    encoder = clone(encoder).fit({"first": ["a"], "second": ["b"]})
    encoder.fit(["b"])
    assert list(encoder.vocabularies_) == ["x0"]
    assert not hasattr(encoder, "feature_names_in_")
    assert encoder.n_features_in_ == 1


def films() -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    draw = np.random.default_rng(0)
    genre = draw.choice(["Action", "Drama", "Comedy"], 90)
    rows = {"genre": genre, "tags": [f"{one}|x" for one in genre], "size": draw.choice(["S", "L"], 90)}
    return pd.DataFrame(rows), genre == "Drama"


def test_a_column_transformer_in_a_pipeline_takes_them() -> None:
    table, is_drama = films()
    columns = ColumnTransformer(
        [
            ("one", OneHotCategories(), ["genre"]),
            ("many", MultiHotCategories(separator="|"), "tags"),
            ("rank", OrdinalCategories(["S", "L"]), ["size"]),
        ]
    )
    pipeline = make_pipeline(columns, LogisticRegression())
    search = GridSearchCV(pipeline, {"columntransformer__one__min_count": [1, 2]}, cv=3).fit(table, is_drama)
    assert search.best_score_ == 1
    names = search.best_estimator_[0].get_feature_names_out().tolist()
    assert "one__genre=Drama" in names
    assert "many__tags=x" in names
    assert names[-1] == "rank__size"


def test_ids_come_as_a_data_frame_where_asked() -> None:
    table = pd.DataFrame({"a": ["x", "y"]}, index=[5, 7])
    frame = LabelCategories().set_output(transform="pandas").fit_transform(table)
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"a": [0, 1]}, index=[5, 7]))


@pytest.mark.parametrize("encoder", [OneHotCategories(), MultiHotCategories(separator="|")], ids=repr)
def test_a_sparse_matrix_is_no_data_frame(encoder: Any) -> None:
    message = f"{type(encoder).__name__} answers with a sparse matrix, and pandas has none: .* get_feature_names_out"
    with pytest.raises(BadInput, match=message):
        encoder.set_output(transform="pandas")
    with pytest.raises(BadInput, match=message):
        ColumnTransformer([("hot", encoder, ["a"])]).set_output(transform="pandas").fit(pd.DataFrame({"a": ["x"]}))
    with config_context(transform_output="pandas"), pytest.raises(BadInput, match=message):
        encoder.fit(["x"]).transform(["x"])
    assert encoder.set_output(transform="default") is encoder


@named
def test_nothing_is_told_before_fit(encoder: Any) -> None:
    fresh = clone(encoder)
    for ask in (
        lambda: fresh.transform(["a"]),
        lambda: fresh.inverse_transform([[0]]),
        lambda: fresh.unseen(["a"]),
        lambda: fresh.vocabulary_,
        fresh.get_feature_names_out,
    ):
        with pytest.raises(NotLearntYet, match=r"has learnt nothing yet. Call fit first"):
            ask()


# ── what they refuse


def mixed() -> dict[str, tuple[CategoryEncoder, Any, str]]:
    label, many, ranks = LabelCategories(), MultiHotCategories(), OrdinalCategories
    frame = pd.DataFrame([["a", "b"]], columns=["x", "x"])
    return {
        "a value out of the order": (
            ranks({"만족도": ["매우 불만", "보통", "매우 만족"]}),
            {"만족도": ["보통", "매우만족"]},
            r"'만족도', row 1 holds '매우만족', not in its order \(매우 불만, .*mean '매우 만족'.*Add it to the order",
        ),
        "an order with a duplicate": (
            ranks(["하", "중", "하"]),
            ["하"],
            "holds '하' twice, in places 0 and 2: give it once",
        ),
        "an order with a hole": (
            ranks({"q": ["a", None]}),
            {"q": ["a"]},
            "order of 'q' holds None in place 1: .* no rank",
        ),
        "an order that is a string": (ranks("abc"), ["a"], "The order is 'abc': give a list"),
        "an empty order": (ranks([]), ["a"], r"The order is \[\]: give a list"),
        "an order of a column that is not there": (
            ranks({"degree": ["a"]}),
            {"degre": ["a"]},
            "no column 'degree'. Did you mean 'degre'",
        ),
        "no order": (
            ranks(),
            {"학력": ["고졸"]},
            "'학력' has no order. Give one, such as order={'학력': .*LabelCategories",
        ),
        "a column that is not there": (
            LabelCategories(columns=["gener"]),
            {"genre": ["a"]},
            "There is no column 'gener'. Did you mean 'genre'.* columns that are there: 'genre'",
        ),
        "columns of a list": (
            LabelCategories(columns=["a"]),
            ["a"],
            "has no names of columns. Give a table, or a dict",
        ),
        "columns as a string": (LabelCategories(columns="ab"), ["a"], r"columns='ab': give a list of names"),
        "columns twice": (LabelCategories(columns=["a", "a"]), {"a": ["x"]}, "name one column or more, each once"),
        "no columns chosen": (LabelCategories(columns=[]), {"a": ["x"]}, "name one column or more, each once"),
        "two columns of one name": (label, frame, "Two columns are called 'x': names must differ. Rename"),
        "mixed types": (
            label,
            {"zip": ["a", None, 5]},
            "'zip' mixes str and int: row 0 holds 'a' and row 2 holds 5 .* give all of them as text",
        ),
        "mixed types in a frame": (
            label,
            pd.DataFrame({"z": pd.Series([1, "a"], dtype=object)}),
            "'z' mixes int and str",
        ),
        "mixed types in cells": (many, [["a"], ["b", 3]], "mixes str and int: row 0 holds 'a' and row 1 holds 3"),
        "lists and text": (many, [["a"], "b"], "mixes list and str: row 0"),
        "a list where one is due": (
            label,
            {"g": [None, ["a"]]},
            r"'g', row 1 holds \['a'\], a list: one category is due. MultiHotCategories",
        ),
        "lists in lists": (many, [None, [["a"]]], "row 1 holds lists within a list: give one list of names a cell"),
        "text where lists are due": (many, {"g": ["a;b"]}, "'g', row 0 holds the text 'a;b': .* separator=';'"),
        "numbers where lists are due": (many, [1, 2], "row 0 holds 1, one int64: a cell of many is due"),
        "no rows": (label, [], "The table has no rows"),
        "no columns": (label, pd.DataFrame(), "DataFrame has no columns"),
        "all missing": (
            label,
            {"a": [None, float("nan"), ""]},
            "'a' holds no category: its 3 rows are missing or empty",
        ),
        "all lists empty": (many, [[], None], "holds no category: its 2 rows are missing or empty"),
        "no category often enough": (LabelCategories(min_count=9), ["a", "a"], r"min_count=9 times .*'a', 2\). Lower"),
        "a cube": (label, np.zeros((2, 2, 2)), r"shape \(2, 2, 2\): give one column, shape \(rows,\), or several"),
        "a scalar array": (label, np.array("a"), r"shape \(\): give one column"),
        "a string": (label, "abc", r"not one string \('abc'\)"),
        "a number": (label, 3, "Give a list, .*, not int"),
        "nothing": (label, None, "not NoneType"),
        "a sparse matrix": (label, csr_matrix([[1]]), "not csr_matrix"),
        "a generator": (label, (one for one in "ab"), "generator can be read once only.* give a list of it"),
        "a string as a column": (label, {"a": "xyz"}, "Column 'a' is 'xyz', a str: a column is a list"),
        "columns of two lengths": (label, {"a": ["x"], "b": ["x", "y"]}, "'b' has 2 rows, but 'a' has 1"),
        "bytes": (label, [b"a"], "type binary: .* decode them to text"),
        "records": (label, [{"a": 1}], "type struct<a: int64>: categories are text"),
        "half a surrogate pair": (label, ["\ud800"], "half a surrogate pair"),
        "a policy that is none": (LabelCategories(unknown="nan"), ["a"], "unknown='nan': choose 'row' or 'raise'"),
        "a count that is none": (LabelCategories(min_count=0), ["a"], "min_count=0: .* 1 or more"),
        "rare and refused": (
            LabelCategories(min_count=2, unknown="raise"),
            ["a"],
            "min_count=2 .* choose one of the two",
        ),
        "an empty separator": (MultiHotCategories(separator=""), ["a"], "separator='': give the text between names"),
    }


@pytest.mark.parametrize("case", mixed())
def test_bad_input_is_refused_with_a_reason(case: str) -> None:
    encoder, table, message = mixed()[case]
    with pytest.raises(BadInput, match=message):
        encoder.fit(table)


@named
def test_other_columns_than_those_of_fit_are_refused(encoder: CategoryEncoder) -> None:
    encoder = clone(encoder).fit({"genre": ["a", "b"]})
    with pytest.raises(BadInput, match=r"no column 'genre'. Did you mean 'genres'"):
        encoder.transform({"genres": ["a"]})
    with pytest.raises(BadInput, match=r"Column 'more' was not there when fit was called. Leave it out"):
        encoder.transform({"genre": ["a"], "more": ["a"]})
    with pytest.raises(BadInput, match=r"2 columns, but fit was called with 1 \('genre'\): give as many"):
        encoder.transform(np.array([["a", "b"]]))
    with pytest.raises(BadInput, match=r"input_features=\['other'\]: the columns are \['genre'\]"):
        encoder.get_feature_names_out(["other"])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([[3]], "row 0 holds 3: its ids are the whole numbers from 0 to 2"),
        ([[0], [-1]], "row 1 holds -1"),
        ([[0.5]], "holds 0.5"),
        ([[np.nan]], "holds nan"),
        ([0], r"shape \(1,\): give \(rows, 1\)"),
        ([[0, 0]], r"shape \(1, 2\): give \(rows, 1\)"),
        ([["a"]], "Ids are whole numbers"),
    ],
    ids=str,
)
def test_what_is_no_id_has_no_name(ids: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        LabelCategories().fit(["a"]).inverse_transform(ids)


def test_what_is_not_one_hot_has_no_name() -> None:
    encoder = OneHotCategories().fit(["a", "b"])
    with pytest.raises(BadInput, match="row 1 has 2 ones, and one-hot is one 1"):
        encoder.inverse_transform([[1, 0, 0, 0], [1, 1, 0, 0]])
    with pytest.raises(BadInput, match=r"shape \(1, 3\): give \(rows, 4\)"):
        encoder.inverse_transform(csr_array((1, 3)))


def test_the_vocabulary_of_several_columns_is_asked_for_by_name() -> None:
    encoder = LabelCategories().fit({"a": ["x"], "b": ["y"]})
    assert list(encoder.vocabularies_["b"]) == ["y", UNKNOWN, MISSING]
    with pytest.raises(BadInput, match=r"2 columns: ask for vocabularies_\['a'\]"):
        encoder.vocabulary_  # noqa: B018


def test_columns_of_a_table_are_arrow() -> None:
    assert columns_of(pd.DataFrame({3: ["x"]})).arrays()["3"].to_pylist() == ["x"]
