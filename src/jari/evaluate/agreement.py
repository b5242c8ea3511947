"""How far an embedding is a factorisation of pointwise mutual information."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.pmi import PMI, Counted
from jari.types import Matrix, Rows

Values: TypeAlias = npt.NDArray[np.float64]  # (pairs,)

_FEWEST = 3  # two pairs always agree or disagree wholly: a correlation of them says nothing
_AT_ONCE = 1 << 16  # pairs whose vectors are read together


@dataclass(frozen=True, slots=True, eq=False)
class PMIAgreement:
    """How far ``w · c`` follows ``PMI(w, c) - log negative``.

    Parameters
    ----------
    pearson, spearman
        Correlations over the pairs, -1 to 1; None where all pairs have the same value.
    used, total
        The pairs that were compared, and all that were counted.
    words
        The different words on the left of them.
    negative
        The k of ``log k``.
    left, right
        Rows of the embedding, shape (used,): word and context of each pair.
    scores
        ``w · c`` of each pair, shape (used,).
    pmi
        ``PMI - log k`` of each pair, shape (used,).
    """

    pearson: float | None
    spearman: float | None
    used: int
    total: int
    words: int
    negative: float
    left: Rows
    right: Rows
    scores: Values
    pmi: Values

    def to_dict(self) -> dict[str, Any]:
        """The figures without the arrays, as a dictionary that `json.dumps` takes."""
        names = ("pearson", "spearman", "used", "total", "words", "negative")
        return {name: getattr(self, name) for name in names}


def pmi_agreement(
    embedding: Embedding,
    cooccurrence: Counted,
    *,
    negative: float = 5,
    smoothing: float = 1.0,
    min_count: float = 100,
    pairs: int | None = 100_000,
    random_state: int = 0,
) -> PMIAgreement:
    """The correlation of ``w · c`` with ``PMI(w, c) - log k`` over frequent pairs.

    Skip-gram with k noise words a pair is at its optimum where every ``w · c`` is the pair's PMI less log k, if the
    vectors have dimensions enough. Rare pairs are left out: of them neither the count nor the vectors say much.

    Parameters
    ----------
    embedding
        With its `context`.
    cooccurrence
        Counts of the same text. Keys that are not in both are left out.
    negative
        The k of the learner; it moves the PMI and leaves the correlation as it is.
    smoothing
        Of `PMI`: for a learner whose noise words are drawn in proportion to count ** 0.75, 0.75 is exact.
    min_count
        Pairs that were counted less often are left out.
    pairs
        At most so many, drawn at random from those that are frequent enough; None takes all.
    random_state
        Seed of that draw.

    Raises
    ------
    BadInput
        The embedding has no context vectors, or fewer than three pairs are left.

    Notes
    -----
    Levy & Goldberg 2014, *Neural Word Embedding as Implicit Matrix Factorization*, equation 7.

    Examples
    --------
    >>> from jari.ingest.cooccurrence import Cooccurrence
    >>> from jari.learn.spectral import SpectralEmbedding
    >>> text = ["the king rules", "the queen rules", "the cat purrs", "the dog barks"] * 50
    >>> counts = Cooccurrence.of(text)
    >>> learner = SpectralEmbedding("pmi", dim=8, random_state=1).fit(counts)  # as many dimensions as words
    >>> round(pmi_agreement(learner.embedding_, counts, min_count=1).pearson, 3)
    1.0
    """
    if embedding.context is None:
        raise BadInput(
            "This embedding has no context vectors, and w · c cannot be had without them. Learn it again with "
            "jari.Word2Vec, or load it from a .jari folder: other formats leave the context out."
        )
    if not negative > 0:
        raise BadInput(f"negative={negative!r}: its logarithm is subtracted. Give the number of noise words.")
    if pairs is not None and pairs < _FEWEST:
        raise BadInput(f"pairs={pairs}: a correlation needs {_FEWEST} or more.")
    left, right, pmi, total = _frequent(embedding, cooccurrence, smoothing, min_count)
    if len(pmi) < _FEWEST:
        raise BadInput(
            f"Only {len(pmi)} of {total:,} pairs have both words in the embedding and were counted "
            f"min_count={min_count:g} times; {_FEWEST} are needed. Lower min_count."
        )
    if pairs is not None and len(pmi) > pairs:
        chosen = np.sort(np.random.default_rng(random_state).choice(len(pmi), pairs, replace=False))
        left, right, pmi = left[chosen], right[chosen], pmi[chosen]
    pmi = pmi - math.log(negative)
    scores = _dots(embedding.vectors, embedding.context, left, right)
    pearson, spearman = _correlations(scores, pmi)
    words = len(np.unique(left))
    return PMIAgreement(pearson, spearman, len(pmi), total, words, float(negative), left, right, scores, pmi)


def _frequent(
    embedding: Embedding, cooccurrence: Counted, smoothing: float, min_count: float
) -> tuple[Rows, Rows, Values, int]:
    """Rows and PMI of the pairs that were counted often enough, and how many pairs there are at all."""
    counts = cooccurrence.matrix
    places = np.flatnonzero(counts.data >= min_count)
    rows = np.searchsorted(counts.indptr, places, side="right") - 1
    columns = counts.indices[places]
    pmi = PMI(cooccurrence, smoothing=smoothing).matrix.data[places].astype(np.float64)
    row_of = embedding.vocabulary.rows(cooccurrence.vocabulary, unknown="mark")
    left, right = row_of[rows], row_of[columns]
    known = (left >= 0) & (right >= 0)
    return left[known], right[known], pmi[known], int(counts.nnz)


def _dots(vectors: Matrix, context: Matrix, left: Rows, right: Rows) -> Values:
    found = np.empty(len(left))
    for at in range(0, len(left), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        found[part] = np.einsum("ij,ij->i", vectors[left[part]], context[right[part]], dtype=np.float64)
    return found


def _correlations(x: Values, y: Values) -> tuple[float | None, float | None]:
    if (x == x[0]).all() or (y == y[0]).all():
        return None, None
    from scipy.stats import pearsonr, spearmanr  # half a second to import: not for those who only read a file

    return float(pearsonr(x, y).statistic), float(spearmanr(x, y).statistic)
