"""Indexing: only what changed is encoded, only what is gone is removed, and whoever is stopped goes on."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from jari.errors import BadInput, Interrupted
from jari.ingest.documents import Documents, SourceDocument
from jari.search import indexing
from jari.search.collection import Written
from jari.search.indexing import index
from jari.search.records import Hit


class Shelf:
    """A collection in memory that keeps count of what it was asked."""

    def __init__(self):
        self.held = {}
        self.encoded = []
        self.writes = 0
        self.fails_at = None

    def digests(self):
        return {one.source: one.digest for one in self.held.values()}

    def upsert(self, documents, *, replacing):
        self.writes += 1
        if self.writes == self.fails_at:
            raise KeyboardInterrupt
        assert len({one.id for one in documents}) == len(documents)
        self.encoded += [one.id for one in documents]
        self.held = {id: one for id, one in self.held.items() if one.source not in replacing}
        self.held |= {one.id: one for one in documents}
        return Written(len(documents), unknown=tuple(one.id for one in documents if "qzx" in one.text))

    def get(self, ids):
        found = [self.held[id] for id in ids if id in self.held]
        return [Hit(one.id, one.text, 0.0, one.source, one.metadata) for one in found]

    def tidy(self):
        pass


@dataclass
class Place:
    """A folder and a shelf."""

    folder: Path
    shelf: Shelf

    def put(self, **texts):
        for name, text in texts.items():
            (self.folder / f"{name}.txt").write_text(text)

    def index(self, paths=("docs",), **options):
        self.shelf.encoded.clear()
        return index(self.shelf, Documents(list(paths)), **options)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("docs").mkdir()
    return Place(Path("docs"), Shelf())


def test_passages_of_documents(place):
    place.put(a="One two. Three four.", b="")
    done = place.index(passage_words=2, overlap=0)
    assert (done.read, done.new, done.passages, done.empty, done.total) == (2, 2, 3, 1, 2)
    first, second, third = place.shelf.held.values()
    assert (first.id, first.text, first.source) == ("docs/a.txt#1", "One two.", "docs/a.txt")
    assert (second.id, second.text, second.metadata["passage"]) == ("docs/a.txt#2", "Three four.", 2)
    assert (third.id, third.text) == ("docs/b.txt#1", "")
    assert first.metadata["path"] == str(place.folder.absolute() / "a.txt")
    assert first.digest == second.digest != third.digest


def test_whole_documents_keep_their_ids(place):
    place.put(a="One two. Three four.")
    place.index(passage_words=0)
    assert {one.id: one.source for one in place.shelf.held.values()} == {"docs/a.txt": "docs/a.txt"}
    assert "passage" not in place.shelf.held["docs/a.txt"].metadata


def test_only_what_changed_is_encoded(place):
    place.put(a="a", b="b", c="c")
    place.index()
    place.put(b="other", d="d")
    done = place.index()
    assert (done.read, done.new, done.changed, done.unchanged, done.removed) == (4, 1, 1, 2, 0)
    assert place.shelf.encoded == ["docs/b.txt#1", "docs/d.txt#1"]
    assert place.shelf.held["docs/b.txt#1"].text == "other"


def test_a_document_that_became_shorter_leaves_nothing_behind(place):
    place.put(a="One two. Three four. Five six.")
    place.index(passage_words=2, overlap=0)
    place.put(a="One two.")
    place.index(passage_words=2, overlap=0)
    assert list(place.shelf.held) == ["docs/a.txt#1"]


@pytest.mark.parametrize("options", [{"passage_words": 100}, {"overlap": 39}, {"passage_words": 0}])
def test_other_passages_are_a_change(place, options):
    place.put(a="a")
    place.index()
    assert place.index(**options).changed == 1
    assert place.index(**options).unchanged == 1
    assert len(place.shelf.held) == 1


def test_what_is_gone_is_removed(place):
    place.put(a="One two. Three four.", b="b")
    place.index(passage_words=2, overlap=0)
    (place.folder / "a.txt").unlink()
    done = place.index(passage_words=2, overlap=0)
    assert (done.removed, done.total) == (1, 1)
    assert list(place.shelf.held) == ["docs/b.txt#1"]


@pytest.mark.parametrize("words", [0, 200])
def test_what_is_gone_can_be_kept(place, words):
    place.put(a="a", b="b")
    place.index(passage_words=words)
    (place.folder / "a.txt").unlink()
    assert place.index(passage_words=words, remove_missing=False).removed == 0
    assert place.index(passage_words=words).removed == 1


def test_what_was_indexed_from_elsewhere_stays(place, monkeypatch, tmp_path):
    for folder in ("docs", "docs-old", "elsewhere/docs"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    place.put(a="a")
    Path("docs-old/b.txt").write_text("b")
    Path("c.txt").write_text("c")
    place.index(["docs", "docs-old", "c.txt"])
    index(place.shelf, [SourceDocument("from Python", "text")])
    assert place.index(["docs"]).removed == 0
    monkeypatch.chdir(tmp_path / "elsewhere")  # the same words on the command line, and another folder
    Path("docs/z.txt").write_text("z")
    done = place.index(["docs"])
    assert (done.new, done.removed, done.total) == (1, 0, 5)


def test_a_file_given_by_name_takes_nothing_else_away(place):
    place.put(a="a", b="b")
    place.index()
    place.put(a="other")
    done = place.index(["docs/a.txt"])
    assert (done.changed, done.removed, done.total) == (1, 0, 2)
    assert place.index().unchanged == 2


def test_what_cannot_be_read_any_more_stays(place):
    place.put(a="a", b="b")
    place.index()
    (place.folder / "a.txt").write_bytes(b"\0")
    done = place.index()
    assert (done.removed, done.total) == (0, 2)
    assert [skipped.path for skipped in done.skipped] == ["docs/a.txt"]


def test_rows_that_are_gone_are_removed(place):
    def rows(text):
        Path("t.csv").write_text(f"id,t\n{text}")
        return index(place.shelf, Documents("t.csv", text_column="t", id_column="id"))

    assert rows("1,a\n2,b\n3,c\n").new == 3
    done = rows("1,a\n3,d\n")
    assert (done.unchanged, done.changed, done.removed) == (1, 1, 1)
    assert list(place.shelf.held) == ["1#1", "3#1"]
    assert rows("1,a\n3,d,e\n").removed == 0  # the table is damaged: what is missing may be there still


def test_ids_that_come_twice_are_said(place):
    for name, row in (("t.csv", "1,a\n1,b\n1,c\n"), ("u.csv", "1,d\n2,e\n")):
        Path(name).write_text(f"id,t\n{row}")
    done = index(place.shelf, Documents(["t.csv", "u.csv"], text_column="t", id_column="id"))
    assert done.read == 2
    here = os.fspath(Path.cwd())
    assert {str(skipped): skipped.count for skipped in done.skipped} == {
        f"{here}/t.csv: documents whose id was given before: '1', '1'": 2,
        f"{here}/u.csv: its id was given before in {here}/t.csv: '1'": 1,
    }


def test_passages_without_a_known_word_are_counted(place):
    place.put(a="qzx", b="known")
    assert place.index().unknown == 1


def test_batches_and_going_on_after_ctrl_c(place, monkeypatch):
    monkeypatch.setattr(indexing, "_BATCH", 10)
    documents = [SourceDocument(f"{n}", "One two. Three four. Five six.") for n in range(20)]
    place.shelf.fails_at = 4
    with pytest.raises(Interrupted, match=r"Stopped: 12 documents were written. The same command goes on from there"):
        index(place.shelf, documents, passage_words=2, overlap=0)
    assert len(place.shelf.held) == 36
    place.shelf.encoded.clear()
    done = index(place.shelf, documents, passage_words=2, overlap=0)
    assert (done.new, done.unchanged, len(place.shelf.encoded)) == (8, 12, 24)


def test_documents_are_not_held(place, monkeypatch):
    monkeypatch.setattr(indexing, "_BATCH", 10)
    alive = []

    def documents():
        for n in range(100):
            alive.append(n - len(place.shelf.encoded))
            yield SourceDocument(str(n), "text")

    index(place.shelf, documents())
    assert max(alive) <= 10


def test_metadata_is_a_change():
    shelf = Shelf()
    for fields, expected in (({"a": 1}, "new"), ({"a": 1, "b": None}, "unchanged"), ({"a": 2}, "changed")):
        done = index(shelf, [SourceDocument("x", "text", fields)])
        assert getattr(done, expected) == 1


def test_progress(place):
    place.put(a="a" * 100)
    told = []
    place.index(callback=told.append)
    assert (told[-1].stage, told[-1].done, told[-1].total, told[-1].unit) == ("indexing", 100, 100, "bytes")
    index(place.shelf, [SourceDocument("x", "")], callback=told.append)
    assert (told[-1].done, told[-1].total, told[-1].unit) == (1, 1, "documents")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"passage_words": -1}, "passage_words=-1"), ({"passage_words": 40}, "overlap=40 must be below passage_words=40")],
)
def test_numbers_that_cannot_be(options, message):
    with pytest.raises(BadInput, match=message):
        index(Shelf(), [], **options)
