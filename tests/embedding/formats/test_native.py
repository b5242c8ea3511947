from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from safetensors import safe_open

from jari.embedding import Embedding, Subwords, Vocabulary, load
from jari.embedding.formats import native
from jari.errors import BadFile, FileIsThere, NoSuchFile

KEYS = ["the", "", "New York", "two\nlines", "nul\0", "😀"]
VECTORS = np.random.default_rng(0).standard_normal((6, 4), dtype=np.float32)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "a.jari"
    Embedding(Vocabulary(KEYS, counts=range(6)), VECTORS, metadata={"learner": "none"}).save(path)
    return path


def rewrite(path, name, change):
    """Change one file, and make its checksum right again: damage that only a look at the content can find."""
    file = path / name
    file.write_bytes(change(file.read_bytes()))
    about = json.loads((path / "embedding.json").read_text())
    content = file.read_bytes()
    about["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (path / "embedding.json").write_text(json.dumps(about))


def edit(path, **entries):
    about = json.loads((path / "embedding.json").read_text()) | entries
    (path / "embedding.json").write_text(json.dumps(about))


def header(change):
    """A change to the header of a safetensors file, its data left alone."""

    def changed(content):
        length = int.from_bytes(content[:8], "little")
        text = json.dumps(change(json.loads(content[8 : 8 + length]))).encode()
        text += b" " * (-(8 + len(text)) % 64)
        return len(text).to_bytes(8, "little") + text + content[8 + length :]

    return changed


def test_everything_is_kept(tmp_path):
    embedding = Embedding(
        Vocabulary(KEYS, counts=range(6)),
        VECTORS,
        context=-VECTORS,
        subwords=Subwords(np.ones((9, 4), np.float32), 2, 5),
        metadata={"losses": [0.5, 0.25], "tokenizer": "낱말"},
    )
    embedding.save(tmp_path / "a.jari")
    for verify in (False, True):
        back = Embedding.load(tmp_path / "a.jari", verify=verify)
        assert back.vocabulary == embedding.vocabulary
        np.testing.assert_array_equal(back.vectors, VECTORS)
        np.testing.assert_array_equal(back.norms, embedding.norms)
        np.testing.assert_array_equal(back.context, -VECTORS)
        np.testing.assert_array_equal(back.subwords.vectors, np.ones((9, 4)))
        assert (back.subwords.shortest, back.subwords.longest) == (2, 5)
        assert back.metadata == embedding.metadata


def test_the_safetensors_package_reads_the_vectors(saved):
    with safe_open(saved / "vectors.safetensors", "numpy") as file:
        assert sorted(file.keys()) == ["norms", "vectors"]
        np.testing.assert_array_equal(file.get_tensor("vectors"), VECTORS)


def test_saving_twice_gives_the_same_bytes(saved, tmp_path):
    load(saved).save(tmp_path / "b.jari")
    for name in ("embedding.json", "vectors.safetensors", "keys.arrow"):
        assert (saved / name).read_bytes() == (tmp_path / "b.jari" / name).read_bytes()


def test_an_embedding_can_replace_the_file_that_it_is_mapped_from(saved):
    load(saved)[1:4].save(saved, force=True)
    assert list(load(saved)) == KEYS[1:4]
    np.testing.assert_array_equal(load(saved).vectors, VECTORS[1:4])


def test_an_empty_embedding_is_kept(tmp_path):
    Embedding([], np.empty((0, 3))).save(tmp_path / "a.jari")
    assert load(tmp_path / "a.jari").shape == (0, 3)


def test_vectors_are_mapped_and_large_ones_not_read(saved, monkeypatch):
    monkeypatch.setattr(native, "_ALWAYS_VERIFIED", 10)
    damaged = saved / "vectors.safetensors"
    content = bytearray(damaged.read_bytes())
    content[-40:-36] = np.float32(np.nan).tobytes()
    damaged.write_bytes(content)
    opened = load(saved)
    assert not opened.vectors.flags.owndata
    with pytest.raises(BadFile, match="does not match its checksum"):
        Embedding.load(saved, verify=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_opening_a_large_embedding_takes_little_memory(tmp_path):
    Embedding([f"k{row}" for row in range(50_000)], np.ones((50_000, 400))).save(tmp_path / "a.jari")  # 80 MB
    script = (
        "import sys, jari.embedding as e\n"
        "def rss(): return int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "before = rss(); opened = e.load(sys.argv[1]); print(rss() - before)"
    )
    out = subprocess.run([sys.executable, "-c", script, tmp_path / "a.jari"], capture_output=True, check=True)
    assert int(out.stdout) < 8e6


def test_saving_makes_no_second_copy(tmp_path):
    embedding = Embedding([f"k{row}" for row in range(5000)], np.ones((5000, 1000)))  # 20 MB
    tracemalloc.start()
    embedding.save(tmp_path / "a.jari")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6


@pytest.mark.parametrize("name", ["vectors.safetensors", "keys.arrow"])
def test_a_changed_bit_is_found(saved, name):
    content = bytearray((saved / name).read_bytes())
    content[-50] ^= 4
    (saved / name).write_bytes(content)
    with pytest.raises(BadFile, match=rf"{name} does not match its checksum"):
        load(saved)


@pytest.mark.parametrize("name", ["embedding.json", "vectors.safetensors", "keys.arrow"])
def test_a_missing_file_is_said(saved, name):
    (saved / name).unlink()
    with pytest.raises(BadFile, match=rf"a\.jari has no {name}"):
        load(saved)


def test_a_future_version_is_said_with_what_to_do(saved):
    edit(saved, version=7, library="jari 9.1")
    with pytest.raises(
        BadFile, match=r"version 7, written by jari 9\.1; this library reads version 3\. Upgrade it with"
    ):
        load(saved)


@pytest.mark.parametrize(
    ("entries", "what"),
    [
        ({"format": "other"}, r"this is not a \.jari embedding"),
        ({"version": "1"}, "format version '1', which is no version"),
        ({"version": True}, "format version True"),
        ({"version": 0}, "format version 0"),
        ({"shape": [6]}, r"shape is \[6\], not \[n, d\]"),
        ({"shape": [6, -4]}, "shape is"),
        ({"shape": [6, 10**30]}, "shape is"),
        ({"shape": [5, 4]}, r"vectors has shape \(6, 4\), not \(5, 4\)"),
        ({"files": {}}, "files must be"),
        ({"files": {"../../etc/passwd": {}, "keys.arrow": {}}}, "files must be"),
        ({"files": {"vectors.safetensors": {}, "keys.arrow": {}}}, "lacks its size or its checksum"),
        ({"metadata": []}, "metadata is not an object"),
        ({"subwords": {"shortest": 3}}, "subwords is"),
        ({"subwords": {"shortest": 3, "longest": 6}}, "and .*subwords.* belong there"),
    ],
)
def test_a_wrong_description_is_refused(saved, entries, what):
    edit(saved, **entries)
    with pytest.raises(BadFile, match=what):
        load(saved)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 200_000, b'{"format": 3}'])
