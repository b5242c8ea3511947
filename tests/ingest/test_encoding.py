"""`encode` against a dictionary and a loop, however the text comes and however the work is cut."""

import collections
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari import Vocabulary, encode
from jari.ingest import counting, resources, tokenizers

TEXT = "the cat sat on the mat\nthe dog didn’t\n\nthe cat and the dog met on a mat the cat knew\n"


def by_hand(lines, min_count, max_vocabulary=None):
    """Lists of tokens → keys, counts, sentences of ids."""
    counted = collections.Counter(itertools.chain(*lines))
    keys = sorted((key for key in counted if counted[key] >= min_count), key=lambda key: (-counted[key], key))
    row = {key: i for i, key in enumerate(keys[:max_vocabulary])}
    sentences = [[row[token] for token in line if token in row] for line in lines]
    return list(row), [counted[key] for key in row], [sentence for sentence in sentences if sentence]


def contents(corpus):
    bounds = corpus.offsets.tolist()
    sentences = [corpus.ids[a:b].tolist() for a, b in itertools.pairwise(bounds)]
    return list(corpus.vocabulary), corpus.vocabulary.counts.tolist(), sentences


def test_by_hand():
    with encode(TEXT.splitlines(), min_count=3) as corpus:
        assert contents(corpus) == (["the", "cat"], [6, 3], [[0, 1, 0], [0], [0, 1, 0, 0, 1]])
        assert corpus.ids.dtype == np.int32
        assert corpus.offsets.dtype == np.int64


def test_statistics_say_what_became_of_everything(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    with encode(file, min_count=2, max_vocabulary=3) as corpus:
        said = corpus.statistics
        assert len(corpus) == said["tokens_kept"] == 11
        assert said == {
            "sentences": 3, "sentences_read": 4, "sentences_empty": 1,
            "tokens_read": 21, "tokens_kept": 11, "tokens_dropped": {"min_count": 6, "max_vocabulary": 4},
            "words_read": 11, "words_kept": 3, "words_dropped": {"min_count": 6, "max_vocabulary": 2},
            "bytes_read": len(TEXT.encode()), "bytes_replaced": 0, "sources": [str(file)], "files_skipped": 0,
            "tokenizer": "words", "min_count": 2, "max_vocabulary": 3, "errors": "strict",
        }  # fmt: skip


lines_of_text = st.lists(st.text("ab cé'’\u0301한Σ-", max_size=30), min_size=1, max_size=30)


@settings(max_examples=40)
@given(
    lines_of_text,
    st.sampled_from(["words", "whitespace"]),
    st.sampled_from([1, 2, 3]),
    st.integers(1, 60),
    st.integers(1, 3),
    st.sampled_from([None, 1, 3]),
)
def test_same_result_by_any_number_of_threads_and_any_cut(
    tmp_path_factory, lines, tokenizer, threads, block, min_count, most
):
    file = tmp_path_factory.getbasetemp() / "lines.txt"
    file.write_text("\n".join(lines), encoding="utf-8", newline="")
    expected = by_hand([tokenizers.TOKENIZERS[tokenizer](line) for line in lines], min_count, most)
    options = {"tokenizer": tokenizer, "min_count": min_count, "max_vocabulary": most, "threads": threads}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "BLOCK_BYTES", block)
        if not expected[0]:
            with pytest.raises(ValueError, match=r"No word occurs min_count=|not one word"):
                encode(file, **options)
            return
        for source in (file, iter(lines)):
            with encode(source, **options) as corpus:
                assert contents(corpus) == expected


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_more_words_than_a_table_starts_with(tmp_path, threads):
    file = tmp_path / "many.txt"
    numbers = np.random.default_rng(0).integers(0, 60_000, 200_000)
    lines = [[f"{'long' * (n % 7)}{n}" for n in part] for part in np.array_split(numbers, 2000)]
    file.write_text("\n".join(" ".join(line) for line in lines))
    with encode(file, min_count=3, threads=threads) as corpus:
        assert contents(corpus) == by_hand(lines, 3)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fixed", [False, True])
def test_what_is_spilled_is_not_lost(tmp_path, monkeypatch, threads, fixed):
    """Tables and encoded text go to disk several times, and the result is the same."""
    file = tmp_path / "many.txt"
    numbers = np.random.default_rng(0).integers(0, 40_000, 150_000)
    lines = [[f"{'x' * (n % 23)}{n}" for n in part] for part in np.array_split(numbers, 1500)]
    file.write_text("\n".join(" ".join(line) for line in lines))
    spills = []
    spill = counting.WordTable.spill
    monkeypatch.setattr(counting.WordTable, "spill", lambda *a: spills.append(a) or spill(*a))
    monkeypatch.setattr(counting, "BLOCK_BYTES", 1 << 14)
    monkeypatch.setattr(resources, "LEAST_MEMORY", 0)
    monkeypatch.setattr(counting.WordTable, "is_nearly_full", lambda table: table.words > 5_000)
    keys, counts, sentences = by_hand(lines, 3)
    vocabulary = Vocabulary(keys) if fixed else None
    with encode(file, min_count=3, threads=threads, memory=400_000, vocabulary=vocabulary) as corpus:
        assert contents(corpus) == (keys, counts, sentences)
        assert corpus.statistics["words_read"] == len({word for line in lines for word in line})
    assert len(spills) > 4


