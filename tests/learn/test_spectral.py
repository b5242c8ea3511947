import numpy as np
import pytest

import jari
from contracts.learner import LearnerContract
from jari.errors import BadInput
from jari.ingest.cooccurrence import Cooccurrence
from jari.ingest.pmi import PMI
from jari.learn.spectral import SpectralEmbedding
from jari.learn.weights import WEIGHTINGS

PLAIN = {"sample": 0, "shift": 1.0, "power": 1.0, "p": 0.5, "drop": 0}  # nothing but an SVD of the weighted counts


def quick(weighting="ppmi", **parameters):
    return SpectralEmbedding(weighting, **(PLAIN | {"dim": 3, "min_count": 1, "window": 2, "threads": 1} | parameters))


class TestSpectral(LearnerContract):
    # Some more words than in the contract's text: there, both halves have the same singular values.
    text = (
        ["king rules land", "queen rules land", "king rules all", "queen rules all"] * 20
        + ["cat purrs softly", "kitten purrs softly", "kitten purrs a little", "cat purrs a little"] * 15
        + ["the land is all that the little cat has"] * 5
    )
    unit = "rows"
    seeded = False

    def make(self, **parameters):
        return quick(**parameters)


class TestSmoothed(TestSpectral):
    def make(self, **parameters):
        return quick(smoothing=0.75, shift=1.1, **({"threads": 2} | parameters))


@pytest.fixture(scope="module")
def long_text():
    """Two topics, words by Zipf's law."""
    generator = np.random.default_rng(0)
    words = np.array([[f"{topic}{i}" for i in range(60)] for topic in "ab"])
    weights = 1 / np.arange(1, 61)
    return [
        " ".join(words[generator.integers(2)][generator.choice(60, size=12, p=weights / weights.sum())])
        for _ in range(500)
    ]


@pytest.fixture(scope="module")
def counts(long_text):
    return Cooccurrence.of(long_text, window=3, min_count=1)


def weighted(counts, weighting, shift=1.0, smoothing=1.0):
    if weighting in ("ppmi", "pmi"):
        return PMI(counts, positive=weighting == "ppmi", shift=shift, smoothing=smoothing).matrix.toarray()
    dense = counts.matrix.toarray()
    return np.log1p(dense) if weighting == "log" else dense


@pytest.mark.parametrize("p", [0, 0.5, 1])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_it_is_the_svd_of_the_weighted_counts(weighting, p, counts):
    learner = quick(weighting, dim=6, p=p, random_state=1, iterations=20).fit(counts)
    matrix = weighted(counts, weighting).astype(float)
    U, s, Vt = np.linalg.svd(matrix)
    np.testing.assert_allclose(learner.singular_values_, s[:6], rtol=1e-4)
    np.testing.assert_allclose(learner.explained_variance_ratio_, s[:6] ** 2 / (matrix**2).sum(), rtol=1e-4)
    similarities = (U[:, :6] * s[:6] ** (2 * p)) @ U[:, :6].T  # the same whatever the signs
    vectors = learner.embedding_.vectors
    np.testing.assert_allclose(vectors @ vectors.T, similarities, atol=2e-3 * np.abs(similarities).max())
    products = (U[:, :6] * s[:6] ** (2 * p)) @ Vt[:6]
    np.testing.assert_allclose(vectors @ learner.embedding_.context.T, products, atol=2e-3 * np.abs(products).max())


def test_half_the_power_on_either_side_gives_the_matrix_back(counts):
    learner = quick("pmi", dim=len(counts.vocabulary), random_state=1).fit(counts)
    embedding = learner.embedding_
    np.testing.assert_allclose(embedding.vectors @ embedding.context.T, weighted(counts, "pmi"), atol=1e-3)
    assert learner.explained_variance_ratio_.sum() == pytest.approx(1, abs=1e-4)


