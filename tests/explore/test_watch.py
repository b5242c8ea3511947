from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadFile
from jari.explore.watch import Follower, RecentLoss, Run, plane, runs_in
from jari.learn.watching import WatchedFolder, shown_to
from jari.types import Progress


def step(epoch: float, loss: float) -> Progress:
    return Progress("learning", round(epoch * 100), 200, "words", {"epoch": epoch, "loss": loss, "rate": 0.1})


def test_a_run_is_read_as_it_is(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.b.watch", name="a.b", learner="GloVe", epochs=3) as watched:
        run = Run.of(watched.folder)
        assert (run.run, run.name, run.learner, run.state, run.epochs) == ("a.b", "a.b", "GloVe", "running", 3)
        os.utime(watched.folder / "alive", (0, 0))
        assert Run.of(watched.folder).state == "stopped"
    assert Run.of(watched.folder).state == "done"


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ("", r"holds no run that could be watched"),
        ("{", r"holds no run"),
        ("[1]", r"holds no run"),
        ('{"version": 1}', r"holds no run that could be watched \('name'\)"),
        ('{"version": 2, "name": "a", "learner": "x", "epochs": 1, "started": 0}', r"is of version 2"),
        ('{"version": 1, "name": "a", "learner": "x", "epochs": 1, "started": "soon"}', r"holds no run"),
    ],
)
def test_what_is_no_run_is_said(tmp_path: Path, written: str, match: str) -> None:
    folder = tmp_path / "a.watch"
    folder.mkdir()
    (folder / "run.json").write_text(written)
    with pytest.raises(BadFile, match=match):
        Run.of(folder)


def test_only_folders_of_runs_are_runs(tmp_path: Path) -> None:
    (tmp_path / "empty.watch").mkdir()
    (tmp_path / "file.watch").write_text("")
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x"):
        assert runs_in(tmp_path) == {"a": tmp_path / "a.watch"}
    assert runs_in(tmp_path / "nowhere") == {}


def test_a_follower_hears_everything_once(tmp_path: Path) -> None:
    keys = Vocabulary(["king", "queen", "cat"])
    vectors = np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0.2]], np.float32)
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x", epochs=2) as watched:
        watched(step(0.5, 4.0))
        follower = Follower(watched.folder)
        history, state = follower.read()
        assert history["type"] == "history"
        assert [event["figures"]["loss"] for event in history["events"]] == [4.0]
        assert state == {"type": "state", "state": "running"}
        assert not follower.is_over
        assert list(follower.read()) == []
        with shown_to([watched], keys, lambda count: vectors[:count].copy()):
            pass
        watched(step(2.0, 3.0))
        progress, drawn = follower.read()
        assert progress["type"] == "progress"
        assert progress["done"] == progress["total"]
        assert drawn["keys"] == ["king", "queen", "cat"]
        assert np.shape(drawn["points"]) == (3, 2)
        assert list(follower.read()) == []
        watched.show(Embedding(keys, vectors * 2))
        (again,) = follower.read()
        assert "keys" not in again  # they are what they were
        np.testing.assert_allclose(again["points"], drawn["points"], atol=1e-3)  # and lengths do not matter
    assert list(follower.read()) == [{"type": "state", "state": "done"}]
    assert follower.is_over


def test_a_line_that_is_not_whole_waits(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        follower = Follower(watched.folder)
        list(follower.read())
        line = json.dumps({"stage": "learning", "done": 1, "total": 2, "unit": "words", "figures": {}, "seconds": 1})
        with (watched.folder / "progress.jsonl").open("a") as file:
            file.write(line[:10])
            file.flush()
            assert list(follower.read()) == []
            file.write(line[10:] + "\n")
        assert [event["done"] for event in follower.read()] == [1]


def test_a_newcomer_is_told_the_curve_and_not_every_line(tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        with (watched.folder / "progress.jsonl").open("a") as file:
            for i in range(5000):
                event = {"stage": "counting" if i < 3 else "learning", "done": i, "total": 4999, "figures": {}}
                file.write(json.dumps(event) + "\n")
        events = next(Follower(watched.folder).read())["events"]
    assert 500 < len(events) < 700
    assert [event["done"] for event in events[:2]] == [0, 3]  # each stage begins somewhere
    assert events[-1]["done"] == 4999


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "frame.npy").write_bytes(b"no array"),
        lambda folder: (folder / "frame.npy").write_bytes(b""),
        lambda folder: np.save(folder / "frame.npy", np.zeros((3, 2), np.float32)),  # more than there are keys
        lambda folder: np.save(folder / "frame.npy", np.full((2, 2), np.nan)),
        lambda folder: np.save(folder / "frame.npy", np.zeros(2)),
        lambda folder: np.save(folder / "frame.npy", np.array([{}, {}], object), allow_pickle=True),
        lambda folder: (folder / "keys.json").write_text("{"),
        lambda folder: (folder / "keys.json").unlink(),
    ],
)
def test_a_damaged_frame_is_none(tmp_path: Path, damage: Any) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        watched.show(Embedding(["a", "b"], [[1, 0], [0, 1]]))
        damage(watched.folder)
        assert [event["type"] for event in Follower(watched.folder).read()] == ["history", "state"]


def test_the_recent_loss_is_that_of_the_stretch() -> None:
    # An epoch whose losses fall in a straight line from 8 to 4: the mean of the first f of it is 8 - 2f.
    recent = RecentLoss()
    told = []
    for at in np.arange(1, 41) / 20:  # two such epochs
        share = at - (math.ceil(at) - 1)
        told.append(recent.added({"figures": {"epoch": float(at), "loss": 8 - 2 * share}})["recent"])
    middles = (np.arange(40) % 20 + 0.5) / 20
    np.testing.assert_allclose(told, 8 - 4 * middles)


def test_no_loss_is_no_loss() -> None:
    assert RecentLoss().added({"figures": {"epoch": 1.0}}) == {"figures": {"epoch": 1.0}}
    assert RecentLoss().added({}) == {}
    assert "recent" not in RecentLoss().added({"figures": {"epoch": 0.0, "loss": 1.0}})


def test_maps_turn_as_little_as_can_be(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    before = random.normal(size=(40, 8)) * [4, 3, 1, 1, 1, 1, 1, 1]
    angle = 2.0  # of the whole space: a map of its own would turn with it, or be mirrored
    turn = np.eye(8)
    turn[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    keys = [f"k{i}" for i in range(40)]
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x") as watched:
        follower = Follower(watched.folder)
        drawn = []
        for vectors in (before, before @ turn):
            watched.show(Embedding(keys, vectors))
            drawn += [event["points"] for event in follower.read() if event["type"] == "map"]
    np.testing.assert_allclose(drawn[0], drawn[1], atol=1e-2)


def test_a_plane_of_anything() -> None:
    assert plane(np.zeros((3, 4))).tolist() == [[0.0, 0.0]] * 3
    line = plane(np.array([[1.0], [-1.0], [2.0]]))
    assert line[:, 1].tolist() == [0, 0, 0]
    assert np.isfinite(plane(np.random.default_rng(0).normal(size=(5, 300)))).all()