def test_a_vocabulary_that_is_there_already():
    vocabulary = Vocabulary(["cat", "unicorn", "the", "a key with spaces"])
    with encode(TEXT.splitlines(), vocabulary=vocabulary) as corpus:
        assert contents(corpus) == (list(vocabulary), [3, 0, 6, 0], [[2, 0, 2], [2], [2, 0, 2, 2, 0]])
        assert corpus.statistics["tokens_dropped"] == {"vocabulary": 12}
        assert corpus.statistics["words_dropped"] == {"vocabulary": 9}
    with pytest.raises(ValueError, match="No word of this text is in the vocabulary given"):
        encode(TEXT.splitlines(), vocabulary=Vocabulary(["CAT"]))


def test_lists_of_tokens_are_taken_as_they_are():
    lines = [["New York", "", "a\nb", "New York"], [], ("", "x"), np.array(["x"])]
    with encode(iter(lines), min_count=2) as corpus:
        assert contents(corpus) == (["", "New York", "x"], [2, 2, 2], [[1, 0, 1], [0, 2], [2]])


def test_a_function_is_called_with_each_line(tmp_path):
    seen = []

    def letters(text):
        seen.append(text)
        return list(text)

    file = tmp_path / "text.txt"
    file.write_bytes("\ufeffab\r\n\r\nb한".encode())
    with encode(file, tokenizer=letters, min_count=1) as corpus:
        assert contents(corpus) == (["b", "a", "한"], [2, 1, 1], [[1, 0], [0, 2]])
        assert corpus.statistics["tokenizer"].endswith("letters")
        assert corpus.statistics["bytes_read"] == 11  # with a line feed for the last line
    assert seen == ["ab", "", "b한"]


@pytest.mark.parametrize("wrong", ["ab", None, 3])
def test_a_function_must_give_strings(wrong):
    with pytest.raises(ValueError, match=r"The tokenizer gave .* for line 1: it must give a list of strings"):
        encode(["a b"], tokenizer=lambda text: wrong, min_count=1)
    with pytest.raises(ValueError, match=r"A token is 3 \(int\): every token must be a string"):
        encode(["a b"], tokenizer=lambda text: [3], min_count=1)


def test_an_error_of_the_function_comes_through():
    with pytest.raises(ZeroDivisionError):
        encode(["a b"], tokenizer=lambda text: [1 / 0], min_count=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_count": 7}, r"No word occurs min_count=7 times or more \(most frequent: 'the', 6\). Lower min_count"),
        ({"min_count": 0}, "min_count=0 must be a whole number, 1 or more"),
        ({"min_count": 2.5}, "min_count=2.5 must be a whole number"),
        ({"max_vocabulary": -1}, "max_vocabulary=-1 must be"),
        ({"threads": 0}, "threads=0 must be"),
        ({"errors": "ignore"}, "errors='ignore' must be 'strict' or 'replace'"),
        ({"memory": "1MB"}, "memory='1MB' is too little to work in: 32MB is the least"),
        ({"memory": "much"}, "memory='much' is no size"),
        ({"tokenizer": "bpe"}, "There is no tokenizer 'bpe'"),
        ({"column": "text"}, "column='text' names a column of a file"),
    ],
)
def test_what_cannot_be_done_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        encode(TEXT.splitlines(), **options)


def test_no_word_at_all():
    with pytest.raises(ValueError, match="There is not one word in the sentences given: 8 bytes, 2 lines"):
        encode(iter(["...", "---"]), min_count=1)


def test_one_word_is_enough():
    with encode(["yes yes"], min_count=1) as corpus:
        assert contents(corpus) == (["yes"], [2], [[0, 0]])


def test_progress_is_told_from_this_thread(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "BLOCK_BYTES", 64)
    monkeypatch.setattr(resources, "_BETWEEN_REPORTS", 0.0)
    file = tmp_path / "text.txt"
    file.write_text(TEXT * 50)
    told = []
    encode(file, callback=told.append, min_count=1).close()
    for stage, total in (("counting", file.stat().st_size), ("encoding", 4 * 21 * 50)):
        done = [one.done for one in told if one.stage == stage]
        assert done == sorted(done)
        assert len(done) > 2 or stage == "encoding"
        assert done[-1] == total
        assert {(one.total, one.unit) for one in told if one.stage == stage} == {(total, "bytes")}


def test_memory_in_words():
    assert resources.memory_size("1.5GB") == 1_500_000_000
    assert resources.memory_size("64 MiB") == 64 << 20
    assert resources.memory_size(10**9) == 10**9
