"""`Searcher`: candidates from an index of faiss, scored again from the embedding's own vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import Floats, Table, scores_by
from jari.embedding.neighbours import best
from jari.search.ann.method import Method, load_faiss
from jari.search.ann.source import Source
from jari.types import Rows, Vector

# Below this share of rows a walk meets few that may answer, and looking at each of them takes no longer.
NARROW: Final = 0.1
_AT_ONCE = 1024  # queries
_ASKED_BEFORE_KERNEL = 8  # to fetch it takes half a second; each answer by NumPy some 20 µs more
_METRICS: Final = {"cosine": 0, "dot": 1, "euclidean": 2}


class Searcher:
    """An index with what it was made of.

    Parameters
    ----------
    source
        The rows.
    method
        The kind of index.
    index
        faiss's.
    places
        The place in the source of each number that the index answers; None where they are the same.
    held
        What must live as long as the index does: the file that it is mapped from.

    Attributes
    ----------
    rows
        The row of the embedding for each number that the index answers.
    """

    __slots__ = ("_asked", "_coded", "_held", "_parameters", "_rescore", "_table", "index", "method", "rows", "source")

    def __init__(
        self, source: Source, method: Method, index: Any, places: Rows | None = None, held: Any = None
    ) -> None:
        self.source, self.method, self.index = source, method, index
        self.rows: Rows = source.rows if places is None else source.rows[places]
        self._held = held
        self._rescore: Callable[..., int] = self._rescore_first
        self._asked = 0
        self._table = Table(source.embedding.vectors, source.embedding.norms)
        self._coded = method.coded
        self._parameters: dict[int, Any] = {}

    def one(self, query: Floats, k: int, effort: int, without: int = -1) -> tuple[Rows, Vector] | None:
        """The k best rows for one query (d,), less one row; None where the index alone cannot say.

        Scores are those of the exact search, to float32's rounding; greater is better.
        """
        largest = float(np.abs(query).max())
        if largest == 0.0:
            return None
        parameters = self._parameters.get(effort)
        if parameters is None:
            parameters = self._parameters[effort] = self.method.search_parameters(effort, None)
        sought = self.source.query(query, largest, coded=self._coded)
        _, numbers = self.index.search(sought, self.method.candidates(effort, k + 1), params=parameters)
        rows, exact = np.empty(k, dtype=np.int64), np.empty(k, dtype=np.float32)
        metric = _METRICS[self.source.metric]
        if self._rescore(self._table.vectors, numbers[0], self.rows, query, metric, without, rows, exact) < k:
            return None
        if self.source.metric == "cosine" and exact[-1] <= 0 and len(self.source.rows) < len(self.source.embedding):
            return None  # rows of zeros score 0 and are not in the index
        return rows, exact

    def _rescore_first(self, *given: Any) -> int:
        """`jari.kernels.rescoring.rescore`; the first few times its twin, which need not be compiled."""
        from jari.kernels.reference.rescoring import rescore

        self._asked += 1
        if self._asked > _ASKED_BEFORE_KERNEL:
            from jari.kernels.rescoring import rescore as compiled

            self._rescore = compiled
        return rescore(*given)

    def many(
        self, queries: Floats, k: int, effort: int, without: Rows, among: Rows | None = None
    ) -> tuple[Rows, Vector, npt.NDArray[np.bool_]]:
        """The k best rows for each query (m, d).

        Parameters
        ----------
        queries, k, effort
            What is asked.
        without
            For each query a row that must not be answered, or -1; shape (m,).
        among
            Ascending rows, of which alone the answers are to be.

        Returns
        -------
        rows, scores
            Shape (m, k).
        sure
            Where the index found k rows, shape (m,); the others are to be looked for exactly.
        """
        rows = np.zeros((len(queries), k), dtype=np.int64)
        scores = np.zeros((len(queries), k), dtype=np.float32)
        sure = np.zeros(len(queries), dtype=bool)
        selector = None if among is None else self._selector(among)
        parameters = self.method.search_parameters(effort, selector)
        for start in range(0, len(queries), _AT_ONCE):
            now = slice(start, start + _AT_ONCE)
            rows[now], scores[now], sure[now] = self._some(queries[now], k, effort, without[now], parameters)
        return rows, scores, sure

    def exactly(self, queries: Floats, k: int, without: Rows, among: Rows | None = None) -> tuple[Rows, Vector]:
        """The same by looking at every row; greater is better here too."""
        embedding = self.source.embedding
        table = Table(embedding.vectors, embedding.norms, among)
        out = [np.array([row] if row >= 0 else [], dtype=np.int64) for row in without]
        if among is not None:
            out = [np.flatnonzero(np.isin(among, each)) for each in out]
        rows, scores = best(scores_by(self.source.metric, table, queries), k, out)
        return rows, -scores if self.source.metric == "euclidean" else scores

    def _some(
        self, queries: Floats, k: int, effort: int, without: Rows, parameters: Any
    ) -> tuple[Rows, Vector, npt.NDArray[np.bool_]]:
        wanted = self.method.candidates(effort, k + 1)
        _, numbers = self.index.search(self.source.queries(queries, coded=self._coded), wanted, params=parameters)
        nowhere = len(self.source.embedding)
        rows = np.where(numbers >= 0, self.rows[numbers], nowhere)
        rows[rows == without[:, None]] = nowhere
        rows.sort(axis=1)
        there = rows < nowhere
        all_scores = scores_by(self.source.metric, self._table, queries)
        scores = np.full(rows.shape, -np.inf, dtype=np.float32)
        scores[there] = all_scores.exact(np.nonzero(there)[0], rows[there])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        rows, scores = np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)
        if rows.shape[1] < k:
            missing = ((0, 0), (0, k - rows.shape[1]))
            rows, scores = np.pad(rows, missing), np.pad(scores, missing, constant_values=-np.inf)
        sure: npt.NDArray[np.bool_] = np.logical_and(np.isfinite(scores).all(axis=1), queries.any(axis=1))
        if self.source.metric == "cosine" and len(self.source.rows) < nowhere:
            sure &= scores[:, -1] > 0  # rows of zeros score 0 and are not in the index
        return rows, scores, sure

    def _selector(self, among: Rows) -> Any:
        faiss = load_faiss()
        chosen = np.zeros(len(self.source.embedding), dtype=bool)
        chosen[among] = True
        bits = np.packbits(chosen[self.rows], bitorder="little")
        selector = faiss.IDSelectorBitmap(len(self.rows), faiss.swig_ptr(bits))
        selector.bits_of_python = bits  # faiss keeps no reference of its own
        return selector
