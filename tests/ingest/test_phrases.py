"""Phrases against word2phrase written with dictionaries, however the work is cut."""

import collections
import itertools
import os
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jari import Corpus, Vocabulary, encode
from jari.errors import BadFile
from jari.ingest import bigrams, joining, resources
from jari.ingest.phrases import phrases

TEXT = ["a new york day", "a new day", "one day in new york", "in a day", "in one new year"] * 10


def one_pass(text, delta, threshold, min_count):
    """Mikolov's word2phrase on lists of words; None parts its neighbours."""
    words = collections.Counter(word for line in text for word in line if word is not None)
    pairs = collections.Counter(pair for line in text for pair in itertools.pairwise(line) if None not in pair)
    total = sum(map(len, text))
    chosen = {
        (a, b)
        for (a, b), count in pairs.items()
        if count >= min_count and (count - delta) * total / (words[a] * words[b]) > threshold
    }
    found = []
    for line in text:
        joined, free = [], False
        for i, word in enumerate(line):
            if free and (line[i - 1], word) in chosen:
                joined[-1] += f"_{word}"
                free = False
            else:
                joined.append(word)
                free = True
        found.append(joined)
    return found, len(chosen)


def by_hand(text, passes=1, delta=5.0, threshold=100.0, min_count=5, max_vocabulary=None):
    """Keys, counts, sentences, phrases found in each pass."""
    found = []
    for _ in range(passes):
        text, number = one_pass(text, delta, threshold, min_count)
        found.append(number)
        if not number:
            break
    counted = collections.Counter(word for line in text for word in line if word is not None)
    keys = sorted((key for key in counted if counted[key] >= min_count), key=lambda key: (-counted[key], key))
    keys = keys[:max_vocabulary]
    lines = [[word for word in line if word in set(keys)] for line in text]
    return keys, [counted[key] for key in keys], [line for line in lines if line], found


def contents(corpus):
    keys = list(corpus.vocabulary)
    sentences = [[keys[i] for i in corpus.ids[a:b]] for a, b in itertools.pairwise(corpus.offsets.tolist())]
    return keys, corpus.vocabulary.counts.tolist(), sentences, corpus.statistics["phrases"]["found"]


def adds_up(statistics):
    joined = statistics["phrases"]["tokens_joined"]
    return statistics["tokens_read"] == statistics["tokens_kept"] + sum(statistics["tokens_dropped"].values()) + joined


def test_by_hand():
    with encode(TEXT) as corpus, phrases(corpus, threshold=2.5) as joined:
        assert joined.vocabulary.keys == ["day", "a", "in", "new", "new_york", "one", "year"]
        assert joined.vocabulary.counts.tolist() == [40, 30, 30, 20, 20, 20, 10]
        assert joined.ids[:12].tolist() == [1, 4, 0, 1, 3, 0, 5, 0, 2, 4, 2, 1]
        assert joined.offsets[:5].tolist() == [0, 3, 6, 10, 13]
        assert joined.statistics == {
            **corpus.statistics,
            "tokens_kept": 170, "words_kept": 7,
            "tokens_dropped": {"min_count": 0, "max_vocabulary": 0, "phrases": 0},
            "words_dropped": {"min_count": 0, "max_vocabulary": 0, "phrases": 0},
            "phrases": {
                "passes": 1, "delta": 5.0, "threshold": 2.5, "min_count": 5, "joiner": "_",
                "found": [1], "tokens_joined": 20,
            },
        }  # fmt: skip
        assert len(corpus) == 190  # as it was


@pytest.mark.parametrize(
    ("threshold", "delta", "min_count", "found"),
    [(9.99, 0, 1, 1), (10, 0, 1, 0), (4.99, 5, 1, 1), (5, 5, 1, 0), (9.99, 0, 10, 1), (0, 0, 11, 0), (0, 10, 1, 0)],
)
def test_on_either_side_of_each_limit(threshold, delta, min_count, found):
    """(10 - delta) · 100 / (10 · 10)"""
    text = [["a", "b"]] * 10 + [["c"]] * 80
    with encode(text) as corpus, phrases(corpus, threshold=threshold, delta=delta, min_count=min_count) as joined:
        assert joined.statistics["phrases"]["found"] == [found]