def test_a_description_that_is_no_json_is_refused(saved, content):
    (saved / "embedding.json").write_bytes(content)
    with pytest.raises(BadFile, match=r"embedding\.json"):
        load(saved)


def one(name, **entry):
    return lambda tensors: tensors | {name: tensors[name] | entry}


@pytest.mark.parametrize("verified", [0, 1 << 30])
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (header(one("vectors", dtype="F64")), "'vectors' is of type 'F64'"),
        (header(one("vectors", dtype="U8")), "'vectors' is of type 'U8'"),
        (header(one("vectors", shape=[6, 3])), r"of shape \[6, 3\] takes 72 bytes, not 96"),
        (header(one("vectors", shape=[4, 6])), r"vectors has shape \(4, 6\), not \(6, 4\)"),
        (header(one("vectors", shape=[2**40, 2**40])), "takes"),
        (header(one("vectors", shape=[6, -4])), "not one or two whole numbers"),
        (header(one("vectors", shape=[6, 4.0])), "not one or two whole numbers"),
        (header(one("vectors", shape=None)), "not one or two whole numbers"),
        (header(one("norms", data_offsets=[90, 114])), "'norms' begins at byte 90 of the data, and the one before"),
        (header(one("norms", data_offsets=[0, 24])), "begins at byte"),
        (header(one("norms", data_offsets=[96, 10**9])), "takes 24 bytes"),
        (header(one("norms", data_offsets=[96])), "not two byte offsets"),
        (header(one("norms", data_offsets="ab")), "not two byte offsets"),
        (header(lambda t: {"vectors": t["vectors"]}), "should have|belong there"),
        (header(lambda t: t | {"extra": {"dtype": "F32", "shape": [0], "data_offsets": [120, 120]}}), "'extra'"),
        (header(lambda t: t | {"x": 3}), "the header says nothing of 'x'"),
        (header(lambda t: []), "not a JSON object"),
        (lambda c: (10**15).to_bytes(8, "little") + c[8:], "its header takes 1000000000000000 bytes"),
        (lambda c: (1).to_bytes(8, "little") + c[8:], "its header takes 1 bytes"),
        (lambda c: c[:8] + b"x" + c[9:], "the header is not JSON"),
        (lambda c: (101).to_bytes(8, "little") + b'{"a":' + b" " * 96 + c, "not JSON"),
        (lambda c: c + b"more", "should have .* bytes and has"),
        (lambda c: c[:-4], "should have .* bytes and has"),
        (lambda c: b"", "its header takes 0 bytes"),
        (lambda c: c[:7], "its header takes 0 bytes, in a file of 7"),
    ],
)
def test_hostile_tensors_are_refused_even_with_a_right_checksum(saved, monkeypatch, change, what, verified):
    monkeypatch.setattr(native, "_ALWAYS_VERIFIED", verified)
    rewrite(saved, "vectors.safetensors", change)
    with pytest.raises(BadFile, match=what):
        load(saved)


