from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from jari.cli.app import app
from jari.embedding import Embedding

pytest.importorskip("faiss")


def build_ann(*args: object) -> Any:
    return CliRunner().invoke(app, ["build-ann", *map(str, args)])


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = np.random.default_rng(3)
    place = tmp_path_factory.mktemp("words") / "words.jari"
    Embedding([f"word {row}" for row in range(600)], draw.standard_normal((600, 8))).save(place)
    return place


def test_an_index_is_built_and_its_recall_shown(words: Path) -> None:
    result = build_ann(words, "--seed", 1, "--force", "--parameter", "links=8")
    assert result.exit_code == 0, result.stderr
    assert "recall of keys" in result.stdout
    assert "← for" in result.stdout
    assert "words.ann" in result.stderr
    about = json.loads((words.with_suffix(".ann") / "ann.json").read_text())
    assert about["parameters"]["links"] == 8
    assert about["target_recall"] == 0.95


def test_json_has_the_curve(words: Path) -> None:
    result = build_ann(words, "--json", "--quiet", "--force", "--method", "sq8", "--target-recall", 0)
    said = json.loads(result.stdout)
    assert said["path"].endswith("words.ann")
    assert said["curve"][0].keys() == {"effort", "keys", "vectors"}
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["--method", "tree"], 2, "--method"),
        (["--target-recall", 2], 1, "must be a share above 0"),
        (["--parameter", "links"], 2, "'links' is no parameter: write NAME=VALUE"),
        (["--parameter", "lists=3"], 1, "lists=3 is no parameter of method='hnsw'"),
        (
            ["--target-recall", 1, "--method", "ivf-pq", "--parameter", "refine=1", "--parameter", "code_bytes=1"],
            1,
            "and target_recall=1.0 was asked",
        ),
    ],
)
def test_what_cannot_be_built(words: Path, args: list[object], status: int, said: str) -> None:
    result = build_ann(words, "--force", "--seed", 1, *args)
    assert result.exit_code == status
    assert said in result.stderr


def test_what_is_there_stays_without_force(words: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jari"
    shutil.copytree(words, copy)
    (tmp_path / "copy.ann").mkdir()
    result = build_ann(copy)
    assert result.exit_code == 1
    assert "copy.ann is there already. Pass --force" in result.stderr


def test_other_formats_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "a.vec"
    place.write_text("1 2\na 1 2\n")
    result = build_ann(place)
    assert result.exit_code == 1
    assert "an index belongs to a .jari folder" in result.stderr
