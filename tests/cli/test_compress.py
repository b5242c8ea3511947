from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from jari.cli.command import JariCommand, JariGroup
from jari.cli.compress import compress
from jari.evaluate import compression


@pytest.fixture
def run() -> Any:
    """`jari compress`, whether or not the application knows of it yet."""
    app = typer.Typer(cls=JariGroup, pretty_exceptions_enable=False)
    app.command("compress", cls=JariCommand)(compress)
    app.callback()(lambda: None)
    return lambda *args: CliRunner().invoke(app, ["compress", *map(str, args)])


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: Any) -> None:
    monkeypatch.setattr(compression, "_SECONDS", 0.01)


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from jari.embedding import Embedding, Subwords

    random = np.random.default_rng(0)
    place = tmp_path_factory.mktemp("wiki") / "wiki.jari"
    subwords = Subwords(np.ones((3, 16), np.float32))
    Embedding([f"word{row}" for row in range(200)], random.normal(size=(200, 16)), subwords=subwords).save(place)
    return place


def test_codes_are_written(run: Any, wiki: Path, tmp_path: Path) -> None:
    from jari.embedding.codes import CompressedEmbedding

    done = run(wiki, "--method", "int8", "-o", tmp_path / "small.jari")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    assert "small.jari: 200 keys, 20 bytes each instead of 64" in done.stderr
    assert "Dropped: subwords." in done.stderr
    assert CompressedEmbedding.load(tmp_path / "small.jari").codes.name == "int8"


def test_a_reduction_is_an_ordinary_embedding(run: Any, wiki: Path, tmp_path: Path) -> None:
    from jari.embedding import load

    done = run(wiki, "--method", "pca:5", "-o", tmp_path / "small.jari", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {"method": "pca:5", "keys": 200, "dim": 5, "bytes_per_key": 20.0}
    assert "Dropped" not in done.stderr
    assert load(tmp_path / "small.jari").shape == (200, 5)


def test_quietly(run: Any, wiki: Path, tmp_path: Path) -> None:
    done = run(wiki, "--method", "pq:4+int8", "-o", tmp_path / "small.jari", "--quiet")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_the_table(run: Any, wiki: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("word1 word2 word3 word4\n")
    done = run(wiki, "--table", "--methods", "int8", "binary+int8", "pca:8", "--analogies", questions, "--queries", 20)
    assert done.exit_code == 0, done.stderr
    header, *rows = done.stdout.splitlines()[1:]
    assert header.split() == [
        "method",
        "dimensions",
        "bytes",
        "a",
        "key",
        "scanned",
        "recall@10",
        "analogies",
        "queries/s",
    ]
    assert [row.split()[0] for row in rows] == ["int8", "binary+int8", "pca:8"]
    assert rows[0].split()[1:4] == ["16", "20", "20"]
    assert "comparing" in done.stderr


def test_the_table_as_json(run: Any, wiki: Path) -> None:
    done = run(wiki, "--table", "--methods", "int8", "--json", "-q", "--queries", 20, "-k", 3)
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert (result["method"], result["bytes_per_key"], result["analogies"]) == ("int8", 20, None)
    assert result["recall"] > 0.9
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        ([], 2, "give both, or --table"),
        (["--method", "int8"], 2, "give both, or --table"),
        (["-o", "out.jari"], 2, "give both, or --table"),
        (["--table", "-o", "out.jari"], 2, "a table writes nothing"),
        (["--table", "--method", "int8"], 2, "a table writes nothing"),
        (["--method", "int8", "-o", "out.jari", "--methods", "int8"], 2, "goes with --table"),
        (["--method", "zip", "-o", "out.jari"], 2, "'zip' is not known"),
        (["--method", "pca:17", "-o", "out.jari"], 2, "dim=17: the embedding has 16 dimensions"),
        (["--table", "--methods", "pq:99"], 2, "99 parts of 16 dimensions"),
        (["--table", "--analogies", "nowhere.txt"], 1, "nowhere.txt"),
    ],
)
def test_what_is_typed_wrongly(
    run: Any, wiki: Path, tmp_path: Path, monkeypatch: Any, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(wiki, *args)
    assert done.exit_code == status
    assert said in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_replaced_unasked(run: Any, wiki: Path) -> None:
    done = run(wiki, "--method", "int8", "-o", wiki)
    assert done.exit_code == 1
    assert "is there already. Pass --force" in done.stderr
