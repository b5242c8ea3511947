import numpy as np
import pytest

from jari.embedding import Vocabulary
from jari.embedding.subwords import bucket, ngrams
from jari.errors import BadInput
from jari.ingest.resources import free_memory, refuse_too_large
from jari.learn import subword_model
from jari.learn.subword_model import Parts

WORDS = ["the", "king", "kings", "a", "자리", ""]


def parts(size=100, uses=None, jamo=None):
    uses = np.arange(6, 0, -1.0) if uses is None else uses
    return Parts.of(Vocabulary(WORDS), uses, 3, 6, size, jamo)


@pytest.mark.parametrize("dense", [0, 1 << 24])
@pytest.mark.parametrize("size", [3, 100, 2**31 - 1])
def test_each_word_has_its_own_row_and_those_of_its_ngrams(monkeypatch, dense, size):
    monkeypatch.setattr(subword_model, "_DENSE", dense)
    made = parts(size)
    assert made.starts[-1] == len(made.rows)
    for row, word in enumerate(WORDS):
        own, *others = made.rows[made.starts[row] : made.starts[row + 1]].tolist()
        assert own == row
        expected = [bucket(ngram, size) for ngram in ngrams(word, 3, 6)]
        assert [made.buckets[one - len(WORDS)] for one in others] == expected


def test_rows_that_are_used_more_come_first():
    made = parts(uses=np.array([1.0, 1, 1, 1, 50, 1]))
    first = {bucket(ngram, 100) for ngram in ngrams("자리", 3, 6)}
    assert {*made.buckets[: len(first)].tolist()} == first


def test_the_overlap_of_words_is_the_share_of_rows_that_move_together():
    alone = Parts.of(Vocabulary(["abc", "xyz"]), np.ones(2), 3, 3, 2**31 - 1, None)
    assert alone.overlap(alone.shares(np.array([0.75, 0.25]))) == pytest.approx(0.75)
    # "abc" is its own row, <ab, abc and bc>; "abd" its own, <ab, abd and bd>. One of four rows is of both.
    related = Parts.of(Vocabulary(["abc", "abd"]), np.ones(2), 3, 3, 2**31 - 1, None)
    shares = related.shares(np.array([0.5, 0.5]))
    assert sorted(shares.tolist()) == pytest.approx([0.5] * 6 + [1])
    assert related.overlap(shares) == pytest.approx((1 + 3 * 0.5) / 4)


def test_rows_that_much_of_the_text_has_take_less_of_a_step():
    made = parts()
    scales = made.scales(np.array([0.001, 0.01, 0.02, 1.0, 0.0]))
    np.testing.assert_allclose(scales, [1, 1, 0.5, 0.01, 1])


def test_groups_are_smaller_where_many_words_share_rows(monkeypatch):
    def group(largest):
        noise = subword_model.Noise.of(np.ones(1000, np.int64), 0.75)
        nothing = np.empty((0, 16), np.float32)
        model = subword_model.SubwordSampling(
            nothing, nothing, parts(), np.ones(9, np.float32), 16, False, 5, True, 5, noise, largest=largest, rate=0.05
        )
        return model.group

    assert (group(0.001), group(0.5)) == (24, 8)


def test_what_does_not_fit_is_said():
    assert 1 << 20 < free_memory() < 1 << 50
    refuse_too_large(1000, "The rows", "Take fewer.")
    with pytest.raises(BadInput, match=r"The rows take 1,000,000\.0 GB, and .* GB of memory are free\. Take fewer\."):
        refuse_too_large(10**15, "The rows", "Take fewer.")
