"""The desk of maps: what is drawn once, what is stopped, what is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadFile, BadInput, NoSuchFile, UnknownKey
from jari.explore.maps import MapDesk, MapRequest, desk, job
from jari.explore.maps.folder import MapFolder
from jari.explore.maps.lock import held

BRIEF = MapRequest(dim=3)  # of `many` that is done in a process, by what `elsewhere` says
LONG = MapRequest(method="tsne")  # more than a second's work
SECONDS = 60


def clouds(points: int = 2000, seed: int = 3) -> Embedding:
    rng = np.random.default_rng(seed)
    vectors = np.eye(10)[np.arange(points) % 3] * 5 + rng.normal(size=(points, 10))
    return Embedding(Vocabulary([f"k{at}" for at in range(points)], np.arange(points, 0, -1)), vectors)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "clouds.jari"
    clouds().save(path)
    return path


@pytest.fixture
def place(tmp_path):
    """A small one, and nobody else's."""
    path = tmp_path / "few.jari"
    clouds(200).save(path)
    return path


@pytest.fixture
def maps(tmp_path):
    with MapDesk(tmp_path / "cache") as made:
        yield made


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch):
    """PCA of more than 500 points is drawn in another process."""
    monkeypatch.setattr(desk, "_AT_ONCE", 5000)


def forbid_work(monkeypatch):
    """Nothing is computed: neither here nor in another process."""

    def refuse(*_, **__):
        raise AssertionError("it was computed")

    monkeypatch.setattr(desk, "draw_map", refuse)
    monkeypatch.setattr(job.subprocess, "Popen", refuse)


def until(maps, map_id, wanted):
    end = time.monotonic() + SECONDS
    while not wanted(state := maps.state(map_id)):
        assert time.monotonic() < end, state
        time.sleep(0.02)
    return state


def running(state):
    return state.state == "running" and state.stage == "arranging"


def over(state):
    return state.over


def process_of(maps, map_id):
    """The pid that the worker wrote in its lock."""
    folder = maps._folders[map_id]
    return int(folder.lock.read_text())


def is_gone(pid):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_pca_is_there_at_once_and_beside_its_embedding(place):
    with MapDesk() as maps:
        state = maps.ask(place, MapRequest())
        assert (state.state, state.points, state.dim, state.fitted) == ("done", 200, 2, 200)
        assert len(state.explained) == 2
        assert (place.with_name("few.maps") / state.map / "points.npy").is_file()
        drawn = maps.open(state.map)
        assert drawn.coordinates.shape == (200, 2)
        assert isinstance(drawn.coordinates.base, np.ndarray), "not mapped"
        assert not drawn.coordinates.flags.writeable


def test_a_map_is_drawn_in_another_process_and_told_of(maps, many):
    state = maps.ask(many, MapRequest(method="tsne", top=80))
    assert state.state in ("waiting", "running")
    assert not state.over
    with pytest.raises(BadInput, match=r"is not done, but (waiting|running): wait until it is"):
        maps.open(state.map)
    state = until(maps, state.map, over)
    assert (state.state, state.points, state.fitted, state.error) == ("done", 80, 80, None)
    assert state.to_json()["map"] == state.map
    assert np.abs(maps.open(state.map).coordinates).max() == 1
    assert len(maps.clusters(state.map, 3)) == 3


def test_what_is_kept_is_not_computed(many, tmp_path, monkeypatch):
    with MapDesk(tmp_path / "cache") as maps:
        first = until(maps, maps.ask(many, BRIEF).map, over)
        kept = maps.open(first.map).coordinates.tobytes()
    forbid_work(monkeypatch)
    with MapDesk(tmp_path / "cache") as later:
        again = later.ask(many, BRIEF)
        assert again == first
        assert later.open(again.map).coordinates.tobytes() == kept


def test_another_embedding_of_that_name_has_other_maps(maps, place):
    first = maps.ask(place, MapRequest())
    clouds(200, seed=9).save(place, force=True)
    second = maps.ask(place, MapRequest())
    assert first.map != second.map
    assert not np.array_equal(maps.open(first.map).coordinates, maps.open(second.map).coordinates)


def test_an_embedding_that_was_replaced_is_not_drawn_by_its_successor(maps, place):
    from jari.embedding.formats import native

    old, checksum = Embedding.load(place), native.checksum(place)
    clouds(200, seed=9).save(place, force=True)
    with pytest.raises(BadInput, match="is another embedding by now: open it again"):
        maps.ask(place, LONG, embedding=old, checksum=checksum)
    assert maps.ask(place, MapRequest(), embedding=old, checksum=checksum).state == "done"


