"""A column of a table is text, a line a row."""

import gzip
import json
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jari import encode
from jari.ingest import delimited

ROWS = ["the cat, sat", 'a "quoted"\nline', "", "한국어 é"]


def write_csv(file, rows, delimiter=","):
    lines = [f"id{delimiter}text"]
    lines += [f'{i}{delimiter}"{row.replace(chr(34), chr(34) * 2)}"' for i, row in enumerate(rows)]
    file.write_bytes(("\ufeff" + "\n".join(lines) + "\n").encode())


def write_jsonl(file, rows):
    lines = [json.dumps({"id": i, "text": row or None}, ensure_ascii=False) for i, row in enumerate(rows)]
    file.write_text("\n".join(lines) + "\n\n", encoding="utf-8")


def write_parquet(file, rows, kind=None):
    pq.write_table(pa.table({"id": range(len(rows)), "text": pa.array([row or None for row in rows], kind)}), file)


WRITERS = {
    "csv": write_csv,
    "tsv": lambda file, rows: write_csv(file, rows, "\t"),
    "jsonl": write_jsonl,
    "ndjson": write_jsonl,
    "parquet": write_parquet,
}
each_kind = pytest.mark.parametrize("kind", WRITERS)


def sentences(source, **options):
    with encode(source, column="text", min_count=1, **options) as corpus:
        keys = corpus.vocabulary.keys
        found = [[keys[i] for i in corpus.ids[a:b]] for a, b in zip(corpus.offsets, corpus.offsets[1:], strict=False)]
        return found, corpus.statistics


@each_kind
@pytest.mark.parametrize("tokenizer", ["words", lambda text: text.replace(",", " ").replace('"', " ").split()])
def test_a_column(tmp_path, kind, tokenizer):
    file = tmp_path / f"table.{kind}"
    WRITERS[kind](file, ROWS)
    found, statistics = sentences(file, tokenizer=tokenizer)
    assert found == [["the", "cat", "sat"], ["a", "quoted", "line"], ["한국어", "é"]]
    assert (statistics["sentences_read"], statistics["sentences_empty"]) == (4, 1)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_a_compressed_table(tmp_path, kind, suffix, compress):
    plain, file = tmp_path / f"table.{kind}", tmp_path / f"table.{kind}{suffix}"
    WRITERS[kind](plain, ROWS * 100)
    file.write_bytes(compress(plain.read_bytes()))
    assert sentences(file)[0] == sentences(plain)[0]
    file.write_bytes(compress(plain.read_bytes())[:-30])
    with pytest.raises(ValueError, match=f"table.{kind}{suffix} is cut short or damaged"):
        sentences(file)


def test_a_folder_of_tables(tmp_path):
    for kind in ("csv", "parquet"):
        WRITERS[kind](tmp_path / f"{kind}.{kind}", ["one two"])
    (tmp_path / "notes.txt").write_text("text")
    found, statistics = sentences(tmp_path)
    assert found == [["one", "two"], ["one", "two"]]
    assert statistics["files_skipped"] == 1


def test_numbers_and_not_a_number_stay_text(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("text\n1\nNA\n2.50\nnull\n")
    assert sentences(file, tokenizer="whitespace")[0] == [["1"], ["NA"], ["2.50"], ["null"]]


def test_a_record_may_be_longer_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "_BLOCK", 64)
    file = tmp_path / "table.csv"
    rows = ["short", "word " * 100, "short", "other " * 3000, "end"]
    write_csv(file, rows)
    assert sentences(file)[0] == [row.split() for row in rows]


def test_parquet_of_many_kinds(tmp_path):
    for kind in (pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.binary()):
        file = tmp_path / "table.parquet"
        write_parquet(file, ["one two", "two"], kind)
        assert sentences(file)[0] == [["one", "two"], ["two"]]
    pq.write_table(pa.table({"text": [1, 2]}), file)
    with pytest.raises(ValueError, match=r"The column 'text' of .*table.parquet holds int64, not text"):
        sentences(file)


@each_kind
def test_a_column_that_is_not_there(tmp_path, kind):
    file = tmp_path / f"table.{kind}"
    WRITERS[kind](file, ROWS)
    with pytest.raises(ValueError, match=rf"table.{kind} has no column 'body'. The columns .*: 'id', 'text'"):
        encode(file, column="body")
    with pytest.raises(ValueError, match=r"is a table: say which column to read with column= .*; it has 'id', 'text'"):
        encode(file)


def test_a_column_of_no_table(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("text")
    with pytest.raises(ValueError, match=r"text.txt is no table \(.csv .tsv .jsonl .parquet\), so it has no"):
        encode(file, column="a")


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("t.parquet", b"text", "t.parquet cannot be read as parquet"),
        ("t.csv", b"", "t.csv is empty, or its first line is"),
        ("t.csv", b"id,text\n1,a\n2,b,c\n", r"t.csv, row 2: it has 3 cells, and the first line 2 \('2,b,c'\)"),
        ("t.jsonl", b'{"text": "a"}\n{"text": \n', "t.jsonl, line 2: this is not JSON"),
        ("t.jsonl", b'{"text": "a"}\n["text"]\n', "t.jsonl, line 2: a line must be an object, not list"),
        ("t.jsonl", b'{"text": ["a"]}\n', r"t.jsonl, line 1: the column 'text' holds \['a'\], not text"),
        ("t.csv", b"id,text\n1,a\n2,b\xffc\n", "t.csv, row 2, byte 1 of it: 0xFF is not UTF-8"),
        ("t.jsonl", b'{"text": "a\xff"}\n', "t.jsonl, line 1, byte 11 of it: 0xFF is not UTF-8"),
    ],
)
def test_what_is_no_table(tmp_path, name, raw, message):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(ValueError, match=message):
        sentences(tmp_path / name)


def test_broken_text_in_a_table_can_be_read_over(tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes(b"id,text\n1,a\xffb\n2,c\xe2\x82\n")
    found, statistics = sentences(file, errors="replace")
    assert found == [["a", "b"], ["c"]]
    assert statistics["bytes_replaced"] == 3
