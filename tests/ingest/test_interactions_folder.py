"""Interactions come back from their folder as they were, or not at all."""

import hashlib
import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, FileIsThere, NoSuchFile
from jari.ingest.interactions import Interactions
from jari.ingest.interactions_folder import FILES


def made(timed=True):
    matrix = csr_array(np.array([[1, 0, 2], [0, 3, 0], [0, 0, 0], [4, 5, 6]]))
    users = Vocabulary(["ann", "bob", "경희", ""], counts=[2, 1, 0, 3])
    times = [6.5, 5, 4, 3, 2, 1] if timed else None
    return Interactions(users, ["Up", "Heat", "Jaws"], matrix, times=times, statistics={"rows": 6})


def same(mine, theirs):
    return (
        mine.users == theirs.users
        and mine.items == theirs.items
        and mine.statistics == theirs.statistics
        and mine.matrix.shape == theirs.matrix.shape
        and all(
            np.array_equal(getattr(mine.matrix, x), getattr(theirs.matrix, x)) for x in ("data", "indices", "indptr")
        )
        and (mine.times is None) == (theirs.times is None)
        and (mine.times is None or np.array_equal(mine.times, theirs.times))
    )


@pytest.fixture
def folder(tmp_path):
    made().save(tmp_path / "films")
    return tmp_path / "films"


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("verify", [True, False])
def test_comes_back(tmp_path, timed, verify):
    made(timed).save(tmp_path / "films")
    opened = Interactions.open(tmp_path / "films", verify=verify)
    assert same(opened, made(timed))
    assert {file.name for file in (tmp_path / "films").iterdir()} == set(FILES)
    opened.save(tmp_path / "again")
    assert same(Interactions.open(tmp_path / "again", verify=verify), made(timed))


def test_is_mapped(folder):
    opened = Interactions.open(folder)
    for part in (opened.matrix.data, opened.matrix.indices, opened.times):
        while not isinstance(part, np.memmap):
            part = part.base
            assert part is not None


def test_nothing_is_kept_too(tmp_path):
    nothing = Interactions([], [], csr_array((0, 0)))
    nothing.save(tmp_path / "nothing")
    assert same(Interactions.open(tmp_path / "nothing", verify=True), nothing)


def test_is_replaced_with_force_alone(folder):
    with pytest.raises(FileIsThere, match="exists already"):
        made(timed=False).save(folder)
    made(timed=False).save(folder, force=True)
    assert Interactions.open(folder).times is None
    (folder / "mine.txt").write_text("x")
    with pytest.raises(FileIsThere, match=r"holds other things too \(mine.txt\)"):
        made().save(folder, force=True)


def test_no_folder(tmp_path):
    with pytest.raises(NoSuchFile, match="There is no folder"):
        Interactions.open(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="is a file, and a folder of interactions is a folder"):
        Interactions.open(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadFile, match=r"has no interactions.json"):
        Interactions.open(tmp_path / "empty")


@pytest.mark.parametrize("name", [name for name in FILES if name != "interactions.json"])
def test_a_file_that_is_cut_short_gone_or_a_link(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-1])
    with pytest.raises(BadFile, match="cut short or damaged"):
        Interactions.open(folder)
    (folder / name).unlink()
    with pytest.raises(BadFile, match="is not there, or is no plain file"):
        Interactions.open(folder)
    (folder.parent / "elsewhere").write_bytes(whole)
    (folder / name).symlink_to(folder.parent / "elsewhere")
    with pytest.raises(BadFile, match="no plain file"):
        Interactions.open(folder)


@pytest.mark.parametrize("name", [name for name in FILES if name != "interactions.json"])
def test_a_changed_byte_is_seen_by_verify(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BadFile, match="does not match its checksum"):
        Interactions.open(folder, verify=True)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("indices.npy", np.array([0, 3, 1, 0, 1, 2], np.int32), "numbers that no item has"),
        ("indices.npy", np.array([0, -1, 1, 0, 1, 2], np.int32), "numbers that no item has"),
        ("indices.npy", np.array([2, 0, 1, 0, 1, 2], np.int32), "do not rise"),
        ("indices.npy", np.array([0, 2, 1, 0, 1, 1], np.int32), "do not rise"),
        ("indices.npy", np.array([0, 2, 1, 0, 1, 2], np.int64), "holds int64 of shape"),
        ("data.npy", np.array([1, 2, np.nan, 4, 5, 6], np.float32), "no weight above 0"),
        ("data.npy", np.array([1, 2, 0, 4, 5, 6], np.float32), "no weight above 0"),
        ("indptr.npy", np.array([0, 2, 9, 3, 6]), "do not belong together"),
        ("indptr.npy", np.array([0, 2, 3, 3, 2**40]), "do not belong together"),
        ("indptr.npy", np.array([0, 2, 6]), "do not belong together"),
        ("times.npy", np.array([1.0]), "do not belong together"),
    ],
)
def test_numbers_that_cannot_be_right_are_seen_whatever_the_seal_says(folder, name, values, said):
    np.save(folder / name, values)
    content = (folder / name).read_bytes()
    about = json.loads((folder / "interactions.json").read_text())
    about["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "interactions.json").write_text(json.dumps(about))
    with pytest.raises(BadFile, match=said):
        Interactions.open(folder, verify=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 2}, "format version 2"),
        ({"format": "jari.corpus"}, "this is not a folder of interactions"),
        ({"has_times": 1}, "has_times is 1"),
        ({"statistics": []}, "statistics is"),
        ({"files": {}}, "its entry of files is not that of"),
    ],
)
def test_an_edited_seal(folder, changes, said):
    about = json.loads((folder / "interactions.json").read_text())
    (folder / "interactions.json").write_text(json.dumps(about | changes))
    with pytest.raises(BadFile, match=said):
        Interactions.open(folder)
