from __future__ import annotations

from pathlib import Path

import pytest

from jari.errors import BadEncoding, BadFile, BadInput
from jari.ingest import delimited
from jari.ingest.delimited import Delimited


def written(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "t.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def rows(file: Delimited, *, header: bool = True) -> list[tuple[bytes, ...]]:
    places = range(len(file.record))
    return [row for read in file.rows(places, header=header) for row in zip(*map(list_of, read.cells), strict=True)]


def list_of(cells: delimited.Cells) -> list[bytes]:
    return list(cells.to_pylist())


@pytest.mark.parametrize(
    ("content", "delimiter", "record", "first"),
    [
        ("a,b\n1,2\n", ",", ("a", "b"), (b"1", b"2")),
        ("a;b,c;d\n1;2;3\n", ";", ("a", "b,c", "d"), (b"1", b"2", b"3")),
        ("a\tb\r\n1\t2\r\n", "\t", ("a", "b"), (b"1", b"2")),
        ("a,b\r1,2\r", ",", ("a", "b"), (b"1", b"2")),
        ("a::b\n1::2\n", "::", ("a", "b"), (b"1", b"2")),
        ('"a\nthe first",b\n1,2\n', ",", ("a\nthe first", "b"), (b"1", b"2")),
        ("\ufeffa,b\n1,2", ",", ("a", "b"), (b"1", b"2")),
        ("a\n1\n", ",", ("a",), (b"1",)),
    ],
)
def test_the_first_record_and_what_follows(
    tmp_path: Path, content: str, delimiter: str, record: tuple[str, ...], first: tuple[bytes, ...]
) -> None:
    file = Delimited.of(written(tmp_path, content))
    assert (file.delimiter, file.record) == (delimiter, record)
    assert rows(file) == [first]
    assert len(rows(file, header=False)) == 2


@pytest.mark.parametrize("content", ["a,b", "a,b\n", "\ufeffa,b\r\n"])
def test_a_header_alone(tmp_path: Path, content: str) -> None:
    assert rows(Delimited.of(written(tmp_path, content))) == []


def test_some_columns_in_another_order(tmp_path: Path) -> None:
    file = Delimited.of(written(tmp_path, "a,b,c\n1,2,3\n"))
    (read,) = file.rows([2, 0], header=True)
    assert list(map(list_of, read.cells)) == [[b"3"], [b"1"]]


def test_rows_are_given_once_where_blocks_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 64)
    expected = [(str(i).encode(), b"x" * (i % 7) ** 4) for i in range(100)]
    file = Delimited.of(written(tmp_path, b"a,b\n" + b"".join(b"%b,%b\n" % row for row in expected)))
    assert rows(file) == expected
    read = list(file.rows([0], header=True))
    assert [one.first for one in read] == [int(list_of(one.cells[0])[0]) for one in read]
    assert read[-1].position == Path(file.path).stat().st_size


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", BadInput, "t.csv is empty"),
        ("\n1,2\n", BadInput, "t.csv is empty, or its first line is"),
        ("a\0b\n", BadInput, "looks like a binary file"),
        (b"a,caf\xe9\n", BadEncoding, "line 1: 0xE9 is not UTF-8"),
        ("a,b\n1,2\n3\n", BadFile, r"row 2: it has 1 cell, and the first line 2 \('3'\)"),
        ("a::b\n1::2::3\n", BadFile, "row 1: it has 3 cells, and the first line 2"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: str | bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        rows(Delimited.of(written(tmp_path, content)))


@pytest.mark.parametrize("delimiter", ["", "\n", '"', "ab", "，"])
def test_no_delimiters(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(BadInput, match="is none: give one character"):
        Delimited.of(written(tmp_path, "a,b\n"), delimiter)


def test_bytes_behind_the_header_are_not_its_concern(tmp_path: Path) -> None:
    file = Delimited.of(written(tmp_path, b"a,b\n\xff,2\n"))
    assert rows(file) == [(b"\xff", b"2")]
