from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_text_becomes_a_corpus(run: Any, text: Path, tmp_path: Path) -> None:
    from jari.ingest import Corpus

    result = run("encode", text, "-o", tmp_path / "corpus", "--min-count", 1)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "3.2 k words, 12 different" in result.stderr
    with Corpus.open(tmp_path / "corpus") as corpus:
        assert len(corpus) == 3200


def test_what_is_there_stays_without_force(run: Any, text: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    result = run("encode", text, "-o", tmp_path / "corpus")
    assert result.exit_code == 1
    assert "corpus is there already. Pass --force" in result.stderr


def test_standard_input(shell: Any, tmp_path: Path) -> None:
    result = shell("encode", "-", "-o", "corpus", "--min-count", "2", "--quiet", input="서울 서울 부산\n")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_column(run: Any, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text\n1,cow cow\n2,ship ship ship\n")
    result = run("encode", tmp_path / "t.csv", "--column", "text", "-o", tmp_path / "corpus", "--min-count", 1)
    assert "5 words, 2 different" in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("tokenizer", "said"),
    [("chars", "6 words, 5 different"), ("jamo", "15 words, 9 different"), ("whitespace", "2 words, 2 different")],
)
def test_tokenizers_by_name(run: Any, tmp_path: Path, tokenizer: str, said: str) -> None:
    (tmp_path / "t.txt").write_text("한국사람 사과\n", encoding="utf-8")
    result = run("encode", tmp_path / "t.txt", "-o", tmp_path / "c", "--min-count", 1, "--tokenizer", tokenizer)
    assert said in result.stderr, result.stderr


BAD = {
    "empty.txt": b"",
    "broken.txt": b"good line\nbad \xff line\n",
    "binary.txt": bytes(range(256)) * 40,
    "short.txt.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c",
}


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["nowhere.txt"], 1, "nowhere.txt"),
        (["*.nothing"], 1, "*.nothing"),
        (["empty.txt"], 1, "empty"),
        (["broken.txt"], 1, "broken.txt"),
        (["binary.txt"], 1, "binary.txt"),
        (["short.txt.gz"], 1, "short.txt.gz"),
        (["few.txt", "--min-count", "9"], 1, "min_count=9"),
        (["few.txt", "--min-count", "0"], 2, "Invalid value for '--min-count'"),
        (["few.txt", "--tokenizer", "bpe"], 2, "Invalid value for '--tokenizer': There is no tokenizer 'bpe'"),
        (["few.txt", "--tokenizer", "kiwi:NOUN"], 2, "Invalid value for '--tokenizer': Kiwi has no part of speech"),
        (["few.txt", "--tokenizer", "no/tokenizer.json"], 1, "There is no file 'no/tokenizer.json'"),
        (["few.txt", "--threads", "-1"], 2, "Invalid value for '--threads'"),
        (["table.csv", "--column", "nil"], 1, "nil"),
        ([], 2, "Missing argument"),
    ],
)
def test_bad_input(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in BAD.items():
        Path(name).write_bytes(content)
    Path("few.txt").write_text("one two two\n")
    Path("table.csv").write_text("id,text\n1,cow\n")
    result = run("encode", *args, "-o", "corpus", "--quiet")
    assert said in result.stderr
    assert result.exit_code == status
    assert "unexpected" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*BAD, "few.txt", "table.csv"])


def test_broken_utf8_says_where_and_can_be_replaced(run: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_bytes(BAD["broken.txt"])
    strict = run("encode", tmp_path / "broken.txt", "-o", tmp_path / "corpus")
    for place in ("broken.txt", "line 2", "14"):
        assert place in strict.stderr
    loose = run("encode", tmp_path / "broken.txt", "-o", tmp_path / "corpus", "--errors", "replace", "--min-count", 1)
    assert loose.exit_code == 0, loose.stderr


def test_phrases(run: Any, tmp_path: Path) -> None:
    from jari.ingest import Corpus

    filler = "so many other words of no concern to anyone at all here\n" * 300
    (tmp_path / "t.txt").write_text("new york\n" * 20 + filler)
    result = run("encode", tmp_path / "t.txt", "-o", tmp_path / "c", "--phrases", 1)
    assert result.exit_code == 0, result.stderr
    assert "finding phrases" in result.stderr
    with Corpus.open(tmp_path / "c") as corpus:
        assert "new_york" in corpus.vocabulary
        assert corpus.statistics["phrases"]["found"] == [1]
    assert "Invalid value for '--phrases'" in run("encode", tmp_path / "t.txt", "-o", "x", "--phrases", -1).stderr
