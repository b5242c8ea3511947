"""What is near, over HTTP."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding
from jari.embedding.subwords import Subwords
from jari.serve import Settings, Shelf, create_app
from serve.royal import royal


def wrong(response) -> dict:
    """The error of an answer, whose shape is always the same."""
    error = response.json()["error"]
    assert set(error) == {"type", "message", "param", "code", "suggestions", "position"}
    assert error["code"] == error["type"]
    return error


def keys(answer: dict) -> list[str]:
    return [near["key"] for near in answer["neighbours"]]


def test_similar_answers_as_the_embedding_does(client: TestClient) -> None:
    answer = client.get("/api/similar", params={"key": "king", "k": 3}).json()
    expected = royal().similar("king", 3)
    assert keys(answer) == expected.keys.tolist()
    assert [near["row"] for near in answer["neighbours"]] == expected.rows.tolist()
    assert [near["score"] for near in answer["neighbours"]] == pytest.approx(expected.scores.tolist())
    assert answer["neighbours"][0]["count"] == 100 - expected.rows[0]
    assert answer["query"] == {
        "kind": "key", "text": "king", "terms": [{"key": "king", "weight": 1.0}], "unknown": []
    }  # fmt: skip


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_many_are_answered_as_one_by_one(client: TestClient, metric: str) -> None:
    asked = ["king", "서울", "New York", "king"]
    many = client.post("/api/similar", json={"keys": asked, "k": 4, "metric": metric}).json()["answers"]
    one_by_one = [client.get("/api/similar", params={"key": key, "k": 4, "metric": metric}).json() for key in asked]
    assert many == one_by_one


def test_vectors_may_be_asked(client: TestClient) -> None:
    vector = royal()["queen"].tolist()
    (answer,) = client.post("/api/similar", json={"vectors": [vector], "k": 1}).json()["answers"]
    assert keys(answer) == ["queen"]
    assert answer["query"]["kind"] == "vector"


def test_more_than_there_are(client: TestClient) -> None:
    answers = client.post("/api/similar", json={"keys": ["king", "queen"], "k": 1000}).json()["answers"]
    assert [len(answer["neighbours"]) for answer in answers] == [11, 11]


def test_the_quick_way_and_the_documented_one_are_the_same(client: TestClient) -> None:
    """`Direct` takes GET; a HEAD is no GET, and neither is a path with a slash behind it."""
    assert client.get("/api/similar/", params={"key": "king"}).status_code == 404
    assert client.request("HEAD", "/api/similar", params={"key": "king"}).status_code in (200, 405)


def test_solve(client: TestClient) -> None:
    answer = client.get("/api/solve", params={"expression": "한국 - 서울 + 도쿄", "k": 1}).json()
    assert keys(answer) == ["일본"]
    assert [term["weight"] for term in answer["query"]["terms"]] == [1.0, -1.0, 1.0]
    answer = client.get("/api/solve", params={"expression": "king - man + woman", "k": 1, "method": "mul"}).json()
    assert keys(answer) == ["queen"]


@pytest.mark.parametrize(
    ("q", "kind", "best"),
    [
        ("king", "key", "man"),
        ("king - man + woman", "expression", "queen"),
        ("0.5 * king - man + woman", "expression", "queen"),
        ("New York", "key", "well-known"),
        ("King!", "key", "man"),
        ("a king, a man", "text", "queen"),
    ],
)
def test_ask_reads_keys_expressions_and_texts(client: TestClient, q: str, kind: str, best: str) -> None:
    answer = client.get("/api/ask", params={"q": q, "k": 1}).json()
    assert answer["query"]["kind"] == kind
    assert len(answer["neighbours"]) == 1
    if kind != "text":
        assert keys(answer) == [best]


def test_words_of_a_text_that_are_not_known_are_listed(client: TestClient) -> None:
    answer = client.get("/api/ask", params={"q": "a king and a man"}).json()
    assert answer["query"]["unknown"] == ["a", "and"]
    assert not {"king", "man"} & set(keys(answer))


def test_an_unknown_key_has_suggestions(client: TestClient) -> None:
    response = client.get("/api/similar", params={"key": "quen"})
    assert response.status_code == 404
    error = wrong(response)
    assert error["type"] == "unknown_key"
    assert error["suggestions"] == ["queen"]
    assert error["message"] == "'quen' is not in this embedding (12 keys). Did you mean 'queen'?"
    assert wrong(client.get("/api/solve", params={"expression": "quen - man"}))["suggestions"] == ["queen"]
    assert wrong(client.get("/api/ask", params={"q": "king - wman"}))["suggestions"] == ["woman"]
    assert wrong(client.get("/api/ask", params={"q": "quen"}))["suggestions"] == ["queen"]


@pytest.mark.parametrize(
    ("expression", "position"),
    [("king queen", 5), ("한국 서울", 3), ("king - - man", 7), ("king -", 6), ('"king', 0), ("", 0)],
)
def test_a_malformed_expression_says_where(client: TestClient, expression: str, position: int) -> None:
    response = client.get("/api/solve", params={"expression": expression})
    assert response.status_code == 422
    assert wrong(response)["type"] == "malformed_expression"
    assert wrong(response)["position"] == position


def test_what_looks_like_an_expression_must_be_one(client: TestClient) -> None:
    error = wrong(client.get("/api/ask", params={"q": "king - - man"}))
    assert (error["type"], error["position"]) == ("malformed_expression", 7)


@pytest.mark.parametrize("path", ["/api/similar?key=king", "/api/solve?expression=king", "/api/ask?q=king"])
@pytest.mark.parametrize("k", ["0", "-1", "1001", "1000000000", "x", "1.5", ""])
def test_k_has_bounds(client: TestClient, path: str, k: str) -> None:
    response = client.get(f"{path}&k={k}")
    assert response.status_code == 422
    assert wrong(response)["param"] == "k"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"vectors": [[NaN, 0, 0, 0, 0, 0, 0, 0]]}', "finite"),
        ('{"vectors": [[Infinity, 0, 0, 0, 0, 0, 0, 0]]}', "finite"),
        ('{"vectors": [[1e999, 0, 0, 0, 0, 0, 0, 0]]}', "finite"),
        ('{"vectors": [[1, 2]]}', "A vector of 2 numbers was given, and 'royal' has 8 dimensions"),
        ('{"vectors": [[]]}', "A vector of 0 numbers"),
        ('{"keys": []}', "0 keys were given: 1 to 256"),
        ('{"keys": ["king"], "vectors": [[1]]}', "Give either keys or vectors"),
        ("{}", "Give either keys or vectors"),
        ('{"keys": ["\\ud800"]}', "unicode"),
        ('{"keys": "king"}', "valid list"),
        ('{"keys": ["king"], "k": 0}', "greater than or equal to 1"),
        ('{"keys": ["king"], "kk": 0}', "not permitted"),
        ("{", "not JSON"),
        ("[" * 100_000, "cannot be read"),
        ('{"keys": ["king"], "k": ' + "9" * 5000 + "}", "cannot be read"),
        ("\xff", "."),
    ],
)
def test_bodies_that_cannot_be_used(client: TestClient, body: str, message: str) -> None:
    response = client.post("/api/similar", content=body.encode("latin-1"), headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert message.lower() in wrong(response)["message"].lower()


def test_half_a_surrogate_pair_in_an_address(client: TestClient) -> None:
    assert client.get("/api/similar?key=%ED%A0%80").status_code == 404
    assert client.get("/api/suggest?q=%ED%A0%80").json() == {"keys": []}


def test_too_many_at_once(client: TestClient) -> None:
    error = wrong(client.post("/api/similar", json={"keys": ["king"] * 257}))
    assert error["message"] == "257 keys were given: 1 to 256 can be asked at once."


def test_an_index_that_is_not_there(client: TestClient) -> None:
    error = wrong(client.get("/api/similar", params={"key": "king", "approximate": "true"}))
    assert error["message"].startswith("There is no index beside 'royal'")


def test_an_index_is_asked(folder, tmp_path) -> None:
    pytest.importorskip("faiss")
    from jari.search.ann import ANN

    draw = np.random.default_rng(0)
    embedding = Embedding([str(row) for row in range(300)], draw.standard_normal((300, 8)))
    embedding.save(tmp_path / "many.jari")
    ANN.build(embedding, random_state=0).save(tmp_path / "many.jari")
    app = create_app(Shelf.open([str(tmp_path / "many.jari")]))
    with TestClient(app, base_url="http://localhost") as client:
        exact = client.get("/api/similar?key=7&k=3").json()
        assert client.get("/api/similar?key=7&k=3&approximate=true").json() == exact
        error = wrong(client.get("/api/similar?key=7&approximate=true&metric=dot"))
        assert error["message"] == "The index of 'many' was built for 'cosine': ask with that metric."


def test_subwords_answer_for_unknown_keys() -> None:
    table = Subwords(np.eye(5, dtype=np.float32)[:, :2] + 0.1, 3, 3)
    shelf = Shelf.of({"sub": Embedding(["cat", "dog"], [[1, 0], [0, 1]], subwords=table)})
    with TestClient(create_app(shelf, Settings()), base_url="http://localhost") as client:
        assert len(client.get("/api/similar?key=catty").json()["neighbours"]) == 2
        vector = client.get("/api/vector?key=catty").json()
        assert (vector["from_subwords"], vector["row"]) == (True, None)
        assert client.get("/api/vector?key=cat").json()["from_subwords"] is False
