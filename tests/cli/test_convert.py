from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def small(tmp_path: Path) -> Path:
    from jari.embedding import Embedding

    place = tmp_path / "small.jari"
    Embedding(["king", "서울", "queen"], [[1, 2], [3, 4.5], [-1, 0]]).save(place)
    return place


@pytest.mark.parametrize("name", ["out.bin", "out.vec", "out.txt"])
def test_there_and_back(run: Any, small: Path, tmp_path: Path, name: str) -> None:
    from jari.embedding import load

    there = run("convert", small, tmp_path / name)
    assert there.exit_code == 0, there.stderr
    assert there.stdout == ""
    assert "3 keys, 2 dimensions" in there.stderr
    back = run("convert", tmp_path / name, tmp_path / "back.jari")
    assert back.exit_code == 0, back.stderr
    again = load(tmp_path / "back.jari")
    assert list(again.keys) == ["king", "서울", "queen"]
    np.testing.assert_array_equal(again.vectors, load(small).vectors)


def test_only_the_first(run: Any, small: Path, tmp_path: Path) -> None:
    assert run("convert", small, tmp_path / "out.vec", "--top", "2", "--quiet").stderr == ""
    assert (tmp_path / "out.vec").read_text(encoding="utf-8").splitlines()[0] == "2 2"


def test_a_format_can_be_named(run: Any, small: Path, tmp_path: Path) -> None:
    from jari.embedding.formats import FORMATS

    result = run("convert", small, tmp_path / "out", "--to", "jari")
    assert "jari" in FORMATS
    assert result.exit_code == 0, result.stderr
    assert run("convert", tmp_path / "out", tmp_path / "out.vec", "--from", "jari").exit_code == 0


def test_what_is_there_stays_without_force(run: Any, small: Path, tmp_path: Path) -> None:
    (tmp_path / "out.vec").write_text("mine")
    result = run("convert", small, tmp_path / "out.vec")
    assert result.exit_code == 1
    assert "out.vec is there already. Pass --force to replace it" in result.stderr
    assert (tmp_path / "out.vec").read_text() == "mine"
    assert run("convert", small, tmp_path / "out.vec", "--force").exit_code == 0


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["small.jari", "out.vec", "--to", "word3vec"], 2, "word3vec"),
        (["small.jari", "out.vec", "--from", "word3vec"], 2, "word3vec"),
        (["small.jari", "out.unheard-of"], 2, "out.unheard-of"),
        (["nowhere.vec", "out.vec"], 1, "nowhere.vec"),
        (["ragged.vec", "out.jari"], 1, "ragged.vec"),
        (["lying.vec", "out.jari"], 1, "lying.vec"),
        (["nan.vec", "out.jari"], 1, "nan.vec"),
        (["twice.vec", "out.jari"], 1, "twice.vec"),
        (["small.jari", "missing/out.vec"], 1, "Make it first: mkdir -p"),
        (["small.jari", "out.vec", "--top", "0"], 2, "Invalid value for '--top'"),
    ],
)
def test_what_cannot_be_converted(
    run: Any, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ragged.vec").write_text("2 2\na 1 2\nb 1\n")
    Path("lying.vec").write_text("3 2\na 1 2\nb 1 2\n")
    Path("nan.vec").write_text("2 2\na 1 2\nb 1 nan\n")
    Path("twice.vec").write_text("2 2\na 1 2\na 1 2\n")
    result = run("convert", *args)
    assert said in result.stderr
    assert result.exit_code == status
    assert "unexpected" not in result.stderr
    assert not Path(args[1]).exists()
