"""Interactions come out the same, whatever they come in as; what cannot be read is said with its row and column."""

import bz2
import datetime
import gzip
import json
import lzma

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.ingest import delimited, interaction_building, interaction_columns
from jari.ingest.interactions import Interactions

ROWS = [("7", "Up", 2.0, 30.0), ("7", "Heat", 1.0, 10.0), ("경희", "Up", 5.0, 20.0), ("7", "Up", 0.5, 40.0)]
USERS, ITEMS, WEIGHTS, TIMES = (list(column) for column in zip(*ROWS, strict=True))
TABLE = {"user": USERS, "item": ITEMS, "stars": WEIGHTS, "when": TIMES}
NAMED = {"weight": "stars", "time": "when"}
CSV = "user,item,stars,when\n7,Up,2,30\n7,Heat,1,10\n경희,Up,5,20\n7,Up,0.5,40\n"


def entries(films):
    rows, columns = films.matrix.nonzero()
    times = films.times.tolist() if films.times is not None else [None] * len(rows)
    keys = zip(films.users.keys[rows], films.items.keys[columns], strict=True)
    return dict(zip(keys, zip(films.matrix.data.tolist(), times, strict=True), strict=True))


def written(folder, name, content=CSV):
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.get(name.rpartition(".")[2], bytes)
    data = content.encode() if isinstance(content, str) else content
    if name.endswith(".zst"):
        data = pa.Codec("zstd").compress(data, asbytes=True)
    (folder / name).write_bytes(pack(data))
    return folder / name


def is_right(films):
    assert films.users.keys == ["7", "경희"]
    assert films.items.keys == ["Up", "Heat"]
    assert films.users.counts.tolist() == [2, 1]
    assert films.items.counts.tolist() == [2, 1]
    assert films.matrix.toarray().tolist() == [[2.5, 1], [5, 0]]
    assert films.matrix.has_canonical_format
    assert films.matrix.indices.dtype == films.matrix.indptr.dtype == np.int32
    assert films.times.tolist() == [40, 10, 20]
    statistics = films.statistics
    assert (statistics["rows"], statistics["entries"], statistics["duplicates_merged"]) == (4, 3, 1)
    assert statistics["left_out"] == {}
    json.dumps(statistics)
    return True


# ── what it may come in as


@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.csv.bz2", "r.csv.xz", "r.csv.zst", "ratings.dat", "r"])
def test_csv(tmp_path, name):
    assert is_right(Interactions.of(written(tmp_path, name), **NAMED))


@pytest.mark.parametrize("delimiter", ["\t", ";", "|", "::", ","])
def test_delimiters_are_seen(tmp_path, delimiter):
    assert is_right(Interactions.of(written(tmp_path, "r.txt", CSV.replace(",", delimiter)), **NAMED))
    bare = written(tmp_path, "bare", CSV.partition("\n")[2].replace(",", delimiter))
    assert is_right(Interactions.of(bare, user=1, item=2, weight=3, time=4))
    assert is_right(Interactions.of(bare, user=1, item=2, weight=3, time=4, delimiter=delimiter, header=False))


def test_a_delimiter_can_be_said_and_a_tsv_has_tabs(tmp_path):
    tricky = CSV.replace(",", "~").replace("Up", "U,p,,,,,")
    films = Interactions.of(written(tmp_path, "r.csv", tricky), delimiter="~")
    assert films.items.keys[0] == "U,p,,,,,"
    assert is_right(Interactions.of(written(tmp_path, "r.tsv", CSV.replace(",", "\t")), **NAMED))


def test_a_header_with_columns_by_number(tmp_path):
    films = Interactions.of(written(tmp_path, "r.csv"), user=1, item=2, weight=3, time=4, header=True)
    assert is_right(films)
    assert films.statistics["columns"] == {"user": "user", "item": "item", "weight": "stars", "time": "when"}


