import itertools

import numpy as np
import pytest

import jari
from contracts.learner import CHECKERBOARD, LearnerContract
from jari.embedding.subwords import bucket, ngrams
from jari.errors import BadInput, Interrupted
from jari.ingest import resources
from jari.learn.fasttext import FastText


def quick(**parameters):
    return FastText(**({"dim": 16, "epochs": 10, "sample": 0, "threads": 1, "min_count": 1} | parameters))


class TestSkipgram(LearnerContract):
    def make(self, **parameters):
        return quick(**parameters)


class TestCbow(LearnerContract):
    def make(self, **parameters):
        return quick(architecture="cbow", **parameters)


class TestJamo(LearnerContract):
    def make(self, **parameters):
        return quick(jamo=True, min_ngram=1, **({"deterministic": True, "threads": 2} | parameters))


both = pytest.mark.parametrize("architecture", ["skipgram", "cbow"])


@pytest.fixture(scope="module")
def long_text():
    """Enough for several blocks: sentences from two topics, words by Zipf's law, spelt alike within a topic."""
    generator = np.random.default_rng(0)
    words = np.array([[f"{topic}{i}" for i in range(60)] for topic in ("alpha", "beta")])
    weights = 1 / np.arange(1, 61)
    return [
        " ".join(words[generator.integers(2)][generator.choice(60, size=12, p=weights / weights.sum())])
        for _ in range(1500)
    ]


@both
@pytest.mark.parametrize("threads", [1, 3])
def test_the_loss_falls_with_every_epoch(architecture, threads, long_text):
    losses = quick(architecture=architecture, random_state=1, epochs=4, threads=threads).fit(long_text).losses_
    assert len(losses) == 4
    assert all(after < 0.999 * before for before, after in itertools.pairwise(losses))


@both
def test_the_loss_begins_at_chance(architecture):
    still = quick(architecture=architecture, random_state=1, epochs=1, learning_rate=1e-6).fit(CHECKERBOARD)
    assert still.losses_[0] == pytest.approx(6 * np.log(2), rel=1e-3)  # one true pair and five false ones, all at 1/2


@both
def test_deterministic_gives_the_same_bits_with_any_number_of_threads(architecture, long_text):
    first, *others = (
        quick(architecture=architecture, deterministic=True, random_state=1, epochs=2, threads=threads).fit(long_text)
        for threads in (1, 3)
    )
    for other in others:
        np.testing.assert_array_equal(other.embedding_.vectors, first.embedding_.vectors)
        np.testing.assert_array_equal(other.embedding_.subwords.vectors, first.embedding_.subwords.vectors)


@both
def test_unseen_words_are_near_those_that_are_spelt_alike(architecture, long_text):
    embedding = quick(architecture=architecture, random_state=1, epochs=3).fit(long_text).embedding_
    for topic in ("alpha", "beta"):
        near = embedding.similar(f"{topic}99", k=10, unknown="subword").keys
        assert all(key.startswith(topic) for key in near)


def test_a_word_is_the_mean_of_its_own_row_and_its_ngrams():
    """Before anything is learnt, its own row is what is left: uniform in ±1/dim."""
    embedding = quick(random_state=1, epochs=1, learning_rate=1e-12, dim=3000).fit(CHECKERBOARD).embedding_
    table = embedding.subwords
    for word in ("king", "softly"):
        buckets = [bucket(ngram, 2_000_000) for ngram in ngrams(word, 3, 6)]
        rows = [table.buckets.tolist().index(one) for one in buckets]
        own = embedding[word] * (len(rows) + 1) - table.vectors[rows].sum(axis=0)
        assert np.abs(own).max() == pytest.approx(1 / 3000, rel=0.02)
        assert own.std() == pytest.approx(1 / 3000 / np.sqrt(3), rel=0.05)
        np.testing.assert_allclose(table.compose(word), table.vectors[rows].mean(axis=0), atol=1e-6)


def test_only_ngrams_that_were_seen_take_room():
    embedding = quick(random_state=1, epochs=1).fit(CHECKERBOARD).embedding_
    seen = {bucket(ngram, 2_000_000) for word in embedding for ngram in ngrams(word, 3, 6)}
    assert sorted(embedding.subwords.buckets.tolist()) == sorted(seen)


def test_in_few_buckets_ngrams_share_their_vectors():
    embedding = quick(random_state=1, epochs=1, buckets=2).fit(CHECKERBOARD).embedding_
    assert embedding.subwords.vectors.shape == (2, 16)


