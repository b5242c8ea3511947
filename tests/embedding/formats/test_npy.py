from __future__ import annotations

import json

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.embedding.formats import read, write
from jari.errors import BadEncoding, BadFile, FileIsThere, NoSuchFile

VECTORS = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.fixture
def put(tmp_path):
    def write_pair(vectors=VECTORS, kind="json", keys=b'["a", "b", "c"]'):
        np.save(tmp_path / "v.npy", vectors, allow_pickle=True)
        (tmp_path / f"v.keys.{kind}").write_bytes(keys)
        return tmp_path / "v.npy"

    return write_pair


@pytest.mark.parametrize(
    ("kind", "keys", "counts"),
    [
        ("json", b'["a", "b\\n", ""]', None),
        ("txt", b"a\nNew York\n\n", None),
        ("txt", b"a\r\nb\r\nc", None),
        ("tsv", b"a\t3\nNew York\t2\nx\ty\t1\n", [3, 2, 1]),
    ],
)
def test_keys_may_stand_in_three_kinds_of_file(put, kind, keys, counts):
    embedding = read(put(kind=kind, keys=keys))
    expected = {"json": ["a", "b\n", ""], "tsv": ["a", "New York", "x\ty"]}
    assert list(embedding) == expected.get(kind, ["a", "b", "c"] if b"\r" in keys else ["a", "New York", ""])
    assert (embedding.vocabulary.counts is None) == (counts is None)
    if counts is not None:
        assert embedding.vocabulary.counts.tolist() == counts


@pytest.mark.parametrize("dtype", ["<f2", ">f4", "<f8", "i4", "u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_numbers_become_float32(put, dtype, order):
    embedding = read(put(np.array(VECTORS, dtype=dtype, order=order)))
    np.testing.assert_array_equal(embedding.vectors, VECTORS)
    assert embedding.vectors.flags.c_contiguous


def test_a_float32_matrix_stays_in_its_file(put):
    vectors = read(put()).vectors
    while vectors.base is not None and not isinstance(vectors, np.memmap):
        vectors = vectors.base
    assert isinstance(vectors, np.memmap)


@pytest.mark.parametrize(
    ("vectors", "kind", "keys", "what"),
    [
        (VECTORS, "json", b'["a", "b"]', "has 3 rows, and 2 keys stand beside it"),
        (VECTORS, "json", b'["a", "b", "a"]', "The key 'a' stands twice"),
        (VECTORS, "json", b'["a", "b", 3]', "must be a JSON list of strings"),
        (VECTORS, "json", b'["a", "b"', "is not JSON"),
        (VECTORS, "json", b"[" * 100_000, "is not JSON"),
        (VECTORS, "json", b'["a", "b", "\\ud800"]', "half a surrogate pair"),
        (VECTORS, "tsv", b"a\t1\nb\t2\nc\n", "line 3 is 'c'; a key, a tab and a count"),
        (VECTORS, "tsv", "a\t1\nb\t2\nc\t²\n".encode(), "line 3"),
        (VECTORS * [[1], [np.nan], [1]], "txt", b"a\nb\nc\n", r"The vector of 'b' \(row 1\) holds nan"),
        (VECTORS.astype(complex), "txt", b"a\nb\nc\n", "holds complex128"),
        (VECTORS.astype(object), "txt", b"a\nb\nc\n", "without running code"),
        (VECTORS.astype(str), "txt", b"a\nb\nc\n", "a matrix .* of numbers is needed"),
        (VECTORS[0], "txt", b"a\nb\n", r"of shape \(2,\)"),
    ],
)
def test_what_is_wrong_is_said(put, vectors, kind, keys, what):
    with pytest.raises(BadFile, match=what):
        read(put(vectors, kind, keys))


def test_keys_that_are_not_utf8_are_said_with_their_place(put):
    with pytest.raises(BadEncoding, match="line 2, byte 2 is not UTF-8"):
        read(put(kind="txt", keys=b"a\n\xff\nc\n"))


def test_keys_must_stand_beside_and_in_one_file(put, tmp_path):
    path = put()
    (tmp_path / "v.keys.txt").write_text("a\nb\nc\n")
    with pytest.raises(BadFile, match=r"more than one file of keys \(v.keys.json, v.keys.txt\)"):
        read(path)
    for file in tmp_path.glob("v.keys.*"):
        file.unlink()
    with pytest.raises(NoSuchFile, match=r"give one of v.keys.json, v.keys.txt, v.keys.tsv"):
        read(path)


@pytest.mark.parametrize(
    "header", [b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 300), }", b"(" * 900, b"x" * 60000]
)
def test_a_header_that_lies_is_refused(put, header):
    path = put()
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(24))
    with pytest.raises(BadFile, match=r"v\.npy is not a \.npy matrix"):
        read(path)


def test_an_archive_is_not_a_matrix(tmp_path):
    with (tmp_path / "v.npy").open("wb") as file:
        np.savez(file, a=VECTORS)
    with pytest.raises(BadFile, match=r"an archive of arrays \(\.npz\)"):
        read(tmp_path / "v.npy", "npy")


def test_writing_leaves_one_file_of_keys(put, tmp_path):
    put(kind="txt", keys=b"a\nb\nc\n")
    with pytest.raises(FileIsThere, match="exists already"):
        write(Embedding(["x"], [[1.0]]), tmp_path / "v.npy")
    write(Embedding(["x"], [[1.0]]), tmp_path / "v.npy", force=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["v.keys.json", "v.npy"]
    assert json.loads((tmp_path / "v.keys.json").read_text()) == ["x"]
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), [[1.0]])
