"""Searching over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from jari.errors import ServerDown
from jari.search.collection import Collection
from jari.search.records import Document
from jari.serve import Settings, Shelf, create_app

pytest.importorskip("lancedb")

DOCUMENTS = [
    Document("kings#0", "The king rules the land of the queen.", {"title": "Kings", "year": 1999}, source="kings.txt"),
    Document("kings#1", "A king, a king and <b>another</b> king.", {"title": "Kings", "year": 1999}, "kings.txt"),
    Document("women#0", "woman and man " * 400, {"year": 2003}, source="women.txt"),
    Document("서울#0", "서울 이야기: 서울은 한국의 수도이다.", {"year": 2020, "ours": True}, source="서울.txt"),
]


@pytest.fixture(scope="module")
def library(folder: Path) -> Path:
    place = folder / "library"
    with Collection.create(place, folder / "royal.jari") as made:
        made.add(DOCUMENTS)
    with Collection.create(folder / "empty", folder / "royal.jari"):
        pass
    return place


@pytest.fixture
def shelf(library: Path) -> Shelf:
    return Shelf.open([str(library), str(library.parent / "empty"), str(library.parent / "royal.jari")])


@pytest.fixture
def client(shelf: Shelf) -> TestClient:
    return TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def search(client: TestClient, query: str, **more: Any) -> Any:
    return client.post("/api/search", json={"name": "library", "query": query, **more})


def test_the_best_documents_each_once(client: TestClient) -> None:
    found = search(client, "the king").json()
    assert (found["mode"], found["note"]) == ("hybrid", None)
    sources = [hit["source"] for hit in found["hits"]]
    assert sources[0] == "kings.txt"
    assert len(set(sources)) == len(sources)
    best = found["hits"][0]
    assert best["title"] == "Kings"
    assert best["metadata"] == {"title": "Kings", "year": 1999}
    assert best["cut"] is False
    snippet = best["snippet"]
    assert {snippet["text"][start:stop].casefold() for start, stop in snippet["found"]} == {"the", "king"}


def test_all_passages(client: TestClient) -> None:
    found = search(client, "king", passages=True, mode="text").json()["hits"]
    assert {hit["id"] for hit in found} == {"kings#0", "kings#1"}
    assert "<b>another</b>" in next(hit["text"] for hit in found if hit["id"] == "kings#1")


def test_long_texts_are_cut_and_say_so(client: TestClient) -> None:
    hit = search(client, "woman", characters=10).json()["hits"][0]
    assert (hit["text"], hit["cut"]) == ("woman and ", True)
    whole = search(client, "woman", characters=100_000).json()["hits"][0]
    assert (whole["text"], whole["cut"]) == (DOCUMENTS[2].text, False)


def test_conditions_and_korean(client: TestClient) -> None:
    found = search(client, "서울", where="year >= 2010 and ours = true").json()["hits"]
    assert [hit["source"] for hit in found] == ["서울.txt"]
    assert found[0]["snippet"]["text"].startswith("서울 이야기")
    assert found[0]["snippet"]["found"][0][0] == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "empty", "query": "king"}, "The collection is empty."),
        ({"name": "library", "query": "king", "where": "year > 3000"}, "'year > 3000'"),
        ({"name": "library", "query": "zebras", "mode": "text"}, "Mode 'hybrid' finds more"),
        ({"name": "library", "query": "zebras", "mode": "hybrid"}, "Nothing was found."),
    ],
)
def test_a_note_says_why_nothing_was_found(client: TestClient, body: dict[str, Any], said: str) -> None:
    found = client.post("/api/search", json=body)
    assert (found.status_code, found.json()["hits"]) == (200, [])
    assert said in found.json()["note"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"query": "king", "name": "nowhere"}, 404, "nowhere"),
        ({"query": "king", "name": "royal"}, 404, "no collection"),
        ({"query": "king"}, 422, "There are 2 collections here"),
        ({"query": "", "name": "library"}, 422, "no word"),
        ({"query": "!?", "name": "library"}, 422, "no word"),
        ({"query": "zebras", "name": "library", "mode": "vector"}, 422, "knows no word"),
        ({"query": "king", "name": "library", "where": "colour = red"}, 422, "colour"),
        ({"query": "king", "name": "library", "where": "year >"}, 422, "year"),
        ({"query": "king", "name": "library", "where": "'; drop"}, 422, ""),
        ({"query": "king", "name": "library", "k": 0}, 422, ""),
        ({"query": "king", "name": "library", "k": 10**9}, 422, ""),
        ({"query": "king", "name": "library", "mode": "psychic"}, 422, ""),
        ({"query": "king", "name": "library", "colour": "red"}, 422, ""),
        ({"query": 7, "name": "library"}, 422, ""),
        ({"name": "library"}, 422, ""),
    ],
)
def test_bad_questions(client: TestClient, body: dict[str, Any], status: int, said: str) -> None:
    found = client.post("/api/search", json=body)
    assert found.status_code == status
    assert said in found.json()["error"]["message"]


def test_half_a_character(client: TestClient) -> None:
    for body in (
        b'{"name": "library", "query": "\\ud800"}',
        b'{"name":"library","query":"king","where":"\\udfff = 1"}',
    ):
        found = client.post("/api/search", content=body, headers={"content-type": "application/json"})
        assert found.status_code == 422


def test_many_threads_ask_at_once(client: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: search(client, "king").json(), range(24)))
    assert all(one == found[0] for one in found)


def test_a_store_that_does_not_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ServerDown("PostgreSQL at db:5432 does not answer.")

    monkeypatch.setattr(Collection, "search", down)
    found = search(client, "king")
    assert (found.status_code, found.json()["error"]["type"]) == (503, "busy")