@pytest.mark.parametrize("spoil", ["points.npy", "map.json", "request.json"])
def test_a_damaged_map_is_drawn_anew(place, tmp_path, spoil):
    with MapDesk(tmp_path / "cache") as maps:
        state = maps.ask(place, MapRequest())
        good = maps.open(state.map).coordinates.copy()
    file = tmp_path / "cache" / state.map / spoil
    data = bytearray(file.read_bytes())
    data[-9] ^= 0xFF
    file.write_bytes(data)
    with MapDesk(tmp_path / "cache") as later:
        assert later.ask(place, MapRequest()).state == "done"
        assert np.array_equal(later.open(state.map).coordinates, good)


def test_a_map_that_somebody_deleted_is_drawn_anew(maps, place):
    import shutil

    state = maps.ask(place, MapRequest())
    shutil.rmtree(maps._folders[state.map].path)
    with pytest.raises(NoSuchFile, match="There is no map"):
        maps.state(state.map)
    assert maps.ask(place, MapRequest()).state == "done"


def test_cancel_ends_the_process(maps, many):
    state = maps.ask(many, LONG)
    until(maps, state.map, running)
    pid = process_of(maps, state.map)
    assert maps.cancel(state.map).state == "cancelled"
    assert maps.state(state.map).state == "cancelled"
    assert is_gone(pid)
    assert maps.cancel(state.map).state == "cancelled"


def test_one_map_at_a_time_and_one_that_waits_can_be_cancelled(maps, many):
    first, second = maps.ask(many, LONG), maps.ask(many, MapRequest(method="tsne", seed=1))
    until(maps, first.map, running)
    assert maps.state(second.map).state == "waiting"
    assert maps.cancel(second.map).state == "cancelled"
    maps.cancel(first.map)
    third = maps.ask(many, BRIEF)
    assert until(maps, third.map, over).state == "done"
    assert maps.state(second.map).state == "cancelled"


def test_what_was_cancelled_can_be_asked_for_again(maps, many):
    state = maps.ask(many, BRIEF)
    maps.cancel(state.map)
    assert until(maps, maps.ask(many, BRIEF).map, over).state == "done"


def test_what_is_being_stopped_can_be_asked_for_again(maps, many):
    state = maps.ask(many, LONG)
    until(maps, state.map, running)
    maps.cancel(state.map)
    assert maps.ask(many, LONG).state in ("waiting", "running")
    until(maps, state.map, running)
    assert maps.cancel(state.map).state == "cancelled"


def test_a_process_that_is_killed_is_told_of(maps, many):
    state = maps.ask(many, LONG)
    until(maps, state.map, running)
    os.kill(process_of(maps, state.map), signal.SIGKILL)
    state = until(maps, state.map, over)
    assert state.state == "failed"
    assert state.error["message"] == (
        "The process that drew the map was ended by signal 9, as the system does when memory runs out: ask again, or "
        "for a smaller top."
    )
    assert maps.ask(many, LONG).state in ("waiting", "running"), "it cannot be asked for again"


def test_a_process_that_cannot_start_is_told_of(maps, many, monkeypatch):
    monkeypatch.setattr(job, "_START", "raise SystemExit(3)")
    state = until(maps, maps.ask(many, BRIEF).map, over)
    assert state.error == {
        "type": "failed",
        "message": "The process that drew the map ended with status 3: ask again.",
    }


def test_what_goes_wrong_in_the_process_is_told(maps, place):
    (place / "vectors.safetensors").write_bytes(b"nothing")
    state = until(maps, maps.ask(place, LONG, embedding=clouds(200)).map, over)
    assert state.state == "failed"
    assert "vectors.safetensors" in state.error["message"]


def test_closing_ends_the_process(many, tmp_path):
    maps = MapDesk(tmp_path)
    state = maps.ask(many, LONG)
    until(maps, state.map, running)
    pid = process_of(maps, state.map)
    maps.close()
    assert is_gone(pid)
    with pytest.raises(BadInput, match="This desk is closed"):
        maps.ask(many, LONG)
    maps.close()


