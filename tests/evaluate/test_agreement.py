import json

import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.evaluate.agreement import pmi_agreement
from jari.ingest.pmi import PMI


class Counts:
    """As much of a `Cooccurrence` as is needed."""

    symmetric = True
    statistics = {}  # noqa: RUF012

    def __init__(self, dense, keys=None):
        self.matrix = csr_array(np.asarray(dense, np.float32))
        self.sums = np.asarray(dense, np.float64).sum(1)
        self.vocabulary = Vocabulary(keys or [f"w{i}" for i in range(len(self.sums))])


@pytest.fixture
def counts(rng):
    drawn = rng.poisson(30 / (np.arange(1, 21)[:, None] * np.arange(1, 21)) ** 0.5)
    return Counts(drawn + drawn.T)


def factorisation(counts, smoothing=1.0, less=0.0):
    """Vectors whose products are exactly PMI."""
    pmi = PMI(counts, smoothing=smoothing)
    return Embedding(pmi.vocabulary, pmi.matrix.toarray() - less, context=np.eye(len(pmi.vocabulary)))


def test_a_factorisation_agrees_wholly(counts):
    result = pmi_agreement(factorisation(counts), counts, min_count=5)
    assert result.pearson == pytest.approx(1)
    assert result.spearman == pytest.approx(1)
    assert result.used == (counts.matrix.data >= 5).sum()
    assert result.total == counts.matrix.nnz
    assert len(result.left) == len(result.right) == len(result.scores) == len(result.pmi) == result.used
    assert result.words == len(set(result.left.tolist()))
    assert result.negative == 5


def test_pmi_is_shifted_by_the_noise_words(counts):
    result = pmi_agreement(factorisation(counts, less=np.log(7)), counts, negative=7, min_count=1)
    np.testing.assert_allclose(result.scores, result.pmi, atol=1e-5)
    for row in (0, 9):
        pair = f"w{result.left[row]}", f"w{result.right[row]}"
        assert result.pmi[row] == pytest.approx(PMI(counts, shift=7)(*pair), abs=1e-5)


def test_smoothing_is_that_of_pmi(counts):
    smooth = factorisation(counts, smoothing=0.75)
    assert pmi_agreement(smooth, counts, smoothing=0.75, min_count=1).pearson == pytest.approx(1)
    assert pmi_agreement(smooth, counts, min_count=1).pearson < 0.999


def test_noise_agrees_with_nothing(counts, rng):
    noise = Embedding(counts.vocabulary, rng.normal(size=(20, 50)), context=rng.normal(size=(20, 50)))
    result = pmi_agreement(noise, counts, min_count=1)
    assert abs(result.pearson) < 0.2
    assert abs(result.spearman) < 0.2


def test_a_bent_scale_keeps_the_order(counts):
    exact = factorisation(counts)
    bent = Embedding(exact.vocabulary, np.exp(3 * exact.vectors), context=np.eye(20))
    result = pmi_agreement(bent, counts, min_count=1)
    assert result.spearman == pytest.approx(1)
    assert result.pearson < 0.95


def test_words_are_found_by_their_keys(counts):
    exact = factorisation(counts)
    order = np.r_[19:2:-1]  # the embedding has other words in another order
    other = Embedding(exact.vocabulary.take(order), exact.vectors[order], context=np.eye(20)[order])
    result = pmi_agreement(other, counts, min_count=1)
    assert result.pearson == pytest.approx(1)
    assert result.used == counts.matrix.toarray()[3:, 3:].astype(bool).sum()
    assert result.total == counts.matrix.nnz


def test_no_more_pairs_than_asked_for(counts):
    results = [pmi_agreement(factorisation(counts), counts, min_count=1, pairs=40, random_state=i) for i in (1, 1, 2)]
    assert [one.used for one in results] == [40] * 3
    np.testing.assert_array_equal(results[0].left, results[1].left)
    assert (results[0].pmi != results[2].pmi).any()
    assert pmi_agreement(factorisation(counts), counts, min_count=1, pairs=None).used == counts.matrix.nnz


def test_all_scores_the_same(counts):
    flat = Embedding(counts.vocabulary, np.ones((20, 2)), context=np.ones((20, 2)))
    result = pmi_agreement(flat, counts, min_count=1)
    assert result.pearson is None
    assert result.spearman is None


def test_to_dict(counts):
    figures = json.loads(json.dumps(pmi_agreement(factorisation(counts), counts, min_count=5).to_dict()))
    assert figures["pearson"] == pytest.approx(1)
    assert set(figures) == {"pearson", "spearman", "used", "total", "words", "negative"}


def test_without_context_vectors(counts):
    with pytest.raises(BadInput, match=r"no context vectors.*Learn it again with jari\.Word2Vec"):
        pmi_agreement(Embedding(counts.vocabulary, np.ones((20, 2))), counts)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_count": 1e9}, r"Only 0 of 400 pairs have both words in the embedding.*Lower min_count"),
        ({"negative": 0}, r"negative=0: its logarithm is subtracted"),
        ({"pairs": 2}, r"pairs=2: a correlation needs 3 or more"),
        ({"smoothing": 2}, r"smoothing=2: it is a power"),
    ],
)
def test_bad_parameters(given, message):
    counts = Counts(np.ones((20, 20)))
    with pytest.raises(BadInput, match=message):
        pmi_agreement(Embedding(counts.vocabulary, np.ones((20, 2)), context=np.ones((20, 2))), counts, **given)