words = st.sampled_from("abcdefg")
texts = st.lists(st.lists(words, min_size=1, max_size=15), min_size=1, max_size=20)


@settings(max_examples=60)
@given(
    text=texts,
    passes=st.integers(1, 3),
    delta=st.sampled_from([0, 1, 2.5]),
    threshold=st.sampled_from([0, 0.7, 1, 2]),
    min_count=st.integers(1, 4),
    threads=st.integers(1, 3),
    chunk=st.integers(1, 40),
)
def test_is_word2phrase(text, passes, delta, threshold, min_count, threads, chunk):
    options = {"passes": passes, "delta": delta, "threshold": threshold, "min_count": min_count}
    expected = by_hand(text, **options)
    with pytest.MonkeyPatch.context() as patched, encode(text, min_count=1) as corpus:
        patched.setattr(joining, "_AT_ONCE", chunk)
        patched.setattr(bigrams, "_AT_ONCE", chunk)
        if not expected[0]:
            with pytest.raises(ValueError, match="once phrases are joined"):
                phrases(corpus, threads=threads, **options)
            return
        with phrases(corpus, threads=threads, **options) as joined:
            assert contents(joined) == expected
            assert adds_up(joined.statistics)


@settings(max_examples=60)
@given(
    text=texts,
    passes=st.integers(1, 2),
    threshold=st.sampled_from([0, 0.7, 1]),
    min_count=st.integers(1, 4),
    most=st.sampled_from([None, 1, 3, 100]),
)
def test_encoding_knows_of_the_gaps(text, passes, threshold, min_count, most):
    counted = collections.Counter(itertools.chain(*text))
    gapped = [[word if counted[word] >= min_count else None for word in line] for line in text]
    options = {"delta": 0.0, "threshold": threshold, "min_count": min_count}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(joining.Settings, "__init__", _as(joining.Settings.__init__, delta=0.0, threshold=threshold))
        expected = by_hand(gapped, passes, max_vocabulary=most, **options)
        if not expected[0]:
            with pytest.raises(ValueError, match="No word occurs"):
                encode(text, min_count=min_count, phrases=passes)
            return
        with encode(text, min_count=min_count, max_vocabulary=most, phrases=passes) as corpus:
            assert contents(corpus) == expected
            assert adds_up(corpus.statistics)
            assert corpus.statistics["sentences_read"] == len(text)
            assert corpus.statistics["sentences"] == len(corpus.offsets) - 1
    if most is None:  # rare words are in no phrase, so that it does not matter when they are left out
        with encode(text, min_count=1) as corpus, phrases(corpus, passes, **options) as whole:
            assert contents(whole) == expected


def _as(init, **fixed):
    return lambda self, *given, **more: init(self, *given, **{**more, **fixed})


def test_words_that_were_left_out_part_their_neighbours():
    """`seldom` stands between the two each time, and is another word each time."""
    text = [f"new seldom{i} york" for i in range(20)] + ["new town"] * 20 + ["some old words of no concern"] * 20
    with encode(text, min_count=2, phrases=1) as corpus:
        assert "new_york" not in corpus.vocabulary
        assert corpus.statistics["phrases"]["found"] == [0]
    with encode(text, min_count=2) as corpus, phrases(corpus, threshold=2) as joined:
        assert "new_york" in joined.vocabulary  # the corpus has no gaps to know of


def test_a_phrase_that_is_a_word_already():
    text = [["new", "york"], ["new_york"], ["new", "x"], ["y", "york"], ["z", "u", "v", "w"]] * 10
    with encode(text) as corpus, phrases(corpus, threshold=1, delta=0) as joined:
        assert joined.vocabulary.counts[joined.vocabulary.row("new_york")] == 20
        assert len(set(joined.vocabulary)) == len(joined.vocabulary)


