"""Text behind a tokenizer in Python: in batches or line by line, and as soon as there is something to tell."""

import time

import pytest

from jari import encode
from jari.ingest import counting, tokenised


class Splitting:
    """A tokenizer that is given many lines at once."""

    def __init__(self):
        self.given = []

    def __call__(self, text):
        raise AssertionError("called with one text")

    def many(self, texts, threads=None):
        self.given.append((list(texts), threads))
        return map(str.split, self.given[-1][0])


def test_a_batched_tokenizer_is_given_the_lines_of_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "BLOCK_BYTES", 16)
    file = tmp_path / "text.txt"
    file.write_bytes(b"a b\r\n\nb c d\nlonger than one block of text\na")
    splitting = Splitting()
    with encode(file, tokenizer=splitting, min_count=1, threads=2) as corpus:
        assert corpus.statistics["tokenizer"] == "a function"
        assert corpus.statistics["bytes_read"] == len(file.read_bytes()) + 1
        assert corpus.statistics["sentences_read"] == 5
        assert len(corpus) == 12
    assert [line for lines, _ in splitting.given for line in lines] == [
        "a b", "", "b c d", "longer than one block of text", "a",
    ]  # fmt: skip
    assert len(splitting.given) > 1
    assert {threads for _, threads in splitting.given} == {2}


@pytest.mark.parametrize("seconds", [0, 1000])
def test_the_result_does_not_hang_on_how_fast_it_comes(monkeypatch, seconds):
    monkeypatch.setattr(tokenised, "_SECONDS_AT_ONCE", seconds)
    lines = ["a b", "", "b", "c"] * 50
    with encode(lines, tokenizer=str.split, min_count=1) as corpus:
        assert len(corpus) == 200
        assert corpus.statistics["bytes_read"] == sum(len(line) + 1 for line in lines)
        assert corpus.statistics["sentences_empty"] == 50


def test_much_at_once_is_counted_once(monkeypatch):
    monkeypatch.setattr(tokenised, "_SECONDS_AT_ONCE", 1000)
    lines = [" ".join("ab" * 500)] * 200
    with encode(lines, tokenizer=str.split, min_count=1) as corpus:
        assert len(corpus) == 200_000
        assert corpus.statistics["bytes_read"] == 200 * 2000


def test_a_slow_tokenizer_tells_of_its_progress():
    def slow(text):
        time.sleep(0.02)
        return [text]

    told = []
    encode(iter(["word"] * 60), tokenizer=slow, min_count=1, threads=1, callback=told.append).close()
    assert len([one for one in told if one.stage == "counting"]) >= 4


def test_broken_text(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "BLOCK_BYTES", 8)
    file = tmp_path / "broken.txt"
    file.write_bytes(b"good line\nbad \xff line\n")
    with pytest.raises(ValueError, match=r"broken.txt, line 2, byte 14 of the file: 0xFF is not UTF-8"):
        encode(file, tokenizer=str.split)
    with encode(file, tokenizer=str.split, min_count=1, errors="replace") as corpus:
        assert corpus.statistics["bytes_replaced"] == 1
        assert sorted(corpus.vocabulary) == ["bad", "good", "line"]


def test_lists_of_tokens_pass_by():
    with encode([["a b", "c"]], tokenizer=Splitting(), min_count=1) as corpus:
        assert list(corpus.vocabulary) == ["a b", "c"]
