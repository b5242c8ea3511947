from __future__ import annotations

import gzip

import numpy as np
import pytest
from gensim.models import KeyedVectors

from jari.embedding import Embedding
from jari.embedding.formats import read, word2vec_binary, write
from jari.errors import BadEncoding, BadFile, BadInput, JariError

KEYS = ["the", "자리", "tab\there", "😀"]
VECTORS = np.random.default_rng(0).standard_normal((4, 3), dtype=np.float32)


def content(keys=("a", "b"), vectors=((1, 2), (3, 4)), n=None, between=b"\n"):
    rows = np.array(vectors, dtype="<f4")
    body = b"".join(
        (key if isinstance(key, bytes) else key.encode()) + b" " + row.tobytes() + between
        for key, row in zip(keys, rows, strict=True)
    )
    return b"%d %d\n" % (len(rows) if n is None else n, rows.shape[1]) + body


@pytest.fixture
def put(tmp_path):
    def write_bytes(content: bytes, name: str = "a.bin"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_bytes


def test_gensim_reads_what_we_write(tmp_path):
    write(Embedding(KEYS, VECTORS), tmp_path / "a.bin")
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "a.bin", binary=True)
    assert theirs.index_to_key == KEYS
    np.testing.assert_array_equal(theirs.vectors, VECTORS)


def test_we_read_what_gensim_writes(tmp_path):
    theirs = KeyedVectors(3)
    theirs.add_vectors(KEYS, VECTORS)
    theirs.save_word2vec_format(str(tmp_path / "a.bin"), binary=True)
    ours = read(tmp_path / "a.bin")
    assert sorted(ours) == sorted(KEYS)
    np.testing.assert_array_equal(ours[KEYS], VECTORS)


@pytest.mark.parametrize("between", [b"", b"\n"])
@pytest.mark.parametrize("block", [1, 5, 40])
def test_rows_may_end_in_a_line_break_and_blocks_anywhere(put, monkeypatch, between, block):
    monkeypatch.setattr(word2vec_binary, "_BLOCK", block)
    # 10 and 32 are the bytes of "\n" and " ": numbers that hold them must not be taken for either.
    vectors = np.frombuffer(bytes([10, 32, 10, 32]) * 60, dtype="<f4").reshape(30, 2)
    keys = [f"k{row}" for row in range(30)]
    embedding = read(put(content(keys, vectors, between=between)), "word2vec-binary")
    assert list(embedding) == keys
    np.testing.assert_array_equal(embedding.vectors, vectors)


def test_gzip_is_read(put):
    np.testing.assert_array_equal(read(put(gzip.compress(content()), "a.bin.gz"))["b"], [3, 4])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (content(n=3), "the header says 3 rows, and the file ends in row 2"),
        (content(n=1), "the header says 1 rows, and more bytes follow"),
        (content()[:-4], "the file ends in row 1"),
        (content(n=10**12), "the header says 1000000000000 rows of 2 numbers, which need 8000000000000 bytes"),
        (b"1 1000000000\na " + bytes(8), "which need 4000000000 bytes or more, and the file has room for"),
        (b"2 2\n", "which need 16 bytes or more"),
        (content(vectors=((1, 2), (np.nan, 4))), "row 1 holds nan in column 0"),
        (content(vectors=((1, np.inf), (3, 4))), "row 0 holds inf in column 1"),
        (content(keys=("a", "a")), "The key 'a' stands twice, in rows 0 and 1"),
        (b"2 2\na 1.5 2.5\nb 3.5 4.5\n", "holds its numbers as text"),
    ],
)
def test_what_is_wrong_is_said(put, data, what):
    with pytest.raises(JariError, match=what) as refused:
        read(put(data), "word2vec-binary")
    assert "a.bin" in str(refused.value)


def test_a_key_that_is_not_utf8_is_said_with_its_row(put):
    with pytest.raises(BadEncoding, match=r"the key of row 1, b'\\xffb', is not UTF-8 \(byte 0\)"):
        read(put(content(keys=("a", b"\xffb"))))


def test_a_key_without_end_is_no_key(put, monkeypatch):
    monkeypatch.setattr(word2vec_binary, "_LONGEST_KEY", 50)
    with pytest.raises(BadFile, match="the key of row 0 does not end"):
        read(put(b"2 2\n" + b"x" * 500), "word2vec-binary")


@pytest.mark.parametrize(
    ("key", "reason"), [("New York", "has a space"), ("", "is empty"), ("\na", "has a line break")]
)
def test_keys_that_would_not_be_read_back_are_refused(tmp_path, key, reason):
    with pytest.raises(BadInput, match=rf"{reason}, which word2vec binary cannot hold"):
        write(Embedding([key], [[1.0]]), tmp_path / "a.bin")
