"""The page, its files and the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jari.serve import Settings, Shelf, create_app

ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A built page, and a secret beside it."""
    built = tmp_path / "static"
    (built / "assets").mkdir(parents=True)
    (built / "docs").mkdir()
    (built / "index.html").write_text("<!doctype html><title>The page</title>")
    (built / "icon.svg").write_text("<svg/>")
    (built / "assets" / "app-1a2b.js").write_text("export {}")
    (built / "docs" / "swagger-ui-bundle.js").write_text("var SwaggerUIBundle")
    (built / "docs" / "swagger-ui.css").write_text("body {}")
    (tmp_path / "secret.txt").write_text("secret")
    return built


@pytest.fixture
def paged(shelf: Shelf, static: Path) -> Iterator[TestClient]:
    with TestClient(create_app(shelf, Settings(token="t"), static=static), base_url=ADDRESS) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/ask", "/map", "/compare", "/search", "/films", "/learn", "/map?name=royal"])
def test_every_view_is_the_page(paged: TestClient, path: str) -> None:
    response = paged.get(path)
    assert response.text == "<!doctype html><title>The page</title>"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_assets_never_change(paged: TestClient) -> None:
    response = paged.get("/assets/app-1a2b.js")
    assert response.text == "export {}"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/javascript")
    assert paged.get("/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/..\\..\\secret.txt",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/",
        "/assets/.",
        "/../secret.txt",
        "/docs/../../secret.txt",
        "/static/index.html",
        "/index.html",
    ],
)
def test_no_path_leads_out_of_the_folder(paged: TestClient, path: str) -> None:
    response = paged.get(path, headers={"authorization": "Bearer t"})
    assert response.status_code == 404
    assert "secret" not in response.text.replace("secret.txt", "")
    assert response.json()["error"]["type"] == "not_found"


def test_names_are_no_paths(client: TestClient) -> None:
    for name in ("../royal", "/etc/passwd", "royal/../royal", "royal\0", "C:\\royal"):
        assert client.get("/api/similar", params={"name": name, "key": "king"}).status_code == 404
        assert client.get("/api/info", params={"name": name}).status_code == 404


def test_a_page_that_was_not_built_says_how_to_get_it(shelf: Shelf, tmp_path: Path) -> None:
    with TestClient(create_app(shelf, static=tmp_path), base_url=ADDRESS) as client:
        response = client.get("/map")
        assert response.status_code == 200
        assert "pip install" in response.text
        assert client.get("/assets/x.js").status_code == 404
        docs = client.get("/docs").text
        assert "<code>GET /api/similar</code>" in docs
        assert "<script" not in docs


def test_documentation_without_another_host(paged: TestClient) -> None:
    headers = {"authorization": "Bearer t"}
    docs = paged.get("/docs", headers=headers).text
    assert "http" not in docs
    assert paged.get("/docs/swagger-ui-bundle.js", headers=headers).text == "var SwaggerUIBundle"
    assert paged.get("/docs/swagger-ui.css", headers=headers).headers["content-type"].startswith("text/css")
    assert "SwaggerUIBundle" in paged.get("/docs/start.js", headers=headers).text
    for inline in ("<script>", "onload", "style="):
        assert inline not in docs
