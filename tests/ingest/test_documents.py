"""Documents of files, folders and tables; and folders in which some are bad."""

import bz2
import gzip
import lzma
import os
from pathlib import Path

import pytest

from jari.errors import BadInput, NoSuchFile
from jari.ingest import documents as module
from jari.ingest.documents import Documents

COMPRESSORS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("docs").mkdir()
    return Path("docs")


def texts_of(documents):
    return {document.id: document.text for document in documents}


def test_a_text(here):
    (here / "sea.txt").write_bytes("\ufeff바다는\r\n넓다.".encode())
    (document,) = Documents("docs")
    assert (document.id, document.text) == ("docs/sea.txt", "바다는\n넓다.")
    assert document.metadata == {"path": str(here.absolute() / "sea.txt")}


def test_kinds(here):
    (here / "a.md").write_text("# Tides\n\n**Now**")
    (here / "b.rst").write_text("Moon\n====\n")
    (here / "c.html.gz").write_bytes(gzip.compress(b"<title>Sea</title><p>Salt"))
    found = {document.id: (document.text, document.metadata.get("title")) for document in Documents([here])}
    assert found == {
        "docs/a.md": ("Tides\n\nNow", "Tides"),
        "docs/b.rst": ("Moon\n====", "Moon"),
        "docs/c.html.gz": ("Salt", "Sea"),
    }


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_compressed(here, suffix):
    (here / f"a.txt{suffix}").write_bytes(COMPRESSORS[suffix](b"text"))
    assert texts_of(Documents(here)) == {f"docs/a.txt{suffix}": "text"}


def test_names_are_in_form_c_and_need_not_be_utf8(here):
    (here / "e\u0301.txt").write_text("a")
    (here / os.fsdecode(b"\xe9.txt")).write_text("b")
    assert texts_of(Documents("docs")) == {"docs/é.txt": "a", "docs/\\xe9.txt": "b"}


TOO_LARGE = "holds more than 1 MB, too much for one document: split it, or give a table with a document a row"
BAD = {
    "nul.txt": (b"text\0more", "looks like a binary file (a zero byte at byte 4)"),
    "controls.txt": (b"\x01\x02\x03 ab", "looks like a binary file (3 control characters in its first 6 bytes"),
    "latin.txt": (b"one\ncaf\xe9\n", "line 2, byte 7: 0xE9 is not UTF-8"),
    "utf16.txt": ("text".encode("utf-16"), "looks like a binary file: it begins like text in UTF-16"),
    "cut.txt.gz": (gzip.compress(b"text" * 99)[:-9], "is cut short or damaged"),
    "page.html": (b"caf\xe9", "is not UTF-8 (byte 3), and the page declares no other encoding"),
    "bad.pdf": (b"none", "cannot be read as PDF"),
}


def test_bad_files_stop_nothing(here):
    for name, (content, _) in BAD.items():
        (here / name).write_bytes(content)
    (here / "good.txt").write_text("text")
    documents = Documents("docs")
    assert texts_of(documents) == {"docs/good.txt": "text"}
    reasons = {Path(skipped.path).name: skipped.reason for skipped in documents.skipped}
    assert reasons.keys() == BAD.keys()
    for name, (_, reason) in BAD.items():
        assert reasons[name].startswith(reason)
        assert "Convert" not in reasons[name]
    assert documents.done == documents.size == sum(path.stat().st_size for path in here.iterdir())


def test_bad_files_that_were_named_have_the_remedy_too(here):
    (here / "latin.txt").write_bytes(b"caf\xe9")
    documents = Documents(["docs/latin.txt"])
    assert list(documents) == []
    (skipped,) = documents.skipped
    assert skipped.named
    assert str(skipped) == "docs/latin.txt: line 1, byte 3: 0xE9 is not UTF-8. Convert the file."