def test_quotes_byte_order_mark_and_windows_lines(tmp_path):
    content = "\ufeff" + CSV.replace("\n", "\r\n").replace("Up", '"Up"').replace("when", '"wh,en"')
    assert is_right(Interactions.of(written(tmp_path, "r.csv", content), weight="stars", time="wh,en"))


def test_jsonl_and_parquet(tmp_path):
    lines = "\n".join(json.dumps(dict(zip(TABLE, row, strict=True))) for row in ROWS)
    assert is_right(Interactions.of(written(tmp_path, "r.jsonl", lines), **NAMED))
    pa.parquet.write_table(pa.table(TABLE), tmp_path / "r.parquet")
    assert is_right(Interactions.of(str(tmp_path / "r.parquet"), **NAMED))


def test_tables():
    arrow = pa.table(TABLE)
    assert is_right(Interactions.of(TABLE, **NAMED))
    assert is_right(Interactions.of(arrow, **NAMED))
    assert is_right(Interactions.of(arrow, user=1, item=2, weight=3, time=4))
    assert is_right(Interactions.of(arrow.to_batches()[0], **NAMED))
    assert is_right(Interactions.of(pd.DataFrame(TABLE), **NAMED))
    categories = pd.DataFrame(TABLE).astype({"user": "category", "item": "category"})
    assert is_right(Interactions.of(categories, **NAMED))


def test_polars():
    polars = pytest.importorskip("polars")
    assert is_right(Interactions.of(polars.DataFrame(TABLE), **NAMED))
    assert is_right(Interactions.of(tuple(polars.Series(column) for column in TABLE.values())))


def test_pandas_with_other_columns_and_mixed_ids():
    frame = pd.DataFrame({"other": [{1}, "x", 3, None], **TABLE})
    frame["user"] = np.array([7, "7", "경희", 7.0], dtype=object)
    assert is_right(Interactions.of(frame, **NAMED))


def test_rows_and_chunks():
    assert is_right(Interactions.of(ROWS))
    assert is_right(Interactions.of(iter(list(map(list, ROWS)))))
    assert is_right(Interactions.of((np.array(USERS), np.array(ITEMS), np.array(WEIGHTS), pa.array(TIMES))))
    assert is_right(Interactions.of([(USERS[:2], ITEMS[:2], WEIGHTS[:2], TIMES[:2]), *ROWS[2:]]))
    assert is_right(Interactions.of(iter(pa.table(TABLE).to_batches(max_chunksize=1)), **NAMED))
    assert is_right(Interactions.of((pd.DataFrame([row], columns=list(TABLE)) for row in ROWS), **NAMED))


def test_whole_numbers_are_strings():
    films = Interactions.of([(np.array([42, 7], np.uint8), np.array([1, 2], np.int64)), (["42"], [2.0])])
    assert entries(films) == {("42", "1"): (1, None), ("42", "2"): (1, None), ("7", "2"): (1, None)}
    assert Interactions.of(np.array([[1, 2], [3, 4]])).users.keys == ["1", "3"]
    huge = Interactions.of((np.array([2**64 - 1], np.uint64), np.array([-(2**63)])))
    assert entries(huge) == {("18446744073709551615", "-9223372036854775808"): (1, None)}


def test_baskets():
    baskets = {"ann": ["Up", "Heat", "Up"], 7: {"Up": 3, "Jaws": 0}, "eve": []}
    films = Interactions.of(baskets)
    assert films.history("ann") == {"Up": 2, "Heat": 1}
    assert films.history("7") == {"Up": 3}
    assert films.statistics["left_out"] == {"no items": 1, "weight 0": 1}
    columns = Interactions.of({"user": ["item"], "item": ["x"]})
    assert columns.users.keys == ["item"]  # named as columns are


def test_blanks_around_numbers(tmp_path):
    file = written(tmp_path, "r.csv", CSV.replace("Up,", "Up, ").replace(",10", ", 10 "))
    assert is_right(Interactions.of(file, **NAMED))


