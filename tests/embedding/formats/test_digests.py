from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary, load
from jari.embedding.formats import native
from jari.embedding.formats.digests import Digests
from jari.errors import BadFile, BadInput, NoSuchFile

KEYS = ["cat.jpg", "dog.jpg", "새.png"]
VECTORS = np.random.default_rng(0).standard_normal((3, 4), dtype=np.float32)
ROWS = np.random.default_rng(1).integers(0, 256, (3, 32), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path):
    native.write(Embedding(KEYS, VECTORS), tmp_path / "a.jari", digests=ROWS)
    return tmp_path / "a.jari"


def rewrite(path, change):
    """Change the file, and make its checksum right again: damage that only a look at the content can find."""
    content = change((path / "digests.npy").read_bytes())
    (path / "digests.npy").write_bytes(content)
    about = json.loads((path / "embedding.json").read_text())
    about["files"]["digests.npy"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (path / "embedding.json").write_text(json.dumps(about))


def test_digests_are_kept(saved):
    found = native.digests(saved)
    assert list(found) == KEYS
    assert [found[key] for key in KEYS] == [row.tobytes() for row in ROWS]
    assert found.get("cow.jpg") is None
    assert "cow.jpg" not in found
    assert found.vocabulary == Vocabulary(KEYS)
    assert not found.rows.flags.writeable
    np.testing.assert_array_equal(np.load(saved / "digests.npy"), ROWS)
    np.testing.assert_array_equal(load(saved).vectors, VECTORS)


def test_a_row_is_found_by_what_it_was_made_from():
    rows = np.zeros((5, 32), np.uint8)
    rows[1, 0], rows[2, 31], rows[3, 31], rows[4, 7] = 255, 1, 2, 1  # two differ in the last byte only
    digests = Digests(Vocabulary(list("abcde")), rows)
    assert [digests.row_of(row.tobytes()) for row in rows] == [0, 1, 2, 3, 4]
    assert digests.row_of(bytes(31) + b"\x03") is None
    assert digests.row_of(b"\xff" * 32) is None
    assert Digests(Vocabulary([]), np.empty((0, 32), np.uint8)).row_of(bytes(32)) is None


def test_of_two_rows_of_one_digest_the_first_is_found():
    assert Digests(Vocabulary(["a", "b"]), np.ones((2, 32), np.uint8)).row_of(b"\x01" * 32) == 0


def test_they_are_version_3_and_embeddings_without_are_not(saved, tmp_path):
    assert json.loads((saved / "embedding.json").read_text())["version"] == 3
    load(saved).save(tmp_path / "b.jari")
    assert json.loads((tmp_path / "b.jari" / "embedding.json").read_text())["version"] == 1
    assert native.digests(tmp_path / "b.jari") is None
    load(saved).save(saved, force=True)  # a file fewer
    assert native.digests(saved) is None


def test_the_checksum_is_of_vectors_and_keys_only(saved, tmp_path):
    load(saved).save(tmp_path / "b.jari")
    assert native.checksum(saved) == native.checksum(tmp_path / "b.jari")
    native.write(Embedding(KEYS, -VECTORS), tmp_path / "c.jari", digests=ROWS)
    assert native.checksum(saved) != native.checksum(tmp_path / "c.jari")


def test_digests_of_another_shape_are_not_written(tmp_path):
    for wrong in (ROWS[:2], ROWS[:, :16], ROWS.astype(np.int64)):
        with pytest.raises(BadInput, match=r"give a SHA-256 a key, \(3, 32\) uint8"):
            native.write(Embedding(KEYS, VECTORS), tmp_path / "a.jari", digests=wrong)
    assert list(tmp_path.iterdir()) == []


def test_an_embedding_without_keys_has_digests(tmp_path):
    native.write(Embedding([], np.empty((0, 3))), tmp_path / "a.jari", digests=np.empty((0, 32), np.uint8))
    assert len(native.digests(tmp_path / "a.jari")) == 0
    assert load(tmp_path / "a.jari").shape == (0, 3)


def test_no_embedding_no_digests(tmp_path):
    with pytest.raises(NoSuchFile, match="There is no"):
        native.digests(tmp_path / "a.jari")


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), version=version, allow_pickle=False)
    return lambda _: stream.getvalue()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (npy(ROWS[:2]), r"digests\.npy holds uint8 of shape \(2, 32\), not 32 bytes for each of 3"),
        (npy(ROWS.T), r"of shape \(32, 3\)"),
        (npy(np.asfortranarray(ROWS)), r"of shape \(3, 32\), not"),
        (npy(ROWS.view(np.int8)), "holds int8 of shape"),
        (npy(ROWS.reshape(-1)), r"of shape \(96,\)"),
        (npy(ROWS, (2, 0)), r"is not a \.npy file \(version \(2, 0\) of the format\)"),
        (lambda c: c[:-1], "holds uint8 of shape"),
        (lambda c: c + b"more", "holds uint8 of shape"),
        (lambda c: c[:50], r"is not a \.npy file"),
        (lambda c: b"", r"is not a \.npy file"),
        (lambda c: b"hello" * 40, r"is not a \.npy file"),
    ],
)
def test_hostile_digests_are_refused_even_with_a_right_checksum(saved, change, what):
    rewrite(saved, change)
    for read in (native.digests, load):
        with pytest.raises(BadFile, match=what):
            read(saved)


def test_changed_or_missing_digests_are_found(saved):
    content = bytearray((saved / "digests.npy").read_bytes())
    content[-1] ^= 1
    (saved / "digests.npy").write_bytes(content)
    load(saved)
    with pytest.raises(BadFile, match=r"digests\.npy does not match its checksum"):
        native.digests(saved)
    with pytest.raises(BadFile, match=r"digests\.npy does not match its checksum"):
        Embedding.load(saved, verify=True)
    (saved / "digests.npy").write_bytes(content[:-1])
    with pytest.raises(BadFile, match=r"digests\.npy should have .* bytes and has .*cut short"):
        load(saved)
    (saved / "digests.npy").unlink()
    with pytest.raises(BadFile, match=r"has no digests\.npy"):
        load(saved)


@pytest.mark.parametrize("version", [1, 2])
def test_earlier_versions_have_none(saved, version):
    about = json.loads((saved / "embedding.json").read_text()) | {"version": version}
    (saved / "embedding.json").write_text(json.dumps(about))
    with pytest.raises(BadFile, match="files must be"):
        native.digests(saved)


def test_digests_are_no_link(saved, tmp_path):
    (saved / "digests.npy").rename(tmp_path / "outside")
    (saved / "digests.npy").symlink_to(tmp_path / "outside")
    with pytest.raises(BadFile, match=r"digests\.npy is a link"):
        native.digests(saved)
