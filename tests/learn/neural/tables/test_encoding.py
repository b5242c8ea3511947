"""Tables as arrays: what columns are taken for, in which order they may come, what is said where they do not fit."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.small_tables import choices, small_tables
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.learn.neural.tables.encoding import KINDS, TableEncoding

HOMES = {
    "id": pa.array(range(60)),
    "city": pa.array(["Dublin", "Cork", None] * 20),
    "rooms": pa.array([1.0, 2.0, None] * 20),
    "price": pa.array(["$1,200", "$900.50", "$70"] * 20),
    "advert": pa.array([f"a sunny flat near the park number {row}" for row in range(60)]),
    "country": pa.array(["Ireland"] * 60),
    "notes": pa.nulls(60),
}


def fitted(table=HOMES, *, named=True, **said):
    return TableEncoding.fit(table, choices(**said), named=named)


def same(one, other):
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_array_equal(one.numbers, other.numbers)
    assert len(one.bags) == len(other.bags)
    for bag, another in zip(one.bags, other.bags, strict=True):
        np.testing.assert_array_equal(bag.toarray(), another.toarray())


def test_kinds_are_found():
    encoding, rows = fitted()
    assert [column.name for column in encoding.categories] == ["city"]
    assert [column.name for column in encoding.numbers] == ["rooms", "price"]
    assert [column.name for column in encoding.texts] == ["advert"]
    assert encoding.unused == {"id": "identifier", "country": "constant", "notes": "nothing"}
    assert encoding.names == ["city", "rooms", "price", "advert"]
    assert [column.name for column in encoding.embedded] == ["city", "advert"]
    assert rows.ids[:3].tolist() == [[1], [0], [3]]
    assert np.isnan(rows.numbers[2]).tolist() == [True, False]
    assert (rows.ids.dtype, rows.numbers.dtype) == (np.int32, np.float32)
    assert len(rows) == 60
    assert rows.bags[0].shape[0] == 60


def test_kinds_that_are_named_win():
    encoding, _ = fitted(kinds={"id": "numeric", "rooms": "categorical", "city": "text", "country": "categorical"})
    assert [column.name for column in encoding.categories] == ["rooms", "country"]
    assert [column.name for column in encoding.numbers] == ["id", "price"]
    assert [column.name for column in encoding.texts] == ["city", "advert"]


def test_where_all_of_a_kind_are_named_no_others_are_found():
    encoding, _ = fitted(kinds={"city": "categorical"}, closed=("categorical", "numeric"))
    assert encoding.names == ["city", "advert"]
    assert encoding.unused["price"] == "not named"
    encoding, _ = fitted(kinds={"rooms": "numeric"}, closed=KINDS)
    assert encoding.names == ["rooms"]


def test_columns_without_names_are_taken_by_their_types():
    """An array of numbers is learnt from, though it may be constant or look like an identifier."""
    encoding, _ = fitted(
        {"x0": pa.array(range(60)), "x1": pa.array([5.0] * 60), "x2": pa.array(["a"] * 60)}, named=False
    )
    assert [column.name for column in encoding.numbers] == ["x0", "x1"]
    assert [column.name for column in encoding.categories] == ["x2"]


@given(small_tables(), st.randoms(use_true_random=False))
def test_described_as_json_and_back(table, random):
    """With the vocabularies and the weights of words, which are kept beside."""
    encoding = table.encoding
    said = json.loads(json.dumps(encoding.described()))
    vocabularies = {column.name: column.vocabulary for column in encoding.embedded}
    idf = {column.name: column.idf for column in encoding.texts}
    again = TableEncoding.of(said, vocabularies, idf)
    assert again.names == encoding.names
    assert again.unused == encoding.unused
    assert [column.dim for column in again.embedded] == [column.dim for column in encoding.embedded]
    asked = {name: pa.nulls(2) for name in encoding.names}
    names = list(asked)
    random.shuffle(names)
    same(again.encode(asked), encoding.encode({name: asked[name] for name in names}))


def test_the_order_of_columns_and_what_was_left_out_do_not_matter():
    encoding, rows = fitted()
    same(encoding.encode(HOMES), rows)
    same(encoding.encode(dict(reversed(HOMES.items()))), rows)
    same(encoding.encode({name: HOMES[name] for name in encoding.names}), rows)
    same(encoding.encode({**HOMES, "notes": pa.array(["something now"] * 60)}), rows)
    part = rows.slice(10, 20)
    same(encoding.encode({name: values.slice(10, 10) for name, values in HOMES.items()}), part)
    assert len(part) == 10


def test_no_columns_of_a_kind():
    _, rows = fitted({"city": HOMES["city"]})
    assert (rows.ids.shape, rows.numbers.shape, rows.bags) == ((60, 1), (60, 0), ())
    _, rows = fitted({"price": HOMES["price"]})
    assert (rows.ids.shape, rows.numbers.shape, rows.bags) == ((60, 0), (60, 1), ())


def test_how_long_vectors_are():
    def dims(**said):
        encoding, _ = fitted(**said)
        return [column.dim for column in encoding.embedded]

    assert dims() == [2, 3]
    assert dims(dims=7, text_dim=5) == [7, 5]
    assert dims(dims=np.int64(7)) == [7, 3]
    assert dims(dims={"city": 4}, text_dim=5) == [4, 5]
    assert dims(dims={"advert": np.int32(9)}) == [2, 9]
    sunny = Embedding(["sunny", "flat"], np.ones((2, 6), np.float32))
    assert dims(pretrained={"advert": sunny}, dims={"city": 4}) == [4, 6]
    encoding, rows = fitted(pretrained={"advert": sunny})
    assert encoding.texts[0].vocabulary == sunny.vocabulary
    assert rows.bags[0].shape == (60, 2)
    assert isinstance(fitted(dims=np.int64(7))[0].categories[0].dim, int)  # JSON takes no other


def test_words_must_be_there_twice():
    encoding, _ = fitted()
    assert list(encoding.texts[0].vocabulary.keys) == ["a", "flat", "near", "number", "park", "sunny", "the"]
    assert len(fitted(min_count=20)[0].texts[0].vocabulary) == 7
    assert list(fitted(kinds={"advert": "text"}, max_vocabulary=2)[0].texts[0].vocabulary.keys) == ["a", "flat"]


def test_columns_that_do_not_fit():
    with pytest.raises(
        BadInput, match=r"There is no column 'citi'\. Did you mean 'city'\? The columns that are there: "
    ):
        fitted(kinds={"citi": "categorical"})
    with pytest.raises(BadInput, match=r"There is no column 'citi'\. Did you mean 'city'\?"):
        fitted(dims={"citi": 3})
    with pytest.raises(BadInput, match=r"There is no column 'Advert'\. Did you mean 'advert'\?"):
        fitted(pretrained={"Advert": Embedding(["a"], np.ones((1, 2), np.float32))})
    with pytest.raises(BadInput, match=r"dims= is for the vectors of column 'rooms', and it has none \(numeric\)"):
        fitted(dims={"rooms": 3})
    with pytest.raises(BadInput, match=r"pretrained= is for .* 'id', and it has none \(identifier\): name it in cat"):
        fitted(pretrained={"id": Embedding(["a"], np.ones((1, 2), np.float32))})
    with pytest.raises(BadInput, match=r"Column 'city', row 0 holds 'Dublin', which is no number"):
        fitted(kinds={"city": "numeric"})
    with pytest.raises(BadInput, match=r"Column 'notes' holds no category"):
        fitted(kinds={"notes": "categorical"})
    with pytest.raises(BadInput, match=r"No column is left to learn from \('notes': nothing\)\. Name some"):
        fitted({"notes": HOMES["notes"]})
    encoding, _ = fitted()
    with pytest.raises(
        BadInput, match=r"no column 'city', which was learnt from\. The columns that are there: 'rooms'"
    ):
        encoding.encode({name: HOMES[name] for name in ("rooms", "price", "advert")})
    with pytest.raises(BadInput, match=r"no column 'city', which was learnt from, nor 2 more\."):
        encoding.encode({"rooms": HOMES["rooms"]})
    with pytest.raises(
        BadInput, match=r"a column 'garden', which was not there when it was learnt, nor 1 more\. Leave"
    ):
        encoding.encode(HOMES | {"garden": HOMES["city"], "garage": HOMES["city"]})
