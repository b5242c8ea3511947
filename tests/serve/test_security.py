"""Who may ask."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app
from jari.serve.security import session_of

TOKEN = "a token with ünicode"
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def guarded(shelf: Shelf) -> Iterator[TestClient]:
    with TestClient(create_app(shelf, Settings(token=TOKEN)), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def bearer(token: str) -> dict[str, bytes]:
    return {"authorization": b"Bearer " + token.encode()}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]", "[::1]:8000"])
def test_names_of_this_machine(client: TestClient, host: str) -> None:
    assert client.get("/api/embeddings", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "127.0.0.1@evil", "192.168.0.1", "::1", "",
     "localhost:x", "evil:8000", "127.0.0.1:80:80", "0.0.0.0"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/embeddings", "/api/similar?key=king", "/healthz", "/assets/x.js"])
def test_forged_hosts(client: TestClient, host: str, path: str) -> None:
    response = client.get(path, headers={"host": host})
    assert response.status_code == 421
    assert response.json()["error"]["type"] == "wrong_host"


def test_hosts_that_are_allowed(shelf: Shelf) -> None:
    with TestClient(create_app(shelf, Settings(allow_hosts=("words.example",))), base_url=ADDRESS) as client:
        assert client.get("/healthz", headers={"host": "words.example:8000"}).status_code == 200
        assert client.get("/healthz", headers={"host": "other.example"}).status_code == 421


def test_a_server_for_others_is_asked_by_its_address(shelf: Shelf) -> None:
    app = create_app(shelf, Settings(host="0.0.0.0", token=TOKEN))
    with TestClient(app, base_url=ADDRESS) as client:
        assert client.get("/healthz", headers={"host": "192.168.0.7:8000"}).status_code == 200
        assert client.get("/healthz", headers={"host": f"{socket.gethostname()}:8000"}).status_code == 200
        assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_may_not_ask(client: TestClient, site: str) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
    assert client.post("/api/reload", headers=headers).status_code == 421
    assert client.get("/api/similar?key=king", headers=headers).status_code == 421
    assert client.get("/", headers={"sec-fetch-site": site, "sec-fetch-mode": "navigate"}).status_code == 200


def test_no_cors(client: TestClient) -> None:
    response = client.get("/api/embeddings", headers={"origin": "http://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]
    preflight = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    assert client.options("/api/reload", headers=preflight).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": "Basic " + TOKEN.encode().hex()},
        {"cookie": "jari_token=wrong"},
        {"cookie": "jari_token=\xff"},
        {"cookie": ";;;=="},
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/embeddings", "/api/similar?key=king", "/metrics", "/openapi.json", "/docs", "/nix"]
)
def test_a_missing_or_wrong_token(guarded: TestClient, headers: dict[str, str], path: str) -> None:
    response = guarded.get(path, headers={name: value.encode("latin-1") for name, value in headers.items()})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["error"]["type"] == "unauthorized"


def test_the_right_token(guarded: TestClient) -> None:
    assert guarded.get("/api/embeddings", headers=bearer(TOKEN)).status_code == 200
    assert guarded.get("/api/embeddings", headers=bearer(TOKEN + "x")).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/", "/ask", "/map"])
def test_what_needs_no_token(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_a_session(guarded: TestClient) -> None:
    assert guarded.post("/api/session", json={"token": "wrong"}).status_code == 401
    response = guarded.post("/api/session", json={"token": TOKEN})
    cookie = response.headers["set-cookie"]
    assert cookie == f"jari_token={session_of(TOKEN)}; Path=/; HttpOnly; SameSite=Strict"
    assert TOKEN not in cookie
    assert guarded.get("/api/embeddings").status_code == 200  # the client keeps cookies, as browsers do


def test_a_token_in_the_address_opens_a_session(guarded: TestClient) -> None:
    response = guarded.get("/map", params={"token": TOKEN, "name": "royal"})
    assert response.status_code == 303
    assert response.headers["location"] == "/map?name=royal"
    assert guarded.get("/api/embeddings").status_code == 200
    assert guarded.get("/?token=wrong").status_code == 401


def test_headers_of_every_answer(client: TestClient) -> None:
    for path in ("/", "/api/embeddings", "/nix", "/api/similar?key=nix", "/healthz"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]
    assert client.get("/api/embeddings").headers["cache-control"] == "no-store"