def test_two_ways_to_one_phrase():
    """a_b + c and a + b_c, each in another sentence, are one word."""
    text = [["a", "b", "c"]] * 10 + [["q", "b", "c"]] * 30 + [["a", "b", "r"]] * 30 + [["o"]] * 500
    with encode(text) as corpus, phrases(corpus, passes=2, threshold=1, delta=0, joiner="+") as joined:
        assert joined.vocabulary.counts[joined.vocabulary.row("a+b+c")] == 10


def test_four_words_and_another_joiner():
    text = ["x united states of america y", "y x", "x y y"] * 20 + ["and so on"] * 100
    with encode(text) as corpus, phrases(corpus, 2, threshold=10, joiner=" ") as joined:
        assert "united states of america" in joined.vocabulary


def test_tables_that_outgrow_the_memory(monkeypatch):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 600, 60_000).astype(np.int32)
    ids[1::2] = (ids[::2] * 7 + rng.integers(0, 20, 30_000)) % 600
    ids[:40_000] %= 20  # few pairs at first, so that the number of parts is guessed too low
    corpus = Corpus(ids, np.arange(0, len(ids) + 1, 4), Vocabulary([f"w{i}" for i in range(600)]))
    options = {"threshold": 5, "delta": 1, "min_count": 2}
    parts = []
    count_parts = bigrams.BigramSearch._count_parts
    monkeypatch.setattr(
        bigrams.BigramSearch, "_count_parts", lambda *given: parts.append(given[1:4]) or count_parts(*given)
    )
    monkeypatch.setattr(resources, "LEAST_MEMORY", 0)
    monkeypatch.setattr(bigrams, "_AT_ONCE", 10_000)
    monkeypatch.setattr(bigrams, "_FIRST_SLOTS", 512)
    with phrases(corpus, **options) as expected:
        assert expected.statistics["phrases"]["found"][0] > 1000
        assert not parts
        for threads in (1, 3):
            with phrases(corpus, memory=20_000, threads=threads, **options) as joined:
                np.testing.assert_array_equal(joined.ids, expected.ids)
                assert joined.vocabulary == expected.vocabulary
                assert joined.statistics == expected.statistics
    assert any(buckets > 3 for _, buckets, _ in parts)  # a part was parted again


def test_a_vocabulary_without_counts_and_words_that_do_not_occur():
    corpus = Corpus(np.array([1, 1, 2] * 5, np.int32), np.array([0, 15]), Vocabulary(["never", "a", "b"]))
    with phrases(corpus, threshold=100) as joined:
        assert contents(joined) == (["a", "b"], [10, 5], [["a", "a", "b"] * 5], [0])
        assert joined.statistics["phrases"]["tokens_joined"] == 0


def test_a_word_that_is_left_over_too_rarely():
    text = [["san", "jose"]] * 20 + [["san"]] * 3 + [["jose"]] * 9 + [["other"]] * 90
    with encode(text) as corpus, phrases(corpus, threshold=1) as joined:
        assert dict(zip(joined.vocabulary, joined.vocabulary.counts.tolist(), strict=True)) == {
            "other": 90, "san_jose": 20, "jose": 9,
        }  # fmt: skip
        assert joined.statistics["tokens_dropped"]["phrases"] == 3
        assert joined.statistics["words_dropped"]["phrases"] == 1
        assert joined.statistics["sentences_empty"] == 3


