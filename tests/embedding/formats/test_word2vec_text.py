from __future__ import annotations

import gzip

import numpy as np
import pytest
from gensim.models import KeyedVectors

from jari.embedding import Embedding
from jari.embedding.formats import read, text, write
from jari.errors import BadEncoding, BadFile, BadInput, JariError

KEYS = ["the", "자리", "well-known", "😀", '"x"']
VECTORS = np.random.default_rng(0).standard_normal((5, 7), dtype=np.float32)


@pytest.fixture
def put(tmp_path):
    def write_bytes(content: bytes, name: str = "a.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_bytes


def test_gensim_reads_what_we_write(tmp_path):
    write(Embedding(KEYS, VECTORS), tmp_path / "a.txt")
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "a.txt")
    assert theirs.index_to_key == KEYS
    np.testing.assert_array_equal(theirs.vectors, VECTORS)


def test_we_read_what_gensim_writes(tmp_path):
    theirs = KeyedVectors(7)
    theirs.add_vectors(KEYS, VECTORS)
    theirs.save_word2vec_format(str(tmp_path / "a.vec"))
    ours = read(tmp_path / "a.vec")
    assert sorted(ours) == sorted(KEYS)
    np.testing.assert_array_equal(ours[KEYS], VECTORS)


@pytest.mark.parametrize(
    "content",
    [
        b"2 2\na 1 2\nb 3 4\n",
        b"2 2\na 1 2\nb 3 4",
        b"2 2 \na 1 2 \nb 3 4 \n",  # as word2vec.c and fastText write
        b"2 2\r\na 1 2\r\nb 3 4\r\n",
        b"2 2\r\na 1 2 \r\nb 3 4 \r\n",
        b"2 2\na +1.0e0 2.\nb 3 4\n\n\n",
        b"2 2\na 1 2 \nb 3 4\n",
    ],
)
def test_ways_of_writing_the_same(put, content):
    embedding = read(put(content))
    assert list(embedding) == ["a", "b"]
    np.testing.assert_array_equal(embedding.vectors, [[1, 2], [3, 4]])


def test_gzip_is_read(put):
    embedding = read(put(gzip.compress(b"2 2\na 1 2\nb 3 4\n"), "a.txt.gz"))
    np.testing.assert_array_equal(embedding["b"], [3, 4])


def test_keys_with_spaces_are_read_from_the_right(put):
    embedding = read(put(b"3 2\nNew York 1 2\nroute 66 3 4\n 5 6\n"))
    assert list(embedding) == ["New York", "route 66", ""]


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_may_end_anywhere(put, monkeypatch, block):
    lines = [f"k{row} {row} {row / 4}" if row % 5 else f"New York {row} {row} {row / 4}" for row in range(40)]
    monkeypatch.setattr(text, "_BLOCK", block)
    embedding = read(put(("40 2\n" + "\n".join(lines) + "\n").encode()), "word2vec")
    np.testing.assert_array_equal(embedding.vectors, [[row, row / 4] for row in range(40)])
    assert embedding.keys[5] == "New York 5"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"2\na 1\nb 2\n", "begins with the numbers of rows and dimensions"),
        (b"king 1 2\nqueen 3 4\n", 'may be GloVe text: pass format="glove"'),
        (b"2 0\na\nb\n", "vectors of 0 dimensions"),
        (b"3 2\n", "which need 12 bytes or more"),
        (b"3 2\na 1 2\nb 3 4\n", "the header says 3 rows, and the file ends after 2"),
        (b"1 2\na 1 2\nb 3 4\n", "the header says 1 rows, and more follow in line 3"),
        (b"0 2\na 1 2\n", "the header says 0 rows, and more follow in line 2"),
        (
            b"1000000000000 300\na 1 2\n",
            "the header says 1000000000000 rows of 300 numbers, which need 600000000000000",
        ),
        (b"99999999999999999999 2\na 1 2\n", "begins with the numbers"),
        (b"2 2\na 1 2\nb 3\n", "line 3 holds 1 numbers, and the others 2"),
        (b"2 2\na 1.5 2 0.5\nb 3 4\n", r"line 2 holds one number too many \('1.5'\): the others have 2"),
        (b"2 2\na 1 2\n\nb 3 4\n", "line 3 is empty, and more follow"),
        (b"2 2\na 1 2\nb 3 x\n", "line 3 holds b'x' as number 2 of 2, which is none"),
        (b"2 2\na 1 2\nb 3  4\n", "line 3 holds"),
        (b"2 2\na 1 2\nb 3 1_0\n", "line 3 holds b'1_0'"),
        (b"2 2\na 1 2\nb nan 4\n", "line 3 holds nan as number 1: every value must be a finite"),
        (b"2 2\na 1 -inf\nb 3 4\n", "line 2 holds -inf"),
        (b"2 2\na 1 1e39\nb 3 4\n", "line 2 holds 1e39"),
        (b"2 2\na 1 2\na 3 4\n", "The key 'a' stands twice, in rows 0 and 1.*Row 0 is line 2"),
        (b"2 2\na\x00\xff\x10\x07\x00\x00\x00\x00 b", "line 2"),
    ],
)
def test_what_is_wrong_is_said(put, content, what):
    with pytest.raises(BadFile, match=rf"a\.txt.*{what}"):
        read(put(content), "word2vec")


def test_an_integer_too_many_is_part_of_the_key(put):
    # "route 66" is a key that people have; "a 1" may be one, and nothing is lost.
    assert list(read(put(b"1 2\na 1 2 3\n"), "word2vec")) == ["a 1"]


def test_a_key_that_is_not_utf8_is_said_with_its_place(put):
    with pytest.raises(BadEncoding, match=r"line 3, byte 11 of the file: the key b'b\\xff' is not UTF-8"):
        read(put(b"2 2\na 1 2\nb\xff 3 4\n"), "word2vec")


def test_a_compressed_file_cut_short_is_said(put):
    whole = gzip.compress(b"2000 2\n" + b"".join(b"k%d 1 2\n" % row for row in range(2000)))
    for damaged in (whole[:-20], whole[: len(whole) // 2], whole[:50] + b"\xff" * 30 + whole[80:]):
        with pytest.raises(JariError, match="compressed"):
            read(put(damaged, "a.txt.gz"), "word2vec")


def test_a_small_compressed_file_cannot_ask_for_all_memory(put):
    with pytest.raises(BadFile, match="need 600000000000000 bytes or more, and the file has room for"):
        read(put(gzip.compress(b"1000000000000 300\n"), "a.txt.gz"), "word2vec")


def test_a_line_without_end_is_no_text(put, monkeypatch):
    monkeypatch.setattr(text, "_LONGEST_KEY", 100)
    monkeypatch.setattr(text, "_BLOCK", 64)
    with pytest.raises(BadFile, match="line 2 goes on for more than 228 bytes"):
        read(put(b"2 2\n" + b"x" * 500), "word2vec")


@pytest.mark.parametrize(
    ("key", "reason"),
    [("New York", "has a space"), ("", "is empty"), ("a\nb", "has a line break"), ("a\r", "has a carriage return")],
)
def test_keys_that_would_not_be_read_back_are_refused(tmp_path, key, reason):
    with pytest.raises(BadInput, match=rf"\(row 1\) {reason}, which word2vec text cannot hold.*write a \.jari"):
        write(Embedding(["fine", key], VECTORS[:2]), tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


def test_no_keys_at_all_keep_their_dimensions(tmp_path):
    write(Embedding([], np.empty((0, 3))), tmp_path / "a.txt")
    assert read(tmp_path / "a.txt", "word2vec").shape == (0, 3)
