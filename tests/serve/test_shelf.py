"""What stands on the shelf, over HTTP and without."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.serve import Settings, Shelf, create_app
from jari.serve.failures import Failure
from serve.royal import KEYS, royal

ADDRESS = "http://127.0.0.1:8000"


def test_a_name_may_be_left_out_where_one_thing_fits(shelf: Shelf) -> None:
    assert shelf.embedding().name == "royal"


def test_an_unknown_name_says_which_there_are(shelf: Shelf) -> None:
    with pytest.raises(Failure, match=r"Nothing on the shelf is called '\.\./royal'. It holds 'royal'"):
        shelf.embedding("../royal")
    with pytest.raises(Failure, match=r"There is no recommender here"):
        shelf.recommender()
    with pytest.raises(Failure, match=r"'royal' is no collection but of the kind 'embedding'"):
        shelf.collection("royal")


def test_names_that_clash_are_numbered(folder: Path) -> None:
    path = str(folder / "royal.jari")
    assert Shelf.open([path, path, f"best={path}"]).names == ["royal", "royal-2", "best"]


def test_names_that_were_given(folder: Path) -> None:
    path = folder / "royal.jari"
    with pytest.raises(BadInput, match="'a' is given twice"):
        Shelf.open([f"a={path}", f"a={path}"])
    with pytest.raises(BadInput, match="'' is empty"):
        Shelf.open([f"={path}"])


def test_what_cannot_be_served(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no .*nothing\.jari"):
        Shelf.open([str(tmp_path / "nothing.jari")])
    (tmp_path / "text.txt").write_text("This is a text.\n")
    with pytest.raises(BadFile, match="in no format that Jari knows"):
        Shelf.open([str(tmp_path / "text.txt")])
    with pytest.raises(BadFile, match=r"it is no \.jari"):
        Shelf.open([str(tmp_path)])
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(BadInput, match="is a text encoder: give it with --model"):
        Shelf.open([str(tmp_path)])


def test_a_recommender_brings_its_items(tmp_path: Path) -> None:
    from jari.ingest.interactions import Interactions
    from jari.learn.als import ImplicitALS

    films = Interactions([f"u{i}" for i in range(6)], [f"i{i}" for i in range(6)], np.eye(6) + np.eye(6)[::-1])
    learner = ImplicitALS(dim=2, epochs=2, random_state=0).fit(films)
    learner.save(tmp_path / "films", titles={f"i{item}": f"Film {item}" for item in range(6)})
    shelf = Shelf.open([str(tmp_path / "films")])
    assert shelf.names == ["films", "films/items"]
    assert "Film 1" in shelf.embedding("films/items").embedding
    assert shelf.recommender().titles[0].startswith("Film")
    with TestClient(create_app(shelf), base_url=ADDRESS) as client:
        items = client.get("/api/embeddings").json()["items"]
        assert [(item["name"], item["kind"], item["titled"]) for item in items] == [
            ("films", "recommender", True),
            ("films/items", "embedding", True),
        ]
        assert client.get("/api/similar?key=Film 1&k=1").status_code == 200
        assert client.get("/api/info?name=films").json()["learner"] == "ImplicitALS"


def test_what_is_there(client: TestClient) -> None:
    (item,) = client.get("/api/embeddings").json()["items"]
    version = item.pop("version")
    assert version
    assert item == {
        "name": "royal", "kind": "embedding", "size": 12, "dim": 8, "learner": "Word2Vec", "counted": True,
        "subwords": False, "pictures": False, "approximate": False, "sample": KEYS[:5], "titled": False, "fields": None,
    }  # fmt: skip
    info = client.get("/api/info").json()
    assert info["metadata"] == {"learner": "Word2Vec"}
    assert info["losses"] == []


def test_keys_of_rows(client: TestClient) -> None:
    assert client.get("/api/keys?rows=1,5").json() == {"keys": ["king", "서울"], "counts": [99, 95]}
    assert client.post("/api/keys", json={"rows": [11]}).json()["keys"] == ["<b>x</b>"]
    assert client.get("/api/keys?rows=").json() == {"keys": [], "counts": []}
    for rows, message in [
        ("12", "There is no row 12: the last one is 11"),
        ("-1", "must be numbers"),
        ("a", "must"),
    ]:
        response = client.get("/api/keys", params={"rows": rows})
        assert response.status_code == 422
        assert message in response.json()["error"]["message"]
    assert client.get("/api/keys", params={"rows": ",".join(["1"] * 2001)}).status_code == 422
    assert client.post("/api/keys", json={"rows": [1] * 2001}).status_code == 422
    assert client.post("/api/keys", json={"rows": [2**40]}).status_code == 422


def test_a_vector(client: TestClient) -> None:
    answer = client.get("/api/vector?key=queen").json()
    assert answer["vector"] == royal()["queen"].tolist()
    assert answer["norm"] == pytest.approx(2**0.5)
    assert (answer["row"], answer["count"], answer["from_subwords"]) == (2, 98, False)
    assert client.get("/api/vector?key=quen").json()["error"]["suggestions"] == ["queen"]


def test_suggestions(client: TestClient) -> None:
    assert client.get("/api/suggest?q=w").json()["keys"][0] == {"key": "woman", "count": 96}
    assert [each["key"] for each in client.get("/api/suggest?k=2").json()["keys"]] == ["the", "king"]
    assert [each["key"] for each in client.get("/api/suggest?q=한ㄱ").json()["keys"]] == ["한국"]
    assert client.get("/api/suggest?k=0").status_code == 422


def test_an_embedding_that_is_replaced_is_served_until_it_is_reloaded(tmp_path: Path) -> None:
    place = tmp_path / "places.jari"
    Embedding(["here", "there"], [[1, 0], [1, 1]]).save(place)
    with TestClient(create_app(Shelf.open([str(place)])), base_url=ADDRESS) as client:
        before = client.get("/api/embeddings").json()["items"][0]
        Embedding(["here", "nowhere"], [[1, 0], [1, 1]]).save(place, force=True)
        assert client.get("/api/similar?key=here").json()["neighbours"][0]["key"] == "there"
        assert client.post("/api/reload").json() == {"reloaded": ["places"]}
        assert client.get("/api/similar?key=here").json()["neighbours"][0]["key"] == "nowhere"
        assert client.get("/api/embeddings").json()["items"][0]["version"] != before["version"]
        assert client.post("/api/reload").json() == {"reloaded": []}


def test_what_is_lost_or_damaged_is_served_on(tmp_path: Path) -> None:
    place = tmp_path / "places.jari"
    Embedding(["here", "there"], [[1, 0], [1, 1]]).save(place)
    with TestClient(create_app(Shelf.open([str(place)])), base_url=ADDRESS) as client:
        place.rename(tmp_path / "elsewhere.jari")
        response = client.post("/api/reload")
        assert (response.status_code, response.json()["error"]["type"]) == (410, "gone")
        place.mkdir()
        response = client.post("/api/reload")
        assert (response.status_code, response.json()["error"]["type"]) == (500, "failed")
        assert "served on" in response.json()["error"]["message"]
        assert client.get("/api/similar?key=here").status_code == 200


def test_a_server_that_only_reads_reloads_nothing(shelf: Shelf) -> None:
    with TestClient(create_app(shelf, Settings(read_only=True)), base_url=ADDRESS) as client:
        response = client.post("/api/reload")
        assert (response.status_code, response.json()["error"]["type"]) == (403, "read_only")


def test_reloading_while_many_ask(tmp_path: Path) -> None:
    """Each answer is of one embedding or of the other, never of both."""
    place = tmp_path / "turn.jari"
    draw = np.random.default_rng(0)

    def save(mark: str) -> None:
        names = ["key", *(f"{mark}{row}" for row in range(200))]
        Embedding(names, draw.standard_normal((201, 8))).save(place, force=True)

    save("a")
    with TestClient(create_app(Shelf.open([str(place)])), base_url=ADDRESS) as client:
        wrong: list[str] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                near = client.get("/api/similar?key=key&k=50").json()["neighbours"]
                if len({each["key"][0] for each in near}) != 1:
                    wrong.append(str(near))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(6):
            save("ab"[turn % 2])
            assert client.post("/api/reload").json() == {"reloaded": ["turn"]}
        done.set()
        for thread in threads:
            thread.join()
        assert not wrong
