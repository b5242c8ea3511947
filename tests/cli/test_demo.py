from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import jari


@pytest.mark.slow
def test_the_demo_shows_the_whole_way(shell: Any, tmp_path: Path) -> None:
    (tmp_path / "jari-demo").mkdir()  # as an earlier demo that was stopped left it
    result = shell("demo")
    assert result.returncode == 0, result.stderr
    for expression, answer in {
        "maximum - max + min": "minimum",
        "rows - row + column": "columns",
        "cosine - cos + sin": "sine",
    }.items():
        (line,) = (line for line in result.stdout.splitlines() if expression in line)
        assert answer in line.replace(",", "").split(), result.stdout  # among the first four: texts and threads vary
    assert "learning" in result.stderr
    assert "What to type next" in result.stderr
    assert len(jari.load(tmp_path / "jari-demo" / "docstrings.jari")) > 5000
    assert (tmp_path / "jari-demo" / "map.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_of_somebody_else_s_is_left_alone(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    result = run("demo", "-o", tmp_path / "mine")
    assert result.exit_code == 1
    assert "mine is there already. Pass --force" in result.stderr
