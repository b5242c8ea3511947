"""LSA is the SVD of what scikit-learn's vectorizers make, and a document has one place however it comes."""

import numpy as np
import pytest
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

import jari
from contracts.learner import LearnerContract
from jari.errors import BadInput
from jari.ingest.tokenizers import words
from jari.learn.lsa import LSA

# Words that stand for the same thing stand in the same documents; how often each document comes parts the dimensions.
DOCUMENTS = [
    *["king queen rules land"] * 50,
    *["king queen crown"] * 30,
    *["rules crown"] * 10,
    *["cat kitten purrs softly"] * 45,
    *["cat kitten sleeps"] * 25,
    *["purrs sleeps"] * 5,
]


def quick(weighting="tfidf", **parameters):
    return LSA(weighting, **({"dim": 4, "min_count": 1, "threads": 1, "random_state": 1} | parameters))


class TestLSA(LearnerContract):
    text = DOCUMENTS
    unit = "rows"
    seeded = False

    def make(self, **parameters):
        return quick(**parameters)


class TestPrincipalComponents(LearnerContract):
    text = DOCUMENTS
    other_text = ["sun shines bright", "moon shines bright", "sun moon"] * 100
    unit = "rows"
    seeded = False

    def make(self, **parameters):
        return quick("count", center=True, **({"dim": 3} | parameters))


@pytest.fixture(scope="module")
def texts():
    """Sentences by Zipf's law, of two topics, one without words in between."""
    generator = np.random.default_rng(0)
    vocabulary = np.array([[f"{topic}{i}" for i in range(40)] for topic in "ab"])
    weights = 1 / np.arange(1, 41)
    lines = [
        " ".join(vocabulary[generator.integers(2)][generator.choice(40, size=12, p=weights / weights.sum())])
        for _ in range(200)
    ]
    return [*lines[:100], "?!", *lines[100:]]


def weighed(texts, weighting, keys):
    norm = None if weighting == "count" else "l2"
    vectorizer = TfidfVectorizer(analyzer=words, vocabulary=list(keys), use_idf=weighting == "tfidf", norm=norm)
    return vectorizer.fit_transform(texts).toarray()


each_weighting = pytest.mark.parametrize("weighting", ["tfidf", "tf", "count"])
centered_or_not = pytest.mark.parametrize("center", [False, True])


@centered_or_not
@each_weighting
def test_it_is_the_singular_value_decomposition(weighting, center, texts):
    learner = quick(weighting, dim=8, center=center, iterations=30).fit(texts)
    X = weighed(texts, weighting, learner.embedding_.keys)
    X -= X.mean(axis=0) * center
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    np.testing.assert_allclose(learner.singular_values_, s[:8], rtol=1e-4)
    signs = np.sign((Vt[:8] * learner.components_).sum(axis=1))
    scale = np.sqrt(s[:8]) * signs
    np.testing.assert_allclose(learner.embedding_.vectors, Vt[:8].T * scale, atol=2e-3)
    np.testing.assert_allclose(learner.documents_.vectors, U[:, :8] * scale, atol=2e-3)


