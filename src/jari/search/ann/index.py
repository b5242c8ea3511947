"""`ANN`: approximate nearest neighbours of an embedding, with a recall that was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding import Embedding, Neighbours, load
from jari.embedding.metrics import Table, check_metric
from jari.embedding.neighbours import whole_k
from jari.embedding.queries import Query, read_queries, rows_among
from jari.errors import BadFile, BadInput
from jari.search.ann import files
from jari.search.ann.building import built, keys_asked, seed_of, share_of
from jari.search.ann.method import Method, Name, load_faiss, omp_threads
from jari.search.ann.methods import method_named
from jari.search.ann.recall import Efforts, Recall, Trial
from jari.search.ann.searcher import NARROW, Searcher
from jari.search.ann.source import Source
from jari.threads import thread_count
from jari.types import Callback, Metric, Path, Rows, Unknown, Vector

_TRIES = 5
_ASKED_BEFORE_LIST = 8  # as many as `Vocabulary` answers before it makes a dictionary


class ANN:
    """An index over the rows of an embedding; made by `build` and `open`.

    The index names candidates; their scores come from the embedding's own vectors and are those of the exact search.

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> embedding = Embedding(map(str, range(500)), draw.standard_normal((500, 8)))
    >>> ann = ANN.build(embedding, target_recall=0.9, random_state=0)
    >>> ann.similar("7", k=1).keys.tolist() == embedding.similar("7", k=1).keys.tolist()
    True
    >>> ann.recall(k=10) > 0.9
    True
    """

    __slots__ = (
        "_asked",
        "_keys",
        "_searcher",
        "_threads",
        "curve",
        "efforts",
        "k",
        "rebuilt",
        "seed",
        "target_recall",
    )

    def __init__(
        self,
        searcher: Searcher,
        efforts: Efforts,
        curve: Sequence[Recall],
        *,
        k: int,
        target_recall: float | None,
        seed: int,
        threads: int | None = None,
        rebuilt: bool = False,
    ) -> None:
        self._searcher, self._threads = searcher, thread_count(threads)
        self._asked, self._keys = 0, np.empty(0, dtype=object)
        self.efforts, self.curve = efforts, tuple(curve)
        self.k, self.target_recall, self.seed, self.rebuilt = k, target_recall, seed, rebuilt

    @classmethod
    def build(
        cls,
        embedding: Embedding,
        method: Name = "hnsw",
        *,
        metric: Metric = "cosine",
        target_recall: float | None = 0.95,
        k: int = 10,
        queries: npt.ArrayLike | None = None,
        threads: int | None = None,
        random_state: int | None = None,
        callback: Callback | None = None,
        **parameters: Any,
    ) -> ANN:
        """Build an index, measure it, and choose how hard it looks.

        Parameters
        ----------
        embedding
            What is searched.
        method
            ``"hnsw"``, the fastest; ``"ivf-pq"``, the smallest; ``"sq8"``, which reads every row.
        metric
            The one that is asked by later.
        target_recall
            The mean share of the `k` nearest that an answer is to hold: the least effort that was measured to give it
            is used, one for queries by key and one for other vectors. None: faiss's own.
        k
            How many answers recall is measured for.
        queries
            Vectors like those that will be asked, shape (m, d), to measure with. If not given, 500 rows are held out
            while the index is built, and asked before they are put in.
        threads
            All if not given. Graphs that several threads build differ from run to run; with one they do not.
        random_state
            Where chance begins.
        callback
            Told how far it is.
        **parameters
            Of the method: see `jari.search.ann.methods`.

        Raises
        ------
        BadInput
            A parameter cannot be; or the target cannot be reached: what was reached is said, and what to change.
        ExtraMissing
            faiss is not installed.

        Notes
        -----
        Memory while an ``"hnsw"`` index is built: a float32 copy of all rows and, with ``storage="int8"``, the codes.
        """
        check_metric(metric)
        k, number = whole_k(k), thread_count(threads)
        kind, target, seed = method_named(method, parameters), share_of(target_recall), seed_of(random_state)
        load_faiss()
        asked = None if queries is None else read_queries(embedding, np.atleast_2d(queries), "raise")[0]
        with omp_threads(number):
            searcher, efforts, curve = built(Source(embedding, metric), kind, asked, k, target, seed, callback)
        return cls(searcher, efforts, curve, k=k, target_recall=target, seed=seed, threads=number)

    @classmethod
    def open(
        cls,
        embedding: Path,
        *,
        rebuild: bool = False,
        threads: int | None = None,
        callback: Callback | None = None,
    ) -> ANN:
        """Open the index that is beside an embedding, and the embedding.

        Parameters
        ----------
        embedding
            The ``.jari`` folder; the index of ``wiki.jari`` is ``wiki.ann``.
        rebuild
            Where the index is of another embedding than the one that is there now, or is damaged: build and save a new
            one with the same parameters; `rebuilt` says so then.
        threads, callback
            As for `build`.

        Raises
        ------
        NoSuchFile
            The embedding or the index is not there.
        BadFile
            One of them is damaged, or the index is stale and `rebuild` is not given.
        """
        place = files.place_of(embedding)
        about = files.read_about(place)
        opened, checksums = _loaded(embedding)
        try:
            if about["embedding"] != checksums:
                raise BadFile(
                    f"{place} was built from another embedding than {embedding} is now. Build it again with: "
                    f"jari build-ann {embedding} --force"
                )
            return cls._read(place, about, opened, threads)
        except BadFile:
            if not rebuild:
                raise
        made = cls.build(
            opened,
            about["method"],
            metric=about["metric"],
            target_recall=about["target_recall"],
            k=about["k"],
            threads=threads,
            random_state=about["seed"],
            callback=callback,
            **about["parameters"],
        )
        made._write(place, checksums, force=True)
        made.rebuilt = True
        return made

    @classmethod
    def _read(cls, place: Any, about: dict[str, Any], embedding: Embedding, threads: int | None) -> ANN:
        index, held = files.read_index(place, about)
        try:
            method = method_named(about["method"], about["parameters"])
            source = Source(embedding, about["metric"], about["scale"])
        except BadInput as error:
            raise BadFile(f"{place}: {error}") from error
        if (index.ntotal, index.d) != (len(source), source.dim):
            raise BadFile(
                f"{place} holds {index.ntotal:,} × {index.d} and the embedding {len(source):,} × {source.dim}: they do "
                "not belong together. Build the index again."
            )
        return cls(
            Searcher(source, method, index, held=held),
            Efforts(**about["efforts"]),
            [Recall(**each) for each in about["curve"]],
            k=about["k"],
            target_recall=about["target_recall"],
            seed=about["seed"],
            threads=threads,
        )

    def save(self, embedding: Path, *, force: bool = False) -> None:
        """Write the index beside the embedding that it was built from: all of it or nothing.

        Parameters
        ----------
        embedding
            The ``.jari`` folder; the index of ``wiki.jari`` becomes ``wiki.ann``.
        force
            Replace an index that is there.

        Raises
        ------
        BadInput
            The embedding at that place is another one.
        FileIsThere
            Something is there and `force` is not given.
        """
        there, checksums = _loaded(embedding)
        mine = self.embedding
        if there.vocabulary.arrow != mine.vocabulary.arrow or not np.array_equal(there.vectors, mine.vectors):
            raise BadInput(f"{embedding} is not the embedding that this index was built from. Save that one first.")
        self._write(files.place_of(embedding), checksums, force=force)

    def _write(self, place: Any, checksums: dict[str, str], *, force: bool) -> None:
        about = {
            "embedding": checksums,
            "method": self.method.name,
            "parameters": self.method.parameters,
            "metric": self.metric,
            "scale": self._searcher.source.scale,
            "k": self.k,
            "target_recall": self.target_recall,
            "seed": self.seed,
            "efforts": asdict(self.efforts),
            "curve": [asdict(each) for each in self.curve],
        }
        files.write(place, about, self._searcher.index, force=force)

    @property
    def embedding(self) -> Embedding:
        """What is searched."""
        return self._searcher.source.embedding

    @property
    def metric(self) -> Metric:
        """What nearness is measured by."""
        return self._searcher.source.metric

    @property
    def method(self) -> Method:
        """The kind of index, with its parameters."""
        return self._searcher.method

    def __repr__(self) -> str:
        keys, vectors = self.efforts.keys, self.efforts.vectors
        return (
            f"ANN({self.method.name} of {len(self.embedding):,} keys × {self.embedding.dim} by {self.metric}, "
            f"{self.method.effort_name} {keys} for keys and {vectors} for vectors)"
        )

    def similar(
        self,
        query: Query | Sequence[Query],
        k: int = 10,
        *,
        include_inputs: bool = False,
        rows: npt.ArrayLike | None = None,
        unknown: Unknown = "raise",
        effort: int | None = None,
    ) -> Neighbours:
        """The k nearest keys, most of them: see `Embedding.similar`, whose conventions these are.

        Parameters
        ----------
        query, k, include_inputs, rows, unknown
            As there. Where `rows` are few, and for a query that the index alone cannot answer (a vector of zeros; too
            few found), all of them are looked at.
        effort
            The run-time parameter, if not the one that was chosen at building.
        """
        embedding = self.embedding
        k = whole_k(k)
        if isinstance(query, str) and unknown == "raise" and rows is None:  # the usual question, by the shortest way
            row = embedding.vocabulary.row(query)
            vector = embedding.vectors[row].astype(np.float64)
            found = self._one(vector, k, self._effort(effort, self.efforts.keys, k), -1 if include_inputs else row)
            return self._named(*found)
        if isinstance(query, np.ndarray) and query.ndim == 1 and query.dtype.kind == "f" and rows is None:
            return self._named(*self.rows(query, k, effort=effort))
        vectors, of_rows, many = read_queries(embedding, query, unknown)
        named = np.array([each[0] if len(each) else -1 for each in of_rows], dtype=np.int64)
        usual = self.efforts.keys if (named >= 0).all() else max(self.efforts.keys, self.efforts.vectors)
        chosen = self._effort(effort, usual, k)
        left_out = np.full_like(named, -1) if include_inputs else named
        if not many and rows is None:
            return self._named(*self._one(vectors[0], k, chosen, int(left_out[0])))
        among = None if rows is None else rows_among(embedding, rows)
        of_all, scores = self._many(vectors, k, chosen, left_out, among)
        return Neighbours.of(embedding.vocabulary, *((of_all, scores) if many else (of_all[0], scores[0])))

    def rows(self, vectors: npt.ArrayLike, k: int = 10, *, effort: int | None = None) -> tuple[Rows, Vector]:
        """Rows and scores of the k nearest: what is beneath `similar`.

        Parameters
        ----------
        vectors
            One vector, shape (d,), or many, shape (m, d).
        k
            How many.
        effort
            The run-time parameter, if not the one that was chosen for vectors.

        Returns
        -------
        rows, scores
            Shape (k,) or (m, k).
        """
        given = np.asarray(vectors, dtype=np.float64)
        if given.ndim not in (1, 2) or given.shape[-1] != self.embedding.dim or not np.isfinite(given).all():
            read_queries(self.embedding, vectors, "raise")  # says what is wrong
            raise BadInput(f"Vectors of shape {given.shape} were given: give (d,) or (m, d).")
        chosen = self._effort(effort, self.efforts.vectors, whole_k(k))
        if given.ndim == 1:
            return self._one(given, k, chosen, -1)
        return self._many(given, k, chosen, np.full(len(given), -1), None)

    def recall(self, k: int = 10, queries: npt.ArrayLike | None = None, *, effort: int | None = None) -> float:
        """The mean share of the k nearest that is found, against the exact search.

        Parameters
        ----------
        k
            How many.
        queries
            Vectors, shape (m, d). If not given, 500 of the keys, each left out of its own answer. (What vectors held
            out at building got is in `curve`: all of them are in the index now.)
        effort
            The run-time parameter, if not the one that was chosen.
        """
        searcher = self._searcher
        if queries is None:
            vectors, without = keys_asked(searcher, np.arange(len(searcher.source)), self.seed)
            kind = self.efforts.keys
        else:
            vectors = read_queries(self.embedding, np.atleast_2d(queries), "raise")[0]
            without, kind = np.full(len(vectors), -1), self.efforts.vectors
        with omp_threads(self._threads):
            trial = Trial(searcher, vectors, without, whole_k(k))
            return float(trial.recalls(searcher, self._effort(effort, kind, k)).mean())

    def _effort(self, given: int | None, chosen: int, k: int) -> int:
        """What was given, or what was chosen; more answers than recall was measured for need more."""
        if given is not None:
            if isinstance(given, bool) or not isinstance(given, int | np.integer) or given < 1:
                raise BadInput(f"effort={given!r} must be a whole number, 1 or more.")
            return int(given)
        return chosen if k <= self.k else min(math.ceil(chosen * k / self.k), self.method.most(self._searcher.index, k))

    def _one(self, vector: npt.NDArray[np.float64], k: int, effort: int, without: int) -> tuple[Rows, Vector]:
        if self.method.name == "hnsw":  # one walk is one thread's work
            found = self._searcher.one(vector, k, effort, without)
        else:
            with omp_threads(self._threads):
                found = self._searcher.one(vector, k, effort, without)
        if found is None:
            rows, scores = self._searcher.exactly(vector[None, :], k, np.array([without]))
            found = rows[0], scores[0]
        return found if self.metric != "euclidean" else (found[0], -found[1])

    def _named(self, rows: Rows, scores: Vector) -> Neighbours:
        """`Neighbours.of`, which reads ten keys from Arrow's cold memory in 35 µs; from an array of all it takes 3."""
        if self._asked <= _ASKED_BEFORE_LIST:
            self._asked += 1
            if self._asked <= _ASKED_BEFORE_LIST:
                return Neighbours.of(self.embedding.vocabulary, rows, scores)
            self._keys = np.array(self.embedding.vocabulary.arrow.to_pylist(), dtype=object)
        return Neighbours(self._keys[rows], scores, rows)

    def _many(
        self, vectors: npt.NDArray[np.float64], k: int, effort: int, without: Rows, among: Rows | None
    ) -> tuple[Rows, Vector]:
        table = Table(self.embedding.vectors, self.embedding.norms, among)
        there = len(table) - int(np.isin(without, among).any() if among is not None else (without >= 0).any())
        k = min(k, there)
        share = len(table) / max(1, len(self.embedding))
        with omp_threads(self._threads):
            if share < NARROW or not k:
                rows, scores = self._searcher.exactly(vectors, max(k, 1), without, among)
                rows, scores = rows[:, :k], scores[:, :k]
            else:
                effort = min(math.ceil(effort / share), self.method.most(self._searcher.index, max(k, self.k)))
                rows, scores, sure = self._searcher.many(vectors, k, effort, without, among)
                if not sure.all():
                    rows[~sure], scores[~sure] = self._searcher.exactly(vectors[~sure], k, without[~sure], among)
        return rows, -scores if self.metric == "euclidean" else scores


def _loaded(embedding: Path) -> tuple[Embedding, dict[str, str]]:
    """An embedding, and the checksums of just this one, though somebody may be saving another in its place."""
    for _ in range(_TRIES):
        before = files.checksums_of(embedding)
        opened = load(embedding)
        if files.checksums_of(embedding) == before:
            return opened, before
    raise BadFile(f"{embedding} was replaced {_TRIES} times while it was opened: wait until it is written.")
