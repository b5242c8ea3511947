from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from jari.cli import embed
from jari.cli.app import app
from jari.cli.text_model import TextModel
from jari.embedding import Embedding, formats
from jari.types import Progress


class Letters:
    """Counts of a, b and c: an encoder whose answers are obvious."""

    dim = 3

    def __init__(self) -> None:
        self.batches: list[int] = []

    def encode(self, texts: Any, callback: Any) -> np.ndarray[Any, Any]:
        self.batches.append(len(texts))
        callback(Progress("encoding", len(texts), len(texts), "texts"))
        return np.array([[text.count(letter) for letter in "abc"] for text in texts], np.float32)

    def encode_tokens(self, text: str) -> Any:
        words = text.split()
        spans = [(text.index(word), text.index(word) + len(word)) for word in words]
        return SimpleNamespace(tokens=words, spans=spans, vectors=self.encode(words, lambda _: None))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    """The encoder that every model names; what it was asked for is kept."""
    made = Letters()

    def opened(model: str | None, **options: Any) -> TextModel:
        options.pop("callback")
        made.asked = {"model": model, **options}  # type: ignore[attr-defined]
        return TextModel(3, made.encode, {"kind": "text-encoder", "path": "letters"}, made)  # type: ignore[arg-type]

    monkeypatch.setattr("jari.cli.text_model.text_model", opened)
    return made


def piped(text: bytes | str, *args: object) -> Any:
    """With lines on standard input."""
    return CliRunner().invoke(app, ["embed", *map(str, args)], input=text)


def matrix(output: bytes) -> np.ndarray[Any, Any]:
    return np.load(io.BytesIO(output), allow_pickle=False)


def test_texts_are_rows_of_a_table(run: Any, letters: Letters) -> None:
    result = run("embed", "aab", "a" * 99, "tab\there")
    assert result.exit_code == 0, result.stderr
    header, first, second, third = result.stdout.splitlines()
    assert header.split() == ["text", "norm", "vector"]
    assert first.split() == ["aab", "2.2361", "2.0000", "1.0000", "0.0000"]
    assert second.split()[0] == "a" * 59 + "…"
    assert "tab\\there" in third


def test_json_has_every_number_again(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = np.random.default_rng(0).standard_normal((1, 50)).astype(np.float32)
    monkeypatch.setattr("jari.cli.text_model.text_model", lambda *_, **__: TextModel(50, lambda *_: exact, {}))
    said = json.loads(run("embed", "서울 🌍", "--json").stdout)
    assert said["text"] == "서울 🌍"
    assert (np.array(said["vector"], np.float32) == exact[0]).all()
    assert len(said["vector"]) == 50


def test_lines_to_a_file_are_a_matrix(letters: Letters) -> None:
    result = piped("abc\n\ncc\r\nc c c", "--model", "letters")
    assert result.exit_code == 0, result.stderr
    assert matrix(result.stdout_bytes).tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 2], [0, 0, 3]]
    assert matrix(result.stdout_bytes).dtype == np.float32
    assert "1 of 4 texts is empty: kept, a vector each" in result.stderr
    assert "standard output: 4 vectors, 3 dimensions" in result.stderr


