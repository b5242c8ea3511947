"""A bag is what `CountVectorizer` makes of our tokens, and no document is lost on the way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import OneHotEncoder

from jari import Corpus, Embedding, Vocabulary, encode
from jari.errors import BadEncoding, BadInput, UnknownKey
from jari.ingest import bags as module
from jari.ingest.bags import bag_of_words, one_hot
from jari.ingest.tokenizers import words

TEXTS = ["To be, or not to be", "...", "that is THE question: to be", "the rest is silence", ""]


def dense(bags):
    return bags.matrix.toarray().astype(int).tolist()


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c d", "é", "x" * 40]), max_size=8), min_size=1, max_size=8))
def test_it_is_what_scikit_learn_counts(lists):
    if not any(lists):
        return
    bags = bag_of_words(lists, min_count=1)
    theirs = CountVectorizer(analyzer=lambda tokens: tokens, vocabulary=list(bags.vocabulary)).transform(lists)
    np.testing.assert_array_equal(bags.matrix.toarray(), theirs.toarray())
    assert bags.matrix.dtype == np.float32
    assert bags.matrix.has_canonical_format
    assert bags.statistics["documents_empty"] == sum(not one for one in lists)


def test_our_tokenizer_in_scikit_learn_s_hands():
    bags = bag_of_words(TEXTS, min_count=1)
    theirs = CountVectorizer(analyzer=words, vocabulary=list(bags.vocabulary)).transform(TEXTS)
    np.testing.assert_array_equal(bags.matrix.toarray(), theirs.toarray())
    assert bags.matrix.shape == (5, len(bags.vocabulary))
    assert repr(bags) == "Bags(5 documents × 10 words, 14 of them in use)"


def test_a_document_is_a_line_of_a_file(tmp_path, monkeypatch):
    file = tmp_path / "text"
    file.write_text("\n".join(TEXTS[:4]), encoding="utf-8")
    expected = dense(bag_of_words(TEXTS[:4], min_count=1))
    for size in (1 << 18, 8):  # lines that go over several blocks too
        monkeypatch.setattr(module, "BLOCK_BYTES", size)
        for tokenizer in ("words", words):
            assert dense(bag_of_words(file, min_count=1, tokenizer=tokenizer)) == expected
    assert dense(bag_of_words([file, file], min_count=2)) == dense(bag_of_words(TEXTS[:4] * 2, min_count=2))


def test_a_document_is_a_row_of_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("id,text\n1,a b a\n2,\n3,b\n")
    bags = bag_of_words(tmp_path / "t.csv", column="text", min_count=1, keys=["1", "2", "3"])
    assert (list(bags.documents), list(bags.vocabulary), dense(bags)) == (
        ["1", "2", "3"],
        ["a", "b"],
        [[2, 1], [0, 0], [0, 1]],
    )


def test_a_corpus_is_counted_as_it_was_encoded():
    with encode(TEXTS, min_count=2) as corpus:
        bags = bag_of_words(corpus)
        some = bag_of_words(corpus, vocabulary=Vocabulary(["nowhere", "is", "be"]))
    texts = bag_of_words(TEXTS, min_count=2)
    assert bags.vocabulary == texts.vocabulary
    assert dense(bags) == [row for row in dense(texts) if any(row)]
    assert list(bags.documents) == ["0", "1", "2"]
    assert bags.statistics["sentences_empty"] == 2
    assert dense(some) == [[0, 0, 2], [0, 1, 1], [0, 1, 0]]


def test_words_that_are_known_already():
    vocabulary = Vocabulary(["silence", "be", "zebra"])
    bags = bag_of_words(TEXTS, vocabulary=vocabulary)
    assert bags.vocabulary is vocabulary
    assert dense(bags) == [[0, 2, 0], [0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert bags.statistics == {
        "tokens_read": 16,
        "tokens_kept": 4,
        "words_read": 10,
        "words_kept": 2,
        "documents": 5,
        "documents_empty": 2,
    }
    assert dense(bag_of_words(["", "none here"], vocabulary=vocabulary)) == [[0, 0, 0], [0, 0, 0]]


def test_there_or_not():
    assert dense(bag_of_words(["a a b", "b b"], min_count=1, binary=True)) == [[1, 1], [1, 0]]  # columns b, a


def test_large_counts_are_exact():
    n = 2**24 + 6  # in float32, ones no longer add up here
    corpus = Corpus(np.zeros(n, np.int32), np.array([0, n]), Vocabulary(["a"], [n]))
    assert bag_of_words(corpus).matrix[0, 0] == n


def test_what_is_read_is_told():
    told = []
    bag_of_words(iter(TEXTS), min_count=1, callback=told.append)
    assert {one.stage for one in told} == {"counting"}


def test_one_hot_rows_pick_vectors():
    embedding = Embedding(["b", "a", "c d"], [[1, 0], [0, 2], [4, 4]])
    keys = ["c d", "a", "a"]
    hot = one_hot(keys, embedding.vocabulary)
    theirs = OneHotEncoder(categories=[["b", "a", "c d"]]).fit_transform([[key] for key in keys])
    np.testing.assert_array_equal(hot.toarray(), theirs.toarray())
    np.testing.assert_array_equal(hot @ embedding.vectors, embedding.vectors_of(keys))
    np.testing.assert_array_equal(
        one_hot(["x", "a"], embedding.vocabulary, unknown="skip").toarray(), [[0] * 3, [0, 1, 0]]
    )
    assert one_hot([], embedding.vocabulary).shape == (0, 3)


def test_one_hot_refuses():
    vocabulary = Vocabulary(["queen", "king"])
    with pytest.raises(UnknownKey, match=r"'quen' is not in this embedding \(2 keys\)\. Did you mean 'queen'"):
        one_hot(["quen"], vocabulary)
    with pytest.raises(BadInput, match="unknown='subword': choose 'raise' or 'skip'"):
        one_hot(["quen"], vocabulary, unknown="subword")
    with pytest.raises(BadInput, match="Give a list of keys, not one string"):
        one_hot("queen", vocabulary)


def test_texts_without_words_are_refused(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match=r"There is not one word in the sentences given \(2 documents\)"):
        bag_of_words(["...", "  "])
    with pytest.raises(BadInput, match="No word occurs min_count=5 times or more"):
        bag_of_words(TEXTS)
    with pytest.raises(BadInput, match="There are no sentences"):
        bag_of_words([])
    monkeypatch.setattr(module, "BLOCK_BYTES", 8)  # so that each line is a block
    (tmp_path / "latin1").write_bytes("fine\ncaf\xe9\n".encode("latin-1"))
    for tokenizer in ("words", words):
        with pytest.raises(BadEncoding, match="line 2, byte 8 of the file: 0xE9 is not UTF-8"):
            bag_of_words(tmp_path / "latin1", tokenizer=tokenizer)


def test_parameters_and_keys_are_checked():
    with pytest.raises(BadInput, match="min_count=0 must be a whole number, 1 or more"):
        bag_of_words(TEXTS, min_count=0)
    with pytest.raises(BadInput, match="max_vocabulary=True must be"):
        bag_of_words(TEXTS, max_vocabulary=True)
    with pytest.raises(BadInput, match="There is no tokenizer 'word'"):
        bag_of_words(TEXTS, tokenizer="word")
    with pytest.raises(BadInput, match=r"2 keys but 5 documents: give one key a document\.$"):
        bag_of_words(TEXTS, min_count=1, keys=["a", "b"])
    with pytest.raises(BadInput, match="The key 'a' stands twice, in rows 0 and 4"):
        bag_of_words(TEXTS, min_count=1, keys=["a", "b", "c", "d", "a"])
    with (
        encode(TEXTS, min_count=1) as corpus,
        pytest.raises(BadInput, match=r"5 keys but 3 documents: .* The corpus left out 2 without a word"),
    ):
        bag_of_words(corpus, keys=list("abcde"))
