"""`Cooccurrence`: how often words of a text stand near each other."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from typing import Any, Final, Literal, Self, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest import sparsefolder
from jari.ingest.corpus import Corpus
from jari.ingest.encoding import encode
from jari.ingest.entries import Rows
from jari.ingest.nearness import WEIGHTINGS, WIDEST, Nearness
from jari.ingest.pairs import Limits, Pairs
from jari.ingest.resources import memory_size
from jari.ingest.tokenizers import Tokenizer
from jari.threads import thread_count
from jari.types import Callback, Path

VERSION: Final = 1
_NAME, _NOUN = "cooccurrence", "a matrix of co-occurrences"

Weighting = Literal["shrink", "distance", "flat"]


class Cooccurrence:
    """Counts of pairs of words, as a sparse matrix: X[a, b] = Σ weight(d) over all places where b is d words from a.

    Made by `of`, or opened by `open`. Counted exactly: no pair is left out, however rare, and sums are of whole numbers
    until the end, so that the result is the same with any number of threads and any memory. Only then is each count
    rounded to float32: whole numbers up to 2²⁴ are kept, larger ones rounded in their eighth digit. `sums` and `total`
    are added before that, in float64.

    Parameters
    ----------
    matrix
        Shape (n, n), sparse: rows are words, columns their contexts.
    vocabulary
        The n words.
    window, weighting, symmetric
        How it was counted; see `of`.
    sums
        Of the rows, shape (n,); added up from the matrix where not given.
    statistics
        Of the corpus; JSON-able.

    Raises
    ------
    BadInput
        The matrix is not square, or not of so many words.

    Examples
    --------
    >>> near = Cooccurrence.of(["taylor swift release", "swift release"], window=2, weighting="distance", min_count=1)
    >>> near("swift", "release"), near("taylor", "release"), near("release", "taylor")
    (2.0, 0.5, 0.5)
    >>> near.vocabulary.keys[:], near.sums.tolist(), near.total
    (['release', 'swift', 'taylor'], [2.5, 3.0, 1.5], 7.0)
    """

    def __init__(
        self,
        matrix: Any,
        vocabulary: Vocabulary,
        *,
        window: int,
        weighting: Weighting = "shrink",
        symmetric: bool = True,
        sums: npt.NDArray[np.float64] | None = None,
        statistics: Mapping[str, Any] | None = None,
    ) -> None:
        n = len(vocabulary)
        if matrix.shape != (n, n):
            raise BadInput(f"The matrix has the shape {matrix.shape} and there are {n} words: it must be ({n}, {n}).")
        given = sparse.csr_array(matrix)
        if not given.has_canonical_format:
            given = given.copy()
            given.sum_duplicates()
        self._matrix = _matrix(given.indptr, given.indices, given.data)
        self._vocabulary = vocabulary
        self._window, self._weighting, self._symmetric = window, weighting, symmetric
        self._sums = np.asarray(self._matrix.sum(axis=1, dtype=np.float64) if sums is None else sums, np.float64)
        self._statistics = dict(statistics or {})
        self._delete: weakref.finalize[..., Any] | None = None

    @classmethod
    def of(
        cls,
        X: Any,
        *,
        window: int = 5,
        weighting: Weighting = "shrink",
        symmetric: bool = True,
        tokenizer: str | Tokenizer = "words",
        min_count: int = 5,
        max_vocabulary: int | None = None,
        memory: str | int = "1GB",
        threads: int | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Count the pairs of a text.

        Parameters
        ----------
        X
            A `Corpus`, or anything that `jari.encode` takes.
        window
            A word looks so many words far, to 4,095; never beyond its sentence. Words that the corpus left out
            (`min_count`) have no place in it: those on either side are neighbours.
        weighting
            What a pair counts that stands d words apart. ``"shrink"``: (window + 1 - d) / window, as word2vec's
            windows of random size do in the mean; ``"distance"``: 1 / d, as GloVe's; ``"flat"``: 1.
        symmetric
            Look to both sides: X = Xᵀ. Without it, only at the words that come after: X[a, b] is of b after a, and
            Xᵀ of b before a.
        tokenizer, min_count, max_vocabulary
            As for `jari.encode`, for a text that is not encoded yet.
        memory
            Bytes to work in, as a number or as ``"500MB"``; more goes to a temporary folder, the result too when it
            needs more than half of it: it is mapped then, and its files go with it. Some 60 bytes a word and thread
            come on top.
        threads
            As many as there are cores, unless said.
        callback
            Told about every tenth of a second how many words were paired (``"pairing"``), and of a text that is too
            long for the memory, how many rows were put together (``"merging"``).

        Raises
        ------
        BadInput
            A parameter is out of its range, or there is no word. And what `jari.encode` raises.
        BadFile
            The corpus is damaged.
        """
        if not isinstance(symmetric, bool | np.bool_):
            raise BadInput(f"symmetric={symmetric!r}: choose True or False.")
        Nearness.of(weighting, window, 1)  # before a long text is encoded
        limits, workers = Limits.within(memory_size(memory)), thread_count(threads)
        if isinstance(X, Corpus):
            if not len(X):
                raise BadInput("The corpus holds no word: was it closed?")
            return cls._counted(X, int(window), weighting, bool(symmetric), workers, limits, callback)
        with encode(
            X,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            threads=threads,
            memory=memory,
            callback=callback,
        ) as corpus:
            return cls._counted(corpus, int(window), weighting, bool(symmetric), workers, limits, callback)

    @classmethod
    def _counted(
        cls,
        corpus: Corpus,
        window: int,
        weighting: Weighting,
        symmetric: bool,
        threads: int,
        limits: Limits,
        callback: Callback | None,
    ) -> Self:
        nearness = Nearness.of(weighting, window, len(corpus))
        folder = pathlib.Path(tempfile.mkdtemp(prefix="jari-cooccurrence-"))
        try:
            rows = Pairs(corpus, nearness, symmetric, threads, limits, folder, callback).count()
            made = cls._trusted(rows, corpus.vocabulary, window, weighting, symmetric, corpus.statistics)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if rows.on_disk:
            made._delete = weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
        else:
            folder.rmdir()
        return made

    @classmethod
    def _trusted(
        cls,
        rows: Rows,
        vocabulary: Vocabulary,
        window: int,
        weighting: Weighting,
        symmetric: bool,
        statistics: Mapping[str, Any],
    ) -> Self:
        """Without a look at every entry."""
        made = cls.__new__(cls)
        made._matrix = _matrix(rows.starts, rows.columns, rows.values)
        made._vocabulary, made._sums = vocabulary, _still(rows.sums)
        made._window, made._weighting, made._symmetric = window, weighting, symmetric
        made._statistics, made._delete = dict(statistics), None
        return made

    @property
    def matrix(self) -> sparse.csr_array:
        """Shape (n, n): float32 data, int32 indices that rise in each row, int64 indptr; read-only."""
        return self._matrix

    @property
    def vocabulary(self) -> Vocabulary:
        """The words, with their counts in the text."""
        return self._vocabulary

    @property
    def sums(self) -> npt.NDArray[np.float64]:
        """How much each word's row adds up to, shape (n,)."""
        return self._sums

    @property
    def total(self) -> float:
        """How much all pairs add up to."""
        return float(self._sums.sum())

    @property
    def window(self) -> int:
        """How far a word looks."""
        return self._window

    @property
    def weighting(self) -> Weighting:
        """``"shrink"``, ``"distance"`` or ``"flat"``."""
        return self._weighting

    @property
    def symmetric(self) -> bool:
        """Whether words look to both sides."""
        return self._symmetric

    @property
    def statistics(self) -> dict[str, Any]:
        """What of the text was read, kept and dropped; see `jari.encode`."""
        return self._statistics

    @property
    def is_temporary(self) -> bool:
        """Whether it is in files that go when it is closed."""
        return self._delete is not None

    def __repr__(self) -> str:
        sides = "symmetric" if self._symmetric else "one-sided"
        return (
            f"Cooccurrence({len(self._vocabulary):,} keys, {self._matrix.nnz:,} pairs, window={self._window}, "
            f"{self._weighting}, {sides})"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, word: str, context: str) -> float:
        """How much a context counts with a word; 0 where they were never near each other.

        Raises
        ------
        UnknownKey
            With the nearest spellings.

        Examples
        --------
        >>> near = Cooccurrence.of(["she sells sea shells"], window=1, symmetric=False, min_count=1)
        >>> near("sells", "sea"), near("sea", "sells")
        (1.0, 0.0)
        """
        row, column = self._vocabulary.row(word), self._vocabulary.row(context)
        begin, end = self._matrix.indptr[row : row + 2]
        columns = self._matrix.indices[begin:end]
        at = int(np.searchsorted(columns, np.int32(column)))
        return float(self._matrix.data[begin + at]) if at < len(columns) and columns[at] == column else 0.0

    def close(self) -> None:
        """Let go of the files, and delete them where nobody asked to keep them. Nothing is counted afterwards."""
        n = len(self._vocabulary)
        empty = np.empty(0, np.int32)
        self._matrix = _matrix(np.zeros(n + 1, np.int64), empty, empty.astype(np.float32))
        self._sums = np.zeros(n)
        if self._delete is not None:
            self._delete()

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Keep it in a folder of its own: all of it or nothing.

        The folder holds ``indptr.npy``, ``indices.npy`` and ``data.npy`` of the matrix, ``sums.npy``, ``keys.arrow``
        as an encoded corpus has it, and ``cooccurrence.json`` with sizes, checksums, parameters and statistics.

        Raises
        ------
        FileIsThere
            Something is there already and `force` is not given, or it is a folder with other things in it.
        """
        matrix: Any = self._matrix
        about = {
            "window": self._window,
            "weighting": self._weighting,
            "symmetric": self._symmetric,
            "statistics": self._statistics,
        }
        rows = Rows(matrix.indptr, matrix.indices, matrix.data, self._sums, on_disk=False)
        sparsefolder.write(pathlib.Path(folder), rows, self._vocabulary, _NAME, VERSION, about, force=force)

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map what `save` has kept.

        Parameters
        ----------
        verify
            Read all of it and compare checksums, rather than only sizes.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            Something is, but not whole, or of a later version.
        """
        needs = ("window", int), ("weighting", str), ("symmetric", bool), ("statistics", dict)
        place = pathlib.Path(folder)
        rows, vocabulary, seal = sparsefolder.read(place, _NAME, VERSION, _NOUN, needs, verify=verify)
        about = seal.about
        seal.need(1 <= about["window"] <= WIDEST, "window")
        seal.need(about["weighting"] in WEIGHTINGS, "weighting")
        return cls._trusted(
            rows, vocabulary, about["window"], about["weighting"], about["symmetric"], about["statistics"]
        )


def _matrix(starts: Any, columns: Any, values: Any) -> sparse.csr_array:
    """Put together by hand: SciPy would copy so that indptr and indices are of one type."""
    n = len(starts) - 1
    made: Any = sparse.csr_array((n, n), dtype=np.float32)
    made.indptr = _still(np.asarray(starts, np.int64))
    made.indices, made.data = _still(np.asarray(columns, np.int32)), _still(np.asarray(values, np.float32))
    made.has_canonical_format = made.has_sorted_indices = True
    return cast(sparse.csr_array, made)


def _still(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
