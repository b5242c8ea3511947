"""Pictures over HTTP."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from jari.embedding import Embedding
from jari.serve import Settings, Shelf, create_app

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def client(tmp_path: Path, folder: Path) -> TestClient:
    """A shelf with "photos" and an embedding of words."""
    root = tmp_path / "photos"
    root.mkdir()
    Image.new("RGB", (600, 300), (200, 10, 10)).save(root / "바다 & 산.png")
    (root / "text.png").write_text("no picture")
    (root / "passwd").symlink_to("/etc/passwd")
    keys = ["바다 & 산.png", "text.png", "gone.png", "passwd", "../royal.jari"]
    about = {"encoder": {"kind": "image-encoder"}, "root": str(root), "images": len(keys)}
    Embedding(keys, [[1.0, row] for row in range(len(keys))], metadata=about).save(tmp_path / "photos.jari")
    shelf = Shelf.open([str(tmp_path / "photos.jari"), str(folder / "royal.jari")])
    return TestClient(create_app(shelf, Settings()), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


def picture(client: TestClient, key: str, name: str = "photos", **more: object):
    return client.get("/api/picture", params={"name": name, "key": key, **more})


def test_a_picture_small_and_cached(client: TestClient) -> None:
    found = picture(client, "바다 & 산.png", size=128)
    assert found.status_code == 200
    assert found.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(found.content)) as shown:
        assert shown.size == (128, 64)
    asked = {"name": "photos", "key": "바다 & 산.png", "size": 128}
    again = client.get("/api/picture", params=asked, headers={"If-None-Match": f'"x", W/{found.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", found.headers["etag"])
    other = client.get("/api/picture", params=asked | {"size": 64}, headers={"If-None-Match": found.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("key", "status", "type", "said"),
    [
        ("seas.png", 404, "unknown_key", "not in this embedding"),
        ("/etc/passwd", 404, "unknown_key", "not in this embedding"),
        ("passwd", 422, "bad_input", "leads out of the folder"),
        ("../royal.jari", 422, "bad_input", "leads out of the folder"),
        ("gone.png", 410, "gone", "is not where it was"),
        ("text.png", 422, "bad_input", "text, no picture"),
    ],
)
def test_what_cannot_be_shown(client: TestClient, key: str, status: int, type: str, said: str) -> None:
    found = picture(client, key)
    assert found.status_code == status
    error = found.json()["error"]
    assert error["type"] == type
    assert said in error["message"]


def test_an_embedding_without_pictures(client: TestClient) -> None:
    found = picture(client, "king", name="royal")
    assert (found.status_code, found.json()["error"]["type"]) == (422, "bad_input")


@pytest.mark.parametrize("size", [63, 1025, "large"])
def test_sizes_have_limits(client: TestClient, size: object) -> None:
    assert picture(client, "바다 & 산.png", size=size).status_code == 422


def test_without_pillow(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from jari.explore import pictures

    def missing(module: str, *, extra: str) -> None:
        from jari.errors import ExtraMissing

        raise ExtraMissing(f"pip install 'jari[{extra}]'")

    monkeypatch.setattr(pictures, "require", missing)
    found = picture(client, "바다 & 산.png", size=99)
    assert (found.status_code, found.json()["error"]["type"]) == (501, "extra_missing")
