from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.embedding.codes import CompressedEmbedding, files
from jari.embedding.compression import compress
from jari.embedding.formats.tensors import KINDS, map_tensors
from jari.errors import BadFile, FileIsThere, NoSuchFile

METHODS = ("float32", "float16", "int8", "binary", "pq:3", "binary+int8", "pq:3+float16")


def made(method: str = "int8", n: int = 50) -> CompressedEmbedding:
    vectors = np.random.default_rng(0).normal(size=(n, 9))
    keys = Vocabulary([f"key {row} 🌍" for row in range(n)], counts=np.arange(n)[::-1])
    compressed = compress(Embedding(keys, vectors, metadata={"learner": "none"}), method)
    assert isinstance(compressed, CompressedEmbedding)
    return compressed


@pytest.mark.parametrize("method", METHODS)
def test_there_and_back(tmp_path: Path, method: str) -> None:
    before = made(method)
    before.save(tmp_path / "small.jari")
    for verify in (False, True):
        after = CompressedEmbedding.load(tmp_path / "small.jari", verify=verify)
        assert list(after.keys) == list(before.keys)
        assert after.vocabulary.counts is not None
        assert after.vocabulary.counts.tolist() == list(range(50))[::-1]
        assert after.metadata == before.metadata
        assert after.bytes_per_key == before.bytes_per_key
        np.testing.assert_array_equal(np.asarray(after.vectors), np.asarray(before.vectors))
        ours, theirs = after.similar(["key 7 🌍", "key 8 🌍"]), before.similar(["key 7 🌍", "key 8 🌍"])
        assert ours.rows.tolist() == theirs.rows.tolist()
        assert ours.scores.tolist() == theirs.scores.tolist()


def test_codes_are_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    made("binary+int8").save(tmp_path / "small.jari")
    opened = CompressedEmbedding.load(tmp_path / "small.jari")
    assert opened.finer is not None
    for array in (*opened.codes.arrays.values(), *opened.finer.arrays.values()):
        assert not array.flags.writeable
        assert not array.flags.owndata


def test_the_container_is_plain_safetensors(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    before = made("pq:3+float16")
    before.save(tmp_path / "small.jari")
    found = numpy.load_file(tmp_path / "small.jari" / "codes.safetensors")
    assert set(found) == {"codes", "centroids", "lengths", "finer.values"}
    assert found["finer.values"].dtype == np.float16
    np.testing.assert_array_equal(found["codes"], before.codes.arrays["codes"])


def test_what_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    place = tmp_path / "small.jari"
    made().save(place)
    with pytest.raises(FileIsThere, match="exists already"):
        made("binary").save(place)
    made("binary").save(place, force=True)
    assert CompressedEmbedding.load(place).codes.name == "binary"
    made().embedding().save(place.with_name("plain.jari"))
    made().save(place.with_name("plain.jari"), force=True)  # a plain embedding gives way to a compressed one
    assert CompressedEmbedding.load(place.with_name("plain.jari")).codes.name == "int8"
    (place / "diary.txt").write_text("mine")
    with pytest.raises(FileIsThere, match=r"holds other things too \(diary.txt\)"):
        made().save(place, force=True)


def test_nothing_is_left_of_a_save_that_failed(tmp_path: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    made("binary").save(tmp_path / "small.jari")
    monkeypatch.setattr(files, "keys_to_bytes", full)
    with pytest.raises(OSError, match=r"No space left on device \(what was there before is untouched\)"):
        made().save(tmp_path / "small.jari", force=True)
    assert [each.name for each in tmp_path.iterdir()] == ["small.jari"]
    assert CompressedEmbedding.load(tmp_path / "small.jari").codes.name == "binary"


# ── files that are not what they say


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    made("binary+int8").save(tmp_path / "small.jari")
    return tmp_path / "small.jari"


def edit(folder: Path, **entries: Any) -> None:
    about = json.loads((folder / "codes.json").read_text(encoding="utf-8"))
    (folder / "codes.json").write_text(json.dumps(about | entries), encoding="utf-8")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"format": "other"}, "this is not a compressed embedding"),
        ({"version": 0}, "format version 0, which is no version"),
        ({"version": True}, "format version True, which is no version"),
        ({"version": 99}, "is of format version 99.*this library reads version 1. Upgrade"),
        ({"shape": [50]}, r"shape is \[50\], not \[n, d\]"),
        ({"shape": [50, 0]}, r"shape is \[50, 0\], not \[n, d\]"),
        ({"shape": [50, -9]}, r"shape is \[50, -9\]"),
        ({"shape": [51, 9]}, r"bits is uint8 of shape \(50, 8\), not uint8 of shape \(51, 8\)"),
        ({"shape": [50, 8]}, r"mean is float32 of shape \(9,\), not float32 of shape \(8,\)"),
        ({"shape": [10**15, 10**15]}, "bits is uint8"),
        ({"codes": "zip"}, "codes are 'zip', none of float32, float16, int8, binary, pq"),
        ({"codes": ["int8"]}, "codes are"),
        ({"codes": "int8"}, "The arrays are"),
        ({"codes": "pq"}, "The arrays are"),
        ({"finer": None}, "says nothing of finer codes"),
        ({"finer": "float16"}, "The arrays are"),
        ({"finer": 3}, "finer is 3"),
        ({"files": {}}, "files must be codes.safetensors and keys.arrow"),
        ({"files": {"codes.safetensors": {}, "keys.arrow": {}}}, "lacks its size or its checksum"),
        ({"files": {"../../etc/passwd": {}, "keys.arrow": {}}}, "files must be"),
        ({"metadata": 3}, "metadata is not an object"),
    ],
)
def test_a_description_that_was_edited_is_refused(saved: Path, entries: dict[str, Any], said: str) -> None:
    edit(saved, **entries)
    with pytest.raises(BadFile, match=said):
        CompressedEmbedding.load(saved)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_description_that_is_none_is_refused(saved: Path, text: bytes) -> None:
    (saved / "codes.json").write_bytes(text)
    with pytest.raises(BadFile, match=r"codes\.json"):
        CompressedEmbedding.load(saved)