def test_a_file_that_goes_away(here):
    for name in ("a.txt", "b.txt", "c.txt"):
        (here / name).write_text(name)
    found = []
    documents = Documents(here)
    for document in documents:
        found.append(document.id)
        (here / "b.txt").unlink(missing_ok=True)
    assert found == ["docs/a.txt", "docs/c.txt"]
    assert [str(skipped) for skipped in documents.skipped] == ["docs/b.txt: No such file or directory"]


def test_a_link_in_circles(here):
    (here / "a.txt").symlink_to("a.txt")
    documents = Documents("docs/a.txt")
    assert list(documents) == []
    assert str(documents.skipped[0]).startswith("docs/a.txt: Too many levels of symbolic links")


def test_a_package_that_is_missing_is_said_once(here, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (here / name).write_bytes(b"%PDF")
    documents = Documents("docs")
    assert list(documents) == []
    (skipped,) = documents.skipped
    assert skipped.count == 3
    assert "pip install 'jari[pdf]'" in skipped.reason


def test_a_document_has_its_limits(here, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 1_000_000)
    (here / "bomb.txt.gz").write_bytes(gzip.compress(b"x" * 3_000_000))
    (here / "bomb.html.gz").write_bytes(gzip.compress(b"x" * 3_000_000))
    documents = Documents("docs")
    assert list(documents) == []
    assert {skipped.reason for skipped in documents.skipped} == {TOO_LARGE}


def test_rows(here):
    (here / "t.csv").write_text("key,body,year,path,title\n7,one,1999,x,A\n8,,2000,y,B\n")
    documents = Documents("docs/t.csv", text_column="body")
    one, two = documents
    assert (one.id, one.text) == ("docs/t.csv:1", "one")
    assert one.metadata == {"path": str(here.absolute() / "t.csv"), "key": 7, "year": 1999, "title": "A"}
    assert (two.id, two.text) == ("docs/t.csv:2", "")
    assert documents.left_out == {"path": 2}
    assert not documents.skipped


def test_rows_by_their_ids(here):
    lines = ['{"id": 7, "t": "a"}', '{"id": "x", "t": "b"}', '{"t": "c"}', '{"id": 8}', '{"id": 2.0, "t": "d\\u0000"}']
    (here / "t.jsonl").write_text("\n".join([*lines, '{"id": true, "t": "e"}', '{"id": 9, "t": 5}']))
    documents = Documents("docs", text_column="t", id_column="id")
    assert texts_of(documents) == {"7": "a", "x": "b", "2": "d\ufffd"}
    assert {str(skipped): skipped.count for skipped in documents.skipped} == {
        "docs/t.jsonl: 2 of its rows have no id (the first: row 3)": 2,
        "docs/t.jsonl: 2 of its rows have no text (the first: row 4)": 2,
    }


def test_a_folder_of_texts_and_tables(here):
    (here / "a.txt").write_text("text")
    (here / "t.csv").write_text("body\nrow\n")
    (here / "u.csv").write_text("other\nrow\n")
    documents = Documents("docs", text_column="body")
    assert texts_of(documents) == {"docs/a.txt": "text", "docs/t.csv:1": "row"}
    assert [str(skipped) for skipped in documents.skipped] == ["docs/u.csv: has no column 'body'"]


def test_what_is_missed(here):
    (here / "bad.txt").write_bytes(b"\0")
    documents = Documents("docs")
    list(documents)
    place = here.absolute()
    assert documents.lacks(f"{place}/gone.txt")
    assert not documents.lacks(f"{place}/bad.txt")  # it is there, and could not be read
    assert not documents.lacks(f"{place}-other/gone.txt")
    assert not documents.lacks("")


@pytest.mark.parametrize(
    ("paths", "options", "error", "message"),
    [
        ("nowhere.txt", {}, NoSuchFile, r"There is no file or folder 'nowhere.txt'"),
        ("docs", {"id_column": "id"}, BadInput, r"id_column='id' is of no use without text_column="),
        ("docs", {"text_column": "t"}, BadInput, r"text_column='t' is a column of tables .*; none is given"),
    ],
)
def test_what_cannot_be(here, paths, options, error, message):
    with pytest.raises(error, match=message):
        Documents(paths, **options)
