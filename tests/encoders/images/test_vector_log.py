from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from jari.encoders.images import vector_log
from jari.encoders.images.vector_log import VectorLog
from jari.errors import BadInput, FileIsThere

OWNER = {"model": "m", "precision": "float32"}


def digest(number):
    return hashlib.sha256(str(number).encode()).digest()


def rows(*numbers):
    return np.array([[number, -number, 0.5] for number in numbers], np.float32)


def append(log, *numbers):
    log.append([f"{number}.jpg" for number in numbers], [digest(number) for number in numbers], rows(*numbers))


@pytest.fixture
def out(tmp_path):
    return tmp_path / "photos.jari"


@pytest.fixture
def stopped(out):
    """A log of two batches."""
    with VectorLog(out, OWNER) as log:
        append(log, 1, 2)
        append(log, 3)
    return log.folder


def held(out, owner=OWNER, **options):
    with VectorLog(out, owner, **options) as log:
        return list(log), [] if not len(log) else log.ordered([(None, row) for row in range(len(log))]).tolist()


def test_batches_are_there_when_it_is_opened_again(out, stopped):
    with VectorLog(out, OWNER) as log:
        assert len(log) == 3
        assert log.digest("3.jpg") == digest(3)
        assert log.digest("4.jpg") is log.row("4.jpg") is log.row_of(digest(4)) is None
        np.testing.assert_array_equal(log.vector(log.row("2.jpg")), rows(2)[0])
        append(log, 4, 5)
    assert held(out) == ([f"{number}.jpg" for number in range(1, 6)], rows(1, 2, 3, 4, 5).tolist())


def test_the_last_row_of_a_key_counts(out, stopped):
    with VectorLog(out, OWNER) as log:
        log.append(["1.jpg"], [digest(9)], rows(9))
        assert log.digest("1.jpg") == digest(9)
        assert log.vector(log.row_of(digest(1)))[0] == 1


def test_rows_are_put_in_order_with_those_of_others(out, stopped):
    other = rows(7, 8)
    with VectorLog(out, OWNER) as log:
        found = log.ordered([(other, 1), (None, 2), (None, 0), (other, 0)])
        assert isinstance(found.base.base, np.memmap)
        np.testing.assert_array_equal(found, rows(8, 3, 1, 7))
        np.testing.assert_array_equal(log.ordered([(other, 0)]), rows(7))


def test_nothing_is_left_once_it_is_removed_or_if_nothing_was_written(out, stopped, tmp_path):
    with VectorLog(out, OWNER) as log:
        log.ordered([(None, 1)])
        log.remove()
    assert list(tmp_path.iterdir()) == []
    with VectorLog(out, OWNER):
        pass
    assert list(tmp_path.iterdir()) == []


def test_any_key_can_be_kept(out):
    keys = ["", "a\nb", "새 🌍.png", "half \udce4", "nul\0"]
    with VectorLog(out, OWNER) as log:
        log.append(keys, [digest(key.encode("utf-8", "surrogatepass")) for key in keys], rows(*range(5)))
    assert held(out)[0] == keys


@pytest.mark.parametrize("name", ["journal", "rows.f32"])
def test_wherever_a_file_is_torn_whole_batches_stay(out, stopped, name):
    whole = (stopped / name).read_bytes()
    other = "rows.f32" if name == "journal" else "journal"
    beside = (stopped / other).read_bytes()
    first = whole.index(b"\n") + 1 if name == "journal" else 24
    for length in range(0, len(whole), 5):
        (stopped / name).write_bytes(whole[:length])
        (stopped / other).write_bytes(beside)
        expected = 2 if length >= first else 0
        with VectorLog(out, OWNER) as log:
            assert len(log) == expected, length
            append(log, 3)
        assert held(out) == (["1.jpg", "2.jpg", "3.jpg"][2 - expected :], rows(*(1, 2)[:expected], 3).tolist())


@pytest.mark.parametrize("name", ["journal", "rows.f32"])
def test_what_follows_a_damaged_batch_is_cut_off(out, stopped, name):
    content = bytearray((stopped / name).read_bytes())
    content[20] ^= 1  # in the first batch
    (stopped / name).write_bytes(content)
    assert held(out) == ([], [])