def test_kept_in_a_folder(tmp_path):
    with encode(TEXT) as corpus, phrases(corpus, threshold=2.5) as joined:
        with phrases(corpus, threshold=2.5, out=tmp_path / "kept") as kept:
            assert contents(kept) == contents(joined)
            assert not kept.is_temporary
        Corpus.open(tmp_path / "kept", verify=True).close()
        with pytest.raises(FileExistsError, match="kept exists already"):
            phrases(corpus, out=tmp_path / "kept")
        phrases(corpus, 2, threshold=1, out=tmp_path / "kept", force=True).close()
    names = ["corpus.json", "ids.npy", "keys.arrow", "offsets.npy"]
    assert sorted(file.name for file in (tmp_path / "kept").iterdir()) == names


def test_a_temporary_one_leaves_nothing(tmp_path, monkeypatch):
    with encode(TEXT) as corpus:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        with phrases(corpus, 2, threshold=1) as joined:
            assert len([*tmp_path.glob("*/*")]) == 2
            assert len(joined)
        with pytest.raises(ValueError, match="No word occurs min_count=99 times or more once phrases are joined"):
            phrases(corpus, min_count=99)
    assert not list(tmp_path.iterdir())


def test_progress(monkeypatch):
    monkeypatch.setattr(bigrams, "_LOOK", 0.001)
    told = []
    with encode(TEXT) as corpus, phrases(corpus, 2, threshold=1, callback=told.append):
        stages = list(dict.fromkeys(one.stage for one in told))
    assert stages[:3] == ["finding phrases (1 of 2)", "joining phrases (1 of 2)", "finding phrases (2 of 2)"]
    for stage in stages:
        done = [one.done for one in told if one.stage == stage]
        assert done == sorted(done)
        assert done[-1] == next(one.total for one in told if one.stage == stage)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_ends_it_at_once(tmp_path):
    code = """
import numpy as np
from jari import Corpus, Vocabulary
from jari.ingest.phrases import phrases
ids = np.random.default_rng(0).integers(0, 2000, 1 << 24).astype(np.int32)
corpus = Corpus(ids, np.array([0, len(ids)]), Vocabulary(map(str, range(2000))))
print("ready", flush=True)
while True:
    phrases(corpus, 3, threshold=1, delta=0, callback=lambda progress: print(".", flush=True)).close()
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdout.readline() == b"ready\n"
    assert process.stdout.readline() == b".\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in err
    assert not list(tmp_path.glob("jari-corpus-*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"passes": 0}, "passes=0 must be a whole number, 1 or more"),
        ({"passes": True}, "passes=True must be"),
        ({"min_count": 0.5}, "min_count=0.5 must be a whole number, 1 or more"),
        ({"delta": -1}, "delta=-1 must be a number, 0 or more"),
        ({"threshold": float("nan")}, "threshold=nan must be a number"),
        ({"threshold": "10"}, "threshold='10' must be a number"),
        ({"joiner": None}, "joiner=None must be a string"),
        ({"memory": "1kB"}, "memory='1kB' is too little"),
        ({"threads": 0}, "threads=0 must be"),
    ],
)
def test_what_cannot_be_done_is_said(options, message):
    with encode(TEXT) as corpus, pytest.raises(ValueError, match=message):
        phrases(corpus, **options)


def test_a_corpus_that_cannot_be_joined():
    with encode(TEXT) as corpus:
        corpus.close()
        with pytest.raises(ValueError, match="The corpus holds no word: was it closed"):
            phrases(corpus)
    for wrong in (-1, 3):
        damaged = Corpus(np.array([0, wrong], np.int32), np.array([0, 2]), Vocabulary(["a", "b"]))
        with pytest.raises(BadFile, match="numbers that none of its 2 words has: it is damaged"):
            phrases(damaged, min_count=1)


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "2", None])
def test_encoding_checks_the_number_of_passes(wrong):
    with pytest.raises(ValueError, match=r"phrases=.* must be a whole number, 0 or more"):
        encode(TEXT, phrases=wrong)


def test_encoding_with_a_vocabulary_finds_no_phrases():
    with pytest.raises(ValueError, match="phrases=1 finds new words, and with vocabulary= there are none"):
        encode(TEXT, phrases=1, vocabulary=Vocabulary(["a"]))
