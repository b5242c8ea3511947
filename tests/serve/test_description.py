"""Whatever the description allows, and what it does not: never a 5xx, and nothing that is not described.

Schemathesis makes the requests from openapi.json: examples, bounds of every parameter, and others drawn with a seed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
schemathesis = pytest.importorskip("schemathesis")

PATHS = (
    "/api/similar", "/api/solve", "/api/ask", "/api/suggest", "/api/keys", "/api/vector", "/api/embeddings",
    "/api/info", "/api/reload", "/api/session", "/healthz", "/metrics", "/api/compare", "/api/compare/key",
    "/api/compare/map",
    "/api/search", "/api/picture", "/api/titles", "/api/recommend", "/api/users", "/v1/embeddings", "/v1/models",
    "/v1/models/{model}", "/api/learning",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(folder: Path) -> Any:
    from jari.ingest.interactions import Interactions
    from jari.learn.als import ImplicitALS

    path, films = str(folder / "royal.jari"), folder / "films"
    chosen = Interactions([f"u{i}" for i in range(6)], [f"i{i}" for i in range(6)], np.eye(6) + np.eye(6)[::-1])
    ImplicitALS(dim=2, epochs=2, random_state=0).fit(chosen).save(films, titles={"i1": "Film 1"}, force=True)
    return create_app(Shelf.open([path, f"other={path}", str(films)]), Settings(read_only=True))


def described(app: Any, path: str) -> list[Any]:
    """Its operations."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    return [found.ok() for found in schema.get_all_operations() if found.ok().path == path]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_that_is_asked_is_a_5xx_or_undescribed(app: Any, path: str) -> None:
    operations = described(app, path)
    if not operations:
        pytest.skip("another part of the server")
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        for operation in operations:
            ask_as_described(client, operation)


def ask_as_described(client: TestClient, operation: Any) -> None:
    """Ask what is drawn for one operation."""
    allowed = operation.definition.raw["responses"]

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        response = ask(client, case)
        where = f"{case.method} {case.path} {case.query} {case.body!r} → {response.status_code} {response.text[:300]}"
        assert response.status_code < 500, where
        assert str(response.status_code) in allowed, where
        if response.status_code >= 400:
            assert response.json()["error"]["message"], where

    asked()


def ask(client: TestClient, case: Any) -> Any:
    """Send what was drawn."""
    from schemathesis.core import NOT_SET

    options: dict[str, Any] = {"params": case.query or {}}
    if case.body is not NOT_SET:
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
        options |= {"content": body, "headers": {"content-type": case.media_type or "application/json"}}
    return client.request(case.method, case.formatted_path, **options)