def test_a_long_input_is_encoded_in_parts(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_AT_ONCE", 3)
    result = piped("a\n" * 8)
    assert matrix(result.stdout_bytes).tolist() == [[1, 0, 0]] * 8
    assert letters.batches == [3, 3, 2]
    assert result.stderr.count("encoding …") == 1  # one stage, not three
    assert "encoding: 8 texts" in result.stderr


def test_lines_to_a_terminal_are_never_binary(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda _: True)
    result = piped("abc\n", "--lines", "-")
    assert "NUMPY" not in result.stdout
    assert result.stdout.splitlines()[1].split()[:2] == ["abc", "1.7321"]


def test_an_embedding_of_lines(run: Any, letters: Letters, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("ab\nc\nab\n", encoding="utf-8")
    result = run("embed", "--lines", tmp_path / "lines.txt", "-o", tmp_path / "l.jari")
    assert result.exit_code == 0, result.stderr
    assert "1 of 3 texts were there before: each is kept once" in result.stderr
    assert "l.jari: 2 vectors, 3 dimensions" in result.stderr
    assert result.stdout == ""
    made = Embedding.load(tmp_path / "l.jari")
    assert list(made.keys) == ["ab", "c"]
    assert made.vectors.tolist() == [[1, 1, 0], [0, 0, 1]]
    assert made.metadata["encoder"] == {"kind": "text-encoder", "path": "letters"}


def test_a_matrix_with_its_keys_beside(run: Any, letters: Letters, tmp_path: Path) -> None:
    assert run("embed", "a b", "", "-o", tmp_path / "v.npy", "-q").stderr == ""
    assert list(formats.read(tmp_path / "v.npy").keys) == ["a b", ""]


def test_a_column_of_a_table(letters: Letters, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,body\n1,aa\n2,b\n")
    result = piped("", "--lines", tmp_path / "t.csv", "--column", "body")
    assert matrix(result.stdout_bytes).tolist() == [[2, 0, 0], [0, 1, 0]]


def test_tokens_have_a_vector_each(run: Any, letters: Letters) -> None:
    lines = run("embed", "cab bb", "--tokens").stdout.splitlines()
    assert lines[0] == "cab bb"
    assert [line.split()[:3] for line in lines[2:]] == [["cab", "0–3", "1.7321"], ["bb", "4–6", "2.0000"]]
    said = [json.loads(line) for line in run("embed", "cab bb", "--tokens", "--json").stdout.splitlines()]
    assert said[1] == {"text": "cab bb", "token": "bb", "span": [4, 6], "vector": [0, 2, 0]}


def test_how_it_runs_reaches_the_encoder(run: Any, letters: Letters) -> None:
    run("embed", "a", "-m", "m", "--prompt", "query", "--offline", "--device", "cpu", "--threads", 1)
    assert letters.asked == {  # type: ignore[attr-defined]
        "model": "m",
        "prompt": "query",
        "offline": True,
        "device": "cpu",
        "precision": "auto",
        "threads": 1,
    }


@pytest.mark.parametrize(
    ("args", "text", "status", "said"),
    [
        ([], "", 1, "There is no line in standard input"),
        ([], b"fine\nk\xffng\n", 1, "standard input, line 2, byte 6 of the file: 0xFF is not UTF-8"),
        ([], b"a\0b", 1, "looks like a binary file"),
        (["a", "--lines", "f.txt"], "", 2, "there are texts on the command line too: 'a'"),
        (["a", "--column", "body"], "", 2, "there are texts on the command line too: 'a'"),
        (["--column", "body"], "a\n", 2, "give the table with --lines"),
        (["a", "-o", "x.jari", "--json"], "", 2, "--json prints, and -o writes"),
        (["a", "-o", "x.jari", "--tokens"], "", 2, "--tokens prints, and -o writes"),
        (["a", "-o", "x.xyz"], "", 2, "'x.xyz' must end in one of .jari, "),
        (["a", "-o", "none/x.jari"], "", 1, "none is not there"),
        (["--lines", "none.txt"], "", 1, "There is no file 'none.txt'"),
    ],
)
def test_what_cannot_be_embedded(letters: Letters, args: list[str], text: Any, status: int, said: str) -> None:
    result = piped(text, *args)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stdout_bytes == b""


def test_what_is_there_is_not_replaced(run: Any, letters: Letters, tmp_path: Path) -> None:
    (tmp_path / "v.npy").write_text("mine")
    assert "--force" in run("embed", "a", "-o", tmp_path / "v.npy").stderr
    assert letters.batches == []
    assert run("embed", "a", "-o", tmp_path / "v.npy", "--force").exit_code == 0


def test_bytes_that_are_broken_can_be_read_over(letters: Letters) -> None:
    assert matrix(piped(b"a\xffa\n", "--errors", "replace").stdout_bytes).tolist() == [[2, 0, 0]]