def test_the_process_ends_with_a_parent_that_is_killed(many, tmp_path):
    code = (
        "import sys, time; from jari.explore.maps import MapDesk, MapRequest\n"
        "desk = MapDesk(sys.argv[2]); print(desk.ask(sys.argv[1], MapRequest(method='tsne')).map, flush=True)\n"
        "time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(many), str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with parent:
        folder = MapFolder(tmp_path / parent.stdout.readline().strip())
        end = time.monotonic() + SECONDS
        while folder.told().get("stage") != "arranging":
            assert time.monotonic() < end
            time.sleep(0.05)
        pid = int(folder.lock.read_text())
        parent.kill()
    assert is_gone(pid)
    with MapDesk(tmp_path) as maps:
        assert maps.state(folder.id).state == "cancelled", "nobody draws it any more"


def test_two_desks_draw_a_map_once(many, tmp_path):
    with MapDesk(tmp_path) as one, MapDesk(tmp_path) as other:
        state = one.ask(many, LONG)
        until(one, state.map, running)
        assert other.ask(many, LONG).map == state.map
        seen = until(other, state.map, running)
        assert seen.total == one.state(state.map).total
        assert process_of(other, state.map) == process_of(one, state.map)
        assert other.cancel(state.map).state == "cancelled"
        assert until(one, state.map, over).state == "cancelled"


def test_a_desk_draws_what_another_left(many, tmp_path):
    with MapDesk(tmp_path) as one, MapDesk(tmp_path) as other:
        state = one.ask(many, BRIEF)
        other.ask(many, BRIEF)
        assert until(one, state.map, over).state == "done"
        assert until(other, state.map, over).state == "done"
        assert np.array_equal(one.open(state.map).coordinates, other.open(state.map).coordinates)


def test_a_desk_waits_for_whoever_holds_the_lock(maps, many):
    state = maps.ask(many, BRIEF)
    maps.cancel(state.map)
    folder = maps._folders[state.map]
    with held(folder.lock, patience=5) as ours:
        assert ours
        maps.ask(many, BRIEF)
        time.sleep(0.3)
        assert maps.state(state.map).state == "running"
        assert folder.stamp is None
    assert until(maps, state.map, over).state == "done"


def test_many_threads_ask_for_the_same(maps, place):
    found = []
    threads = [threading.Thread(target=lambda: found.append(maps.ask(place, MapRequest()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert found[0].state == "done"


def test_maps_are_found_by_their_ids(place):
    with MapDesk() as maps:
        state = maps.ask(place, MapRequest())
    with MapDesk(paths=[place]) as later:
        assert later.state(state.map) == state
        assert later.open(state.map).request == MapRequest()
        with pytest.raises(BadInput, match="give its embedding too"):
            later.clusters(state.map)
    with MapDesk() as stranger, pytest.raises(NoSuchFile, match="There is no map"):
        stranger.state(state.map)


@pytest.mark.parametrize("name", ["", "..", "../few.jari", "0" * 20, "A" * 20, "0" * 19 + "\n"])
def test_what_is_no_id_is_not_looked_for(maps, place, name):
    maps.ask(place, MapRequest())
    for ask in (maps.state, maps.open, maps.cancel):
        with pytest.raises(NoSuchFile, match="There is no map"):
            ask(name)


def test_more_rows_than_there_are_is_all(maps, place):
    assert maps.ask(place, MapRequest(top=10_000)).map == maps.ask(place, MapRequest()).map


@pytest.mark.parametrize(
    ("request_", "kind", "says"),
    [
        (MapRequest(poles={"a": ["k1"], "b": ["zebra"]}), UnknownKey, "'zebra' is not in this embedding"),
        (MapRequest(poles={"a": ["k1"], "b": ["k1"]}), BadInput, "'k1' is in both poles"),
        (MapRequest(method="umap", top=3), BadInput, "3 points cannot be drawn with method='umap'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_any_work(maps, place, request_, kind, says, monkeypatch):
    forbid_work(monkeypatch)
    with pytest.raises(kind, match=says):
        maps.ask(place, request_)


def test_nothing_at_the_place(maps, tmp_path):
    with pytest.raises(NoSuchFile, match="There is no"):
        maps.ask(tmp_path / "none.jari", MapRequest())
    (tmp_path / "file.jari").touch()
    with pytest.raises(BadFile, match="is a file"):
        maps.ask(tmp_path / "file.jari", MapRequest())


def test_where_nothing_can_be_written_the_cache_of_the_user_is_taken(place, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.explore.maps.places.user_cache", lambda: tmp_path / "mine")
    place.with_name("few.maps").touch()  # no folder can be made there
    with MapDesk() as maps:
        state = maps.ask(place, MapRequest())
        assert (tmp_path / "mine" / state.map / "map.json").is_file()
        monkeypatch.setattr("jari.explore.maps.desk.is_writable", lambda root: False)
        with pytest.raises(BadInput, match="nothing can be written: name a folder"):
            maps.ask(place, MapRequest(dim=3))


def test_a_full_disk_is_told_of(maps, place, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(MapFolder, "save", full)
    state = maps.ask(place, MapRequest())
    assert state.state == "failed"
    assert "No space left on device" in state.error["message"]
    monkeypatch.undo()
    assert maps.ask(place, MapRequest()).state == "done"