def test_it_says_what_scikit_learn_says(texts):
    learner = quick(dim=8, iterations=30).fit(texts)
    X = weighed(texts, "tfidf", learner.embedding_.keys)
    theirs = TruncatedSVD(8, algorithm="arpack").fit(X)
    np.testing.assert_allclose(learner.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-3)
    centered = quick(dim=8, center=True, p=1, iterations=30).fit(texts)
    theirs = PCA(8, svd_solver="full").fit(X)
    np.testing.assert_allclose(centered.explained_variance_ratio_, theirs.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(np.abs(centered.transform(texts)), np.abs(theirs.transform(X)), atol=1e-4)


@pytest.mark.parametrize("p", [0, 0.5, 1])
@centered_or_not
@each_weighting
def test_the_documents_of_the_text_fold_into_their_places(weighting, center, p, texts):
    learner = quick(weighting, center=center, p=p).fit(texts)
    np.testing.assert_array_equal(learner.transform(texts), learner.documents_.vectors)
    np.testing.assert_array_equal(learner.fit_transform(texts), learner.documents_.vectors)
    assert not learner.documents_["100"].any() or center


def test_words_times_documents_are_the_weights():
    learner = quick(dim=6).fit(DOCUMENTS)  # as many as there are different documents: nothing is lost
    X = weighed(DOCUMENTS, "tfidf", learner.embedding_.keys)
    np.testing.assert_allclose(learner.documents_.vectors @ learner.embedding_.vectors.T, X, atol=1e-5)


def test_a_new_document_goes_where_its_words_are(texts):
    learner = quick(dim=2).fit(texts)
    a, b, nothing = learner.transform(["a1 a2 a3 unheard", "b1 b2 b3", "unheard"])
    assert learner.embedding_.similarity(a, "a5") > 0.8 > 0.4 > learner.embedding_.similarity(b, "a5")
    assert not nothing.any()


def test_documents_have_keys(texts, tmp_path):
    learner = quick().fit(["ship boat", "boat ocean", "tree wood", "wood tree leaf"], keys=["a", "b", "c", "d e"])
    assert learner.documents_.similar("c", k=1).keys[0] == "d e"
    learner.documents_.save(tmp_path / "documents.jari")
    loaded = jari.load(tmp_path / "documents.jari")
    assert loaded.metadata["rows"] == "documents"
    assert loaded.metadata["singular_values"] == learner.singular_values_.tolist()
    with pytest.raises(BadInput, match="The key 'a' stands twice"):
        quick().fit(DOCUMENTS[:2], keys=["a", "a"])
    with pytest.raises(BadInput, match="1 keys but 201 documents"):
        quick().fit(texts, keys=["a"])


def test_documents_without_words_are_kept_and_counted(texts):
    learner = quick().fit(["...", *texts, ""])
    assert len(learner.documents_) == 203
    assert learner.documents_.metadata["corpus"]["documents_empty"] == 3
    assert not learner.documents_.vectors[[0, 101, 202]].any()


def test_lines_of_files_sentences_of_a_corpus_and_lists(texts, tmp_path):
    expected = quick().fit(texts)
    file = tmp_path / "text.txt"
    file.write_text("\n".join(texts), encoding="utf-8")
    for source in (file, [file], str(file)):
        np.testing.assert_array_equal(quick().fit_transform(source), expected.documents_.vectors)
    np.testing.assert_array_equal(expected.transform(file), expected.documents_.vectors)
    np.testing.assert_array_equal(expected.transform([file]), expected.documents_.vectors)
    np.testing.assert_array_equal(
        expected.transform([text.split() for text in texts[:5]]), expected.transform(texts[:5])
    )
    with jari.encode(texts, min_count=1) as corpus:
        learner = quick("count").fit(corpus)
        assert len(learner.documents_) == 200
        np.testing.assert_array_equal(learner.transform(corpus), learner.documents_.vectors)


def test_transform_takes_words_for_texts_and_never_for_paths():
    learner = quick().fit(DOCUMENTS)
    np.testing.assert_array_equal(learner.transform(["king", "cat"]), learner.transform([["king"], ["cat"]]))
    assert learner.transform([]).shape == (0, 4)
    with pytest.raises(BadInput, match=r"Give a list of texts, not one text \('king rules'\), or a file as"):
        learner.transform("king rules")


@centered_or_not
def test_any_number_of_threads_gives_the_same_bits(center, texts):
    one, three = (quick(center=center, threads=threads).fit(texts) for threads in (1, 3))
    np.testing.assert_array_equal(three.embedding_.vectors, one.embedding_.vectors)
    np.testing.assert_array_equal(three.documents_.vectors, one.documents_.vectors)


@centered_or_not
def test_dimensions_that_the_text_does_not_have_are_zero(center):
    learner = quick("count", dim=3, center=center).fit(["a b", "a b", "c d", "c d", "c d"])
    rank = 1 if center else 2
    assert (learner.singular_values_ > 0).tolist() == [True] * rank + [False] * (3 - rank)
    for vectors in (learner.embedding_.vectors, learner.documents_.vectors, learner.components_.T):
        assert vectors[:, :rank].any(axis=0).all()
        assert not vectors[:, rank:].any()


def test_documents_that_are_all_alike_have_no_variance():
    learner = quick("count", dim=1).fit(["a b"] * 4)
    assert learner.explained_variance_ratio_.tolist() == [0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"weighting": "bm25"}, "weighting='bm25': choose 'tfidf' or 'tf' or 'count'"),
        ({"dim": 0}, "dim=0: a vector needs at least one number"),
        ({"p": -1}, "p=-1: "),
        ({"iterations": -1}, "iterations=-1: "),
        ({"min_count": 0}, "min_count=0: "),
        ({"threads": 0}, "threads=0 must be"),
        (
            {"dim": 11},
            r"dim=11: 165 documents of 10 different words .* have 10 dimensions at most\. Lower dim or min_count",
        ),
        ({"dim": 10, "center": True}, "have 9 dimensions at most"),
        ({"min_count": 999}, "No word occurs min_count=999 times or more"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(BadInput, match=message):
        quick(**parameters).fit(DOCUMENTS)


def test_fewer_documents_than_dimensions():
    with pytest.raises(BadInput, match=r"dim=4: 3 documents of 6 different words .* have 3 dimensions at most"):
        quick().fit(["a b", "c d", "e f"])


def test_an_interruption_leaves_what_was_learnt_before(texts):
    def stop(progress):
        raise KeyboardInterrupt

    learner = quick().fit(texts)
    before = learner.transform(texts)
    learner.set_params(callbacks=[stop])
    with pytest.raises(KeyboardInterrupt):
        learner.fit(DOCUMENTS)
    np.testing.assert_array_equal(learner.transform(texts), before)
