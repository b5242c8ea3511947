import sys
from pathlib import Path

import pytest

from jari.errors import BadInput, ExtraMissing
from jari.search.places import kind_of, open_store, shown


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("library", "folder"),
        ("library/", "folder"),
        ("./postgresql://x", "folder"),
        ("C:\\library", "folder"),
        ("a:b", "folder"),
        ("notes:2024", "folder"),
        (Path("qdrant:x"), "folder"),
        ("postgresql://localhost/x", "postgres"),
        ("postgres://localhost/x", "postgres"),
        ("PostgreSQL://localhost/x", "postgres"),
        ("qdrant://localhost:6333/name", "qdrant"),
        ("qdrant+local::memory:", "qdrant"),
    ],
)
def test_what_a_place_is_of(place, kind):
    assert kind_of(place) == kind


@pytest.mark.parametrize("place", ["http://localhost/x", "s3://bucket/x", "sqlite:///x"])
def test_a_place_of_no_store(place):
    with pytest.raises(BadInput, match=r"There is no store for '\w+://…'\. Give a folder, postgresql://…"):
        open_store(place)


def test_no_place():
    with pytest.raises(BadInput, match="place of a collection is empty"):
        open_store("")


def test_a_folder_is_of_lancedb_and_is_not_made_by_looking(tmp_path):
    store = open_store(tmp_path / "library")
    assert store.about() is None
    assert not (tmp_path / "library").exists()


def test_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lancedb", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[store\]'"):
        open_store(tmp_path / "library")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("library/", "library/"),
        ("qdrant+local::memory:", "qdrant+local::memory:"),
        ("qdrant://db:6333/name", "qdrant://db:6333/name"),
        ("postgresql://me:secret@db/texts", "postgresql://db/texts"),
        ("postgresql://db/texts?password=secret&user=me", "postgresql://db/texts"),
        ("postgresql://me:s/ecret@db/texts", "postgresql://…"),
        ("postgresql://me:s?ecret@db/texts", "postgresql://…"),
        ("postgresql://me:s#ecret@db/texts", "postgresql://…"),
        ("postgresql://me:1#secret@db/texts", "postgresql://…"),
        ("postgresql://me:secret@@db/texts", "postgresql://db/texts"),
        ("postgresql://[db/texts", "postgresql://…"),
        ("postgresql:///texts?collection=news", "postgresql:///texts?collection=news"),
    ],
)
def test_a_password_is_not_shown(place, said):
    assert shown(place) == said
