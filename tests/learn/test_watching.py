from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Vocabulary
from jari.errors import FileIsThere
from jari.learn import watching
from jari.learn.fasttext import FastText
from jari.learn.glove import GloVe
from jari.learn.lsa import LSA
from jari.learn.watching import WatchedFolder, abandon, is_running, shown_to
from jari.learn.word2vec import Word2Vec
from jari.types import Progress

TEXT = ["king rules land", "queen rules land", "cat purrs softly", "dog barks loudly"] * 50


class Onlooker:
    """Looks once at the beginning and once at the end."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray[Any, Any]] = []
        self.keys: list[str] = []
        self._vectors: Any = None

    def __call__(self, progress: Progress) -> None:
        assert progress.total is None or progress.done <= progress.total

    def look(self, vocabulary: Vocabulary, vectors: Any) -> None:
        self.keys, self._vectors = list(vocabulary), vectors
        self.seen.append(vectors(3))

    def look_away(self) -> None:
        self.seen.append(self._vectors(len(self.keys)))
        self._vectors = None


LEARNERS = {
    "skipgram": Word2Vec(),
    "cbow": Word2Vec("cbow", vectors="mean"),
    "output": Word2Vec(vectors="output", bias=True),
    "target": Word2Vec(noise="target", vectors="sum"),
    "hierarchical": Word2Vec(loss="hierarchical"),
    "softmax": Word2Vec(loss="softmax"),
    "fasttext": FastText(),
    "glove": GloVe(),
    "glove-mean": GloVe(vectors="mean"),
    "glove-output": GloVe(vectors="output"),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_looked_at_last_is_what_is_learnt(name: str) -> None:
    onlooker = Onlooker()
    learner = LEARNERS[name].set_params(
        dim=6, epochs=2, min_count=1, threads=1, random_state=1, callbacks=(onlooker,), **_sample(name)
    )
    embedding = learner.fit(TEXT).embedding_
    first, last = onlooker.seen
    assert onlooker.keys == list(embedding.keys)
    assert first.shape == (3, 6)
    np.testing.assert_allclose(last, embedding.vectors, atol=1e-6)
    assert not np.allclose(first, last[:3])


@pytest.mark.parametrize("name", ["skipgram", "fasttext", "glove"])
def test_watched_or_not_the_bits_are_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT", 0.001)
    monkeypatch.setattr(watching, "_SHARE", 1.0)

    def learnt(*callbacks: Any) -> Any:
        learner = LEARNERS[name].set_params(
            dim=8, epochs=3, min_count=1, threads=1, random_state=1, callbacks=callbacks, **_sample(name)
        )
        return learner.fit(TEXT).embedding_.vectors.tobytes()

    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        assert learnt(watched) == learnt()


def _sample(name: str) -> dict[str, float]:
    return {} if name.startswith("glove") else {"sample": 0.0}


def test_a_folder_tells_what_happens(tmp_path: Path) -> None:
    folder = tmp_path / "pets.watch"
    with WatchedFolder(folder, name="pets", learner="Word2Vec", epochs=2) as watched:
        assert is_running(folder)
        learner = Word2Vec(dim=4, epochs=2, min_count=1, sample=0, threads=1, callbacks=(watched,)).fit(TEXT)
        frame = np.load(folder / "frame.npy")
        watched.show(learner.embedding_)
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert about | {"started": 0} == {"version": 1, "name": "pets", "learner": "Word2Vec", "epochs": 2, "started": 0}
    assert abs(about["started"] - time.time()) < 60
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["stage"] for line in lines][-1] == "learning"
    assert lines[-1]["done"] == lines[-1]["total"]
    assert lines[-1]["figures"]["epoch"] == 2
    assert json.loads((folder / "keys.json").read_text(encoding="utf-8")) == list(learner.embedding_.keys)
    np.testing.assert_array_equal(frame, learner.embedding_.vectors)
    assert json.loads((folder / "state.json").read_text(encoding="utf-8"))["state"] == "done"
    assert not is_running(folder)
    assert not [path for path in folder.iterdir() if path.suffix == ".new"]
    watched.remove()
    assert not folder.exists()


def test_lines_become_fewer_and_the_last_one_is_there(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        for done in range(1001):
            watched(Progress("learning", done, 1000, "words", {"loss": float("nan"), "epoch": 1.0}))
    lines = [json.loads(line) for line in (tmp_path / "a.watch" / "progress.jsonl").read_text().splitlines()]
    assert len(lines) < 20
    assert lines[-1]["done"] == 1000
    assert lines[-1]["figures"] == {"epoch": 1.0}  # what is no number is left out: JSON has no NaN


def test_no_frame_of_what_is_no_number(tmp_path: Path) -> None:
    keys = Vocabulary(["a", "b"])
    with (
        WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched,
        shown_to([watched], keys, lambda count: np.full((count, 2), np.nan, np.float32)),
    ):
        pass
    assert not (tmp_path / "a.watch" / "frame.npy").exists()


def test_frames_come_while_it_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT", 0.01)
    monkeypatch.setattr(watching, "_SHARE", 1.0)
    asked, enough = [], threading.Event()

    def vectors(count: int) -> Any:
        asked.append(count)
        if len(asked) == 3:
            enough.set()
        return np.zeros((count, 2), np.float32)

    keys = Vocabulary([f"key {i}" for i in range(1500)])
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched, shown_to([watched], keys, vectors):
        assert enough.wait(10)
    assert set(asked) == {watching.KEYS}
    count = len(asked)
    time.sleep(0.05)
    assert len(asked) == count  # nobody looks once learning has ended


def test_an_error_is_a_stop(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), WatchedFolder(tmp_path / "a.watch", name="a", learner="x"):
        raise ZeroDivisionError
    assert json.loads((tmp_path / "a.watch" / "state.json").read_text())["state"] == "stopped"


def test_who_was_killed_gives_no_sign_of_life(tmp_path: Path) -> None:
    folder = tmp_path / "a.watch"
    with WatchedFolder(folder, name="a", learner="x"):
        with pytest.raises(FileIsThere, match=r"belongs to a learning that is still running\. Choose another name"):
            WatchedFolder(folder, name="a", learner="x").__enter__()
        os.utime(folder / "alive", (0, 0))
        assert not is_running(folder)
    (folder / "state.json").unlink()
    os.utime(folder / "alive", (0, 0))
    with WatchedFolder(folder, name="again", learner="x"):
        assert json.loads((folder / "run.json").read_text())["name"] == "again"


def test_who_was_killed_is_said_to_have_stopped(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        abandon(watched.folder)
        assert not is_running(watched.folder)
    abandon(tmp_path / "gone.watch")
    assert not (tmp_path / "gone.watch").exists()


def test_what_somebody_keeps_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a.watch").mkdir()
    (tmp_path / "a.watch" / "diary.txt").write_text("dear diary")
    with pytest.raises(FileIsThere, match=r"holds 'diary\.txt', which no learning left: move it away"):
        WatchedFolder(tmp_path / "a.watch", name="a", learner="x").__enter__()
    (tmp_path / "b.watch").write_text("no folder")
    with pytest.raises(FileIsThere, match="is there already and is no folder"):
        WatchedFolder(tmp_path / "b.watch", name="b", learner="x").__enter__()


def test_a_learner_without_steps_shows_its_end(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="LSA") as watched:
        watched.show(LSA(dim=3, min_count=1, callbacks=(watched,)).fit(TEXT).embedding_)
    assert np.load(tmp_path / "a.watch" / "frame.npy").shape == (10, 3)


def test_a_full_disk_ends_the_watching_and_not_the_learning(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        watched.remove()
        Word2Vec(dim=4, epochs=1, min_count=1, sample=0, threads=1, callbacks=(watched,)).fit(TEXT)
