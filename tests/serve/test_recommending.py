"""Recommending over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from jari.ingest.interactions import Interactions
from jari.learn.ease import EASE
from jari.serve import Settings, Shelf, create_app

# Two tastes that meet in eve only; 5 and 6 are called the same
FILMS = Interactions(
    ["ann", "bob", "cy", "di", "eve"],
    ["1", "2", "3", "4", "5", "6"],
    [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0], [1, 0, 0, 1, 0, 0]],
)
TITLES = {
    "1": "Toy Story (1995)",
    "2": "Aladdin & <i>friends</i>",
    "3": "괴물",
    "4": "Heat",
    "5": "Hamlet",
    "6": "Hamlet",
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("films") / "films"
    EASE(l2=1.0, dim=2, random_state=1, threads=1).fit(FILMS).save(place, titles=TITLES)
    return place


@pytest.fixture
def client(films: Path) -> TestClient:
    app = create_app(Shelf.open([str(films)]), Settings())
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def recommend(client: TestClient, **body: Any) -> Any:
    return client.post("/api/recommend", json=body)


def test_for_a_user_with_reasons(client: TestClient) -> None:
    found = recommend(client, user="ann", k=2).json()
    assert (found["user"], found["items"]) == ("ann", [])
    best = found["recommendations"][0]
    assert (best["item"], best["title"]) == ("3", "괴물")
    assert {one["title"] for one in best["because"]} <= {"Toy Story (1995)", "Aladdin & <i>friends</i>"}
    assert best["because"][0]["score"] > 0
    assert len(found["recommendations"]) == 2


def test_for_somebody_new_by_title_and_by_id(client: TestClient) -> None:
    found = recommend(client, items=["toy story (1995)", "2", "1"], k=1).json()
    assert found["user"] is None
    assert found["items"] == [
        {"item": "1", "title": "Toy Story (1995)"},
        {"item": "2", "title": "Aladdin & <i>friends</i>"},
    ]
    assert found["recommendations"][0]["title"] == "괴물"


def test_seen_items_and_without_reasons(client: TestClient) -> None:
    found = recommend(client, user="ann", k=6, exclude_seen=False, explain=False).json()["recommendations"]
    assert len(found) == 6
    assert all(one["because"] == [] for one in found)
    assert len(recommend(client, user="ann", k=6).json()["recommendations"]) == 4


@pytest.mark.parametrize(
    ("body", "status", "param", "suggestions", "said"),
    [
        ({"user": "anne"}, 404, "user", ["ann"], "'anne' is not among the 5"),
        ({"items": ["1", "Aladin & <i>friends</i>"]}, 404, "items", ["Aladdin & <i>friends</i>"], "neither an id nor"),
        ({"items": ["Hamlet"]}, 422, None, [], "the title of 2 items"),
        ({"user": "ann", "items": ["1"]}, 422, "user", [], "either user"),
        ({}, 422, "user", [], "either user"),
    ],
)
def test_who_and_what_is_not_known(
    client: TestClient, body: dict[str, Any], status: int, param: str | None, suggestions: list[str], said: str
) -> None:
    found = recommend(client, **body)
    error = found.json()["error"]
    assert (found.status_code, error["param"], error["suggestions"]) == (status, param, suggestions)
    assert said in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"user": "ann", "k": 0},
        {"user": "ann", "k": 10**9},
        {"items": []},
        {"items": ["1"] * 1001},
        {"items": "1"},
        {"items": [1]},
        {"user": 1},
        {"user": "ann", "colour": "red"},
    ],
)
def test_limits(client: TestClient, body: dict[str, Any]) -> None:
    assert recommend(client, **body).status_code == 422


def test_titles_are_suggested(client: TestClient) -> None:
    def items(q: str, **more: Any) -> list[str]:
        return [one["item"] for one in client.get("/api/titles", params={"q": q, **more}).json()["items"]]

    assert items("TOY") == ["1"]
    assert items("h") == ["4", "5", "6"], "by how many chose them"
    assert items("story") == ["1"]
    assert items("ㄱ") == ["3"]
    assert items("zz") == []
    assert len(items("", k=2)) == 2
    found = client.get("/api/titles", params={"q": "hamlet"}).json()["items"]
    assert found == [
        {"item": "5", "title": "Hamlet (5)", "count": 2},
        {"item": "6", "title": "Hamlet (6)", "count": 1},
    ]


def test_users_are_suggested(client: TestClient) -> None:
    assert client.get("/api/users", params={"q": "E"}).json() == {"users": ["eve"]}
    assert len(client.get("/api/users", params={"k": 3}).json()["users"]) == 3


def test_without_a_recommender(client: TestClient, folder: Path) -> None:
    app = create_app(Shelf.open([str(folder / "royal.jari")]), Settings())
    other = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    assert recommend(other, user="ann").status_code == 404
    assert other.get("/api/titles").json()["error"]["type"] == "unknown_name"
