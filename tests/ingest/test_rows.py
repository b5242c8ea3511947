"""Rows of tables: types, missing values, records longer than a block, and files that are no tables."""

import datetime
import gzip
import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet
import pytest

from jari.errors import BadEncoding, BadFile, BadInput
from jari.ingest import rows as module
from jari.ingest.rows import rows


def read(path, *needed):
    left_out = Counter()
    return [row for _, row, _ in rows(str(path), needed, left_out)], left_out


@pytest.fixture
def written(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_types_of_csv(written):
    path = written("a.csv", 'id,n,f,ok,zip,text\n1,1,1.5,true,007,"a, b\nc"\n2,-2,1e3,FALSE,12,\n3,,,,,x\n')
    found, left_out = read(path, "id")
    assert found == [
        {"id": "1", "n": 1, "f": 1.5, "ok": True, "zip": "007", "text": "a, b\nc"},
        {"id": "2", "n": -2, "f": 1000.0, "ok": False, "zip": "12"},
        {"id": "3", "text": "x"},
    ]
    assert not left_out


def test_a_column_is_of_one_type_however_far_the_odd_value_is(written):
    lines = [f"{n},{n}" for n in range(20_000)]
    found, _ = read(written("a.csv", "\n".join(["a,b", *lines, "x,1"]) + "\n"))
    assert {type(row["a"]) for row in found} == {str}
    assert {type(row["b"]) for row in found} == {int}


def test_what_is_needed_is_given_as_it_is(written):
    assert read(written("a.tsv", "id\tbody\n7\t\n"), "id", "body")[0] == [{"id": "7", "body": ""}]


def test_records_longer_than_a_block(written, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 64)
    long = "word " * 1000
    assert [row["b"] for row in read(written("a.csv", f'a,b\n1,x\n2,"{long}"\n3,y\n'))[0]] == ["x", long, "y"]


def test_json_lines(written):
    lines = [
        {"id": 1, "n": 3, "tags": ["x"], "deep": {}},
        {"id": 2, "n": "three", "ok": True, "nothing": None},
        {"id": 3, "n": 10**30, "ok": False},
    ]
    text = "\ufeff" + "\n\n".join(map(json.dumps, lines)) + '\n{"id": 4, "n": NaN}'
    found, left_out = read(written("a.jsonl", text), "id")
    assert found == [{"id": 1, "n": 3}, {"id": 2, "ok": True}, {"id": 3, "ok": False}, {"id": 4}]
    assert left_out == {"tags": 1, "deep": 1, "n": 2}


def test_parquet(tmp_path):
    table = pa.table(
        {
            "n": [1, None],
            "f": [0.5, float("nan")],
            "ok": [True, False],
            "day": [datetime.date(2020, 1, 2)] * 2,
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "list": [[1], None],
        }
    )
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    found, left_out = read(tmp_path / "a.parquet")
    assert found == [
        {"n": 1, "f": 0.5, "ok": True, "day": "2020-01-02", "kind": "x"},
        {"ok": False, "day": "2020-01-02", "kind": "y"},
    ]
    assert left_out == {"list": 1}


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_compressed_and_how_far(written, name):
    content = "a,b\n1,2\n" if "csv" in name else '{"a": 1, "b": 2}\n'
    path = written(name, gzip.compress(content.encode()))
    ((number, row, position),) = rows(str(path), ["b"], Counter())
    assert (number, str(row["b"])) == (1, "2")
    assert 0 < position <= path.stat().st_size


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_column_that_is_not_there(written, name):
    path = written(name, "a,b\n1,2\n" if name == "a.csv" else '{"a": 1, "b": 2}')
    with pytest.raises(BadInput, match=r"has no column 'c'. The columns that are there: 'a', 'b'"):
        read(path, "c")


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.csv", b"", BadFile, r"a.csv cannot be read as csv: Empty CSV file"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", BadFile, r"a.csv cannot be read as csv: .* Expected 2 columns, got 3"),
        ("a.csv", b"a\nx\n\xff\n", BadEncoding, r"a.csv, column 'a', row 2 is not UTF-8"),
        ("a.jsonl", b"{}\n[1]\n", BadFile, r"a.jsonl, line 2: a line must be an object, not list"),
        ("a.jsonl", b'{}\n{"a"\n', BadFile, r"a.jsonl, line 2: this is not JSON"),
        ("a.jsonl", b"[" * 100_000, BadFile, r"a.jsonl, line 1: this is not JSON"),
        ("a.jsonl", b'{"a": "\xff"}\n', BadEncoding, r"a.jsonl, line 1, byte 7 of it is not UTF-8"),
        ("a.parquet", b"PAR1 and no more", BadFile, r"a.parquet cannot be read as parquet"),
        ("a.csv.gz", b"\x1f\x8b\x08nothing", BadFile, r"a.csv.gz is cut short or damaged"),
    ],
)
def test_what_is_no_table(written, name, content, error, message):
    with pytest.raises(error, match=message):
        read(written(name, content))