def test_shift_and_smoothing_are_those_of_pmi(counts):
    learner = quick(dim=6, shift=2.0, smoothing=0.75, random_state=1, iterations=20).fit(counts)
    s = np.linalg.svd(weighted(counts, "ppmi", 2.0, 0.75).astype(float))[1]
    np.testing.assert_allclose(learner.singular_values_, s[:6], rtol=1e-4)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_weights_are_raised_to_a_power(weighting, counts):
    for power in (0.5, 0.75):
        matrix = weighted(counts, weighting).astype(float)
        s = np.linalg.svd(np.sign(matrix) * np.abs(matrix) ** power)[1]
        learner = quick(weighting, dim=6, power=power, random_state=1, iterations=20).fit(counts)
        np.testing.assert_allclose(learner.singular_values_, s[:6], rtol=1e-4)


@pytest.mark.parametrize(("weighting", "chosen"), [("ppmi", 0.5), ("pmi", 1), ("log", 1), ("count", 1)])
def test_shift_and_power_are_chosen_by_the_weighting(weighting, chosen, counts):
    learner = quick(weighting, shift=None, power=None, random_state=1).fit(counts)
    told = learner.embedding_.metadata["parameters"]
    assert (told["shift"], told["power"]) == (chosen, chosen)
    same = quick(weighting, shift=chosen, power=chosen, random_state=1).fit(counts)
    np.testing.assert_array_equal(learner.embedding_.vectors, same.embedding_.vectors)


def test_the_first_directions_are_dropped(counts):
    whole, rest = (
        quick(dim=dim, drop=drop, random_state=1, iterations=20).fit(counts) for dim, drop in ((8, 0), (5, 3))
    )
    np.testing.assert_allclose(rest.embedding_.vectors, whole.embedding_.vectors[:, 3:], atol=1e-3)
    np.testing.assert_allclose(rest.embedding_.context, whole.embedding_.context[:, 3:], atol=1e-3)
    np.testing.assert_allclose(rest.singular_values_, whole.singular_values_[3:], rtol=1e-4)
    assert len(rest.explained_variance_ratio_) == 5
    with pytest.raises(BadInput, match=r"dim=9 and drop=120: only 120 distinct words"):
        quick(dim=9, drop=120).fit(counts)


def test_the_first_directions_of_many_words_are_dropped_unless_said(counts, monkeypatch):
    def dropped(**parameters):
        return (
            quick(dim=4, random_state=1, **parameters).fit(counts).embedding_.metadata["matrix"]["directions_dropped"]
        )

    assert dropped(drop=None) == 0
    monkeypatch.setattr("jari.learn.spectral._MANY_WORDS", len(counts.vocabulary))
    assert dropped(drop=None) == 8
    assert dropped(drop=1) == 1
    assert dropped(drop=None, weighting="count") == 0


def test_frequent_words_are_thinned_out(long_text, counts):
    learner = quick(sample=0.01, random_state=1).fit(long_text)
    corpus = learner.embedding_.metadata["corpus"]
    assert 0 < corpus["tokens_after_thinning"] < corpus["tokens_kept"]
    assert learner.vocabulary_ == counts.vocabulary  # with the counts of the whole text
    other = quick(sample=0.01, random_state=2).fit(long_text)
    assert other.embedding_.metadata["corpus"]["tokens_after_thinning"] != corpus["tokens_after_thinning"]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_text_corpus_and_counts_give_the_same(weighting, long_text, counts):
    of_counts = quick(weighting, dim=8, window=3, random_state=1).fit(counts)
    of_text = quick(weighting, dim=8, window=3, random_state=1).fit(long_text)
    with jari.encode(long_text, min_count=1) as corpus:
        of_corpus = quick(weighting, dim=8, window=3, random_state=1).fit(corpus)
    for other in (of_text, of_corpus):
        np.testing.assert_array_equal(other.embedding_.vectors, of_counts.embedding_.vectors)
        assert other.vocabulary_ == of_counts.vocabulary_


@pytest.mark.parametrize("weighting", ["ppmi", "pmi", "log"])
def test_the_two_topics_part(weighting, long_text):
    embedding = quick(weighting, dim=8, random_state=1).fit(long_text).embedding_
    assert all(key.startswith("a") for key in embedding.similar("a3", k=10).keys)


def test_any_number_of_threads_gives_the_same_bits(long_text):
    alone, together = (quick(dim=8, random_state=1, threads=threads).fit(long_text) for threads in (1, 3))
    np.testing.assert_array_equal(alone.embedding_.vectors, together.embedding_.vectors)