def test_saved_and_loaded_unseen_words_have_the_same_vectors(tmp_path):
    text = ["왕이 나라를 다스린다", "여왕이 나라를 다스린다", "고양이가 조용히 잔다"] * 50
    embedding = quick(random_state=1, jamo=True, min_ngram=1).fit(text).embedding_
    embedding.save(tmp_path / "it.jari")
    unseen = ["왕의", "고양이를", "qqq"]
    np.testing.assert_array_equal(
        jari.load(tmp_path / "it.jari").vectors_of(unseen, unknown="subword"),
        embedding.vectors_of(unseen, unknown="subword"),
    )


def test_jamo_bring_together_what_syllables_keep_apart():
    """갔다 and 가다 share no syllable n-gram but ``다>``; their jamo begin alike."""
    text = ["가다 먹는다", "보다 잔다"] * 200
    tables = {jamo: quick(random_state=1, epochs=1, jamo=jamo).fit(text).embedding_.subwords for jamo in (False, True)}
    parts = {jamo: {*tables[jamo].ngram_buckets("가다")} & {*tables[jamo].ngram_buckets("갔다")} for jamo in tables}
    assert len(parts[False]) == 0
    assert len(parts[True]) >= 4


def test_unknown_words_count_in_what_is_transformed():
    learner = quick(random_state=1).fit(CHECKERBOARD)
    embedding = learner.embedding_
    vectors = learner.transform(["kings rule", "kings rules"])
    both_words = embedding.vectors_of(["kings", "rules"], unknown="subword")
    np.testing.assert_allclose(vectors[1], both_words.mean(axis=0), atol=1e-6)
    assert np.abs(vectors[0]).max() > 0


def test_words_too_short_for_ngrams_are_learnt_all_the_same():
    learner = quick(random_state=1, min_ngram=20, max_ngram=30).fit(CHECKERBOARD)
    assert learner.embedding_.subwords is None
    assert list(learner.embedding_.similar("king", k=1).keys) == ["queen"]
    assert not learner.transform(["unheard"]).any()


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"min_ngram": 6, "max_ngram": 3}, "min_ngram=6 and max_ngram=3: .*Give 1 ≤ min_ngram ≤ max_ngram"),
        ({"min_ngram": 0}, "min_ngram=0: an n-gram has at least one character"),
        ({"max_ngram": 0}, "max_ngram=0: without n-grams, learn with Word2Vec"),
        ({"max_ngram": 2.5}, r"max_ngram=2\.5"),
        ({"buckets": 0}, "buckets=0: n-grams need a place"),
        ({"buckets": 2**31}, "buckets=2,147,483,648: .*Give 2,147,483,647 at most"),
        ({"jamo": "yes"}, "jamo='yes': give True or False"),
        ({"architecture": "glove"}, "architecture='glove': choose 'skipgram' or 'cbow'"),
        ({"window": 0}, "window=0"),
        ({"dim": 0}, "dim=0"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_parameters_out_of_range_are_refused_before_any_text_is_read(parameters, what):
    with pytest.raises(BadInput, match=what):
        quick(**parameters).fit("no such file")


def test_a_table_larger_than_memory_is_said_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(resources, "free_memory", lambda: 1000)
    monkeypatch.setattr("jari.learn.fasttext.random_rows", None)
    what = r"The vectors of 8 words and \d+ n-grams take .* GB, and .* GB .* are free\. Lower buckets \(now 2,000,000\)"
    with pytest.raises(BadInput, match=what):
        quick().fit(CHECKERBOARD)


class StopAt:
    """Ctrl-C, once so many words are done."""

    def __init__(self, words):
        self.words = words

    def __call__(self, progress):
        if progress.stage == "learning" and progress.done >= self.words:
            self.words = float("inf")
            raise KeyboardInterrupt


@both
def test_interrupted_and_resumed_it_ends_in_the_same_bits(architecture, long_text, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    whole = quick(random_state=4, architecture=architecture, epochs=3).fit(long_text)
    stopped = quick(random_state=4, architecture=architecture, epochs=3, callbacks=[StopAt(20_000)])
    with pytest.raises(Interrupted, match=r"Stopped at \d+%"):
        stopped.fit(long_text, checkpoint=tmp_path / "c")
    resumed = quick(architecture=architecture, epochs=3).fit(["not read"], checkpoint=tmp_path / "c", resume=True)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)
    np.testing.assert_array_equal(resumed.embedding_.subwords.vectors, whole.embedding_.subwords.vectors)
