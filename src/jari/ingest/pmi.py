"""`PMI`: how much more often two words stand together than chance would have it."""

from __future__ import annotations

import math
import numbers
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jari.embedding import Vocabulary
from jari.errors import BadInput
from jari.ingest.rowblocks import csr_of, over_blocks, row_blocks
from jari.kernels import pmi as kernels

Sums = npt.NDArray[np.float64]  # (n,)


class Counted(Protocol):
    """What is weighted: a `Cooccurrence`, or anything with these."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words."""

    @property
    def matrix(self) -> Any:
        """How often words (rows) and contexts (columns) stand together: CSR of shape (n, n)."""

    @property
    def sums(self) -> Sums:
        """The sum of each row, shape (n,)."""

    @property
    def symmetric(self) -> bool:
        """Whether the matrix is its own transpose."""

    @property
    def statistics(self) -> dict[str, Any]:
        """Of the corpus."""


class PMI:
    """Pointwise mutual information of all pairs that stand in one window.

    ``PMI(w, c) = log P(w, c) / (P(w) P(c))``: P(w, c) is the pair's share of all that was counted, P(w) and P(c) are
    the shares of its row and its column.

    Parameters
    ----------
    cooccurrence
        The counts.
    positive
        Whether what is below 0 becomes 0 and is left out of the matrix. Without it, the matrix is what linear algebra
        does with it: an unseen pair, whose PMI is -∞, is no entry and thus counts as 0.
    shift
        ``log(shift)`` is subtracted: word2vec with k noise words factorises PMI - log k.
    smoothing
        ``P(c) ∝ (column sum) ** smoothing``: below 1, rare contexts count as less rare than they are. 0.75 is
        word2vec's noise distribution.
    threads
        None uses every core. The result is the same bits with any number of them.

    Raises
    ------
    BadInput
        `shift` is not above 0 or `smoothing` not from 0 to 1.

    Notes
    -----
    Church & Hanks 1990; Levy, Goldberg & Dagan 2015, *Improving Distributional Similarity with Lessons Learned from
    Word Embeddings*, sections 2 and 3. A word without any entry keeps its row, which is all zero: `statistics` counts
    them as ``rows_without_pairs``.

    Examples
    --------
    >>> from jari.ingest.cooccurrence import Cooccurrence
    >>> counts = Cooccurrence.of(["new york", "new york", "new car", "old car"], min_count=1)
    >>> pmi = PMI(counts)
    >>> round(pmi("york", "new"), 3), round(pmi("car", "new"), 3), pmi("york", "car")
    (0.981, 0.288, -inf)
    """

    __slots__ = ("_matrix", "_positive", "_shift", "_smoothing", "_statistics", "_vocabulary")

    def __init__(
        self,
        cooccurrence: Counted,
        *,
        positive: bool = False,
        shift: float = 1.0,
        smoothing: float = 1.0,
        threads: int | None = None,
    ) -> None:
        if not _is_real(shift) or not shift > 0:
            raise BadInput(f"shift={shift!r}: its logarithm is subtracted. Give a number above 0; 1 changes nothing.")
        if not _is_real(smoothing) or not 0 <= smoothing <= 1:
            raise BadInput(f"smoothing={smoothing!r}: it is a power. Give a number from 0 to 1; 1 changes nothing.")
        if threads is not None and (type(threads) is not int or threads < 1):
            raise BadInput(f"threads={threads!r}: somebody must do the work. Give a whole number, 1 or more.")
        self._vocabulary = cooccurrence.vocabulary
        self._positive, self._shift, self._smoothing = bool(positive), float(shift), float(smoothing)
        counts = cooccurrence.matrix
        self._matrix = self._weighted(counts, *self._factors(cooccurrence), threads)
        self._statistics = dict(cooccurrence.statistics) | {
            "pairs_counted": int(counts.nnz),
            "pairs_kept": int(self._matrix.nnz),
            "rows_without_pairs": int(np.count_nonzero(np.diff(self._matrix.indptr) == 0)),
        }

    @property
    def matrix(self) -> Any:
        """Shape (n, n), `scipy.sparse.csr_array` of float32: ``PMI - log(shift)`` of every pair that was counted."""
        return self._matrix

    @property
    def vocabulary(self) -> Vocabulary:
        """The words: rows and columns."""
        return self._vocabulary

    @property
    def positive(self) -> bool:
        """Whether what is below 0 was left out."""
        return self._positive

    @property
    def shift(self) -> float:
        """Its logarithm was subtracted."""
        return self._shift

    @property
    def smoothing(self) -> float:
        """The power of the context counts."""
        return self._smoothing

    @property
    def statistics(self) -> dict[str, Any]:
        """Those of the corpus, and ``pairs_counted``, ``pairs_kept``, ``rows_without_pairs``."""
        return self._statistics

    def __call__(self, word: str, context: str) -> float:
        """One pair's ``PMI - log(shift)``; of a pair never seen -∞, or 0 when `positive`.

        Raises
        ------
        UnknownKey
            With the nearest spellings.
        """
        i, j = self._vocabulary.row(word), self._vocabulary.row(context)
        begin, end = self._matrix.indptr[i : i + 2]
        found = np.flatnonzero(self._matrix.indices[begin:end] == j)
        if len(found):
            return float(self._matrix.data[begin + found[0]])
        return 0.0 if self._positive else -math.inf

    def __repr__(self) -> str:
        given = f"positive={self._positive}, shift={self._shift:g}, smoothing={self._smoothing:g}"
        return f"PMI({len(self._vocabulary):,} words, {self._matrix.nnz:,} pairs, {given})"

    def _factors(self, cooccurrence: Counted) -> tuple[Sums, Sums]:
        """What the logarithm takes besides the count: ``1 / (shift · row sum)`` and ``1 / P(c)``."""
        sums, counts = np.asarray(cooccurrence.sums, np.float64), cooccurrence.matrix
        if cooccurrence.symmetric:
            contexts = sums
        else:
            contexts = np.bincount(counts.indices, counts.data, minlength=counts.shape[1]).astype(np.float64)
        powers = np.power(contexts, self._smoothing, out=np.zeros_like(contexts), where=contexts > 0)
        return _inverse(sums * self._shift), _inverse(powers) * powers.sum()

    def _weighted(self, counts: Any, row: Sums, column: Sums, threads: int | None) -> Any:
        data, indices, indptr = (_still(one) for one in (counts.data, counts.indices, counts.indptr.astype(np.int64)))
        rows = len(indptr) - 1
        blocks = row_blocks(indptr)
        with ThreadPoolExecutor(threads, thread_name_prefix="jari-pmi") as pool:

            def over(kernel: Any, *arrays: Any) -> None:
                for _ in over_blocks(
                    pool, blocks, lambda begin, end: kernel(data, indices, indptr, begin, end, row, column, *arrays)
                ):
                    pass

            if not self._positive:
                out = np.empty(len(data), np.float32)
                over(kernels.logs, out)
                return csr_of(out, counts.indices, indptr, counts.shape)
            above = np.empty(rows, np.int64)
            over(kernels.count_above, above)
            starts = np.concatenate([[0], np.cumsum(above)])
            kept, out = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
            over(kernels.logs_above, starts, kept, out)
        return csr_of(out, kept, starts, counts.shape)


def _is_real(value: Any) -> bool:
    return type(value) is not bool and isinstance(value, numbers.Real) and math.isfinite(value)


def _inverse(values: Sums) -> Sums:
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def _still(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
