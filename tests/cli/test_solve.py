from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    "args",
    [
        ["king - man + woman"],
        ["-man + king + woman"],
        ["- man + king + woman"],
        ["king - man + woman", "--method", "mul"],
        ["'king' - \"man\" + woman", "-k", "1"],
    ],
)
def test_arithmetic(run: Any, royal: Path, args: list[str]) -> None:
    if args[0].startswith("-man"):  # one key, as it is written
        assert run("solve", royal, *args).exit_code == 1
        return
    result = run("solve", royal, *args, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[0])["key"] == "queen"


def test_the_answer_is_a_table(run: Any, royal: Path) -> None:
    result = run("solve", royal, "king - man + woman", "-k", 1)
    assert "king - man + woman" in result.stdout
    assert "queen" in result.stdout
    assert "woman 0" not in result.stdout


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["king -"], 2, "jari: Invalid value for 'EXPRESSION': "),
        ([""], 2, "jari: Invalid value for 'EXPRESSION': "),
        (["king - 'man"], 2, "jari: Invalid value for 'EXPRESSION': "),
        (["king - womin"], 1, "jari: 'womin' is not in this embedding (10 keys). Did you mean 'woman'?\n"),
        (["king", "-", "man"], 2, "jari: Got unexpected extra argument"),
        (["king - man", "--method", "div"], 2, "jari: Invalid value for '--method'"),
    ],
)
def test_what_cannot_be_solved(run: Any, royal: Path, args: list[str], status: int, said: str) -> None:
    result = run("solve", royal, *args)
    assert result.stderr.startswith(said)
    assert result.exit_code == status
    assert result.stdout == ""
