"""Health, figures, logs, ids."""

from __future__ import annotations

import json
import logging

import pytest
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app
from jari.serve.logs import JsonLines

ADDRESS = "http://127.0.0.1:8000"


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_figures(client: TestClient) -> None:
    client.get("/api/similar?key=king")
    client.get("/api/similar?key=nobody")
    client.get("/made/up/by/a/stranger")
    text = client.get("/metrics").text
    assert 'jari_requests_total{route="/api/similar",status="200"} 1.0' in text
    assert 'jari_requests_total{route="/api/similar",status="404"} 1.0' in text
    assert 'jari_requests_total{route="other",status="404"} 1.0' in text
    assert "stranger" not in text
    assert 'jari_request_seconds_count{route="/api/similar"} 2.0' in text
    assert "jari_batch_questions_count 1.0" in text
    assert 'jari_items{kind="embedding",name="royal"} 12.0' in text
    assert "jari_requests_running 1.0" in text


def test_two_apps_count_for_themselves(shelf: Shelf) -> None:
    for _ in range(2):
        with TestClient(create_app(shelf), base_url=ADDRESS) as client:
            client.get("/healthz")
            assert 'jari_requests_total{route="/healthz",status="200"} 1.0' in client.get("/metrics").text


def test_a_line_a_request_without_what_was_asked(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "jari.serve"):
        response = client.get("/api/similar?key=a-private-word")
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert "private" not in json.dumps(line)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/similar", 404)
    assert line["bytes"] == len(response.content)
    assert line["request"] == response.headers["x-request-id"]
    assert line["ms"] >= 0


def test_a_fault_says_nothing_to_the_client_and_all_to_the_log(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(shelf, Settings())

    @app.get("/test/fault")
    def fault() -> None:
        raise ZeroDivisionError("a secret path")

    with TestClient(app, base_url=ADDRESS) as client:
        response = client.get("/test/fault")
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "failed"
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    record = next(record for record in caplog.records if record.exc_info)
    said = json.loads(JsonLines().format(record))
    assert "a secret path" in said["traceback"]
    assert response.headers["x-request-id"] in said["message"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_methods_that_a_path_has_not(client: TestClient, method: str) -> None:
    response = client.request(method, "/api/embeddings")
    assert response.status_code == 405
    assert response.json()["error"]["type"] == "method_not_allowed"
    assert "GET" in response.headers["allow"]


def test_paths_that_are_not_there(client: TestClient) -> None:
    for path in ("/nix", "/api", "/api/", "/api/embeddings/", "/v2", "/%ff", "/" + "x" * 5000):
        response = client.get(path)
        assert response.status_code == 404
        assert response.json()["error"]["type"] == "not_found"


def test_the_description(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    similar = described["paths"]["/api/similar"]["get"]
    assert {"404", "422", "401", "504"} <= set(similar["responses"])
    assert [parameter["name"] for parameter in similar["parameters"]][:2] == ["key", "name"]
    assert described["info"]["title"] == "Jari"
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            assert about.get("description") or about.get("summary"), (method, path)
