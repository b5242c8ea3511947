from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    place = tmp_path / "pairs.tsv"
    place.write_text("king\tqueen\t9\nking\tman\t7\nking\t-5\t1\nking\tunicorn\t5\n")
    return place


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    place = tmp_path / "questions.txt"
    place.write_text(": family\nman king woman queen\nman king woman unicorn\n: empty\na b c d\n")
    return place


def test_tables_say_how_much_was_used(run: Any, royal: Path, pairs: Path, questions: Path) -> None:
    result = run("evaluate", royal, "--similarity", pairs, "--analogies", questions)
    assert result.exit_code == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    (similarity,) = (row for row in rows if row[:1] == ["pairs"])
    assert similarity[1] == "1.000"
    assert "3 of 4" in " ".join(similarity)
    assert ["family", "100.0%", "100.0%", "1", "of", "2"] in rows
    assert ["empty", "—", "—", "0", "of", "1"] in rows
    assert ["all", "100.0%", "100.0%", "1", "of", "3"] in rows
    assert "3CosAdd" in result.stdout
    assert "3CosMul" in result.stdout


def test_json_is_one_object(run: Any, royal: Path, pairs: Path, questions: Path) -> None:
    result = run("evaluate", royal, "--similarity", pairs, pairs, "--analogies", questions, "--method", "mul", "--json")
    (line,) = result.stdout.splitlines()
    told = json.loads(line)
    assert [each["spearman"] for each in told["similarity"]] == [1.0, 1.0]
    assert told["similarity"][0]["missing"] == ["unicorn"]
    (analogies,) = told["analogies"]
    assert (analogies["method"], analogies["correct"], analogies["used"]) == ("mul", 1, 1)


@pytest.mark.parametrize(("restrict", "used"), [(3, 0), (4, 1), (0, 1)])
def test_analogies_are_among_the_first_keys(run: Any, royal: Path, questions: Path, restrict: int, used: int) -> None:
    result = run("evaluate", royal, "--analogies", questions, "--restrict", restrict, "--method", "add", "--json")
    assert json.loads(result.stdout)["analogies"][0]["used"] == used


def test_all_keys_is_said(run: Any, royal: Path, questions: Path) -> None:
    assert "among all keys" in run("evaluate", royal, "--analogies", questions, "--restrict", "0").stdout


def test_a_set_that_does_not_fit_says_why(run: Any, royal: Path, tmp_path: Path) -> None:
    (tmp_path / "alien.tsv").write_text("glorp\tblip\t1\nzork\tblip\t2\n")
    result = run("evaluate", royal, "--similarity", tmp_path / "alien.tsv")
    assert result.exit_code == 0
    assert "only 0 of 2 pairs have both words in the embedding" in result.stdout


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        ([], 2, "jari: Invalid value for '--similarity' / '--analogies': give test sets"),
        (["--similarity", "nowhere.tsv"], 1, "nowhere.tsv"),
        (["--similarity", "bad.tsv"], 1, "bad.tsv, line 2"),
        (["--analogies", "bad.tsv"], 1, "bad.tsv, line 1"),
        (["--analogies", "bad.tsv", "--method", "div"], 2, "jari: Invalid value for '--method'"),
        (["--analogies", "bad.tsv", "--restrict", "-1"], 2, "jari: Invalid value for '--restrict'"),
    ],
)
def test_what_cannot_be_evaluated(
    run: Any, royal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.tsv").write_text("king\tqueen\t9\nking\tman\n")
    result = run("evaluate", royal, *args)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stdout == ""
