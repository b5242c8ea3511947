import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.ingest.pmi import PMI


@dataclass
class Counts:
    """As much of a `Cooccurrence` as is needed, from a dense matrix."""

    dense: object
    symmetric: bool = True
    statistics: dict = field(default_factory=lambda: {"tokens_read": 9})

    def __post_init__(self):
        self.matrix = csr_array(np.asarray(self.dense, np.float32))
        self.sums = np.asarray(self.dense, np.float64).sum(1)
        self.total = float(self.sums.sum())
        self.vocabulary = Vocabulary([f"w{i}" for i in range(len(self.sums))])


def zipfian(n=30, seed=0):
    """Symmetric counts, most of them 0; the last word stands with no other."""
    counts = np.random.default_rng(seed).poisson(8.0 / (np.arange(1, n + 1)[:, None] * np.arange(1, n + 1)) ** 0.7)
    counts = counts + counts.T
    counts[-1] = counts[:, -1] = 0
    return counts


def by_definition(counts, shift=1.0, smoothing=1.0):
    """PMI pair by pair, from a list of all the pairs."""
    pairs = Counter({(i, j): float(count) for (i, j), count in np.ndenumerate(np.asarray(counts, float)) if count})
    words, contexts = Counter(), Counter()
    for (i, j), count in pairs.items():
        words[i] += count
        contexts[j] += count
    total = sum(pairs.values())
    norm = sum(count**smoothing for count in contexts.values())
    return {
        (i, j): math.log((count / total) / ((words[i] / total) * (contexts[j] ** smoothing / norm))) - math.log(shift)
        for (i, j), count in pairs.items()
    }


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("smoothing", [1.0, 0.75, 0.0])
@pytest.mark.parametrize("shift", [1.0, 5.0, 0.5])
def test_every_pair_is_as_defined(shift, smoothing, symmetric):
    counts = zipfian() if symmetric else np.random.default_rng(1).poisson(0.7, (30, 30))
    expected = by_definition(counts, shift, smoothing)
    pmi = PMI(Counts(counts, symmetric), shift=shift, smoothing=smoothing)
    assert pmi.matrix.nnz == len(expected)
    for (i, j), value in expected.items():
        assert pmi(f"w{i}", f"w{j}") == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("smoothing", [1.0, 0.75])
@pytest.mark.parametrize("shift", [1.0, 5.0])
def test_positive_keeps_what_is_above_zero(shift, smoothing):
    expected = {pair: value for pair, value in by_definition(zipfian(), shift, smoothing).items() if value > 0}
    pmi = PMI(Counts(zipfian()), positive=True, shift=shift, smoothing=smoothing)
    assert 0 < len(expected) == pmi.matrix.nnz < np.count_nonzero(zipfian())
    rows, columns = pmi.matrix.nonzero()
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == set(expected)
    for (i, j), value in expected.items():
        assert pmi(f"w{i}", f"w{j}") == pytest.approx(value, abs=1e-5)


def test_pairs_that_no_window_holds():
    counts = [[0, 3, 0], [3, 0, 1], [0, 1, 0]]
    assert PMI(Counts(counts))("w0", "w2") == -math.inf
    assert PMI(Counts(counts), positive=True)("w0", "w2") == 0
    assert PMI(Counts(counts))("w0", "w1") == pytest.approx(math.log((3 / 8) / ((3 / 8) * (4 / 8))))


def test_a_negative_pair_is_zero_when_positive():
    counts = [[90, 1, 0], [1, 0, 0], [0, 0, 90]]
    assert PMI(Counts(counts))("w0", "w0") > 0
    pmi = PMI(Counts([[50, 1, 9], [1, 50, 9], [9, 9, 0]]))
    assert pmi("w0", "w1") < 0
    assert PMI(Counts([[50, 1, 9], [1, 50, 9], [9, 9, 0]]), positive=True)("w0", "w1") == 0


def test_smoothing_lifts_what_rare_contexts_take():
    counts = zipfian()
    plain, smooth = PMI(Counts(counts)), PMI(Counts(counts), smoothing=0.75)
    row = int(np.flatnonzero(counts[:, 28])[0])  # a rare context of some word
    assert smooth(f"w{row}", "w28") < plain(f"w{row}", "w28")


def test_a_word_without_pairs_is_kept_and_said():
    for positive in (False, True):
        pmi = PMI(Counts(zipfian()), positive=positive)
        assert pmi.matrix.shape == (30, 30)
        assert pmi.statistics["rows_without_pairs"] == 1
        assert pmi.statistics["tokens_read"] == 9
        assert np.isfinite(pmi.matrix.data).all()
    assert pmi.statistics["pairs_counted"] == np.count_nonzero(zipfian())
    assert pmi.statistics["pairs_kept"] == pmi.matrix.nnz


def test_nothing_was_counted():
    for positive in (False, True):
        pmi = PMI(Counts(np.zeros((3, 3))), positive=positive)
        assert pmi.matrix.nnz == 0
        assert pmi.statistics["rows_without_pairs"] == 3


@pytest.mark.parametrize("positive", [True, False])
def test_the_same_bits_on_any_number_of_threads(positive, monkeypatch):
    monkeypatch.setattr("jari.ingest.rowblocks._A_BLOCK", 10)
    results = [PMI(Counts(zipfian(80)), positive=positive, smoothing=0.75, threads=threads) for threads in (1, 3)]
    np.testing.assert_array_equal(results[0].matrix.data, results[1].matrix.data)
    np.testing.assert_array_equal(results[0].matrix.indices, results[1].matrix.indices)


def test_the_matrix_is_scipy_s():
    counts = Counts(zipfian())
    for positive in (False, True):
        matrix = PMI(counts, positive=positive).matrix
        assert isinstance(matrix, csr_array)
        assert matrix.dtype == np.float32
        assert matrix.indices.dtype == matrix.indptr.dtype == np.int32
        np.testing.assert_allclose(matrix.T.toarray(), matrix.toarray(), atol=1e-5)
    np.testing.assert_array_equal(counts.matrix.toarray(), zipfian())  # what was counted is as it was


def test_unknown_words():
    with pytest.raises(UnknownKey, match=r"'w99' is not in"):
        PMI(Counts(zipfian()))("w0", "w99")
    with pytest.raises(UnknownKey, match=r"'w99' is not in"):
        PMI(Counts(zipfian()))("w99", "w0")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shift": 0}, r"shift=0: its logarithm is subtracted. Give a number above 0"),
        ({"shift": float("nan")}, r"shift=nan: "),
        ({"smoothing": 1.5}, r"smoothing=1.5: it is a power. Give a number from 0 to 1"),
        ({"smoothing": -0.1}, r"smoothing=-0.1: "),
        ({"smoothing": "0.75"}, r"smoothing='0.75': "),
        ({"threads": 0}, r"threads=0: somebody must do the work"),
    ],
)
def test_bad_parameters(given, message):
    with pytest.raises(BadInput, match=message):
        PMI(Counts(zipfian()), **given)


def test_repr():
    assert repr(PMI(Counts(np.eye(2)))) == "PMI(2 words, 2 pairs, positive=False, shift=1, smoothing=1)"
