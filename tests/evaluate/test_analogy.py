"""Analogies: the file format, and the same counts as gensim."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput
from jari.evaluate import Analogies, AnalogySection, analogies, read_analogies

CAPITALS = [("seoul", "korea"), ("paris", "france"), ("rome", "italy"), ("lima", "peru")]


@pytest.fixture
def atlas():
    """A country is a place; its capital is the same place plus a fixed step. Every analogy is right."""
    places = np.random.default_rng(0).normal(size=(4, 12)) * 3
    step = np.zeros(12)
    step[0] = 2
    keys = [city for city, _ in CAPITALS] + [country for _, country in CAPITALS]
    return Embedding(keys, np.concatenate([places + step, places]))


@pytest.fixture
def questions():
    made = tuple((*a, *b) for a in CAPITALS for b in CAPITALS if a != b)
    return Analogies("atlas", (AnalogySection("capitals", made),))


@pytest.mark.parametrize("packed", [False, True])
def test_the_format(tmp_path, packed):
    data = b": family\nman woman king queen\n\n: gram1 plural\r\ncat cats dog dogs\ncar cars egg eggs\n"
    path = tmp_path / ("q.txt.gz" if packed else "q.txt")
    path.write_bytes(gzip.compress(data) if packed else data)
    read = read_analogies(path)
    assert (read.name, len(read)) == ("q", 3)
    assert [(section.name, len(section)) for section in read.sections] == [("family", 1), ("gram1 plural", 2)]
    assert read.sections[0].questions == (("man", "woman", "king", "queen"),)


def test_questions_before_any_section_are_kept(tmp_path):
    (tmp_path / "bare.txt").write_text("a b c d\n", encoding="utf-8")
    assert read_analogies(tmp_path / "bare.txt").sections == (AnalogySection("bare", (("a", "b", "c", "d"),)),)


def test_a_word_may_begin_with_a_colon(tmp_path):
    (tmp_path / "q").write_text(":faces\n:-) :-( happy sad\n", encoding="utf-8")
    read = read_analogies(tmp_path / "q")
    assert read.sections == (AnalogySection("faces", ((":-)", ":-(", "happy", "sad"),)),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (": x\na b c d\na b c\n", r"q, line 3: 3 words \('a b c'\), where four belong"),
        ("a b c d e\n", "line 1: 5 words"),
        (": only\n: sections\n", "holds no questions"),
        ("", "holds no questions"),
    ],
)
def test_broken_files_say_where(tmp_path, text, says):
    (tmp_path / "q").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=says):
        read_analogies(tmp_path / "q")


@pytest.mark.parametrize("method", ["add", "mul"])
def test_capitals_are_all_right(atlas, questions, method):
    result = analogies(atlas, questions, method=method)
    assert (result.correct, result.used, result.total, result.accuracy) == (12, 12, 12, 1.0)


def test_what_cannot_be_asked_is_counted_not_wrong(atlas):
    sections = (
        AnalogySection("known", (("Seoul", "KOREA", "paris", "france"), ("seoul", "korea", "paris", "spain"))),
        AnalogySection("unknown", (("bern", "swiss", "paris", "france"),)),
    )
    result = analogies(atlas, Analogies("x", sections))
    assert [(s.correct, s.used, s.total, s.accuracy) for s in result.sections] == [(1, 1, 2, 1.0), (0, 0, 1, None)]
    assert (result.correct, result.used, result.total, result.accuracy) == (1, 1, 3, 1.0)
    exact = analogies(atlas, Analogies("x", sections), case="exact")
    assert (exact.used, exact.accuracy) == (0, None)


def test_restrict_leaves_out_questions_and_answers(atlas, questions):
    assert analogies(atlas, questions, restrict=4).used == 0
    # korea and france are in the first six rows, italy and peru are not
    assert analogies(atlas, questions, restrict=6).used == 2
    assert analogies(atlas, questions, restrict=None).used == analogies(atlas, questions, restrict=99).used == 12


def test_json_of_a_result(atlas, questions):
    told = json.loads(json.dumps(analogies(atlas, questions, restrict=None).to_dict(), allow_nan=False))
    assert told["sections"] == [{"name": "capitals", "accuracy": 1.0, "correct": 12, "used": 12, "total": 12}]
    assert (told["method"], told["restrict"], told["accuracy"]) == ("add", None, 1.0)


def test_progress_ends_at_the_last_row(atlas, questions):
    seen = []
    analogies(atlas, questions, callback=seen.append)
    assert (seen[-1].done, seen[-1].total) == (8, 8)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "sub"}, "method='sub' is not known: give one of 'add', 'mul'"),
        ({"restrict": 0}, "restrict=0 leaves no rows"),
        ({"case": "upper"}, "case='upper' is not known"),
    ],
)
def test_bad_options(atlas, questions, options, says):
    with pytest.raises(BadInput, match=says):
        analogies(atlas, questions, **options)


@pytest.mark.parametrize("restrict", [150, 300])
@pytest.mark.parametrize("case", ["fold", "exact"])
def test_section_by_section_as_gensim_counts(tmp_path, rng, restrict, case):
    """Few dimensions and case variants: many answers right by chance, many best rows are variants of the question."""
    keyedvectors = pytest.importorskip("gensim.models").KeyedVectors
    stems = [f"{chr(97 + i % 26)}{i}" for i in range(120)]
    keys = list(rng.permutation(stems + [stem.upper() for stem in stems[:60]] + [f"z{i}" for i in range(20)]))
    vectors = rng.normal(size=(200, 4)).astype(np.float32)
    for stem in stems[:60]:  # a variant lies beside its twin, so leaving variants out of the answers matters
        vectors[keys.index(stem.upper())] = vectors[keys.index(stem)] + 0.01 * rng.normal(size=4)
    theirs = keyedvectors(4)
    theirs.add_vectors(keys, vectors)
    words = [*stems, "unknown"]
    lines = []
    for section in ("one", "two"):
        lines.append(f": {section}")
        lines += [" ".join(rng.choice(words, 4)) for _ in range(4000)]
    path = tmp_path / "q.txt"
    path.write_text("\n".join(lines), encoding="utf-8")

    _, expected = theirs.evaluate_word_analogies(
        str(path), restrict_vocab=restrict, case_insensitive=case == "fold", dummy4unknown=False
    )
    found = analogies(Embedding(keys, vectors), read_analogies(path), restrict=restrict, case=case)

    assert found.correct > 20  # or the test would prove nothing
    for mine, yours in zip(found.sections, expected, strict=False):
        right, wrong = len(yours["correct"]), len(yours["incorrect"])
        assert (mine.name, mine.correct, mine.used, mine.total) == (yours["section"], right, right + wrong, 4000)


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_multiplying_answers_as_gensims_cosmul(rng, monkeypatch):
    # The paper, word2vec's followers and we add 0.001; gensim adds 0.000001.
    monkeypatch.setattr("jari.evaluate.answers._EPSILON", np.float32(1e-6))
    keyedvectors = pytest.importorskip("gensim.models").KeyedVectors
    keys = [f"w{i}" for i in range(80)]
    vectors = rng.normal(size=(80, 6)).astype(np.float32)
    theirs = keyedvectors(6)
    theirs.add_vectors(keys, vectors)
    asked = []
    for _ in range(200):
        a, b, c = rng.choice(keys, 3, replace=False)
        (d, _), *_ = theirs.most_similar_cosmul(positive=[b, c], negative=[a], topn=1)
        asked.append((str(a), str(b), str(c), str(d)))
    result = analogies(Embedding(keys, vectors), Analogies("x", (AnalogySection("x", tuple(asked)),)), method="mul")
    assert result.correct == 200
