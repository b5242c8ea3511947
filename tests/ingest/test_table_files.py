from __future__ import annotations

import bz2
import csv
import datetime
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.ingest import delimited
from jari.ingest.table_files import read_table
from jari.ingest.table_numbers import MISSING_WORDS
from jari.types import Progress

CSV = 'id,price,about\n1,$86.00,"Near the park,\nwith a ""view"""\n2,NA,\n'
ROWS = {"id": ["1", "2"], "price": ["$86.00", None], "about": ['Near the park,\nwith a "view"', None]}


def written(place: Path, content: str | bytes) -> Path:
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def listed(table: dict[str, pa.Array]) -> dict[str, list[Any]]:
    return {name: values.to_pylist() for name, values in table.items()}


@pytest.mark.parametrize(
    ("suffix", "packed"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda raw: pa.Codec("zstd").compress(raw, asbytes=True)),
    ],
)
def test_every_packing(tmp_path: Path, suffix: str, packed: Callable[[bytes], bytes]) -> None:
    table = read_table(written(tmp_path / f"t.csv{suffix}", packed(CSV.encode())))
    assert listed(table) == ROWS
    assert {values.type for values in table.values()} == {pa.large_string()}


@pytest.mark.parametrize(
    ("name", "text", "delimiter"),
    [
        ("t.csv", "a;b\n1;2,5\n", None),
        ("t.tsv", "a\tb\n1\t2,5\n", None),
        ("t.txt", "a|b\n1|2,5\n", None),
        ("t.dat", "a::b\n1::2,5\n", None),
        ("t.csv", "a~b\n1~2,5\n", "~"),
        ("t.csv", '\ufeff a , b  \r\n1,"2,5"\r\n', None),
    ],
)
def test_what_stands_between_cells(tmp_path: Path, name: str, text: str, delimiter: str | None) -> None:
    assert listed(read_table(written(tmp_path / name, text), delimiter=delimiter)) == {"a": ["1"], "b": ["2,5"]}


def test_no_first_rows_decide_what_a_column_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 256)
    cells = ["007", *map(str, range(500)), "seven", "2020-01-01", "true"]
    assert listed(read_table(written(tmp_path / "t.csv", "x\n" + "\n".join(cells)))) == {"x": cells}


def test_missing_cells(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", "x,y\n" + "".join(f"{word},{at}\n" for at, word in enumerate(MISSING_WORDS)))
    assert read_table(file)["x"].null_count == len(MISSING_WORDS)
    assert read_table(file, missing=["", "0"])["x"].to_pylist() == [None, *MISSING_WORDS[1:]]
    assert read_table(file, missing=["0"])["y"].null_count == 1
    assert read_table(written(tmp_path / "n.csv", "x\nNone\nnone\n NA\n"))["x"].null_count == 0


def test_some_columns_in_their_order(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", CSV)
    assert list(read_table(file, columns=["about", "id"])) == ["about", "id"]
    assert listed(read_table(file, columns=["price"])) == {"price": ROWS["price"]}
    with pytest.raises(BadInput, match=r"t.csv has no column 'prise'. Did you mean 'price'\? .*'id', 'price', 'about'"):
        read_table(file, columns=["prise"])


def test_columns_without_a_name(tmp_path: Path) -> None:
    assert list(read_table(written(tmp_path / "t.csv", ",a, \n0,1,2\n"))) == ["column 1", "a", "column 3"]


@pytest.mark.parametrize("text", ["a,b\n", "a,b"])
def test_no_rows(tmp_path: Path, text: str) -> None:
    table = read_table(written(tmp_path / "t.csv", text))
    assert listed(table) == {"a": [], "b": []}
    assert table["a"].type == pa.large_string()


@given(st.data())
def test_what_csv_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    cells = st.one_of(cell, st.text('",;\n\r\t \ufeffa자😀', max_size=6), st.sampled_from(MISSING_WORDS))
    width = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))
    names = [f"c{at}" for at in range(width)]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    table = read_table(written(tmp_path_factory.getbasetemp() / "t.csv", text.getvalue()), delimiter=",")
    expected = [[None if one in MISSING_WORDS else one for one in row] for row in rows]
    assert listed(table) == {name: [row[at] for row in expected] for at, name in enumerate(names)}