def test_dates():
    days = [datetime.date(1970, 1, 2), datetime.date(1970, 1, 3)]
    kinds = [
        ["1970-01-02", "1970-01-03"],
        ["1970-01-02T01:00:00+01:00", "1970-01-03T00:00:00Z"],
        days,
        [datetime.datetime(1970, 1, day, tzinfo=datetime.UTC) for day in (2, 3)],
        pa.array(days),
        pd.Series(pd.to_datetime(["1970-01-02", "1970-01-03"])).dt.tz_localize("Asia/Seoul") + pd.Timedelta(hours=9),
        np.array(["1970-01-02", "1970-01-03"], "datetime64[D]"),
        [86400, 172800.0],
        ["86400", 172800],
    ]
    for times in kinds:
        films = Interactions.of({"user": ["a", "a"], "item": ["x", "y"], "at": times}, time="at")
        assert films.times.tolist() == [86400, 172800]


# ── what becomes of it


def test_what_has_no_id_is_left_out_and_counted():
    users = pd.Series([1, None, 3, 3, 1])  # floats, of whole numbers with a gap
    films = Interactions.of({"user": users, "item": ["x", "y", None, "", "z"], "w": [1, 1, 1, 1, 0]}, weight="w")
    assert entries(films) == {("1", "x"): (1, None)}
    assert films.statistics["left_out"] == {"no user": 1, "no item": 2, "weight 0": 1}
    assert films.statistics["rows"] == 5
    nullable = Interactions.of({"user": pa.array([1, None, 2**62]), "item": pa.array(["x", "y", "z"])})
    assert nullable.users.keys == ["1", str(2**62)]


def test_last():
    rows = [("a", "x", 1, 5), ("a", "x", 2, 9), ("a", "x", 3, 7), ("a", "y", 4, 1), ("a", "y", 6, 1)]
    assert entries(Interactions.of(rows, duplicates="last")) == {("a", "x"): (2, 9), ("a", "y"): (6, 1)}
    assert entries(Interactions.of([row[:3] for row in rows], duplicates="last")) == {
        ("a", "x"): (3, None),
        ("a", "y"): (6, None),
    }
    assert entries(Interactions.of(rows)) == {("a", "x"): (6, 9), ("a", "y"): (10, 1)}


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1),
    st.sampled_from(["sum", "last"]),
    st.integers(1, 7),
    st.integers(2, 4),
)
def test_is_its_definition_in_pieces_of_any_size(rows, duplicates, size, width):
    expected = {}
    for user, item, *others in rows:
        weight, time = [*others, 0][:2] if width == 4 else (others[0] if width == 3 else 1, None)
        if weight:
            old = expected.get((str(user), str(item)), (0, -1))
            if duplicates == "sum":
                expected[str(user), str(item)] = old[0] + weight, None if time is None else max(old[1], time)
            elif time is None or time >= old[1]:
                expected[str(user), str(item)] = weight, time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interaction_building, "_BLOCK", size)
        patch.setattr(interaction_building, "_ENTRIES_AT_ONCE", size)
        patch.setattr(interaction_columns, "_ROWS_AT_ONCE", size + 1)
        given = [row[:width] for row in rows]
        if not expected:
            with pytest.raises(BadInput, match="There are no interactions"):
                Interactions.of(given, duplicates=duplicates)
            return
        films = Interactions.of(given, duplicates=duplicates)
    assert entries(films) == expected
    for keys, at in ((films.users, 0), (films.items, 1)):
        counts = {key: sum(pair[at] == key for pair in expected) for pair in expected for key in [pair[at]]}
        assert list(zip(keys, keys.counts.tolist(), strict=True)) == sorted(counts.items(), key=lambda x: (-x[1], x[0]))


def test_records_longer_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 64)
    names = [f"user {'x' * (3 ** (i % 7))} {i}" for i in range(40)]
    file = written(tmp_path, "r.csv", "user,item\n" + "".join(f"{name},y\n" for name in names))
    assert sorted(Interactions.of(file).users) == sorted(names)


