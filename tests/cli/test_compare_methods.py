from __future__ import annotations

import json
from pathlib import Path
from typing import Any

QUICK = ("--dim", "8", "--epochs", "2", "--min-count", "1", "--threads", "1", "--seed", "1")


def test_one_table_and_the_neighbours(run: Any, text: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("cow\tbarn\t9\nship\twave\t8\ncow\tship\t1\nhay\tsail\t2\n")
    methods = ("--methods", "skipgram", "cbow")
    asked = ("--words", "cow", "zebra", "--similarity", pairs, "--keep", tmp_path / "kept")
    result = run("compare-methods", text, *methods, *asked, *QUICK)
    assert result.exit_code == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["method", "time", "memory", "pairs"] in lines
    assert {line[0] for line in lines if line and line[0] in ("skipgram", "cbow")} == {"skipgram", "cbow"}
    assert "zebra: not in the text, or too rare" in result.stdout
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"skipgram.jari", "cbow.jari"}


def test_json_is_an_object_a_method(run: Any, text: Path) -> None:
    result = run("compare-methods", text, "--methods", "cbow", "--json", "--words", "cow", *QUICK)
    (one,) = map(json.loads, result.stdout.splitlines())
    assert one["method"] == "cbow"
    assert len(one["neighbours"]["cow"]) == 5


def test_what_cannot_be_is_said(run: Any, text: Path) -> None:
    result = run("compare-methods", text, "--methods", "wordvec")
    assert result.exit_code == 2
    assert "There is no method 'wordvec'. Choose one of skipgram" in result.stderr
    result = run("compare-methods", text, "--methods", "cbow", "--similarity", "nowhere.tsv")
    assert result.exit_code == 1
    assert "nowhere.tsv" in result.stderr
