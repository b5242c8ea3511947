from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding
from jari.errors import ExtraMissing
from jari.learn.watching import WatchedFolder
from jari.serve import Settings, Shelf, create_app
from jari.serve.routes.learning import watch
from jari.serve.watching import WatchPage
from jari.types import Progress


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(Shelf({}), Settings())
    watch(app, [tmp_path])
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as made:
        yield made


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def test_nothing_is_learnt(client: TestClient) -> None:
    assert client.get("/api/learning").json() == {"runs": []}
    answer = client.get("/api/learning/wiki/events")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no run 'wiki'. Nothing is being learnt."


def test_a_server_tells_of_no_folder_that_it_was_not_given(tmp_path: Path) -> None:
    app = create_app(Shelf({}), Settings())
    with (
        WatchedFolder(tmp_path / "a.watch", name="a", learner="x"),
        TestClient(app, base_url="http://127.0.0.1:8000") as client,
    ):
        assert client.get("/api/learning").json() == {"runs": []}
        watch(app, [tmp_path], only="b")
        assert client.get("/api/learning").json() == {"runs": []}
        watch(app, [tmp_path], only="a")
        assert [run["run"] for run in client.get("/api/learning").json()["runs"]] == ["a"]


def test_runs_are_listed_the_latest_first(client: TestClient, tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "old one.watch", name="old one", learner="GloVe", epochs=7):
        pass
    time.sleep(0.01)
    (tmp_path / "broken.watch").mkdir()
    (tmp_path / "broken.watch" / "run.json").write_text("{")
    with WatchedFolder(tmp_path / "새것.watch", name="새것", learner="LSA"):
        runs = client.get("/api/learning").json()["runs"]
    assert [(run["run"], run["state"], run["epochs"]) for run in runs] == [
        ("새것", "running", None),
        ("old one", "done", 7),
    ]


def test_the_events_of_a_run_that_is_over(client: TestClient, tmp_path: Path) -> None:
    with WatchedFolder(tmp_path / "새 것.watch", name="새 것", learner="x", epochs=1) as watched:
        watched(Progress("learning", 1, 1, "words", {"loss": 2.0, "epoch": 1.0}))
        watched.show(Embedding(["<b>", "서울"], [[1, 0], [0, 1]]))
    answer = client.get("/api/learning/새 것/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    history, drawn, state = events_of(answer.text)
    assert history["events"][0]["recent"] == 2.0
    assert drawn["keys"] == ["<b>", "서울"]
    assert state == {"type": "state", "state": "done"}
    unknown = client.get("/api/learning/other/events")
    assert unknown.status_code == 404
    assert unknown.json()["error"]["suggestions"] == ["새 것"]


@pytest.mark.parametrize("run", ["..", "%2e%2e", "..%2f..%2fetc", "a.watch", "a%00", "a" * 5000])
def test_no_name_leads_out_of_the_folder(client: TestClient, tmp_path: Path, run: str) -> None:
    with WatchedFolder(tmp_path / "a.watch", name="a", learner="x"):
        assert client.get(f"/api/learning/{run}/events").status_code in (404, 414)


# ── The page beside a learning


def test_the_page_follows_a_learning_to_its_end(tmp_path: Path) -> None:
    place = tmp_path / "pets.jari"
    with (
        WatchedFolder(tmp_path / "pets.watch", name="pets", learner="x") as watched,
        WatchedFolder(tmp_path / "other.watch", name="other", learner="x"),
        WatchPage(watched.folder, place) as page,
    ):
        assert page.address.startswith("http://127.0.0.1:")
        assert [run["run"] for run in asked(page, "/api/learning")["runs"]] == ["pets"]  # and not the other
        assert asked(page, "/api/embeddings") == {"items": []}
        with urllib.request.urlopen(f"{page.address}/api/learning/pets/events", timeout=30) as stream:
            watched(Progress("learning", 1, 2, "words"))
            Embedding(["cat", "dog"], [[1, 0], [0, 1]]).save(place)
            watched.end("done")
            told = events_of(stream.read().decode())
        assert told[-1] == {"type": "state", "state": "done"}
        for _ in range(100):
            items = asked(page, "/api/embeddings")["items"]
            if items:
                break
            time.sleep(0.1)
        assert [item["name"] for item in items] == ["pets"]
        assert page.is_up
    assert not page.is_up
    assert not watched.folder.exists()


def test_who_is_killed_is_said_to_have_stopped(tmp_path: Path) -> None:
    program = f"""
import time
from jari.learn.watching import WatchedFolder
from jari.serve.watching import WatchPage
if __name__ == "__main__":
    with WatchedFolder({str(tmp_path / "a.watch")!r}, name="a", learner="x") as watched:
        with WatchPage(watched.folder, {str(tmp_path / "a.jari")!r}) as page:
            print(page.address, flush=True)
            time.sleep(60)
"""
    script = tmp_path / "learn.py"
    script.write_text(program)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as learning:
        assert learning.stdout is not None
        address = learning.stdout.readline().strip()
        try:
            with urllib.request.urlopen(f"{address}/api/learning/a/events", timeout=30) as stream:
                learning.kill()
                told = events_of(stream.read().decode())
        finally:
            learning.kill()
    assert told[-1] == {"type": "state", "state": "stopped"}
    for _ in range(100):  # the server ends by itself, and clears away
        if not (tmp_path / "a.watch").exists():
            break
        time.sleep(0.1)
    assert not (tmp_path / "a.watch").exists()


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchPage]:
    folder = tmp_path_factory.mktemp("idle")
    with (
        WatchedFolder(folder / "a.watch", name="a", learner="x") as watched,
        WatchPage(watched.folder, folder / "a.jari") as page,
    ):
        yield page


@pytest.mark.skipif(os.name != "posix", reason="a signal of POSIX")
def test_ctrl_c_does_not_end_the_page_before_the_learning(idle: WatchPage) -> None:
    (process,) = [child for child in multiprocessing.active_children() if child.name == "jari-watch"]
    asked(idle, "/healthz")
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.3)
    assert asked(idle, "/healthz") == {"status": "ok"}


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(ExtraMissing, match=r"jari\[web\]"):
        WatchPage(tmp_path / "a.watch", tmp_path / "a.jari")


def test_a_forged_host_is_refused(idle: WatchPage) -> None:
    host, port = idle.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(b"GET /api/learning HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 421")


def asked(page: WatchPage, path: str) -> Any:
    with urllib.request.urlopen(page.address + path, timeout=30) as answer:
        return json.load(answer)
