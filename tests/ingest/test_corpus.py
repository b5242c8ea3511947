"""A corpus is kept whole or not at all, and only a whole one is opened."""

import gc
import json
import pathlib
import tempfile

import numpy as np
import pytest

from jari import Corpus, Vocabulary, encode
from jari.errors import BadFile
from jari.ingest.arrayfile import ArrayFile

SENTENCES = ["to be or not to be", "...", "that is the question to be"]


@pytest.fixture
def kept(tmp_path):
    encode(SENTENCES, min_count=1, out=tmp_path / "corpus").close()
    return tmp_path / "corpus"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary corpora go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def same(one, other):
    return (
        np.array_equal(one.ids, other.ids)
        and np.array_equal(one.offsets, other.offsets)
        and one.vocabulary == other.vocabulary
        and one.statistics == other.statistics
    )


def edit(folder, **changes):
    file = folder / "corpus.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_kept_while_encoding_or_afterwards(kept, tmp_path):
    with encode(SENTENCES, min_count=1) as corpus:
        corpus.save(tmp_path / "saved")
        assert same(corpus, Corpus.open(kept))
        assert same(corpus, Corpus.open(tmp_path / "saved", verify=True))
    for name in ("ids.npy", "offsets.npy", "keys.arrow"):
        assert (kept / name).read_bytes() == (tmp_path / "saved" / name).read_bytes()
    assert sorted(file.name for file in kept.iterdir()) == ["corpus.json", "ids.npy", "keys.arrow", "offsets.npy"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["corpus", "saved"]


def test_mapped_and_read_only(kept):
    corpus = Corpus.open(kept)
    assert isinstance(corpus.ids, np.memmap)
    assert not corpus.ids.flags.writeable
    assert repr(corpus) == "Corpus(12 tokens, 2 sentences, 8 keys)"


def test_a_temporary_corpus_goes_when_it_is_closed(temporary):
    with encode(SENTENCES, min_count=1) as corpus:
        assert len(corpus) == 12
        assert list(temporary.iterdir())
    assert not list(temporary.iterdir())
    assert len(corpus) == 0
    corpus.close()


def test_a_temporary_corpus_goes_when_nobody_holds_it(temporary):
    corpus = encode(SENTENCES, min_count=1)
    assert list(temporary.iterdir())
    del corpus
    gc.collect()
    assert not list(temporary.iterdir())


def test_a_kept_corpus_stays_when_it_is_closed(kept):
    Corpus.open(kept).close()
    assert len(Corpus.open(kept)) == 12


@pytest.mark.parametrize("sentences", [["only a few"], ["a", 3]])
def test_nothing_is_left_of_a_failure(temporary, kept, sentences):
    before = sorted(temporary.rglob("*"))
    for out in (None, temporary / "new", kept):
        with pytest.raises(ValueError, match=r"min_count=5|Sentence 2 is 3|not there|no file"):
            encode(iter(sentences), out=out, force=True)
    assert sorted(temporary.rglob("*")) == before


def test_an_existing_corpus_is_replaced_only_by_force(kept, tmp_path):
    def never():
        raise AssertionError("text was read although the output cannot be written")
        yield ""

    with pytest.raises(FileExistsError, match=r"corpus exists already. Pass force=True"):
        encode(never(), out=kept)
    encode(["another text"], min_count=1, out=kept, force=True)
    assert list(Corpus.open(kept).vocabulary) == ["another", "text"]
    (tmp_path / "corpus" / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"holds other things too \(thesis.txt\)"):
        encode(SENTENCES, out=kept, force=True)


def test_parts_that_do_not_fit():
    vocabulary = Vocabulary(["a"], [3])
    with pytest.raises(ValueError, match="The offsets must begin with 0 and end with 3"):
        Corpus(np.zeros(3, np.int32), np.array([0, 2]), vocabulary)


def test_a_folder_of_the_future(kept):
    edit(kept, version=2, library="jari 9.0")
    with pytest.raises(BadFile, match=r"is of format version 2, written by jari 9.0; this library reads version 1"):
        Corpus.open(kept)


@pytest.mark.parametrize("version", [0, "1", None, True, 1.5])
def test_a_version_that_is_none(kept, version):
    edit(kept, version=version)
    with pytest.raises(BadFile, match="which is no version: it is damaged"):
        Corpus.open(kept)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "jari.embedding"}, 'does not say "format": "jari.corpus"'),
        ({"files": {}}, "its entry of files is not that of ids.npy, offsets.npy, keys.arrow"),
        ({"files": {"ids.npy": 3, "offsets.npy": 3, "keys.arrow": 3}}, "its entry of files is not that of"),
        ({"files": {"../../secret": {"bytes": 1, "sha256": ""}}}, "its entry of files is not that of"),
        ({"statistics": None}, "statistics is None. It is damaged or was edited"),
    ],
)
def test_what_corpus_json_must_say(kept, changes, message):
    edit(kept, **changes)
    with pytest.raises(BadFile, match=message):
        Corpus.open(kept)


@pytest.mark.parametrize("name", ["ids.npy", "offsets.npy", "keys.arrow"])
def test_files_that_are_cut_changed_or_gone(kept, name):
    file = kept / name
    raw = file.read_bytes()
    file.write_bytes(raw[:-3])
    with pytest.raises(BadFile, match=rf"{name} should have \d+ bytes and has \d+: it is cut short"):
        Corpus.open(kept)
    file.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(BadFile, match=f"{name} does not match its checksum"):
        Corpus.open(kept, verify=True)
    file.unlink()
    with pytest.raises(BadFile, match=f"{name} is not there"):
        Corpus.open(kept)
    other = kept.parent / "elsewhere"
    other.write_bytes(raw)
    file.symlink_to(other)
    with pytest.raises(BadFile, match=f"{name} is not there, or is no plain file"):
        Corpus.open(kept)


def replace_array(folder, name, array):
    np.save(folder / name, array)
    about = json.loads((folder / "corpus.json").read_text())
    about["files"][name]["bytes"] = (folder / name).stat().st_size
    edit(folder, files=about["files"])


def test_arrays_of_another_kind(kept):
    replace_array(kept, "ids.npy", np.zeros(12, np.int64))
    with pytest.raises(BadFile, match=r"ids.npy holds int64 of shape \(12,\), not a row of int32"):
        Corpus.open(kept)
    replace_array(kept, "ids.npy", np.zeros(11, np.int32))
    with pytest.raises(BadFile, match=r"offsets.npy and ids.npy do not belong together"):
        Corpus.open(kept)


def test_what_is_no_corpus(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        Corpus.open(tmp_path / "missing")
    (tmp_path / "file").write_text("text")
    with pytest.raises(BadFile, match="file is a file, and an encoded corpus is a folder"):
        Corpus.open(tmp_path / "file")
    with pytest.raises(BadFile, match=r"has no corpus.json: it is not an encoded corpus"):
        Corpus.open(tmp_path)
    (tmp_path / "corpus.json").write_text("[" * 100_000)
    with pytest.raises(BadFile, match=r"corpus.json is not JSON"):
        Corpus.open(tmp_path)


def test_an_array_file_grows_behind_its_header(tmp_path):
    file = pathlib.Path(tmp_path / "a.npy")
    with ArrayFile(file, np.int64) as array:
        for start in range(0, 1000, 100):
            array.append(np.arange(start, start + 100))
        assert len(array) == 1000
    assert np.array_equal(np.load(file), np.arange(1000))
