from __future__ import annotations

import gzip

import numpy as np
import pytest
from gensim.models import KeyedVectors

from jari.embedding import Embedding
from jari.embedding.formats import glove, read, write
from jari.errors import BadEncoding, BadFile, BadInput


@pytest.fixture
def put(tmp_path):
    def write_bytes(content: bytes, name: str = "a.glove"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_bytes


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # gensim leaves its file open
def test_gensim_reads_what_we_write(tmp_path):
    keys, vectors = ["the", "자리", "😀"], np.random.default_rng(0).standard_normal((3, 4), dtype=np.float32)
    write(Embedding(keys, vectors), tmp_path / "a.glove")
    theirs = KeyedVectors.load_word2vec_format(tmp_path / "a.glove", no_header=True)
    assert theirs.index_to_key == keys
    np.testing.assert_array_equal(theirs.vectors, vectors)


def test_keys_with_spaces_are_read_from_the_right(put):
    embedding = read(put(b"the 0.1 0.2\n. . . 0.3 0.4\nat name@domain.com 0.5 0.6\nroute 66 0.7 0.8\n"))
    assert list(embedding) == ["the", ". . .", "at name@domain.com", "route 66"]
    np.testing.assert_allclose(embedding["route 66"], [0.7, 0.8])


def test_keys_may_all_have_spaces(put):
    assert read(put(b"New York 0.1 0.2\nLos Angeles 0.3 0.4\n")).shape == (2, 2)


@pytest.mark.parametrize(
    ("line", "dim"),
    [(b"a 1 2 3", 3), (b"1 2 3", 2), (b"a b c", 0), (b"a 1 b 2", 1), (b"a", 0), (b"", 0), (b"a 1 2 \r", 2)],
)
def test_dimensions_are_what_most_lines_end_with(line, dim):
    assert glove.dimensions(line) == dim


def test_the_array_grows_with_the_file(put):
    lines = b"".join(b"k%d %d %d\n" % (row, row, -row) for row in range(5000))
    for path in (put(lines), put(gzip.compress(lines), "a.glove.gz")):
        embedding = read(path)
        assert embedding.shape == (5000, 2)
        np.testing.assert_array_equal(embedding.vectors[:, 0], np.arange(5000))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"just some words\nin lines\n", "line 1 is b'just some words'"),
        (b"a 1 2\nb 3\nc 5 6\n", "line 2 holds 1 numbers, and the others 2"),
        (b"a 1 2\nb 3.5 4 5\nc 5 6\n", r"line 2 holds one number too many \('3.5'\)"),
        (b"a 1 2\nb 3 nan\n", "line 2 holds nan"),
        (b"a 1 2\nb 3 4\na 5 6\n", "The key 'a' stands twice, in rows 0 and 2.*Row 0 is line 1"),
        (b"a 1 2\n\nb 3 4\n", "line 2 is empty"),
    ],
)
def test_what_is_wrong_is_said(put, content, what):
    with pytest.raises(BadFile, match=rf"a\.glove.*{what}"):
        read(put(content), "glove")


def test_a_key_that_is_not_utf8_is_said_with_its_place(put):
    with pytest.raises(BadEncoding, match=r"line 2, byte 7 of the file: the key b'b\\xff'"):
        read(put(b"a 1 2\nb\xff 3 4\n"))


@pytest.mark.parametrize("key", ["version 2", "x nan", "x 1e5", "x .5", "ends in space ", "\n", "\ufeffa"])
def test_keys_that_would_not_be_read_back_are_refused(tmp_path, key):
    with pytest.raises(BadInput, match="which GloVe text cannot hold"):
        write(Embedding(["fine", key], np.ones((2, 2))), tmp_path / "a.glove")


def test_no_keys_at_all_have_no_dimensions(tmp_path):
    with pytest.raises(BadInput, match="no place for the dimensions"):
        write(Embedding([], np.empty((0, 3))), tmp_path / "a.glove")