@pytest.mark.parametrize("name", ["codes.safetensors", "keys.arrow", "codes.json"])
def test_a_part_that_is_lost_or_a_link_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    (saved / name).rename(tmp_path / "aside")
    with pytest.raises(BadFile, match=f"has no {name}"):
        CompressedEmbedding.load(saved)
    (saved / name).symlink_to(tmp_path / "aside")
    with pytest.raises(BadFile, match="is a link"):
        CompressedEmbedding.load(saved)


@pytest.mark.parametrize("name", ["codes.safetensors", "keys.arrow"])
@pytest.mark.parametrize("harm", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: b""])
def test_a_part_of_another_length_is_refused(saved: Path, name: str, harm: Callable[[bytes], bytes]) -> None:
    (saved / name).write_bytes(harm((saved / name).read_bytes()))
    with pytest.raises(BadFile, match=r"should have \d+ bytes and has \d+"):
        CompressedEmbedding.load(saved)


@pytest.mark.parametrize("name", ["codes.safetensors", "keys.arrow"])
def test_every_flipped_byte_is_noticed(saved: Path, name: str) -> None:
    data = bytearray((saved / name).read_bytes())
    for at in (0, len(data) // 2, len(data) - 1):
        data[at] ^= 4
        (saved / name).write_bytes(bytes(data))
        with pytest.raises(BadFile, match="does not match its checksum"):
            CompressedEmbedding.load(saved)
        data[at] ^= 4


def with_checksum(folder: Path, data: bytes) -> None:
    """Tensors that someone made on purpose."""
    import hashlib

    (folder / "codes.safetensors").write_bytes(data)
    about = json.loads((folder / "codes.json").read_text(encoding="utf-8"))
    about["files"]["codes.safetensors"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    edit(folder, files=about["files"])


def tensors(header: Any, data: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "header takes 0 bytes"),
        (b"\xff" * 64, "header takes"),
        (tensors(b"{", b""), "not JSON"),
        (tensors([1], b""), "not a JSON object"),
        (tensors({"bits": 3}, b""), "says nothing of 'bits'"),
        (tensors({"bits": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}, b"12345678"), "of type 'I64'"),
        (tensors({"bits": {"dtype": "U8", "shape": [4], "data_offsets": [0, 8]}}, b"12345678"), "takes 4 bytes, not 8"),
        (tensors({"bits": {"dtype": "U8", "shape": [4], "data_offsets": [2, 6]}}, b"123456"), "begins at byte 2"),
        (tensors({"bits": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}}, b"1234"), "should have"),
        (tensors({"bits": {"dtype": "U8", "shape": [-1], "data_offsets": [0, 8]}}, b"12345678"), "has shape"),
        (
            tensors(
                {
                    "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
                    "b": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]},
                },
                b"12345",
            ),
            "cannot be read from in place",
        ),
    ],
)
def test_hostile_tensors_are_refused(saved: Path, data: bytes, said: str) -> None:
    with_checksum(saved, data)
    with pytest.raises(BadFile, match=said):
        CompressedEmbedding.load(saved)


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    made("float16").save(tmp_path / "small.jari")
    data = bytearray((tmp_path / "small.jari" / "codes.safetensors").read_bytes())
    data[-2:] = np.array([np.nan], np.float16).tobytes()
    with_checksum(tmp_path / "small.jari", bytes(data))
    with pytest.raises(BadFile, match="values holds values that are not finite numbers"):
        CompressedEmbedding.load(tmp_path / "small.jari")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no .*small\.jari"):
        CompressedEmbedding.load(tmp_path / "small.jari")
    (tmp_path / "small.jari").write_text("text")
    with pytest.raises(BadFile, match=r"is a file, and a \.jari is a folder"):
        CompressedEmbedding.load(tmp_path / "small.jari")


def test_tensors_can_be_empty(tmp_path: Path) -> None:
    made("int8", n=0).save(tmp_path / "none.jari")
    opened = CompressedEmbedding.load(tmp_path / "none.jari")
    assert opened.shape == (0, 9)
    with (tmp_path / "none.jari" / "codes.safetensors").open("rb") as file:
        assert map_tensors(file, "none", KINDS)["values"].shape == (0, 9)
    assert len(opened.similar(np.ones(9))) == 0


def test_it_can_be_opened_while_it_is_replaced(saved: Path) -> None:
    opened = CompressedEmbedding.load(saved)
    before = opened.similar("key 7 🌍").rows.tolist()
    made("float16").save(saved, force=True)
    assert opened.similar("key 7 🌍").rows.tolist() == before
    assert [each.name for each in saved.parent.iterdir()] == ["small.jari"]
