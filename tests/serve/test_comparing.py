"""Comparing over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding, Vocabulary
from jari.explore.comparing import compare
from jari.serve import Settings, Shelf, create_app
from jari.serve.routes import comparing

KEYS = [f"k{i}" for i in range(60)]


def sides() -> tuple[Embedding, Embedding]:
    """The same keys in two spaces, one turned from the other; k0 has moved, and each has a key of its own."""
    rng = np.random.default_rng(5)
    ours = rng.normal(size=(61, 6)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0].astype(np.float32)
    theirs = ours @ turn
    theirs[0] = -theirs[0]
    counts = list(range(100, 39, -1))
    return (
        Embedding(Vocabulary([*KEYS, "old"], counts), ours),
        Embedding(Vocabulary([*KEYS, "<i>new</i>"]), theirs),
    )


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    a, b = sides()
    a.save(tmp_path / "then.jari")
    b.save(tmp_path / "now.jari")
    Embedding(["x", "y"], [[1.0, 0], [0, 1.0]]).save(tmp_path / "other.jari")
    shelf = Shelf.open([str(tmp_path / f"{name}.jari") for name in ("then", "now", "other")])
    return TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def test_the_whole(client: TestClient) -> None:
    found = client.get("/api/compare", params={"a": "then", "b": "now", "k": 5, "show": 3}).json()
    expected = compare(*sides(), k=5)
    assert {name: found[name] for name in ("a", "b", "shared", "only_a", "only_b", "k", "compared")} == {
        "a": "then",
        "b": "now",
        "shared": 60,
        "only_a": 1,
        "only_b": 1,
        "k": 5,
        "compared": 60,
    }
    assert found["overlap"]["mean"] == pytest.approx(expected.overlap.mean)
    assert found["overlap"]["histogram"] == list(expected.overlap.histogram)
    assert found["alignment"]["cosine"] == pytest.approx(float(expected.cosine.mean()))
    assert [one["key"] for one in found["changed"]] == [one.key for one in expected.changed(3)]
    assert found["changed"][0]["key"] == "k0"
    assert found["changed"][0]["count"] == 100
    assert len(found["steady"]) == 3


def test_one_key(client: TestClient) -> None:
    found = client.get("/api/compare/key", params={"a": "then", "b": "now", "key": "k0", "k": 4}).json()
    assert found["key"] == "k0"
    assert [len(found["a"]), len(found["b"])] == [4, 4]
    assert found["jaccard"] == len(found["both"]) / (8 - len(found["both"]))
    assert found["a"][0]["count"] == 100 - found["a"][0]["row"]
    assert found["b"][0]["count"] is None
    assert found["cosine"] < 0


def test_the_map(client: TestClient) -> None:
    found = client.get("/api/compare/map", params={"a": "then", "b": "now", "top": 20}).json()
    assert found["keys"] == KEYS[:20]
    assert np.array(found["a"]).shape == np.array(found["b"]).shape == (20, 2)
    moved = np.linalg.norm(np.array(found["a"]) - np.array(found["b"]), axis=1)
    assert int(moved.argmax()) == 0
    assert len(found["jaccard"]) == 20


@pytest.mark.parametrize(
    ("path", "params", "status", "type", "said"),
    [
        ("", {"a": "then", "b": "then"}, 422, "bad_input", "compare two embeddings"),
        ("", {"a": "then", "b": "nowhere"}, 404, "unknown_name", "nowhere"),
        ("", {"a": "then", "b": "other"}, 422, "bad_input", "No key is in both"),
        ("/key", {"a": "then", "b": "now", "key": "k99"}, 404, "unknown_key", "k99"),
        ("/key", {"a": "then", "b": "now", "key": "old"}, 404, "unknown_key", "in the first embedding only"),
    ],
)
def test_what_cannot_be_compared(
    client: TestClient, path: str, params: dict[str, str], status: int, type: str, said: str
) -> None:
    found = client.get(f"/api/compare{path}", params=params)
    assert found.status_code == status
    assert found.json()["error"]["type"] == type
    assert said in found.json()["error"]["message"]


@pytest.mark.parametrize("limit", [{"k": 0}, {"k": 10**9}, {"top": 0}, {"top": 10**9}, {"show": 10**6}, {"k": "nan"}])
def test_limits(client: TestClient, limit: dict[str, object]) -> None:
    found = client.get("/api/compare", params={"a": "then", "b": "now", **limit})
    assert found.status_code == 422


def test_the_same_question_is_computed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(comparing, "compare", lambda *args, **more: asked.append(1) or compare(*args, **more))
    params = {"a": "then", "b": "now", "k": 3}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.get("/api/compare", params=params).json(), range(4)))
    assert all(one == answers[0] for one in answers)
    here = client.get("/api/compare/key", params={"a": "then", "b": "now", "k": 7, "key": "k1"}).json()
    assert len(here["a"]) == 7
    client.get("/api/compare/map", params={"a": "then", "b": "now"})
    assert len(asked) == 1
    client.get("/api/compare/map", params={"a": "now", "b": "then"})
    assert len(asked) == 2