def test_values_that_no_embedding_has_are_refused(saved):
    rewrite(saved, "vectors.safetensors", lambda c: c[:4096] + np.float32(np.nan).tobytes() + c[4100:])
    with pytest.raises(BadFile, match=r"The vector of 'the' \(row 0\) holds nan"):
        load(saved)
    Embedding(KEYS, VECTORS).save(saved, force=True)
    rewrite(saved, "vectors.safetensors", lambda c: c[:-4] + np.float32(9).tobytes())
    with pytest.raises(BadFile, match="the norms are not those of the vectors"):
        load(saved)


def arrow(**columns):
    import pyarrow as pa

    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return lambda _: sink.getvalue().to_pybytes()


def keys_of(keys, counts, kind="large_string"):
    import pyarrow as pa

    return arrow(key=pa.array(keys, type=getattr(pa, kind)()), count=pa.array(counts, type=pa.int64()))


def broken_utf8():
    import pyarrow as pa

    raw = pa.array([b"\xff", b"", b"", b"", b"", b""], type=pa.large_binary())
    text = pa.Array.from_buffers(pa.large_string(), 6, raw.buffers())
    return arrow(key=text, count=pa.nulls(6, pa.int64()))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda c: b"", "should have 0 bytes and has 0"),
        (lambda c: b"ARROW1\0\0" + bytes(100) + b"ARROW1", "is not an Arrow file as Jari writes them"),
        (lambda c: c[:-30], "is not an Arrow file as Jari writes them"),
        (keys_of(KEYS[:5], [None] * 5), "has 6 vectors and 5 keys"),
        (keys_of(["a", "b", "c", "d", "e", "a"], [None] * 6), "The key 'a' stands twice, in rows 0 and 5"),
        (keys_of([*KEYS[:5], None], [None] * 6), "lacks some keys or some counts"),
        (keys_of(KEYS, [1, 2, 3, 4, 5, None]), "lacks some keys or some counts"),
        (keys_of(KEYS, [1] * 6, kind="string"), "has the columns"),
        (arrow(key=["a"]), "has the columns"),
        (broken_utf8(), "is not an Arrow file as Jari writes them"),
    ],
)
def test_hostile_keys_are_refused_even_with_a_right_checksum(saved, change, what):
    rewrite(saved, "keys.arrow", change)
    with pytest.raises(BadFile, match=rf"(?s)jari.*{what}"):
        load(saved)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("name", ["embedding.json", "vectors.safetensors", "keys.arrow"])
