"""Maps over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding, Vocabulary
from jari.explore.maps import MapState
from jari.serve import Settings, Shelf, create_app
from jari.serve.items import EmbeddingItem
from jari.serve.routes import maps

N = 200
KEYS = ["king", "queen", "=1+1", "서울", *(f"k{i}" for i in range(4, N))]
OCTETS = {"content-type": "application/octet-stream"}


def clouds() -> Embedding:
    """Three clouds, and four keys to ask for."""
    rng = np.random.default_rng(3)
    centres = np.zeros((3, 8))
    centres[0, 0] = centres[1, 1] = centres[2, 2] = 10
    vectors = centres[np.arange(N) % 3] + rng.normal(size=(N, 8)) * 0.3
    return Embedding(Vocabulary(KEYS, np.arange(1000, 1000 - N, -1)), vectors)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("maps") / "clouds.jari"
    clouds().save(made)
    return made


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    app = create_app(Shelf.open([str(place)]), Settings())
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as made:
        yield made


def project(client: TestClient, **asked: Any) -> dict[str, Any]:
    found = client.get("/api/project", params=asked)
    assert found.status_code == 200, found.text
    state: dict[str, Any] = found.json()
    until = time.monotonic() + 60
    while state["state"] in ("waiting", "running") and time.monotonic() < until:
        time.sleep(0.05)
        state = client.get(f"/api/maps/{state['map']}").json()
    assert state["state"] == "done", state
    return state


@pytest.fixture(scope="module")
def plane(client: TestClient) -> str:
    """The id of a map of all points on a plane."""
    return str(project(client)["map"])


def mask_of(*chosen: int) -> bytes:
    bits = np.zeros(8 * ((N + 7) // 8), np.uint8)
    bits[list(chosen)] = 1
    return np.packbits(bits, bitorder="little").tobytes()


def test_a_map_is_there_at_once_and_tells_of_itself(client: TestClient) -> None:
    state = client.get("/api/project", params={"name": "clouds"}).json()
    assert state["state"] == "done", "PCA was not waited for"
    assert (state["name"], state["method"], state["dim"], state["points"]) == ("clouds", "pca", 2, N)
    assert len(state["explained"]) == 2
    assert state["error"] is None
    assert client.get(f"/api/maps/{state['map']}").json() == state


def test_points_are_float32_in_the_order_of_rows(client: TestClient, plane: str) -> None:
    found = client.get(f"/api/maps/{plane}/points")
    assert found.headers["content-type"] == "application/octet-stream"
    xy = np.frombuffer(found.content, "<f4").reshape(-1, 2)
    assert xy.shape == (N, 2)
    assert np.isfinite(xy).all()
    groups = np.array([xy[group::3].mean(axis=0) for group in range(3)])
    nearest = np.linalg.norm(xy[:, None] - groups, axis=2).argmin(axis=1)
    assert (nearest == np.arange(N) % 3).mean() > 0.95


def test_points_are_not_sent_again(client: TestClient, plane: str) -> None:
    path = f"/api/maps/{plane}/points"
    found, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "content-length", "content-type"):
        assert head.headers[name] == found.headers[name]
    assert int(found.headers["content-length"]) == N * 2 * 4
    assert found.headers["etag"].startswith('"'), "not a strong one"
    again = client.get(path, headers={"If-None-Match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_labels_and_find(client: TestClient, plane: str) -> None:
    assert client.get(f"/api/maps/{plane}/labels", params={"limit": 4}).json() == {"keys": KEYS[:4]}
    assert client.get(f"/api/maps/{plane}/labels").json() == {"keys": KEYS}
    found = client.get(f"/api/maps/{plane}/find", params={"key": ["서울", "zebra", "king", "=1+1", ""]}).json()
    assert found == {"points": [3, None, 0, 2, None]}


def test_a_map_of_some_points(client: TestClient) -> None:
    some = project(client, top=50)
    assert some["points"] == 50
    base = f"/api/maps/{some['map']}"
    assert client.get(f"{base}/labels").json() == {"keys": KEYS[:50]}
    assert client.get(f"{base}/find", params={"key": ["k49", "k50"]}).json() == {"points": [49, None]}
    assert len(client.get(f"{base}/points").content) == 50 * 2 * 4
    assert len(client.get(f"{base}/values").content) == 50 * 4


def test_poles(client: TestClient) -> None:
    line = project(client, poles=json.dumps({"cold": ["king"], "hot": ["queen"]}))
    assert (line["method"], line["dim"], line["axes"]) == ("poles", 1, [["cold", "hot"]])
    assert len(client.get(f"/api/maps/{line['map']}/points").content) == N * 4
    plane = project(client, poles=json.dumps([{"a": ["king"], "b": ["queen"]}, {"c": ["k4"], "d": ["k5", "k6"]}]))
    assert (plane["dim"], plane["axes"]) == (2, [["a", "b"], ["c", "d"]])


def test_clusters_and_their_ids(client: TestClient, plane: str) -> None:
    found = client.get(f"/api/maps/{plane}/clusters", params={"count": 3}).json()
    ids = np.frombuffer(client.get(f"/api/maps/{plane}/clusters/ids", params={"count": 3}).content, np.uint8)
    assert found["count"] == 3
    assert found["sizes"] == np.bincount(ids, minlength=3).tolist() == sorted(found["sizes"], reverse=True)
    assert ids.shape == (N,)
    assert len(set(zip(ids.tolist(), (np.arange(N) % 3).tolist(), strict=True))) == 3, "clouds are not the clusters"
    assert [len(centre) for centre in found["centres"]] == [2, 2, 2]
    assert all(1 <= len(names) <= 3 for names in found["names"])
    by_itself = client.get(f"/api/maps/{plane}/clusters").json()
    assert by_itself["count"] == len(by_itself["sizes"]) <= 64


def test_clusters_are_computed_once(client: TestClient, plane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, asked = client.app.state.jari.maps, []
    real = desk.clusters
    monkeypatch.setattr(type(desk), "clusters", lambda _, *given, **more: (asked.append(1), real(*given, **more))[1])
    for _ in range(3):
        assert client.get(f"/api/maps/{plane}/clusters", params={"count": 5}).status_code == 200
        assert client.get(f"/api/maps/{plane}/clusters/ids", params={"count": 5}).status_code == 200
    assert len(asked) == 1


@pytest.mark.parametrize("count", [0, 65, -1, 10**9])
def test_counts_of_clusters_have_limits(client: TestClient, plane: str, count: int) -> None:
    for path in ("clusters", "clusters/ids"):
        assert client.get(f"/api/maps/{plane}/{path}", params={"count": count}).status_code == 422


def values(client: TestClient, plane: str, **asked: Any) -> tuple[np.ndarray, float, float]:
    found = client.get(f"/api/maps/{plane}/values", params=asked)
    assert found.status_code == 200, found.text
    low, high = map(float, found.headers["x-jari-range"].split())
    return np.frombuffer(found.content, "<f4"), low, high


def test_values_are_frequencies_similarities_and_fields(client: TestClient, plane: str) -> None:
    made = clouds()
    found, low, high = values(client, plane, by="frequency")
    np.testing.assert_allclose(found, np.log10(np.arange(1000, 1000 - N, -1)), rtol=1e-6)
    assert (low, high) == (pytest.approx(found.min()), pytest.approx(found.max()))
    near, _, most = values(client, plane, by="similarity", key="king")
    np.testing.assert_allclose(near, (made.vectors @ made["king"]) / made.norms / made.norms[0], atol=1e-5)
    assert most == pytest.approx(1)
    np.testing.assert_array_equal(values(client, plane, by="similarity", q="king")[0], near)
    best = values(client, plane, by="similarity", q="king - queen + 서울")[0].argmax()
    assert KEYS[best] == made.solve("king - queen + 서울", 1, include_inputs=True).keys[0]
    np.testing.assert_allclose(values(client, plane, by="field", field="norm")[0], made.norms, rtol=1e-6)


@pytest.mark.parametrize(
    ("asked", "status", "type"),
    [
        ({"by": "similarity"}, 422, "bad_input"),
        ({"by": "similarity", "key": "king", "q": "king"}, 422, "bad_input"),
        ({"by": "similarity", "key": "zebra"}, 404, "unknown_key"),
        ({"by": "similarity", "q": "quen"}, 404, "unknown_key"),
        ({"by": "similarity", "q": "king -"}, 422, "malformed_expression"),
        ({"by": "field", "field": "genre"}, 422, "bad_input"),
        ({"by": "field"}, 422, "bad_input"),
        ({"by": "mood"}, 422, "bad_input"),
    ],
)
def test_values_that_are_none(client: TestClient, plane: str, asked: dict[str, str], status: int, type: str) -> None:
    found = client.get(f"/api/maps/{plane}/values", params=asked)
    assert (found.status_code, found.json()["error"]["type"]) == (status, type)
    if asked.get("q") == "quen":
        assert found.json()["error"]["suggestions"] == ["queen"]


def test_density(client: TestClient, plane: str) -> None:
    found = client.get(f"/api/maps/{plane}/density", params={"levels": 4}).json()["contours"]
    assert 1 <= len(found) <= 4
    assert all(0 < each["level"] < 1 for each in found)
    assert all(len(ring) % 2 == 0 and len(ring) >= 6 for each in found for ring in each["rings"])
    assert client.get(f"/api/maps/{plane}/density", params={"levels": 0}).status_code == 422
    space = project(client, dim=3)["map"]
    assert client.get(f"/api/maps/{space}/density").json()["error"]["type"] == "bad_input"


def test_a_selection_as_json_and_as_tables(client: TestClient, plane: str) -> None:
    path, mask = f"/api/maps/{plane}/selection", mask_of(2, 3, 9, N - 1)
    found = client.post(path, content=mask, headers=OCTETS, params={"limit": 3}).json()
    assert found == {"count": 4, "keys": ["=1+1", "서울", "k9"], "counts": [998, 997, 991]}
    for format, delimiter, encoding in (("csv", ",", "utf-8-sig"), ("tsv", "\t", "utf-8")):
        table = client.post(path, content=mask, headers=OCTETS, params={"format": format})
        assert table.headers["content-disposition"] == f"attachment; filename*=UTF-8''clouds-selection.{format}"
        lines = list(csv.reader(io.StringIO(table.content.decode(encoding)), delimiter=delimiter))
        assert lines[0] == ["key", "count", "x", "y"]
        assert [line[0] for line in lines[1:]] == ["'=1+1", "서울", "k9", KEYS[-1]]


@pytest.mark.parametrize("mask", [b"", b"\0", bytes(1000)])
def test_masks_of_another_length(client: TestClient, plane: str, mask: bytes) -> None:
    found = client.post(f"/api/maps/{plane}/selection", content=mask, headers=OCTETS)
    assert found.status_code == 422
    if mask:
        assert "give 25" in found.json()["error"]["message"]


def test_events_end_when_the_map_is_done(client: TestClient) -> None:
    begun = client.get("/api/project", params={"method": "tsne", "seed": 7}).json()
    with client.stream("GET", f"/api/maps/{begun['map']}/events") as told:
        assert told.headers["content-type"].startswith("text/event-stream")
        said = [json.loads(line.removeprefix("data: ")) for line in told.iter_lines() if line.startswith("data: ")]
    assert said[-1]["state"] == "done"
    assert {one["map"] for one in said} == {begun["map"]}
    assert all(before != after for before, after in itertools.pairwise(said))


@pytest.mark.parametrize("ending", ["client leaves", "server stops"])
def test_events_end_with_the_client_and_with_the_server(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(maps, "_EVERY", 0.001)
    monkeypatch.setattr(maps, "_QUIET", 0.003)
    looks = []

    class Unending:
        """Answers as a desk, a book and a request do; its map is never done."""

        stopping, looked = threading.Event(), 0
        maps = property(lambda self: self)
        name = "clouds"

        def state(self, map_id: str) -> MapState:
            looks.append(map_id)
            if len(looks) == 20 and ending == "server stops":
                self.stopping.set()
            return MapState(map_id, "running", 10, 2, "tsne", 0)

        def item(self, map_id: str) -> Any:
            return self

        async def is_disconnected(self) -> bool:
            return ending == "client leaves" and len(looks) >= 20

    async def followed() -> list[str]:
        it: Any = Unending()
        return [said async for said in maps._followed(it, it, it, it.state("0" * 20))]

    said = asyncio.run(followed())
    assert len(looks) == 20
    assert json.loads(said[0].removeprefix("data: "))["state"] == "running"
    assert set(said[1:]) == {": still there\n\n"}, "the same state is told once, and then only that it goes on"


def test_a_map_can_be_cancelled(client: TestClient) -> None:
    begun = client.get("/api/project", params={"method": "tsne", "seed": 8}).json()
    stopped = client.delete(f"/api/maps/{begun['map']}").json()
    until = time.monotonic() + 30
    while stopped["state"] not in ("cancelled", "done") and time.monotonic() < until:
        time.sleep(0.05)
        stopped = client.get(f"/api/maps/{begun['map']}").json()
    assert stopped["state"] == "cancelled"
    assert client.get(f"/api/maps/{begun['map']}/points").status_code == 422


@pytest.mark.parametrize("id", ["0" * 20, "x", "..", "%2e%2e%2fetc", "ABCDEF0123456789", "0" * 300, "a b", "서울"])
def test_ids_that_no_map_has(client: TestClient, id: str) -> None:
    for path in ("", "/points", "/events", "/labels", "/clusters", "/clusters/ids", "/values", "/density"):
        assert client.get(f"/api/maps/{id}{path}").status_code == 404, path
    assert client.delete(f"/api/maps/{id}").status_code in (404, 405)
    assert client.post(f"/api/maps/{id}/selection", content=b"\0", headers=OCTETS).status_code == 404


@pytest.mark.parametrize("id", ["x", "ABCDEF0123456789", "..", "0" * 300])
def test_what_is_no_id_is_not_looked_for(client: TestClient, id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    desk = client.app.state.jari.maps
    for name in ("state", "open", "cancel"):
        monkeypatch.setattr(type(desk), name, lambda _, map_id: looked.append(map_id))
    for path in ("", "/points", "/events", "/labels"):
        client.get(f"/api/maps/{id}{path}")
    client.delete(f"/api/maps/{id}")
    assert looked == []


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "magic"},
        {"dim": 0},
        {"dim": 4},
        {"top": 0},
        {"seed": -1},
        {"seed": 2**40},
        {"geometry": "flat"},
        {"method": "poles"},
        {"method": "tsne", "poles": '{"a": ["king"], "b": ["queen"]}'},
        {"poles": "{"},
        {"poles": "[" * 5000},
        {"poles": "[]"},
        {"poles": '{"a": ["king"]}'},
        {"poles": '{"a": ["king"], "b": []}'},
        {"poles": '{"a": [["king"]], "b": ["queen"]}'},
        {"poles": '{"a": ["king"], "b": ["queen"]}', "dim": 2},
        {"poles": '{"a": ["king"], "b": ["king"]}'},
        {"poles": "NaN"},
    ],
)
def test_maps_that_cannot_be_drawn(client: TestClient, asked: dict[str, Any]) -> None:
    found = client.get("/api/project", params=asked)
    assert found.status_code == 422, found.text
    assert found.json()["error"]["message"]


def test_poles_that_are_not_known(client: TestClient) -> None:
    found = client.get("/api/project", params={"poles": '{"a": ["quen"], "b": ["king"]}'})
    assert (found.status_code, found.json()["error"]["type"]) == (404, "unknown_key")


def test_another_process_finds_what_a_map_is_of(place: Path, client: TestClient, plane: str) -> None:
    """A server that was not asked for the map knows by its id which embedding it is of."""
    other = TestClient(create_app(Shelf.open([f"first={place}"]), Settings()), base_url="http://127.0.0.1:8000")
    other.app.state.jari._maps.append(client.app.state.jari.maps)
    assert other.get(f"/api/maps/{plane}").json()["name"] == "first"
    assert other.get(f"/api/maps/{plane}/labels", params={"limit": 1}).json() == {"keys": ["king"]}


def test_an_embedding_that_was_replaced_is_not_drawn(tmp_path: Path) -> None:
    clouds().save(tmp_path / "clouds.jari")
    shelf = Shelf.open([str(tmp_path / "clouds.jari")])
    client = TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000")
    Embedding(["a", "b", "c"], np.eye(3)).save(tmp_path / "clouds.jari", force=True)
    found = client.get("/api/project")
    assert (found.status_code, found.json()["error"]["type"]) == (410, "gone")
    assert "POST /api/reload" in found.json()["error"]["message"]
    client.post("/api/reload")
    assert project(client, dim=2)["points"] == 3


def test_an_embedding_in_memory(client: TestClient) -> None:
    shelf = Shelf({"bare": EmbeddingItem("bare", "", "1", clouds())})
    other = TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000")
    assert other.get("/api/project").json()["error"]["type"] == "bad_input"
