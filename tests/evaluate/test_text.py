"""Lines of test files, good and broken."""

from __future__ import annotations

import gzip

import pytest

from jari.errors import BadEncoding, BadFile, NoSuchFile
from jari.evaluate.text import read_lines, set_name


def test_plain_and_gzipped_give_the_same_lines(tmp_path):
    data = "\ufeff하나\r\ntwo\rthree\n".encode()
    (tmp_path / "plain.txt").write_bytes(data)
    (tmp_path / "packed.txt.gz").write_bytes(gzip.compress(data))
    for name in ("plain.txt", "packed.txt.gz"):
        assert read_lines(tmp_path / name) == ["하나", "two", "three", ""]


def test_a_line_is_what_an_editor_calls_a_line(tmp_path):
    (tmp_path / "a").write_text("one\u2028still one\x0cstill\ntwo", encoding="utf-8")
    assert read_lines(tmp_path / "a") == ["one\u2028still one\x0cstill", "two"]


def test_nothing_there(tmp_path):
    with pytest.raises(NoSuchFile, match="none does not exist"):
        read_lines(tmp_path / "none")
    with pytest.raises(NoSuchFile, match="is a folder"):
        read_lines(tmp_path)


def test_broken_utf8_says_line_and_byte(tmp_path):
    (tmp_path / "latin").write_bytes(b"ok\ncaf\xe9 1\n")
    with pytest.raises(BadEncoding, match=r"line 2: byte 6 \(0xe9\) is not UTF-8"):
        read_lines(tmp_path / "latin")


@pytest.mark.parametrize("broken", ["cut", "flipped"])
def test_a_broken_gzip_file_is_said_to_be_one(tmp_path, broken):
    data = bytearray(gzip.compress(b"one two three four\n" * 500))
    if broken == "cut":
        data = data[:-12]
    else:
        data[len(data) // 2] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(data)
    with pytest.raises(BadFile, match="cannot be read to its end"):
        read_lines(tmp_path / "a.gz")


def test_names_lose_their_endings():
    assert [set_name(name) for name in ("a/men.tsv", "men.csv.gz", "men")] == ["men", "men", "men"]