def test_json_lines_keep_their_types(tmp_path: Path) -> None:
    lines = [{"id": 1, "tags": ["a", "b"], "price": 2.5}, {"id": 2, "tags": None, "new": True}, {"id": 3, "price": 3}]
    file = written(tmp_path / "t.jsonl", "\ufeff" + "\n\n".join(map(json.dumps, lines)) + "\n")
    table = read_table(file)
    assert listed(table) == {
        "id": [1, 2, 3],
        "tags": [["a", "b"], None, None],
        "price": [2.5, None, 3.0],
        "new": [None, True, None],
    }
    assert list(read_table(file, columns=["new", "id"])) == ["new", "id"]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    day = datetime.date(2026, 1, 31)
    table = pa.table(
        {
            "id": [1, 2],
            "day": [day, None],
            "tags": [["a"], []],
            "room": pa.array(["x", None]).dictionary_encode(),
            "word": ["NA", ""],
        }
    )
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert listed(read) == table.to_pydict()
    assert (read["id"].type, read["room"].type, read["day"].type) == (pa.int64(), pa.large_string(), pa.date32())
    assert listed(read_table(tmp_path / "t.parquet", columns=["tags"])) == {"tags": [["a"], []]}
    pa.parquet.write_table(table[:0], tmp_path / "t.parquet")
    assert [len(values) for values in read_table(tmp_path / "t.parquet").values()] == [0] * 5


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("t.csv", "", BadInput, "t.csv is empty"),
        ("t.csv", "a,b\n1,2\n1,2,3\n", BadFile, r"row 2: it has 3 cells, and the first line 2 \('1,2,3'\)"),
        ("t.csv", "a,b\n1\n", BadFile, "row 1: it has 1 cell, and the first line 2"),
        ("t.csv", "a,b, a\n1,2,3\n", BadInput, r"two columns 'a' \(1 and 3\): rename one"),
        ("t.csv", 'a,b\n1,"2\n3,4\n', BadFile, "row 1: a quote opens a cell and is never closed"),
        ("t.csv", b"a,b\n1,x\n2,caf\xe9\n", BadEncoding, r"row 2, column 'b': byte 4 of it, 0xE9.*errors=\"replace\""),
        ("t.csv", b"caf\xe9,b\n1,x\n", BadEncoding, "line 1: 0xE9 is not UTF-8"),
        ("t.csv", "a,b\n1,2\n".encode("utf-16"), BadInput, "looks like a binary file"),
        ("t.csv", gzip.compress(b"a,b\n1,2\n" * 99), BadInput, "looks like a binary|t.csv"),
        ("t.csv.gz", gzip.compress(CSV.encode())[:-9], BadFile, "is cut short or damaged"),
        ("t.csv.gz", CSV, BadFile, "is cut short or damaged"),
        ("t.parquet", CSV, BadFile, "cannot be read as parquet"),
        ("t.jsonl", CSV, BadFile, "line 1: this is not JSON"),
        ("t.jsonl", "\n", BadInput, "t.jsonl is empty"),
        ("t.jsonl", '{"a": 1}\n[1]\n', BadFile, "line 2: a line must be an object, not list"),
        ("t.jsonl", "[" * 100_000, BadFile, "line 1: this is not JSON"),
        ("t.jsonl", b'{"a": "\xe9"}\n', BadEncoding, "line 1, byte 7 of it: 0xE9"),
        ("t.jsonl", '{"a": 1}\n{"a": "x"}\n', BadInput, r"t.jsonl: Column 'a' mixes int and str: row 0 .* row 1 holds"),
    ],
)
def test_hostile_files(tmp_path: Path, name: str, content: str | bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_table(written(tmp_path / name, content))


def test_a_line_feed_in_the_last_cell_is_no_open_quote(tmp_path: Path) -> None:
    assert listed(read_table(written(tmp_path / "t.csv", 'a,b\n6" pipe,"x\ny"\n'))) == {"a": ['6" pipe'], "b": ["x\ny"]}


def test_what_is_not_utf8_can_be_replaced(tmp_path: Path) -> None:
    file = written(tmp_path / "t.csv", b"a,b\n1,x\n2,caf\xe9\n")
    assert read_table(file, errors="replace")["b"].to_pylist() == ["x", "caf\ufffd"]
    file = written(tmp_path / "t.jsonl", b'{"a": "\xe9"}\n')
    assert read_table(file, errors="replace")["a"].to_pylist() == ["\ufffd"]


def test_bad_arguments(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no file 'none.csv'"):
        read_table("none.csv")
    with pytest.raises(BadInput, match="is no file: give a table"):
        read_table(tmp_path)
    with pytest.raises(BadInput, match="delimiter=';' is for delimited text"):
        read_table(written(tmp_path / "t.jsonl", "{}"), delimiter=";")
    with pytest.raises(BadInput, match="delimiter='ab' is none"):
        read_table(written(tmp_path / "t.csv", CSV), delimiter="ab")
    with pytest.raises(BadInput, match="errors='ignore' is neither"):
        read_table(tmp_path / "t.csv", errors="ignore")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_progress_in_bytes(tmp_path: Path, name: str) -> None:
    seen: list[Progress] = []
    if name == "t.parquet":
        pa.parquet.write_table(pa.table({"a": range(9)}), tmp_path / name)
    else:
        written(tmp_path / name, CSV if name == "t.csv" else '{"a": 1}\n')
    size = (tmp_path / name).stat().st_size
    read_table(tmp_path / name, callback=seen.append)
    assert (seen[-1].stage, seen[-1].done, seen[-1].total, seen[-1].unit) == ("reading", size, size, "bytes")