def test_no_link_leads_out_of_the_folder(saved, tmp_path, name):
    (saved / name).rename(tmp_path / "outside")
    (saved / name).symlink_to(tmp_path / "outside")
    with pytest.raises(BadFile, match=rf"{name} is a link"):
        load(saved)


@pytest.mark.skipif(os.name == "nt", reason="needs pipes")
def test_a_pipe_does_not_make_it_wait(saved):
    (saved / "keys.arrow").unlink()
    os.mkfifo(saved / "keys.arrow")
    with pytest.raises(BadFile, match="is not a plain file"):
        load(saved)


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "a.jari").write_text("hello")
    with pytest.raises(BadFile, match=r"a\.jari is a file, and a \.jari is a folder"):
        native.read(tmp_path / "a.jari")
    with pytest.raises(NoSuchFile, match="There is no"):
        native.read(tmp_path / "b.jari")


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").write_text("years of work")
    with pytest.raises(FileIsThere, match=r"holds other things too \(thesis\.tex\)"):
        Embedding(["a"], [[1.0]]).save(tmp_path / "home", force=True)


def test_readers_see_the_old_or_the_new_and_never_half(tmp_path):
    path = tmp_path / "a.jari"
    made = [Embedding([f"{size}-{row}" for row in range(size)], np.full((size, 3), size)) for size in (5, 900)]
    made[0].save(path)
    stop = threading.Event()

    def replace():
        turn = 0
        while not stop.is_set():
            turn += 1
            made[turn % 2].save(path, force=True)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        seen = set()
        for turn in range(5000):
            if turn > 150 and len(seen) == 2:
                break
            opened = load(path)
            seen.add(len(opened))
            assert opened.keys[0] == f"{len(opened)}-0"
            assert (opened.vectors == len(opened)).all()
    finally:
        stop.set()
        writer.join()
    assert seen == {5, 900}
    assert [file.name for file in tmp_path.iterdir()] == ["a.jari"]


@pytest.fixture
def saved_subwords(tmp_path):
    subwords = Subwords(
        np.ones((3, 4), np.float32), 2, 5, size=100, buckets=np.array([9, 5, 70], np.int32), jamo=(3, 5)
    )
    Embedding(KEYS, VECTORS, subwords=subwords).save(tmp_path / "s.jari")
    return tmp_path / "s.jari"


def test_subwords_of_some_buckets_are_kept(saved_subwords):
    for verify in (False, True):
        subwords = Embedding.load(saved_subwords, verify=verify).subwords
        assert (subwords.shortest, subwords.longest, subwords.size, subwords.jamo) == (2, 5, 100, (3, 5))
        assert subwords.buckets.tolist() == [9, 5, 70]
        assert not subwords.buckets.flags.writeable
    assert np.load(saved_subwords / "buckets.npy").tolist() == [9, 5, 70]
    assert json.loads((saved_subwords / "embedding.json").read_text())["version"] == 2


def test_what_version_1_can_say_is_written_as_version_1(saved):
    Embedding(KEYS, VECTORS, subwords=Subwords(np.ones((9, 4), np.float32))).save(saved, force=True)
    about = json.loads((saved / "embedding.json").read_text())
    assert (about["version"], about["subwords"]) == (1, {"shortest": 3, "longest": 6})
    assert sorted(file.name for file in saved.iterdir()) == ["embedding.json", "keys.arrow", "vectors.safetensors"]


