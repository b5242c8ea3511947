import numpy as np
import pytest

import jari
from jari.errors import BadInput
from jari.learn.sampling import keep_thresholds
from jari.learn.thinning import thinned


@pytest.fixture(scope="module")
def corpus():
    generator = np.random.default_rng(0)
    words = generator.zipf(1.5, (4000, 9)).clip(max=50)
    with jari.encode([[f"w{word}" for word in line[: 1 + line[0] % 9]] for line in words], min_count=1) as made:
        yield made


@pytest.fixture(params=[1 << 20, 100], autouse=True)
def at_once(request, monkeypatch):
    monkeypatch.setattr("jari.learn.thinning._AT_ONCE", request.param)


def sentences(corpus):
    return [corpus.ids[begin:end].tolist() for begin, end in zip(corpus.offsets, corpus.offsets[1:], strict=False)]


def test_it_is_what_a_draw_for_each_token_keeps(corpus):
    keep = keep_thresholds(corpus.vocabulary.counts, 0.01)
    draws = np.random.default_rng(3)
    expected = [
        [word for word in one if draws.integers(0, 1 << 32, dtype=np.uint32) <= keep[word]] for one in sentences(corpus)
    ]
    with thinned(corpus, 0.01, np.random.default_rng(3)) as fewer:
        assert sum(map(len, expected)) == len(fewer) < len(corpus)
        assert sentences(fewer) == [one for one in expected if one]
        assert fewer.vocabulary is corpus.vocabulary
        assert fewer.statistics["tokens_after_thinning"] == len(fewer)
        assert fewer.statistics["tokens_read"] == corpus.statistics["tokens_read"]


def test_words_are_kept_as_often_as_they_should(corpus):
    share = keep_thresholds(corpus.vocabulary.counts, 0.01) / 2**32
    with thinned(corpus, 0.01, np.random.default_rng(1)) as fewer:
        kept = np.bincount(fewer.ids, minlength=len(share))
    expected = corpus.vocabulary.counts * share
    assert (np.abs(kept - expected) < 5 * np.sqrt(expected * (1 - share)) + 1e-3).all()


def test_nothing_is_thinned_out_with_0(corpus):
    with thinned(corpus, 0, np.random.default_rng(1)) as same:
        assert same is corpus


def test_nothing_is_left(corpus):
    with pytest.raises(BadInput, match=r"sample=1e-30 leaves no word of this text\. Raise it, or give 0"):
        thinned(corpus, 1e-30, np.random.default_rng(1)).__enter__()
