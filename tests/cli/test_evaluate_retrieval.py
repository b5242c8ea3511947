from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from jari.cli.app import app
from jari.errors import BadInput
from jari.evaluate.trec import read_run
from jari.search.records import Hit

ANSWERS = {
    "text": {"wings": ["a", "x", "b"], "slabs": ["x", "y", "c"], "heat": ["h"]},
    "vector": {"wings": ["a", "b", "x"], "slabs": ["c", "x", "y"]},
    "hybrid": {"wings": ["b", "a", "x"], "slabs": ["c", "y", "x"], "heat": ["h"]},
}


class Shelf:
    """What a collection says: each document in two passages."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def search(self, query: str, k: int, *, mode: str) -> list[Hit]:
        self.asked.append((mode, query))
        if mode == "vector" and query == "heat":
            raise BadInput("The encoder knows no word of the query: 'heat'.")
        found = [Hit(f"{one}#{part}", "", 9.0 - part, one) for one in ANSWERS[mode].get(query, []) for part in (0, 1)]
        return sorted(found, key=lambda hit: -hit.score)[:k]

    def digests(self) -> dict[str, str]:
        return dict.fromkeys("abchxy", "")

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    module: Any = ModuleType("jari.search.collection")
    module.Collection = SimpleNamespace(open=lambda place: Shelf())
    monkeypatch.setitem(sys.modules, "jari.search.collection", module)
    monkeypatch.setattr(Shelf, "asked", [])
    return lambda *args: CliRunner().invoke(app, ["evaluate-retrieval", *map(str, args)])


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("queries.tsv").write_text("1\twings\n2\tslabs\n3\theat\n4\tnobody judged\n")
    Path("qrels.txt").write_text("1 0 a 1\n1 0 b 2\n2 0 c 1\n3 0 h 1\n5 0 z 1\n")
    Path("first.run").write_text("1 Q0 a 1 9 t\n2 Q0 x 1 9 t\n2 Q0 c 2 8 t\n9 Q0 a 1 9 t\n")
    Path("second.run").write_text("1 Q0 b 1 9 t\n2 Q0 c 1 8 t\n")
    return tmp_path


LIBRARY = ("library", "--queries", "queries.tsv", "--qrels", "qrels.txt")


def test_each_mode_is_a_row(run: Any, files: Path) -> None:
    result = run(*LIBRARY)
    assert result.exit_code == 0, result.stderr
    rows = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    assert "the first 100 documents of each query" in rows["Retrieval:"]
    assert list(rows)[2:5] == ["text", "vector", "hybrid"]
    assert rows["text"].split()[-3:] == ["3", "of", "3"]
    assert "0.778" in rows["text"]  # MRR: 1, 1/3, 1
    assert "Better than text by" in result.stdout
    assert " p=" in result.stdout


def test_what_is_left_out_is_said(run: Any, files: Path) -> None:
    said = run(*LIBRARY).stderr
    assert "Not asked, for want of judgements: 1 query ('4')." in said
    assert "Judged, but not among the queries, and left out: 1 query ('5')." in said
    assert "vector: cannot be asked: 1 query ('3'). The encoder knows no word of the query: 'heat'." in said
    assert "vector: not answered, and counted 0: 1 query ('3')." in said
    assert "asking: text" in said
    assert run(*LIBRARY, "--quiet").stderr == ""
    Path("qrels.txt").write_text("1 0 a 1\n1 0 unheard 2\n")
    assert "Relevant, but not in the library: 1 document." in run(*LIBRARY).stderr


def test_json_is_one_object(run: Any, files: Path) -> None:
    result = run(*LIBRARY, "--mode", "hybrid", "text", "--json", "-k", "2")
    (line,) = result.stdout.splitlines()
    told = json.loads(line)
    assert (told["library"], told["k"]) == ("library", 2)
    assert [one["name"] for one in told["results"]] == ["text", "hybrid"]
    assert told["results"][0]["estimates"]["Recall@100"]["mean"] == pytest.approx((1 / 2 + 0 + 1) / 3)
    assert told["better_than"]["name"] == "text"
    assert told["notes"][0].startswith("Not asked, for want of judgements")
    assert told["better_than"]["by"]["hybrid"]["MRR"]["mean"] == pytest.approx(1 / 3)
    assert {mode for mode, _ in Shelf.asked} == {"text", "hybrid"}


def test_answers_can_be_kept(run: Any, files: Path) -> None:
    assert run(*LIBRARY, "--mode", "text", "--run-out", "out.run").exit_code == 0
    assert [document for document, _ in read_run("out.run")["1"]] == ["a", "x", "b"]
    assert run(*LIBRARY, "--run-out", "out.run").exit_code == 0
    assert {place.name for place in files.glob("out*")} == {"out.run", *(f"out.{mode}.run" for mode in ANSWERS)}
    again = run(*LIBRARY, "--mode", "text", "--run-out", "out.run")
    assert again.exit_code == 1
    assert "out.run is there already. Pass --force" in again.stderr
    assert run(*LIBRARY, "--mode", "text", "--run-out", "out.run", "--force").exit_code == 0
    measured = run("--run", "out.run", "--qrels", "qrels.txt", "--json")
    assert json.loads(measured.stdout)["results"][0]["estimates"]["MRR"]["mean"] == pytest.approx(7 / 12)


def test_runs_need_no_library(run: Any, files: Path) -> None:
    result = run("--run", "first.run", "--run", "second.run", "--qrels", "qrels.txt")
    assert result.exit_code == 0, result.stderr
    assert "Better than first.run by" in result.stdout
    assert "first.run: left out, for want of judgements: 1 query ('9')." in result.stderr
    assert "second.run: not answered, and counted 0: 2 queries ('3', '5')." in result.stderr
    alone = run("--run", "first.run", "--qrels", "qrels.txt")
    assert "Better" not in alone.stdout


def test_the_least_grade_can_be_raised(run: Any, files: Path) -> None:
    result = run("--run", "first.run", "--qrels", "qrels.txt", "--relevant", "2")
    assert "1 of 4" in result.stdout
    assert "Left out, for want of a relevant document: 3 queries ('2', '3', '5')." in result.stderr


def test_documents_of_other_names_are_noticed(run: Any, files: Path) -> None:
    Path("paths.run").write_text("1 Q0 docs/a.txt 1 9 t\n2 Q0 docs/c.txt 1 8 t\n")
    said = run("--run", "paths.run", "--qrels", "qrels.txt").stderr
    assert "no document of the answers is judged for any query. They are called 'docs/a.txt', 'docs/c.txt', " in said
    assert "no document" not in run("--run", "first.run", "--qrels", "qrels.txt").stderr


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        ((), 2, "'--qrels': give the file of judgements"),
        (("--qrels", "qrels.txt"), 2, "'LIBRARY': give a library to ask, or --run"),
        (("library", "--qrels", "qrels.txt"), 2, "'--queries': give the file of what to ask"),
        (
            ("library", "--qrels", "qrels.txt", "--run", "first.run"),
            2,
            "give one or the other, several runs as --run A",
        ),
        (("--qrels", "qrels.txt", "--run", "first.run", "--mode", "text"), 2, "--mode and --run-out are for asking"),
        ((*LIBRARY, "--mode", "magic"), 2, "'magic' is not one of"),
        ((*LIBRARY, "-k", "0"), 2, "'--k' / '-k'"),
        ((*LIBRARY, "--run-out", "nowhere/out.run"), 1, "Make it first: mkdir -p"),
        (("--run", "first.run", "--qrels", "nowhere.txt"), 1, "nowhere.txt does not exist"),
        (("--run", "qrels.txt", "--qrels", "qrels.txt"), 1, "qrels.txt, line 1: 4 columns"),
        (("--run", "first.run", "--qrels", "qrels.txt", "--relevant", "9"), 1, "no grade is 9 or more"),
        (
            ("library", "--queries", "other.tsv", "--qrels", "qrels.txt"),
            1,
            "No query is judged: the queries are called",
        ),
    ],
)
def test_what_cannot_be_measured(run: Any, files: Path, args: tuple[str, ...], status: int, said: str) -> None:
    Path("other.tsv").write_text("001\twings\n")
    result = run(*args)
    assert said in result.stderr
    assert result.exit_code == status
    assert result.stdout == ""
