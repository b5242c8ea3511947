"""How much, how large, how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app

ADDRESS = "http://127.0.0.1:8000"
JSON = {"content-type": "application/json"}


def app_with(shelf: Shelf, **settings: Any) -> FastAPI:
    app = create_app(shelf, Settings(**settings))

    @app.get("/test/thread")
    def thread(seconds: float) -> str:
        time.sleep(seconds)
        return "done"

    @app.get("/test/stream")
    async def stream(seconds: float) -> StreamingResponse:
        async def parts() -> Any:
            yield "a"
            await asyncio.sleep(seconds)
            yield "b"

        return StreamingResponse(parts(), media_type="text/plain")

    return app


def client_of(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)


def kind(response: Any) -> str:
    return str(response.json()["error"]["type"])


def test_a_body_of_10_megabytes(client: TestClient) -> None:
    response = client.post("/api/similar", content=b" " * 10_000_000, headers=JSON)
    assert (response.status_code, kind(response)) == (413, "too_large")
    assert response.json()["error"]["message"] == "The body is larger than 8,388,608 bytes. Send less at a time."


def test_a_body_of_10_megabytes_in_chunks(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    response = client.post("/api/similar", content=chunks(), headers=JSON)
    assert (response.status_code, kind(response)) == (413, "too_large")


def test_a_body_that_just_fits(client: TestClient) -> None:
    body = b'{"keys": ["king"]}'
    padded = body + b" " * ((1 << 23) - len(body))
    assert client.post("/api/similar", content=padded, headers=JSON).status_code == 200
    assert client.post("/api/similar", content=padded + b" ", headers=JSON).status_code == 413


def test_an_answer_that_takes_too_long_is_given_up_though_a_thread_works_on(shelf: Shelf) -> None:
    with client_of(app_with(shelf, timeout=0.1)) as client:
        began = time.monotonic()
        response = client.get("/test/thread?seconds=0.5")
        assert (response.status_code, kind(response)) == (504, "timeout")
        assert response.headers["x-request-id"]
        assert time.monotonic() - began < 2
        assert client.get("/healthz").status_code == 200


def test_a_stream_may_take_its_time(shelf: Shelf) -> None:
    with client_of(app_with(shelf, timeout=0.1)) as client:
        assert client.get("/test/stream?seconds=0.3").text == "ab"


def test_more_requests_than_may_run(shelf: Shelf) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with client_of(app_with(shelf, most_requests=1)) as client, ThreadPoolExecutor() as pool:
        running = pool.submit(client.get, "/test/thread?seconds=0.5")
        time.sleep(0.2)
        response = client.get("/api/embeddings")
        assert (response.status_code, kind(response)) == (503, "busy")
        assert response.headers["retry-after"] == "1"
        assert client.get("/healthz").status_code == 200
        assert running.result().status_code == 200
        assert client.get("/api/embeddings").status_code == 200