@pytest.mark.parametrize("parameters", [{}, {"symmetric": False}, {"window_weighting": "flat"}])
def test_windows_decide_what_is_counted(parameters, long_text):
    counted = {"window": 3, "symmetric": True, "window_weighting": "distance"} | parameters
    learner = quick(dim=4, random_state=1, **counted).fit(long_text)
    weighting = counted.pop("window_weighting")
    counts = Cooccurrence.of(long_text, weighting=weighting, min_count=1, **counted)
    np.testing.assert_array_equal(
        learner.embedding_.vectors, quick(dim=4, random_state=1).fit(counts).embedding_.vectors
    )


def test_one_sided_contexts_are_not_words_as_words_are(long_text):
    embedding = quick(dim=8, symmetric=False, random_state=1).fit(long_text).embedding_
    assert np.abs(np.abs(embedding.vectors) - np.abs(embedding.context)).max() > 0.01


def test_a_word_that_stands_alone_has_a_zero_vector_and_is_said():
    learner = quick(random_state=1).fit([*TestSpectral.text, "alone"])
    assert not learner.embedding_["alone"].any()
    assert learner.embedding_["king"].any()
    assert learner.embedding_.metadata["matrix"]["rows_without_pairs"] == 1


def test_the_metadata_tell_of_the_matrix(counts):
    learner = quick(random_state=1).fit(counts)
    about = learner.embedding_.metadata["matrix"]
    assert about["singular_values"] == learner.singular_values_.tolist()
    assert about["explained_variance_ratio"] == learner.explained_variance_ratio_.tolist()
    assert 0 < about["pairs_kept"] < about["pairs_counted"] == counts.matrix.nnz
    assert learner.losses_ == []


def test_fewer_words_than_dimensions():
    with pytest.raises(BadInput, match=r"dim=9: only 3 distinct words occur min_count=1 times or more.*Lower dim"):
        quick(dim=9).fit(["a b c"] * 9)
    counts = Cooccurrence.of(["a b c"] * 9, min_count=1)
    with pytest.raises(BadInput, match=r"dim=9: only 3 distinct words"):
        quick(dim=9).fit(counts)


def test_as_many_words_as_dimensions():
    assert quick(dim=3, random_state=1).fit(["a b c", "c b", "a c"] * 9).embedding_.dim == 3


def test_one_word_has_no_other_to_differ_from():
    with pytest.raises(BadInput, match="The only word that occurs min_count=1 times or more is 'alone'"):
        quick(dim=1).fit(["alone alone", "alone"])


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_no_word_stands_with_another(weighting):
    learner = quick(weighting, dim=2, random_state=1).fit([["one"], ["two"], ["three"]])
    assert not learner.embedding_.vectors.any()
    assert not learner.explained_variance_ratio_.any()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"weighting": "tfidf"}, "weighting='tfidf': choose 'ppmi' or 'pmi' or 'log' or 'count'"),
        ({"dim": 0}, "dim=0: a vector needs at least one number"),
        ({"window": 0}, "window=0: "),
        ({"window_weighting": "near"}, "window_weighting='near': choose 'shrink' or 'distance' or 'flat'"),
        ({"sample": -1}, "sample=-1: it is a share of the text"),
        ({"sample": 1e-30}, "sample=1e-30 leaves no word of this text"),
        ({"power": 0}, "power=0: it is a power of the weights. Give a number above 0"),
        ({"drop": -1}, "drop=-1: it is a number of directions"),
        ({"p": -0.5}, "p=-0.5: it is a power of the singular values. Give a number not below 0"),
        ({"shift": 0}, "shift=0: its logarithm is subtracted. Give a number above 0"),
        ({"smoothing": 1.5}, "smoothing=1.5: it is a power"),
        ({"iterations": -1}, "iterations=-1: "),
        ({"min_count": 0}, "min_count=0: "),
        ({"threads": 0}, "threads=0 must be"),
        ({"random_state": -1}, "random_state=-1: a seed is not negative"),
        ({"min_count": 999}, "No word occurs min_count=999 times or more"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(BadInput, match=message):
        quick(**parameters).fit(TestSpectral.text)


def test_interrupted():
    def stop(progress):
        if progress.stage == "learning":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quick(callbacks=[stop]).fit(TestSpectral.text)
