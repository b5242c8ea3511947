from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jari.embedding import Embedding, load
from jari.embedding.formats import native
from jari.encoders.images import folder as image_folder
from jari.encoders.images.folder import embed_images
from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.images.vector_log import VectorLog
from jari.errors import BadFile, BadInput, FileIsThere, Interrupted, NoSuchFile


class BatchEncoder:
    """Vectors that depend on what else is in the batch, as the last bits of a network's do, but for all to see."""

    workers, max_pixels, fast = 0, 10**6, False
    preprocessing_ = Preprocessing.torchvision(resized=8, size=8)

    def __init__(self, size=4, checksum="c", stop_at=None):
        self.size, self.checksum, self.stop_at = size, checksum, stop_at
        self.encoded = []

    def describe(self):
        return {"kind": "image-encoder", "path": "/models/m", "checksum": self.checksum}

    def vectors(self, decoded):
        batch = []
        for one in decoded:
            batch.append(one)
            if sum(each.pixels is not None for each in batch) == self.size:
                yield self._encoded(batch)
                batch = []
        if batch:
            yield self._encoded(batch)

    def _encoded(self, batch):
        whole = [one for one in batch if one.pixels is not None]
        self.encoded += [one.file.key for one in whole]
        if self.stop_at in self.encoded:
            raise KeyboardInterrupt
        means = np.array([one.pixels.mean(axis=(0, 1)) for one in whole], np.float32).reshape(len(whole), 3)
        return batch, means + (means.mean() / 7 if whole else 0)


