"""Text tokenised once more as a corpus was."""

import pytest

from jari import Vocabulary, encode
from jari.ingest.recorded import Phrasing, tokenizer_of
from jari.ingest.tokenizers import TOKENIZERS

FILLER = ["so many other words of no concern to anyone at all here"] * 500


@pytest.mark.parametrize("name", TOKENIZERS)
def test_by_name(name):
    text = "Some TEXT 한국,  don’t\nA\u0301"
    with encode([text], tokenizer=name, min_count=1) as corpus:
        again = tokenizer_of(corpus.statistics, corpus.vocabulary)
    found = again.spans([text, "", "\n"])
    assert again(text) == TOKENIZERS[name](text) == [found.token(i) for i in range(len(found.starts))]
    assert found.ends.tolist() == [len(found.starts)] * 3


def test_a_function_must_be_given_again():
    def letters(text):
        return list(text)

    with encode(["some text"], tokenizer=letters, min_count=1) as corpus:
        assert tokenizer_of(corpus.statistics, corpus.vocabulary, letters) is letters
        with pytest.raises(ValueError, match=r"was tokenised by '.*letters', which is no .*: give it as tokenizer="):
            tokenizer_of(corpus.statistics, corpus.vocabulary)


def test_a_corpus_that_says_nothing():
    assert tokenizer_of({}, Vocabulary(["a"]))("So, WHAT?") == ["so", "what"]
    assert tokenizer_of({}, Vocabulary(["a"]), str.split) is str.split


def test_phrases_are_found_again():
    text = ["New York", "New York Times"] * 20 + FILLER
    with encode(text, phrases=2) as corpus:
        again = tokenizer_of(corpus.statistics, corpus.vocabulary)
        keys = corpus.vocabulary.keys
        encoded = [[keys[i] for i in corpus.ids[a:b]] for a, b in zip(corpus.offsets, corpus.offsets[1:], strict=False)]
        assert [again(line) for line in text] == encoded
        assert list(again.many(text, threads=2)) == encoded
        assert again("York, new, times") == ["york", "new", "times"]
        assert "new_york_times" in corpus.vocabulary


def test_the_longest_phrase_first():
    phrasing = Phrasing(str.split, Vocabulary(["a b", "b c d", "a b c d e"]), " ", 4)
    assert phrasing("a b c d") == ["a b", "c", "d"]
    assert phrasing("x b c d e") == ["x", "b c d", "e"]
    assert phrasing("a b c d e") == ["a b", "c", "d", "e"]  # five words are more than such a corpus joins
    assert phrasing("") == []
    assert phrasing.__name__ == "str.split with phrases"


def test_batches_stay_batches():
    class Many:
        def __call__(self, text):
            raise AssertionError("called with one text")

        def many(self, texts, threads=None):
            assert threads == 3
            return map(str.split, texts)

    phrasing = Phrasing(Many(), Vocabulary(["a_b"]), "_", 2)
    assert list(phrasing.many(["a b a", "b"], 3)) == [["a_b", "a"], ["b"]]
