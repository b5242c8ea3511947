import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding import Vocabulary
from jari.ingest.pmi import PMI
from jari.learn.weights import WEIGHTINGS, weighted


class Counts:
    """As much of a `Cooccurrence` as is needed."""

    symmetric = True
    statistics = {}  # noqa: RUF012

    def __init__(self):
        drawn = np.random.default_rng(0).poisson(1.0, (12, 12))
        dense = (drawn + drawn.T).astype(np.float32)
        self.matrix, self.sums = csr_array(dense), dense.sum(1).astype(float)
        self.vocabulary = Vocabulary([f"w{i}" for i in range(12)])


@pytest.mark.parametrize("power", [1, 0.5, 0.75])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_weights_are_as_defined(weighting, power):
    counts = Counts()
    found = weighted(counts, weighting, shift=2.0, smoothing=0.75, power=power)
    pmi = PMI(counts, shift=2.0, smoothing=0.75).matrix.toarray()
    dense = counts.matrix.toarray()
    expected = {"ppmi": np.maximum(pmi, 0), "pmi": pmi, "log": np.log(1 + dense), "count": dense}[weighting]
    np.testing.assert_allclose(found.toarray(), np.sign(expected) * np.abs(expected) ** power, atol=1e-5)
    assert isinstance(found, csr_array)
    assert found.dtype == np.float32


def test_counts_stay_as_they_were():
    counts = Counts()
    for weighting in WEIGHTINGS:
        weighted(counts, weighting, shift=1.0, smoothing=1.0, power=0.5)
    np.testing.assert_array_equal(counts.matrix.toarray(), Counts().matrix.toarray())
