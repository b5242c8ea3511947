"""Lines as they stand in files and tables."""

from __future__ import annotations

import gzip

import pytest

from jari.errors import BadEncoding, BadInput, NoSuchFile
from jari.ingest import lines
from jari.ingest.lines import lines_of


def test_every_line_is_there_as_it_is(tmp_path, monkeypatch):
    text = "\ufeff첫 줄\r\n\n  two  \n" + "x" * 300 + "\nlast\u2028one"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8", newline="")
    expected = ["첫 줄", "", "  two  ", "x" * 300, "last\u2028one"]
    assert list(lines_of(tmp_path / "a.txt")) == expected
    monkeypatch.setattr(lines, "_AT_ONCE", 16)
    assert list(lines_of(str(tmp_path / "a.txt"))) == expected


def test_files_follow_one_another(tmp_path):
    (tmp_path / "a b.txt").write_text("one\n\n")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"two"))
    assert list(lines_of([str(tmp_path / "a b.txt"), str(tmp_path / "c.txt.gz")])) == ["one", "", "two"]


def test_a_column_of_a_table(tmp_path):
    (tmp_path / "t.csv").write_text('id,body\n1,"a\nb"\n2,\n3,c\n')
    assert list(lines_of(tmp_path / "t.csv", column="body")) == ["a b", "", "c"]


def test_what_is_no_text(tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"fine\nk\xffng\n")
    with pytest.raises(BadEncoding, match=r"bad\.txt, line 2, byte 6 of the file: 0xFF"):
        list(lines_of(tmp_path / "bad.txt"))
    assert list(lines_of(tmp_path / "bad.txt", errors="replace")) == ["fine", "k\ufffdng"]
    with pytest.raises(NoSuchFile, match="There is no file"):
        list(lines_of("no such file"))
    (tmp_path / "t.csv").write_text("id,body\n1,a\n")
    with pytest.raises(BadInput, match="say which column"):
        list(lines_of(tmp_path / "t.csv"))