def test_jamo_in_every_bucket_is_kept(saved):
    Embedding(KEYS, VECTORS, subwords=Subwords(np.ones((9, 4), np.float32), jamo=(2, 4))).save(saved, force=True)
    subwords = load(saved).subwords
    assert (subwords.jamo, subwords.buckets, subwords.modulus) == ((2, 4), None, 9)


def test_an_embedding_of_fewer_files_replaces_one_of_more(saved_subwords):
    Embedding(KEYS, VECTORS).save(saved_subwords, force=True)
    assert load(saved_subwords).subwords is None


def npy(array, version=None):
    import io

    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), version=version, allow_pickle=False)
    return lambda _: stream.getvalue()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (npy(np.array([1, 2], np.int32)), r"buckets\.npy holds int32 of shape \(2,\), not one int32 for each of 3"),
        (npy(np.array([1, 2, 3])), "holds int64 of shape"),
        (npy(np.array([[1, 2, 3]], np.int32)), r"of shape \(1, 3\)"),
        (npy(np.array([1, 2, 3], np.int32), (2, 0)), r"is not a \.npy file \(version \(2, 0\) of the format\)"),
        (lambda c: c[:-4], "holds int32 of shape"),
        (lambda c: c + b"more", "holds int32 of shape"),
        (lambda c: c[:50], r"is not a \.npy file"),
        (lambda c: b"", r"is not a \.npy file"),
        (lambda c: b"hello" * 40, r"is not a \.npy file"),
        (npy(np.array([5, 5, 7], np.int32)), "A bucket of subwords stands twice"),
        (npy(np.array([5, 6, 100], np.int32)), "Buckets from 5 to 100"),
    ],
)
def test_hostile_buckets_are_refused_even_with_a_right_checksum(saved_subwords, change, what):
    rewrite(saved_subwords, "buckets.npy", change)
    with pytest.raises(BadFile, match=what):
        load(saved_subwords)


def test_changed_or_missing_buckets_are_found(saved_subwords):
    content = bytearray((saved_subwords / "buckets.npy").read_bytes())
    content[-1] ^= 1
    (saved_subwords / "buckets.npy").write_bytes(content)
    with pytest.raises(BadFile, match=r"buckets\.npy does not match its checksum"):
        load(saved_subwords)
    (saved_subwords / "buckets.npy").write_bytes(content[:-1])
    with pytest.raises(BadFile, match=r"buckets\.npy should have .* bytes and has .*cut short"):
        load(saved_subwords)
    (saved_subwords / "buckets.npy").unlink()
    with pytest.raises(BadFile, match=r"has no buckets\.npy"):
        load(saved_subwords)


@pytest.mark.parametrize(
    "subwords",
    [
        {"shortest": 2, "longest": 5, "size": 100},
        {"shortest": 2, "longest": 5, "size": "100", "jamo": None},
        {"shortest": 2, "longest": 5, "size": 100, "jamo": [3]},
        {"shortest": 2, "longest": 5, "size": 100, "jamo": [3, -5]},
        {"shortest": 2, "longest": 5, "size": 100, "jamo": "35"},
        {"shortest": 2, "longest": 5},
        {"shortest": 5, "longest": 2, "size": 100, "jamo": None},
        {"shortest": 2, "longest": 5, "size": 2**40, "jamo": None},
        {"shortest": 2, "longest": 5, "size": 100, "jamo": [5, 3]},
    ],
)
def test_a_wrong_description_of_subwords_is_refused(saved_subwords, subwords):
    edit(saved_subwords, subwords=subwords)
    with pytest.raises(BadFile, match=r"subwords is|files must be|n-grams from|Subwords of"):
        load(saved_subwords)


def test_a_mapped_matrix_is_written_without_being_held(tmp_path):
    np.ones((20_000, 512), np.float32).tofile(tmp_path / "rows")  # 41 MB
    mapped = np.memmap(tmp_path / "rows", np.float32, "r", shape=(20_000, 512))
    keys = [f"k{row}" for row in range(20_000)]
    tracemalloc.start()
    native.write(Embedding(keys, mapped), tmp_path / "a.jari")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6
    assert load(tmp_path / "a.jari").shape == (20_000, 512)