def test_rows_without_a_line_do_not_count(out, stopped):
    with (stopped / "rows.f32").open("ab") as file:
        file.write(rows(9).tobytes())
    assert held(out)[0] == ["1.jpg", "2.jpg", "3.jpg"]
    assert (stopped / "rows.f32").stat().st_size == 36


@pytest.mark.parametrize("lost", ["about.json", "journal", "rows.f32"])
def test_a_lost_file_is_a_new_beginning(out, stopped, lost):
    (stopped / lost).unlink()
    with VectorLog(out, OWNER) as log:
        assert len(log) == 0
        append(log, 7)
    assert held(out) == (["7.jpg"], rows(7).tolist())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "jari.vector-log", "dim": 0}', b"\xff"])
def test_what_tells_nothing_is_a_new_beginning(out, stopped, content):
    (stopped / "about.json").write_bytes(content)
    assert held(out) == ([], [])


def test_rows_of_another_owner_are_refused_unless_forced(out, stopped):
    with pytest.raises(FileIsThere, match=r"holds unfinished work for photos\.jari by another encoder.*--force"):
        held(out, {"model": "n"})
    assert len(held(out)[0]) == 3
    assert held(out, {"model": "n"}, force=True) == ([], [])
    assert not stopped.exists()


def test_forced_it_goes_on_with_its_own(out, stopped):
    assert len(held(out, force=True)[0]) == 3


def test_one_process_at_a_time(out, stopped):
    script = (
        "import sys; from pathlib import Path; from jari.encoders.images.vector_log import VectorLog\n"
        "with VectorLog(Path(sys.argv[1]), {'model': 'm', 'precision': 'float32'}) as log: print(len(log))"
    )
    ran = [sys.executable, "-c", script, str(out)]
    with VectorLog(out, OWNER):
        with pytest.raises(BadInput, match=r"Another process is making .*photos\.jari at this moment"):
            held(out)
        other = subprocess.run(ran, capture_output=True, text=True, check=False)
        assert "Another process is making" in other.stderr
    assert subprocess.run(ran, capture_output=True, text=True, check=True).stdout == "3\n"


def test_a_lock_on_a_deleted_file_is_no_lock(out, stopped, monkeypatch):
    """Whoever was before deletes the folder between our opening of the lock and our holding it."""
    taken = vector_log._taken
    deleted = []

    def taken_too_late(handle):
        if not deleted:
            deleted.append((stopped / "lock").unlink())
        return taken(handle)

    monkeypatch.setattr(vector_log, "_taken", taken_too_late)
    with VectorLog(out, OWNER):
        monkeypatch.undo()
        with pytest.raises(BadInput, match="Another process"):
            held(out)


def test_a_full_disk_is_said_and_what_was_written_stays(out, stopped, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with VectorLog(out, OWNER) as log:
        monkeypatch.setattr(vector_log.os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device: .*photos\.jari\.part"):
            append(log, 9)
        monkeypatch.undo()
    assert len(held(out)[0]) == 3


def test_a_batch_that_does_not_fit_together_is_refused(out):
    with VectorLog(out, OWNER) as log:
        append(log, 1)
        with pytest.raises(BadInput, match=r"1 keys, 1 digests and vectors of shape \(1, 2\)"):
            log.append(["a"], [digest(1)], np.ones((1, 2), np.float32))


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_no_link_leads_elsewhere(out, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".photos.jari.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileIsThere, match=r"photos\.jari\.part is a link"):
        held(out)


def test_what_others_keep_in_the_folder_stays(out, stopped):
    (stopped / "note.txt").write_text("mine")
    with VectorLog(out, OWNER) as log:
        log.remove()
    assert [file.name for file in stopped.iterdir()] == ["note.txt"]


def test_the_journal_is_for_people_too(stopped):
    line = (stopped / "journal").read_text().splitlines()[1]
    assert json.loads(line.partition(" ")[2])["entries"] == [["3.jpg", digest(3).hex()]]
