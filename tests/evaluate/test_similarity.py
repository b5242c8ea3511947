"""Word similarity: files read, correlations known by hand, by scipy and by gensim."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput
from jari.evaluate import WordPairs, read_pairs, similarity


@pytest.fixture
def circle():
    """Words at 0°, 10°, 20°, … of a circle: the cosine of two is their nearness."""
    angles = np.radians(np.arange(0, 180, 10))
    return Embedding([f"w{i}" for i in range(18)], np.column_stack([np.cos(angles), np.sin(angles)]))


def _write(folder, text, name="set.tsv"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "love\tsex\t6.77\ntiger\ttiger\t10\n",
        "\ufeffword 1,word 2,score\r\nlove,sex,6.77\r\ntiger,tiger,10.00\r\n",
        '# people said\n"love","sex","6.77"\n\n"tiger", tiger ,10\n',
        "love sex   6.77\ntiger tiger 10.0",
        "a\tb\thuman\nlove\tsex\t6.77\t\n#tiger\tcat\t1\ntiger\ttiger\t1e1\n",
    ],
    ids=["tabs", "commas, header, bom", "quotes, comment", "spaces", "trailing tab, commented row"],
)
def test_formats(tmp_path, text):
    assert read_pairs(_write(tmp_path, text)) == WordPairs("set", ("love", "tiger"), ("sex", "tiger"), (6.77, 10.0))


def test_a_quoted_field_may_hold_the_comma(tmp_path):
    assert read_pairs(_write(tmp_path, '"New York, NY",Boston,3\n')).left == ("New York, NY",)


def test_words_of_a_tab_file_may_hold_spaces_and_commas(tmp_path):
    assert read_pairs(_write(tmp_path, "New York\tBoston, MA\t3\n")).right == ("Boston, MA",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\tb\t1\nc\td\n", r"set.tsv, line 2: 2 columns \(c \| d\), where three belong"),
        ("a,b,1\nc,d,2,3\n", "line 2: 4 columns"),
        ("a b\n", "line 1: 2 columns"),
        ("a\tb\t1\n\n# x\nc\td\thigh\n", "line 4: the score 'high' is not a finite number"),
        ("a\tb\tnan\n", "line 1: the score 'nan' is not a finite number"),
        ("a\tb\tinf\n", "line 1: the score 'inf' is not a finite number"),
        ("x\ty\tz\na\tb\tscore\n", "line 2: the score 'score' is not a finite number"),
        ("a\t\t1\n", "line 1: a word is empty"),
        ('a,b,1\n"c,d,2\n', "line 2: quotes that do not fit together"),
        ("", "holds no pairs"),
        ("# only\n\nword\tword\tscore\n", "holds no pairs"),
    ],
)
def test_broken_files_say_where(tmp_path, text, says):
    with pytest.raises(BadFile, match=says):
        read_pairs(_write(tmp_path, text))


def test_perfect_agreement_and_its_reverse(circle):
    agree = WordPairs("x", ("w0",) * 6, tuple(f"w{i}" for i in range(1, 7)), (9, 8, 7, 6, 5, 4))
    assert similarity(circle, agree).spearman == pytest.approx(1)
    reverse = WordPairs("x", agree.left, agree.right, agree.scores[::-1])
    result = similarity(circle, reverse)
    assert (result.spearman, result.low, result.high) == pytest.approx((-1, -1, -1))


def test_spearman_is_scipys_ties_included(circle, rng):
    right = rng.integers(0, 18, 60)  # 60 of 18 words: cosines tie, and so do scores
    scores = rng.integers(0, 5, 60)
    pairs = WordPairs("x", ("w0",) * 60, tuple(f"w{i}" for i in right), tuple(map(float, scores)))
    expected = stats.spearmanr(-right, scores).statistic
    assert similarity(circle, pairs).spearman == pytest.approx(expected, abs=1e-12)


def test_words_with_themselves_tie(rng):
    """Each has cosine 1 up to the last bit, which must not rank them."""
    keys = [f"w{i}" for i in range(50)]
    embedding = Embedding([*keys, "x", "y"], np.concatenate([rng.normal(size=(50, 9)), [[1] * 9, [-1] + [1] * 8]]))
    pairs = WordPairs("self", (*keys, "x"), (*keys, "y"), (*range(2, 52), 1))
    assert similarity(embedding, pairs).spearman == pytest.approx(
        stats.spearmanr([1] * 50 + [0], pairs.scores).statistic
    )


def test_as_gensim_finds_it(tmp_path, rng):
    keyedvectors = pytest.importorskip("gensim.models").KeyedVectors
    keys = [f"w{i}" for i in range(40)] + ["W3", "W50"]
    vectors = rng.normal(size=(42, 8)).astype(np.float32)
    theirs = keyedvectors(8)
    theirs.add_vectors(keys, vectors)
    drawn = zip(*rng.integers(0, 55, (2, 80)), rng.normal(size=80), strict=True)
    rows = "".join(f"W{a}\tw{b}\t{score:.2f}\n" for a, b, score in drawn if a != b)
    path = _write(tmp_path, rows)
    _, (expected, _), unknown = theirs.evaluate_word_pairs(str(path))
    found = similarity(Embedding(keys, vectors), read_pairs(path))
    assert found.spearman == pytest.approx(expected, abs=1e-6)
    assert 100 * (found.total - found.used) / found.total == pytest.approx(unknown)


def test_missing_words_are_counted_and_named_once(circle):
    pairs = WordPairs(
        "x", ("w0", "w0", "W0", "sun", "w1", "sun"), ("w1", "w2", "W3", "w1", "moon", "moon"), (5, 4, 3, 2, 1, 0)
    )
    result = similarity(circle, pairs)
    assert (result.used, result.total, result.missing) == (3, 6, ("sun", "moon"))
    assert result.spearman == pytest.approx(1)
    exact = similarity(circle, pairs, case="exact")
    assert (exact.used, exact.missing) == (2, ("W0", "W3", "sun", "moon"))


def test_the_interval_holds_the_estimate_and_is_seeded(circle, rng):
    right = rng.integers(1, 18, 100)
    scores = -right + rng.normal(size=100) * 4
    pairs = WordPairs("x", ("w0",) * 100, tuple(f"w{i}" for i in right), tuple(scores))
    one, same, other = (similarity(circle, pairs, random_state=seed) for seed in (0, 0, 1))
    assert one == same != other
    assert -1 <= one.low < one.spearman < one.high <= 1
    # Fisher's z: a standard error of about 1.03 / sqrt(97)
    z = 1.96 * 1.03 / np.sqrt(97)
    assert one.low == pytest.approx(np.tanh(np.arctanh(one.spearman) - z), abs=0.06)
    assert one.high == pytest.approx(np.tanh(np.arctanh(one.spearman) + z), abs=0.06)


def test_no_bootstrap_no_interval(circle):
    pairs = WordPairs("x", ("w0",) * 3, ("w1", "w2", "w3"), (3, 1, 2))
    result = similarity(circle, pairs, bootstrap=0)
    assert (result.low, result.high) == (None, None)
    with pytest.raises(BadInput, match=r"bootstrap=-1 is negative"):
        similarity(circle, pairs, bootstrap=-1)


@pytest.mark.parametrize(
    ("right", "scores", "reason"),
    [
        (("w1", "w2", "?"), (1, 2, 3), "only 2 of 3 pairs have both words in the embedding; at least 3"),
        (("w1", "w2", "w3"), (7, 7, 7), "all 3 usable pairs have the same score"),
        (("w1", "w1", "w1"), (1, 2, 3), "all 3 usable pairs have the same cosine"),
    ],
)
def test_where_a_correlation_has_no_meaning_there_is_none(circle, right, scores, reason):
    result = similarity(circle, WordPairs("x", ("w0",) * 3, right, scores))
    assert (result.spearman, result.low, result.high) == (None, None, None)
    assert reason in result.reason
    assert "NaN" not in json.dumps(result.to_dict())


def test_three_pairs_give_numbers_not_nan(circle):
    """Many samples of three pairs are the same pair thrice: they have no correlation and are left out."""
    result = similarity(circle, WordPairs("x", ("w0",) * 3, ("w1", "w2", "w3"), (1, 3, 2)))
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["spearman"] == pytest.approx(-0.5)
    assert -1 <= result.low <= result.high <= 1


def test_a_zero_vector_is_no_division_by_zero():
    embedding = Embedding(["a", "b", "c", "zero"], [[1, 0], [1, 0.1], [-1, 0], [0, 0]])
    result = similarity(embedding, WordPairs("x", ("a",) * 3, ("b", "zero", "c"), (9, 5, 1)))
    assert result.spearman == pytest.approx(1)


def test_uneven_pairs_are_refused():
    with pytest.raises(BadInput, match="1 left words, 2 right words and 1 scores"):
        WordPairs("x", ("a",), ("b", "c"), (1.0,))
