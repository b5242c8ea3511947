from __future__ import annotations

import gzip

import numpy as np
import pytest

from jari.embedding import Embedding, load
from jari.embedding.formats import FORMATS, detect, read, write
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile

SMALL = Embedding(["a", "b"], [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.txt", "word2vec"),
        ("a.vec", "word2vec"),
        ("a.w2v", "word2vec"),
        ("a.bin", "word2vec-binary"),
        ("a.glove", "glove"),
        ("A.GloVe.TXT", "glove"),
        ("a.npy", "npy"),
        ("a.jari", "jari"),
    ],
)
def test_the_name_says_what_is_written_and_the_content_what_is_read(tmp_path, name, format):
    write(SMALL, tmp_path / name)
    assert detect(tmp_path / name) == format
    if format not in ("jari", "npy"):
        moved = (tmp_path / name).rename(tmp_path / "anything")
        assert detect(moved) == format
        assert list(load(moved)) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "given", "format"),
    [("a.vec", None, "word2vec"), ("a.BIN", None, "word2vec-binary"), ("a", None, "jari"), ("a.v2", "glove", "glove")],
)
def test_an_embedding_is_saved_as_its_name_says(tmp_path, name, given, format):
    SMALL.save(tmp_path / name, given)
    assert detect(tmp_path / name) == format
    with pytest.raises(FileIsThere):
        SMALL.save(tmp_path / name, given)
    SMALL.save(tmp_path / name, given, force=True)
    assert list(load(tmp_path / name)) == ["a", "b"]


@pytest.mark.parametrize(
    "content", [b"2 2\na 1 2\nb x y\n", b"2 2\nNew York 1 2\nb 3 4\n", b"2 300\na" + b" 0.123456" * 300, b"0 5\n"]
)
def test_text_stays_text_when_a_row_is_strange(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert detect(tmp_path / "a") == "word2vec"


def test_a_long_row_of_text_is_told_from_a_binary_one(tmp_path):
    wide = Embedding(["a", "b"], np.random.default_rng(0).standard_normal((2, 20_000)))
    for format in ("word2vec", "word2vec-binary", "glove"):
        write(wide, tmp_path / "a", format, force=True)
        assert detect(tmp_path / "a") == format


def test_compressed_files_are_looked_into(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a 1 2\nb 3 4\n"))
    assert detect(tmp_path / "a.gz") == "glove"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"some prose, and\nmore of it", b"PK\x03\x04", b"\x80\x04\x95"]
)
def test_what_is_in_no_format_is_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadFile, match=r"is empty|in no format that Jari knows"):
        detect(tmp_path / "a")


def test_names_that_say_nothing_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"'a\.xyz' does not say which format to write: end it with one of \.jari"):
        write(SMALL, tmp_path / "a.xyz")
    write(SMALL, tmp_path / "a.xyz", "glove")
    for call in (lambda: read(tmp_path / "a.xyz", "excel"), lambda: write(SMALL, tmp_path / "b", "excel")):
        with pytest.raises(BadInput, match="'excel' is not known: choose one of jari, word2vec"):
            call()


def test_what_is_not_there_is_said(tmp_path):
    for name in ("a.txt", "a.jari", "a"):
        with pytest.raises(NoSuchFile, match="There is no"):
            load(tmp_path / name)
    with pytest.raises(BadFile, match=r"is a folder without embedding\.json"):
        load(tmp_path)


def test_a_folder_of_embeddings_names_them(tmp_path):
    for name in ("users.jari", "items.jari"):
        (tmp_path / "films" / name).mkdir(parents=True)
    with pytest.raises(BadFile, match=r"Embeddings in it: .*films/items\.jari, .*films/users\.jari\."):
        detect(tmp_path / "films")


def test_formats_can_be_listed():
    assert [each.name for each in FORMATS.values()] == list(FORMATS)
    assert [name for name, each in FORMATS.items() if not each.reads] == ["projector"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        FORMATS["mine"] = None