def test_progress(tmp_path):
    seen = []
    Interactions.of(written(tmp_path, "r.csv"), callback=seen.append)
    assert (seen[-1].stage, seen[-1].unit, seen[-1].done, seen[-1].total) == (
        "reading",
        "bytes",
        len(CSV.encode()),
        len(CSV.encode()),
    )
    seen.clear()
    Interactions.of(pa.table(TABLE), callback=seen.append)
    assert (seen[-1].unit, seen[-1].done, seen[-1].total) == ("rows", 4, 4)


# ── what is refused


@pytest.mark.parametrize(
    ("content", "named", "said"),
    [
        (CSV.replace("Up,5", "Up,abc"), NAMED, r"r.csv, row 3, column 'stars': 'abc' is no number\."),
        (
            CSV.replace("Up,5", "Up,-5"),
            NAMED,
            "row 3, column 'stars': the weight is -5, and a weight is a finite number above",
        ),
        (CSV.replace("Up,5", "Up,nan"), NAMED, "row 3, column 'stars': the weight is nan"),
        (CSV.replace("Up,5", "Up,1e60"), NAMED, "row 3, column 'stars': the weight is 1e.60"),
        (CSV.replace("Up,5", "Up,"), NAMED, "row 3, column 'stars': no weight is there. Give one in every row"),
        (CSV.replace("20", "soon"), NAMED, "row 3, column 'when': 'soon' is neither a number nor a date"),
        (CSV.replace("20", "inf"), NAMED, "row 3, column 'when': the time is inf"),
        (
            CSV,
            {"user": "usr"},
            r"has no column 'usr'. Did you mean 'user'\? The columns that are there: 'user', 'item'",
        ),
        (CSV.replace("item", "thing"), {}, r"no column that is called like items. Name it \(item=…\).*'user', 'thing'"),
        (CSV, {"user": 9}, "has no column 9: it has 4, numbered from 1 on"),
        (CSV, {"user": 1, "item": "user", "header": True}, "column 'user' cannot be both"),
        (CSV.replace("when", "user"), {}, r"has two columns 'user' \(1 and 4\): rename one of them"),
        (CSV, {"header": False}, "Without a header nobody knows the columns"),
        (CSV, {"header": False, "user": "user"}, "Without a header columns have no names"),
        (CSV, {"delimiter": "ab"}, "delimiter='ab' is none: give one character"),
        (CSV, {"delimiter": ";"}, "no column that is called like users.*'user,item,stars,when'"),
        (CSV, {"duplicates": "first"}, "duplicates='first' is not known: 'sum' or 'last'"),
        ("", {}, "r.csv is empty, or its first line is"),
        ("\n\n", {}, "r.csv is empty, or its first line is"),
        ("user,item\n", {}, "There are no interactions: 0 rows were read"),
        ("user,item\n,x\n1,\n", {}, "There are no interactions: 2 rows were read, 1 with no user, 1 with no item"),
        ("us\0er,item\n1,2\n", {}, "looks like a binary file"),
    ],
)
def test_bad_files(tmp_path, content, named, said):
    with pytest.raises(BadInput, match=said):
        Interactions.of(written(tmp_path, "r.csv", content), **named)


def test_a_row_far_down_is_said_right(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 256)
    rows = [f"{i},x,1\n" for i in range(1000)]
    rows[776] = "776,x,no\n"
    with pytest.raises(BadInput, match="row 777, column 'w': 'no' is no number"):
        Interactions.of(written(tmp_path, "r.csv", "user,item,w\n" + "".join(rows)), weight="w")


def test_bad_encoding(tmp_path):
    content = b"user,item\n1,x\n2,caf\xe9\n"
    with pytest.raises(BadEncoding, match="row 2, column 'item': byte 3 of it, 0xE9, is not UTF-8"):
        Interactions.of(written(tmp_path, "r.csv", content))
    with pytest.raises(BadEncoding, match="line 1: 0xE9 is not UTF-8"):
        Interactions.of(written(tmp_path, "r.csv", b"us\xe9r,item\n1,x\n"))