def picture(path, number):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (9, 7), (number, number // 2, 40)).save(path)


@pytest.fixture
def photos(tmp_path):
    """18 pictures in two folders, and one that is none."""
    for number in range(18):
        picture(tmp_path / "photos" / "ab"[number % 2] / f"{number:02}.png", 10 * number)
    (tmp_path / "photos" / "a" / "07.jpg").write_bytes(b"\xff\xd8 no more")
    return tmp_path / "photos"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "photos.jari"


def content(folder):
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def counted(done):
    return {name: getattr(done, name) for name in ("new", "changed", "unchanged", "removed", "taken", "resumed")}


def counts(**those):
    return dict.fromkeys(("new", "changed", "unchanged", "removed", "taken", "resumed"), 0) | those


def test_pictures_become_an_embedding(photos, out):
    heard = []
    done = embed_images(BatchEncoder(), photos, out, callback=heard.append)
    assert counted(done) == counts(new=18)
    assert (done.path, done.images, done.dim, done.written) == (str(out), 18, 3, True)
    assert [str(one) for one in done.skipped] == [f"{photos}/a/07.jpg: {done.skipped[0].reason}"]
    opened = load(out)
    assert list(opened) == sorted(f"{'ab'[number % 2]}/{number:02}.png" for number in range(18))
    assert opened.metadata == {
        "learner": "ImageEncoder",
        "encoder": BatchEncoder().describe(),
        "root": str(photos),
        "images": 18,
        "unreadable": 1,
    }
    assert (native.digests(out)["a/00.png"], len(native.digests(out))) == (_sha(photos / "a/00.png"), 18)
    assert {(one.stage, one.total, one.unit) for one in heard} == {("encoding", 19, "images"), ("saving", 18, "images")}
    assert sorted(file.name for file in out.parent.iterdir()) == ["photos", "photos.jari"]


def _sha(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).digest()


def test_nothing_changed_and_the_file_stays_as_it_is(photos, out):
    embed_images(BatchEncoder(), photos, out)
    before, when = content(out), (out / "embedding.json").stat().st_mtime_ns
    encoder = BatchEncoder()
    done = embed_images(encoder, photos, out)
    assert counted(done) == counts(unchanged=18)
    assert (done.written, done.dim, encoder.encoded) == (False, 3, [])
    assert content(out) == before
    assert (out / "embedding.json").stat().st_mtime_ns == when
    assert not (out.parent / ".photos.jari.part").exists()


def test_only_what_is_new_or_changed_is_encoded(photos, out):
    embed_images(BatchEncoder(), photos, out)
    then = load(out)
    old = {key: then[key].copy() for key in then}
    picture(photos / "a" / "00.png", 99)
    picture(photos / "c" / "new.png", 77)
    (photos / "b" / "01.png").unlink()
    encoder = BatchEncoder()
    done = embed_images(encoder, photos, out)
    assert counted(done) == counts(new=1, changed=1, unchanged=16, removed=1)
    assert encoder.encoded == ["a/00.png", "c/new.png"]
    now = load(out)
    assert list(now) == sorted({*old, "c/new.png"} - {"b/01.png"})
    assert all((now[key] == old[key]).all() for key in now if key not in ("a/00.png", "c/new.png"))
    assert (now["a/00.png"] != old["a/00.png"]).any()
    assert native.digests(out)["a/00.png"] == _sha(photos / "a" / "00.png")


def test_what_is_moved_or_copied_is_not_encoded_again(photos, out):
    embed_images(BatchEncoder(), photos, out)
    then = load(out)["b/01.png"].copy()
    (photos / "b" / "01.png").rename(photos / "a" / "moved.png")
    shutil.copy(photos / "b" / "03.png", photos / "z.png")
    encoder = BatchEncoder()
    assert counted(embed_images(encoder, photos, out)) == counts(new=2, unchanged=17, removed=1, taken=2)
    assert encoder.encoded == []
    assert (load(out)["a/moved.png"] == then).all()
    assert (load(out)["z.png"] == load(out)["b/03.png"]).all()


def test_a_picture_that_is_there_twice_is_encoded_once(photos, out):
    for name in ("a/00.copy.png", "b/00.copy.png"):  # one in the same batch, one in another
        shutil.copy(photos / "a" / "00.png", photos / name)
    encoder = BatchEncoder()
    done = embed_images(encoder, photos, out)
    assert counted(done) == counts(new=20, taken=2)
    assert len(encoder.encoded) == 18
    assert len({load(out)[name].tobytes() for name in ("a/00.png", "a/00.copy.png", "b/00.copy.png")}) == 1


def test_a_folder_that_moved_keeps_its_vectors_and_is_found_again(photos, out):
    embed_images(BatchEncoder(), photos, out)
    moved = photos.rename(photos.with_name("pictures"))
    encoder = BatchEncoder()
    done = embed_images(encoder, moved, out)
    assert (counted(done), encoder.encoded, done.written) == (counts(unchanged=18), [], True)
    assert load(out).metadata["root"] == str(moved)


def test_a_file_that_cannot_be_read_any_more_leaves(photos, out):
    embed_images(BatchEncoder(), photos, out)
    (photos / "a" / "02.png").write_bytes(b"")
    done = embed_images(BatchEncoder(), photos, out)
    assert counted(done) == counts(unchanged=17, removed=1)
    assert len(done.skipped) == 2
    assert "a/02.png" not in load(out)
    picture(photos / "a" / "02.png", 20)
    assert counted(embed_images(BatchEncoder(), photos, out)) == counts(new=1, unchanged=17)


def test_without_digests_everything_is_encoded_again(photos, out):
    embed_images(BatchEncoder(), photos, out)
    load(out).save(out, force=True)
    assert counted(embed_images(BatchEncoder(), photos, out)) == counts(changed=18)


def test_what_another_encoder_made_is_refused_unless_forced(photos, out):
    embed_images(BatchEncoder(), photos, out)
    before = content(out)
    with pytest.raises(FileIsThere, match=r"photos\.jari is there already, made with /models/m: vectors of another"):
        embed_images(BatchEncoder(checksum="d"), photos, out)
    assert content(out) == before
    done = embed_images(BatchEncoder(checksum="d"), photos, out, force=True)
    assert counted(done) == counts(new=18)
    assert load(out).metadata["encoder"]["checksum"] == "d"


def test_words_are_not_replaced_by_pictures(photos, out):
    Embedding(["a", "b"], [[1.0], [2.0]], metadata={"learner": "Word2Vec"}).save(out)
    with pytest.raises(FileIsThere, match="is there already, made otherwise"):
        embed_images(BatchEncoder(), photos, out)
    assert embed_images(BatchEncoder(), photos, out, force=True).images == 18


def test_other_pictures_are_not_brought_into_it_unasked(photos, out, tmp_path):
    embed_images(BatchEncoder(), photos, out)
    picture(tmp_path / "others" / "x.png", 3)
    with pytest.raises(FileIsThere, match=r"of 18 pictures in .*photos; none of them is in .*others"):
        embed_images(BatchEncoder(), tmp_path / "others", out)


def test_a_place_that_cannot_be_is_refused_before_the_work(photos, tmp_path):
    encoder = BatchEncoder()
    (tmp_path / "file.jari").write_text("mine")
    for place, error, what in (
        (photos, FileIsThere, "holds other things too"),
        (tmp_path / "x.vec", BadInput, r"pictures go into a \.jari folder"),
        (tmp_path / "no" / "x.jari", NoSuchFile, "There is no folder .*no to write 'x.jari' in"),
        (tmp_path / "file.jari", FileIsThere, "is a file"),
    ):
        with pytest.raises(error, match=what):
            embed_images(encoder, photos, place)
    with pytest.raises(FileIsThere, match="holds other things too"):
        embed_images(encoder, photos, photos, force=True)
    assert encoder.encoded == []


def test_a_damaged_embedding_is_said(photos, out):
    embed_images(BatchEncoder(), photos, out)
    (out / "digests.npy").unlink()
    with pytest.raises(BadFile, match=r"has no digests\.npy.*Pass force=True \(--force\) to make it anew"):
        embed_images(BatchEncoder(), photos, out)


def test_no_picture_at_all_is_said_with_what_is_there(tmp_path, out):
    (tmp_path / "notes").mkdir()
    for name in ("a.txt", "b.txt", ".hidden.png"):
        (tmp_path / "notes" / name).write_text("words")
    with pytest.raises(BadInput, match=r"There is no picture in .*notes \(2 \.txt, 1 hidden\)"):
        embed_images(BatchEncoder(), tmp_path / "notes", out)
    (tmp_path / "notes" / "c.png").write_text("words")
    with pytest.raises(BadInput, match=r"None of 1 images can be read: .*c\.png: "):
        embed_images(BatchEncoder(), tmp_path / "notes", out)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes"]


def test_strict_stops_and_nothing_is_lost(photos, out):
    with pytest.raises(BadFile, match=r"a/07\.jpg: .*8 encoded images are kept in .*photos\.jari\.part"):
        embed_images(BatchEncoder(), photos, out, strict=True)
    (photos / "a" / "07.jpg").unlink()
    encoder = BatchEncoder()
    assert counted(embed_images(encoder, photos, out, strict=True)) == counts(new=18, resumed=8)
    assert len(encoder.encoded) == 10


def test_what_has_no_finite_vector_is_skipped_with_its_copies(photos, out, monkeypatch):
    for name in ("a/02.copy.png", "b/zz.png"):
        shutil.copy(photos / "a" / "02.png", photos / name)
    bad = _sha(photos / "a" / "02.png")
    encoder = BatchEncoder()
    plain = encoder._encoded

    def broken(batch):
        batch, vectors = plain(batch)
        vectors[[one.digest == bad for one in batch if one.pixels is not None]] = np.nan
        return batch, vectors

    monkeypatch.setattr(encoder, "_encoded", broken)
    done = embed_images(encoder, photos, out)
    reason = "the network does not give finite numbers for it"
    assert {Path(one.path).name for one in done.skipped if one.reason == reason} == {"02.png", "02.copy.png", "zz.png"}
    assert done.images == 17


def test_interrupted_it_goes_on(photos, out):
    whole = out.with_name("whole.jari")
    embed_images(BatchEncoder(), photos, whole)
    with pytest.raises(Interrupted, match=r"Stopped\. 8 encoded images are kept in .*: the same command goes on"):
        embed_images(BatchEncoder(stop_at="b/01.png"), photos, out)
    assert not out.exists()
    encoder = BatchEncoder()
    assert counted(embed_images(encoder, photos, out)) == counts(new=18, resumed=8)
    assert len(encoder.encoded) == 10
    assert content(out) == content(whole)


def test_stopped_before_the_first_batch_nothing_is_left(photos, out):
    with pytest.raises(Interrupted, match=r"Stopped\. Nothing was encoded yet\.$"):
        embed_images(BatchEncoder(stop_at="a/00.png"), photos, out)
    assert [file.name for file in out.parent.iterdir()] == ["photos"]


def test_files_may_change_while_it_is_stopped(photos, out):
    with pytest.raises(Interrupted):
        embed_images(BatchEncoder(stop_at="b/01.png"), photos, out)
    picture(photos / "a" / "00.png", 123)
    (photos / "a" / "02.png").rename(photos / "a" / "03.png")
    done = embed_images(BatchEncoder(), photos, out)
    assert counted(done) == counts(new=18, taken=1, resumed=6)
    assert native.digests(out)["a/00.png"] == _sha(photos / "a" / "00.png")
    assert "a/02.png" not in load(out)


def test_unfinished_work_of_another_encoder_is_not_dropped_unasked(photos, out):
    with pytest.raises(Interrupted):
        embed_images(BatchEncoder(stop_at="b/01.png"), photos, out)
    with pytest.raises(FileIsThere, match=r"holds unfinished work for photos\.jari by another encoder"):
        embed_images(BatchEncoder(checksum="d"), photos, out)
    assert counted(embed_images(BatchEncoder(checksum="d"), photos, out, force=True)) == counts(new=18)


def test_two_processes_do_not_make_the_same(photos, out):
    with (
        VectorLog(out, {"kind": "image-encoder", "checksum": "c"}),
        pytest.raises(BadInput, match="Another process is making"),
    ):
        embed_images(BatchEncoder(), photos, out)


def test_a_draft_of_a_killed_run_is_swept_away_and_nothing_else(photos, out):
    with pytest.raises(Interrupted):
        embed_images(BatchEncoder(stop_at="b/01.png"), photos, out)
    ours, others = out.with_name(".photos.jari.0123456789ab.tmp"), out.with_name(".photos.jari.ba9876543210.tmp")
    for folder, name in ((ours, "keys.arrow"), (others, "thesis.tex")):
        folder.mkdir()
        (folder / name).write_text("x")
    embed_images(BatchEncoder(), photos, out)
    assert (ours.exists(), others.exists()) == (False, True)


KILLED = """
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_folder import BatchEncoder
from jari.encoders.images.folder import embed_images

photos, place = sys.argv[2:]
fsync, done = os.fsync, []

def killing(at):
    def counted(handle):
        done.append(handle)
        if len(done) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(handle)
    return counted

def child(at, out):
    pid = os.fork()
    if pid == 0:
        os.fsync = killing(at)
        encoder = BatchEncoder(7)
        embed_images(encoder, photos, out)
        os._exit(len(encoder.encoded))
    return os.waitpid(pid, 0)[1]

at = 0
while True:  # killed at every moment at which something goes to the disk, until it comes to its end
    at += 1
    out = Path(place, f"killed-{at}.jari")
    status = child(at, out)
    if not os.WIFSIGNALED(status):
        break
    print(json.dumps([at, os.waitstatus_to_exitcode(child(0, out))]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks, and counts on signals")
def test_killed_at_any_moment_it_ends_with_the_bytes_of_an_unbroken_run(photos, out, tmp_path):
    embed_images(BatchEncoder(7), photos, out)
    expected = content(out)
    places = tmp_path / "places"
    places.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(photos), str(places)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    encoded = dict(map(json.loads, ran.stdout.splitlines()))
    assert len(encoded) > 10  # 3 batches of two files each, and the embedding's own
    assert encoded[1] == 18
    assert encoded[max(encoded)] == 0  # all was in the log
    assert sorted(encoded.values(), reverse=True) == list(encoded.values())
    for at in encoded:
        assert content(places / f"killed-{at}.jari") == expected, at
    assert all(not file.name.startswith(".") for file in places.iterdir())


@pytest.mark.parametrize("plant", ["half a batch", "the last batch lost"])
def test_a_log_that_is_wrong_is_noticed(photos, out, tmp_path, monkeypatch, plant):
    """The check above can fail: these mistakes in the log change the bytes, or what is encoded again."""
    whole = tmp_path / "whole.jari"
    embed_images(BatchEncoder(), photos, whole)
    plain = VectorLog.append

    def halved(log, keys, digests, vectors):
        plain(log, keys[:2], digests[:2], vectors[:2])
        raise KeyboardInterrupt

    if plant == "half a batch":
        monkeypatch.setattr(VectorLog, "append", halved)
        with pytest.raises(Interrupted):
            embed_images(BatchEncoder(), photos, out)
        monkeypatch.undo()
        embed_images(BatchEncoder(), photos, out)
        assert content(out) != content(whole)
    else:
        with pytest.raises(Interrupted):
            embed_images(BatchEncoder(stop_at="b/01.png"), photos, out)
        journal = out.with_name(".photos.jari.part") / "journal"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(True)[:-1]))
        assert embed_images(BatchEncoder(), photos, out).resumed == 4  # of 8
        assert content(out) == content(whole)


def test_a_run_that_is_killed_while_workers_decode_goes_on(photos, out):
    """From outside, at whatever moment it is."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_folder import BatchEncoder\n"
        "from jari.encoders.images.folder import embed_images\n"
        "class Slow(BatchEncoder):\n"
        "    workers = 2\n"
        "    def _encoded(self, batch):\n"
        "        print('batch', flush=True); sys.stdin.readline()\n"
        "        return super()._encoded(batch)\n"
        "if __name__ == '__main__': embed_images(Slow(), sys.argv[2], sys.argv[3])\n"
    )
    program = out.with_name("program.py")
    program.write_text(script)
    process = subprocess.Popen(
        [sys.executable, program, str(Path(__file__).parent), photos, out],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    for _ in range(3):
        assert process.stdout.readline() == b"batch\n"
        process.stdin.write(b"\n")
        process.stdin.flush()
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    program.unlink()
    whole = out.with_name("whole.jari")
    embed_images(BatchEncoder(), photos, whole)
    assert embed_images(BatchEncoder(), photos, out).resumed == 12
    assert content(out) == content(whole)


def test_the_room_of_the_source_is_said_in_errors():
    assert image_folder._named(["a", "b", "c", "d"]) == "a, b, c …"
