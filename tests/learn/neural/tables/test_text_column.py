"""Texts as weighted bags of words: scikit-learn's weights, one row a cell whatever stands in it, known words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.learn.neural.tables.text_column import TextColumn

ADVERTS = st.lists(
    st.lists(st.sampled_from(["sunny", "flat", "near", "the", "park", "é"]), max_size=12).map(" ".join),
    min_size=1,
    max_size=12,
)


def fitted(texts, **choices):
    texts = texts if isinstance(texts, pa.Array) else pa.array(texts)
    choices = {"vocabulary": None, "tokenizer": "whitespace", "min_count": 1, "max_vocabulary": None} | choices
    return TextColumn.fit("advert", texts, dim=4, **choices)


def words(column, matrix):
    """The words of each row."""
    return [
        {column.vocabulary.keys[at] for at in matrix.indices[start:end]}
        for start, end in zip(matrix.indptr, matrix.indptr[1:], strict=False)
    ]


@given(ADVERTS, ADVERTS, st.integers(1, 3))
def test_the_weights_are_those_of_scikit_learn(texts, later, min_count):
    """And `min_count` counts words; scikit-learn's min_df counts texts, so its words are given to it."""
    if max(" ".join(texts).split().count(word) for word in [*" ".join(texts).split(), ""]) < min_count:
        with pytest.raises(BadInput, match=r"Column 'advert' as text:"):
            fitted(texts, min_count=min_count)
        return
    column, matrix = fitted(texts, min_count=min_count)
    said = " ".join(texts).split()
    assert set(column.vocabulary.keys) == {word for word in said if said.count(word) >= min_count}
    theirs = TfidfVectorizer(
        analyzer=str.split, vocabulary=list(column.vocabulary.keys), sublinear_tf=True, norm="l2", smooth_idf=True
    ).fit(texts)
    np.testing.assert_allclose(column.idf, theirs.idf_, rtol=1e-6)
    np.testing.assert_allclose(matrix.toarray(), theirs.transform(texts).toarray(), atol=1e-6)
    np.testing.assert_allclose(column.encode(pa.array(later)).toarray(), theirs.transform(later).toarray(), atol=1e-6)
    assert matrix.dtype == np.float32


def test_by_hand():
    """Two texts: "a" is in both, ln(3/3) + 1 = 1; "b" in one, ln(3/2) + 1, and twice, 1 + ln 2 times."""
    column, matrix = fitted(["a b b", "a"])
    b = (np.log(1.5) + 1) * (1 + np.log(2))
    assert list(column.vocabulary.keys) == ["a", "b"]
    np.testing.assert_allclose(matrix.toarray(), [[1 / np.hypot(1, b), b / np.hypot(1, b)], [1, 0]], rtol=1e-6)


@pytest.mark.parametrize("first", ["/etc/hosts", "README.md", "https://example.org/a.txt", "*.md", "/etc"])
def test_names_of_files_are_texts(first, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("what stands in the file")
    column, matrix = fitted([first, "a b", "a"])
    assert words(column, matrix) == [{first}, {"a", "b"}, {"a"}]
    assert words(column, column.encode(pa.array([first]))) == [{first}]
    assert words(*fitted([first])) == [{first}]


@pytest.mark.parametrize("tokenizer", ["whitespace", "words", "chars", str.split])
@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\x1c", "\x0b", "\x0c"])
def test_a_text_of_many_lines_is_one_row(between, tokenizer):
    texts = [f"a{between}b", "a", f"{between}b{between}"]
    column, matrix = fitted(texts, tokenizer=tokenizer)
    assert words(column, matrix) == [{"a", "b"}, {"a"}, {"b"}]
    assert words(column, column.encode(pa.array(texts))) == [{"a", "b"}, {"a"}, {"b"}]


@pytest.mark.parametrize("tokenizer", ["whitespace", "words", str.split])
def test_what_is_missing_or_empty_is_an_empty_row(tokenizer):
    texts = [None, "", "a b", "  ", "a", None]
    column, matrix = fitted(texts, tokenizer=tokenizer)
    assert words(column, matrix) == [set(), set(), {"a", "b"}, set(), {"a"}, set()]
    for empty in ([""], [None], ["z"], ["", None, "z"]):
        assert column.encode(pa.array(empty, pa.string())).toarray().tolist() == [[0, 0]] * len(empty)
    assert column.encode(pa.nulls(3)).shape == (3, 2)
    assert column.encode(pa.array([], pa.string())).shape == (0, 2)


def test_one_text():
    column, matrix = fitted(["b a b"])
    assert list(column.vocabulary.keys) == ["b", "a"]
    assert matrix.shape == (1, 2)
    np.testing.assert_allclose(column.idf, [1, 1])


def test_lists_of_words_are_taken_as_they_are():
    """A name of two words stays one."""
    cells = [["New York", "spa"], None, [], ["spa", None, "spa"]]
    for kind in (pa.list_(pa.string()), pa.large_list(pa.large_string())):
        column, matrix = fitted(pa.array(cells, kind), tokenizer="words")
        assert words(column, matrix) == [{"New York", "spa"}, set(), set(), {"spa"}]
        np.testing.assert_array_equal(column.encode(pa.array(cells, kind)).toarray(), matrix.toarray())
    assert words(*fitted(pa.array([None, [], [3, 4]]))) == [set(), set(), {"3", "4"}]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_every_kind_of_string(kind):
    column, matrix = fitted(pa.array(["a b", "a", None]).cast(kind))
    assert words(column, matrix) == [{"a", "b"}, {"a"}, set()]


def test_words_that_are_known_keep_their_columns():
    """Also those that no text holds: an advert to come may."""
    known = Vocabulary(["never", "b", "a"])
    column, matrix = fitted(["a c", "b a a"], vocabulary=known, min_count=9, max_vocabulary=1)
    assert column.vocabulary == known
    assert words(column, matrix) == [{"a"}, {"a", "b"}]
    np.testing.assert_allclose(column.idf, np.log([3, 1.5, 1]) + 1, rtol=1e-6)
    assert words(column, column.encode(pa.array(["never c"]))) == [{"never"}]


def test_the_most_frequent_words_only():
    column, _ = fitted(["c c c b b a", "a a a a"], max_vocabulary=2)
    assert list(column.vocabulary.keys) == ["a", "c"]


def test_no_words():
    with pytest.raises(BadInput, match=r"Column 'advert' as text: There is not one word in"):
        fitted(["", None])
    with pytest.raises(BadInput, match=r"Column 'advert' as text: No word occurs min_count=2 times or more"):
        fitted(["a b", "c"], min_count=2)
    with pytest.raises(BadInput, match=r"none of its 2 words is among the 1 that are known\. Were they learnt with an"):
        fitted(["a b"], vocabulary=Vocabulary(["x"]))
    with pytest.raises(BadInput, match=r"Column 'advert' is of type int64: a text column holds strings, or lists"):
        fitted([1, 2])
    with pytest.raises(BadInput, match=r"Column 'advert' is of type double"):
        fitted(["a"])[0].encode(pa.array([1.5]))