def test_bad_places(tmp_path):
    with pytest.raises(NoSuchFile, match=r"There is no file 'none.csv'"):
        Interactions.of("none.csv")
    with pytest.raises(BadInput, match="is no file: give a table"):
        Interactions.of(tmp_path)
    with pytest.raises(BadFile, match="cannot be read as parquet"):
        Interactions.of(written(tmp_path, "r.parquet"))
    with pytest.raises(BadFile, match="line 1: this is not JSON"):
        Interactions.of(written(tmp_path, "r.jsonl"))
    with pytest.raises(BadInput, match=r"r.jsonl is empty"):
        Interactions.of(written(tmp_path, "r.jsonl", ""))
    with pytest.raises(BadFile, match="cut short or damaged"):
        Interactions.of(written(tmp_path, "r.csv.gz").rename(tmp_path / "x.csv.xz"))
    with pytest.raises(BadFile, match=r"r\.csv, row 5: it has 2 cells, and the first line 4"):
        Interactions.of(written(tmp_path, "r.csv", CSV + "1,2\n"))
    with pytest.raises(BadInput, match="header= and delimiter= are for delimited text"):
        Interactions.of(written(tmp_path, "r.jsonl", "{}"), header=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (csr_array((2, 2)), r"A csr_array has no ids: give Interactions\(users, items, matrix\)"),
        (7, "There are no interactions in 7"),
        (b"x", "There are no interactions in b'x'"),
        (["ab"], r"Row 1 is 'ab' \(str\): give tuples"),
        ([("a", "x"), ("a", "x", 1)], r"Row 2 is \('a', 'x', 1\): a row is \(user, item\)"),
        ([("a",)], r"Row 1 is \('a',\)"),
        ([("a", "x", "much")], "row 1, the weight: 'much' is no number"),
        ([("a", "x", 1), ("a", "x", -1)], "row 2, the weight: the weight is -1"),
        ([("a", "x", 1), ("a", "x", None)], "row 2, the weight: no weight is there"),
        ([("a", "x", 10**400)], "is too large a number"),
        ([("a", 1.5)], "row 1, the item: 1.5 is no id: ids are strings or whole numbers"),
        ([(True, "x")], "row 1, the user: True is no id"),
        ([((1, 2), "x")], r"row 1, the user: \(1, 2\) is no id"),
        ([("a\ud800", "x")], "holds half a surrogate pair"),
        ((np.array([1.0, 2.5]), np.array([1, 2])), "row 2, the user: 2.5 is no id"),
        ((np.array([1, 2]), np.array([1, 2, 3])), r"not of one length \(2 of the user, 3 of the item\)"),
        ((np.array([True]), np.array([1])), "bool is no id"),
        ([([1], [2]), ([1], [2], [1], [5])], "Row 2 has a time, unlike those before it"),
        ([([1], [2], [1], ["2020-01-01"]), ([1], [2], [1], [5])], "some are dates and others numbers"),
        ([([1],)], r"A chunk is \(users, items\)"),
        ({"ann": "Up"}, "The items of user 'ann' are 'Up': give a list of items"),
        ({"ann": 7}, "The items of user 'ann' are 7"),
        ({}, "There are no interactions: 0 rows"),
        ({"ann": []}, "0 rows were read, 1 with no items"),
        ([], "There are no interactions: 0 rows"),
    ],
)
def test_bad_input(given, said):
    with pytest.raises(BadInput, match=said):
        Interactions.of(given)


def test_names_of_columns_are_for_tables():
    with pytest.raises(BadInput, match="user='u' names columns of a table; tuples have their places"):
        Interactions.of(ROWS, user="u")
    with pytest.raises(BadInput, match="'user' of the table holds 'x', which is no column of users"):
        Interactions.of({"user": "x", "item": ["y"]}, user="user")
    with pytest.raises(BadInput, match="header= and delimiter= are for files"):
        Interactions.of(ROWS, header=True)
