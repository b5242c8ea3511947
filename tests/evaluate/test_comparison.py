import json
import subprocess
import sys
from pathlib import Path

import pytest

import jari
from jari.errors import BadInput
from jari.evaluate import WordPairs, compare_methods, words_to_show
from jari.evaluate.comparison import _learnt
from jari.evaluate.worker import peak_mb

TEXT = ["king rules land", "queen rules land", "cat purrs softly", "kitten purrs softly"] * 100
QUICK = {"dim": 8, "sample": 0, "epochs": 8, "threads": 1, "random_state": 1}


@pytest.fixture(scope="module")
def corpus():
    with jari.encode(TEXT, min_count=1) as corpus:
        yield corpus


@pytest.fixture(scope="module")
def found(corpus, tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept")
    pairs = WordPairs("four", ("king", "cat", "king", "rules"), ("queen", "kitten", "cat", "softly"), (9, 8, 1, 2))
    told = []
    results = compare_methods(
        corpus,
        ["skipgram", "cbow", "skipgram"],
        parameters=QUICK,
        pairs=[pairs],
        words=["king", "unheard"],
        k=2,
        keep=kept,
        callback=told.append,
    )
    return list(results), kept, told


def test_each_method_is_learnt_once_and_measured(found):
    results, _, _ = found
    assert [result.method for result in results] == ["skipgram", "cbow"]
    for result in results:
        assert result.error is None
        assert 0 < result.seconds < 60
        assert result.peak_mb is None or 20 < result.peak_mb < 2000
        assert result.similarity[0].used == 4
        assert result.neighbours["king"][0] == "queen"
        assert result.neighbours["unheard"] is None


def test_the_embeddings_are_those_of_the_learners(found, corpus):
    _, kept, _ = found
    alone = jari.Word2Vec(**QUICK).fit(corpus).embedding_
    assert (jari.load(kept / "skipgram.jari").vectors == alone.vectors).all()


def test_progress_says_whose_it_is(found):
    stages = {progress.stage for progress in found[2]}
    assert {"skipgram: learning", "cbow: learning"} <= stages


def test_results_are_json(found):
    read = json.loads(json.dumps(found[0][0].to_dict(), allow_nan=False))
    assert read["neighbours"]["unheard"] is None
    assert read["similarity"][0]["name"] == "four"


def test_bad_questions(corpus):
    with pytest.raises(BadInput, match=r"There is no method 'word2vec'\. Choose one of skipgram"):
        list(compare_methods(corpus, ["word2vec"]))
    with pytest.raises(BadInput, match="None of skipgram, cbow has a parameter 'wings'"):
        list(compare_methods(corpus, ["skipgram", "cbow"], parameters={"wings": 2}))
    with pytest.raises(BadInput, match="dim=0: a vector needs at least one number"):
        list(compare_methods(corpus, ["cbow"], parameters={"dim": 0}))


def test_a_method_that_fails_is_told_and_the_others_go_on(corpus):
    results = list(compare_methods(corpus, ["cbow", "skipgram"], parameters=QUICK | {"learning_rate": 1e30}))
    assert all("no longer a number" in result.error for result in results)
    assert [result.seconds for result in results] == [None, None]


def test_a_worker_that_dies_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "true")
    assert "was killed" in _learnt("cbow", tmp_path, tmp_path / "o.jari", {}, None)["error"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a program's own peak")
def test_the_peak_is_the_program_s_own_and_not_its_parent_s():
    held = bytearray(400_000_000)
    held[::4096] = bytes(len(held[::4096]))
    line = [sys.executable, "-c", "from jari.evaluate.worker import peak_mb; print(peak_mb())"]
    child = float(subprocess.run(line, capture_output=True, check=True, text=True).stdout)
    assert child < 350 < 400 < peak_mb()


def test_words_are_shown_from_the_middle():
    with jari.encode(["the word " + " ".join(f"w{i}" for i in range(n)) for n in range(1, 60)], min_count=1) as corpus:
        words = words_to_show(corpus)
    assert len(set(words)) == 3
    assert "the" not in words
