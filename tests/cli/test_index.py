from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lancedb")


@pytest.fixture(scope="session")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedding of a few words, of two topics."""
    from jari.embedding import Embedding

    vectors = {
        "cow": [1, 0, 0.1], "barn": [1, 0.1, 0], "milk": [0.9, 0, 0],
        "ship": [0, 1, 0.1], "wave": [0, 1, 0], "salt": [0.1, 0.9, 0], "바다": [0, 1, 0.2],
    }  # fmt: skip
    place = tmp_path_factory.mktemp("wiki") / "wiki.jari"
    Embedding(list(vectors), list(vectors.values())).save(place)
    return place


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three good documents, within the folder that the commands run in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in {
        "farm.md": "# The farm\n\nA cow in the barn.",
        "sea.txt": "A ship. Salt.",
        "no.txt": "qzx",
    }.items():
        (tmp_path / "docs" / name).write_text(text)
    return tmp_path / "docs"


def test_a_library_is_made_and_brought_up_to_date(run: Any, docs: Path, wiki: Path) -> None:
    result = run("index", "docs", "--with", wiki, "-o", "library")
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    assert "1 passage without a word that the embedding knows: found by full text only" in result.stderr
    assert re.search(r"^library: 3 documents, 3 passages \(3 new\), \d+\.\d s$", result.stderr, re.MULTILINE)
    (docs / "sea.txt").write_text("A ship. A wave.")
    (docs / "no.txt").unlink()
    (docs / "new.txt").write_text("milk")
    again = run("index", "docs", "-o", "library")
    assert "library: 3 documents, 3 passages (1 new, 1 changed, 1 unchanged, 1 removed)" in again.stderr
    (docs / "new.txt").unlink()
    kept = run("index", "docs", "-o", "library", "--keep-missing")
    assert "3 documents, 3 passages (2 unchanged)" in kept.stderr
    anew = run("index", "docs", "-o", "library", "--force")
    assert "2 documents, 2 passages (2 new)" in anew.stderr


def test_json_and_quiet(run: Any, docs: Path, wiki: Path) -> None:
    (docs / "bad.txt").write_bytes(b"\0")
    result = run("index", "docs", "--with", wiki, "-o", "library", "--json", "--quiet", "--passage-words", 0)
    assert (result.exit_code, result.stderr) == (0, "")
    said = json.loads(result.stdout)
    assert said.pop("seconds") >= 0
    assert said == {
        "library": "library", "documents": 3, "passages": 3, "written": 3, "read": 3, "new": 3, "changed": 0,
        "unchanged": 0, "removed": 0, "empty": 0, "unknown": 1, "left_out": {}, "passed_over": {},
        "skipped": [
            {
                "path": "docs/bad.txt", "reason": "looks like a binary file (a zero byte at byte 0)",
                "count": 1, "named": False,
            }
        ],
    }  # fmt: skip


def test_a_folder_with_bad_files_is_indexed(run: Any, docs: Path, wiki: Path) -> None:
    for n in range(12):
        (docs / f"bad{n:02}.txt").write_bytes(b"caf\xe9")
    (docs / "empty.txt").touch()
    (docs / "table.csv").write_text("a\n1\n")
    (docs / "a.png").touch()
    (docs / ".hidden").touch()
    (docs / "loop").symlink_to("..")
    result = run("index", "docs", "--with", wiki, "-o", "library")
    assert result.exit_code == 0
    for said in (
        "skipped docs/bad09.txt: line 1, byte 3: 0xE9 is not UTF-8",
        "skipped 2 more; --json names them",
        "passed over in folders: 1 hidden file, 1 link, 1 table (--text-column reads them), "
        "1 file of other kinds (.png)",
        "1 document without a text: kept, found by their fields only",
        "library: 4 documents, 4 passages (4 new)",
    ):
        assert said in result.stderr
    assert "bad10" not in result.stderr


def test_a_bad_file_that_was_named_fails_when_all_else_is_done(run: Any, docs: Path, wiki: Path) -> None:
    (docs / "bad.txt").write_bytes(b"\0")
    result = run("index", "docs/bad.txt", "docs/sea.txt", "--with", wiki, "-o", "library", "--quiet")
    assert result.exit_code == 1
    assert result.stderr.startswith("jari: docs/bad.txt: looks like a binary file (a zero byte at byte 0). Give text")
    assert "1 document" in run("index", "docs/sea.txt", "-o", "library").stderr


def test_a_table(run: Any, docs: Path, wiki: Path) -> None:
    (docs / "t.jsonl").write_text('{"key": 7, "body": "cow", "tags": [1]}\n{"key": 7, "body": "ship"}\n{"key": 8}\n')
    args = ("docs/t.jsonl", "--text-column", "body", "--id-column", "key", "--with", wiki, "-o", "library")
    result = run("index", *args)
    assert result.exit_code == 0, result.stderr
    for said in (
        "t.jsonl: its id was given before: '7'",
        "skipped docs/t.jsonl: 1 of its rows have no text (the first: row 3)",
        "left out of the fields, as they are no text, number or boolean, or not as others of the column: tags (1)",
        "library: 1 document, 1 passage (1 new)",
    ):
        assert said in result.stderr


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["docs", "-o", "library"], 2, "Invalid value for '--with': there is no library at library yet"),
        (["docs", "-o", "library", "--with", "none.jari"], 1, "none.jari"),
        (["nowhere", "-o", "library", "--with", "WIKI"], 1, "There is no file or folder 'nowhere'"),
        (["-", "-o", "library", "--with", "WIKI"], 1, "standard input has none"),
        (["docs/t.csv", "-o", "library", "--with", "WIKI"], 1, "(--text-column); it has 'a'"),
        (["docs/sea.txt", "-o", "library", "--text-column", "a"], 1, "text_column='a' is a column of tables"),
        (["docs", "-o", "library", "--overlap", "200"], 2, "overlap=200 must be below passage_words=200"),
        (["docs", "-o", "library", "--passage-words", "-1"], 2, "Invalid value for '--passage-words'"),
        (["docs", "-o", "mysql://x/y", "--with", "WIKI"], 1, "There is no store for 'mysql://…'"),
        (["docs"], 2, "Missing option '--out'"),
        ([], 2, "Missing"),
    ],
)
def test_bad_input(run: Any, docs: Path, wiki: Path, args: list[str], status: int, said: str) -> None:
    (docs / "t.csv").write_text("a\n1\n")
    result = run("index", *(str(wiki) if arg == "WIKI" else arg for arg in args))
    assert said in result.stderr
    assert result.exit_code == status
    assert "unexpected" not in result.stderr
    assert not Path("library").exists()


def test_another_embedding(run: Any, docs: Path, wiki: Path, royal: Path) -> None:
    assert run("index", "docs", "--with", wiki, "-o", "library").exit_code == 0
    result = run("index", "docs", "--with", royal, "-o", "library")
    assert result.exit_code == 1
    assert "is another encoder" in result.stderr
    assert run("index", "docs", "--with", royal, "-o", "library", "--force").exit_code == 0
    assert run("index", "docs", "--with", royal, "-o", "library").exit_code == 0


@pytest.mark.slow
def test_killed_it_goes_on(run: Any, tmp_path: Path, wiki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was written before a kill -9 is not encoded again."""
    monkeypatch.chdir(tmp_path)
    lines = "".join(f"{n},cow ship wave number {n}\n" for n in range(8_000))
    Path("t.csv").write_text(f"id,t\n{lines}")
    args = ["index", "t.csv", "--text-column", "t", "--id-column", "id", "--with", str(wiki), "-o", "library"]
    program = [sys.executable, "-m", "jari", *args]
    process = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path)
    try:
        while process.poll() is None and not (run("search", "library", "cow", "-k", 1, "--mode", "text").stdout):
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    result = run(*args, "--json", "--quiet")
    said = json.loads(result.stdout)
    assert said["documents"] == said["passages"] == 8_000
    assert said["unchanged"] >= 1000
    assert said["new"] == 8_000 - said["unchanged"]
