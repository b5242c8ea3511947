"""The kinds of index that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from jari.errors import BadInput
from jari.search.ann.method import Building, Method, load_faiss, metric_of
from jari.search.ann.source import Source
from jari.types import Rows


class HNSW(Method):
    """A graph of near neighbours (Malkov and Yashunin 2020): the fastest for one query at a time.

    Parameters are `links`, how many neighbours a row is joined to (twice as many on the lowest level); the
    `build_effort` (efConstruction); and `storage`: what the walk compares with, ``"int8"`` or ``"float32"``. Either way
    answers are scored from the embedding's own float32 vectors.
    """

    name = "hnsw"
    effort_name = "efSearch"
    defaults: ClassVar[Mapping[str, Any]] = {"links": 32, "build_effort": 200, "storage": "int8"}
    remedy = "a greater links= or build_effort=, or storage='float32'"

    def check(self, name: str, value: Any) -> None:
        if name == "storage":
            if value not in ("int8", "float32"):
                raise BadInput(f"storage={value!r} is not known: choose 'int8' or 'float32'.")
            return
        super().check(name, value)
        if name == "links" and value < 2:
            raise BadInput("links=1: a graph with one neighbour a row cannot be walked. Give 2 or more.")

    def start(self, source: Source, seed: int) -> Building:
        return _Graph(source, seed, **self.parameters)

    @property
    def coded(self) -> bool:
        return bool(self.parameters["storage"] == "int8")

    def most(self, index: Any, k: int) -> int:
        return max(k, min(int(index.ntotal), 100 * k, 4096))

    def usual(self, k: int) -> int:
        return max(16, k + 1)

    def search_parameters(self, effort: int, selector: Any) -> Any:
        return load_faiss().SearchParametersHNSW(efSearch=effort, sel=selector)

    def candidates(self, effort: int, k: int) -> int:
        return max(effort, k)


class _Graph(Building):
    def __init__(self, source: Source, seed: int, *, links: int, build_effort: int, storage: str) -> None:
        super().__init__(source)
        faiss = load_faiss()
        self._links, self._storage = links, storage
        # The graph comes from float32 rows: with 8-bit codes faiss takes four times as long to build one.
        self._flat = faiss.IndexHNSWFlat(source.dim, links, metric_of(source))
        self._flat.hnsw.efConstruction = build_effort
        self._flat.hnsw.rng = faiss.RandomGenerator(seed)

    def put(self, places: Rows) -> None:
        self._flat.add(self.source.take(places))

    def served(self) -> Any:
        return self._flat if self._storage == "float32" else self._coded(self.places)

    def finished(self) -> Any:
        faiss = load_faiss()
        old = np.argsort(self.places)  # of each place
        if self._storage == "float32":
            self._flat.permute_entries(old)
            return self._flat
        self._flat.hnsw.permute_entries(faiss.swig_ptr(old))
        self.places = np.arange(len(old))
        return self._coded(self.places)

    def _coded(self, places: Rows) -> Any:
        """The same graph over 8-bit codes."""
        faiss = load_faiss()
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        coded = faiss.IndexHNSWSQ(self.source.dim, kind, self._links, metric_of(self.source))
        for block in self.source.blocks(places):
            coded.storage.add(np.rint(block))
        coded.ntotal, coded.is_trained = len(places), True
        coded.hnsw = self._flat.hnsw
        return coded


class IVFPQ(Method):
    """Lists of rows around centres, each row a short code (Jégou, Douze and Schmid 2011): the smallest.

    Parameters are `lists`, how many there are (√n · 4 if not given); `code_bytes` of a row (a quarter of the
    dimensions); and `refine`: how many answers are scored again from the embedding's own vectors, times k.
    """

    name = "ivf-pq"
    effort_name = "nprobe"
    defaults: ClassVar[Mapping[str, Any]] = {"lists": None, "code_bytes": None, "refine": 10}
    remedy = "a greater code_bytes= or refine="
    _LEAST = 256

    def start(self, source: Source, seed: int) -> Building:
        if len(source) < self._LEAST:
            raise BadInput(
                f"method='ivf-pq' learns codes from {self._LEAST} rows or more, and there are {len(source)}: "
                "choose 'hnsw' or 'sq8'."
            )
        lists = self.parameters["lists"] or max(1, round(4 * np.sqrt(len(source))))
        lists = min(lists, len(source) // 10)
        code_bytes = self.parameters["code_bytes"] or source.dim // 4
        if source.dim % code_bytes:
            right = [n for n in range(1, source.dim + 1) if source.dim % n == 0]
            raise BadInput(f"code_bytes={code_bytes} does not divide {source.dim} dimensions: choose one of {right}.")
        return _Lists(source, seed, lists, code_bytes)

    def most(self, index: Any, k: int) -> int:
        return int(index.nlist)

    def usual(self, k: int) -> int:
        return 1

    def search_parameters(self, effort: int, selector: Any) -> Any:
        return load_faiss().SearchParametersIVF(nprobe=effort, sel=selector)

    def candidates(self, effort: int, k: int) -> int:
        return k * int(self.parameters["refine"])


class _Lists(Building):
    def __init__(self, source: Source, seed: int, lists: int, code_bytes: int) -> None:
        super().__init__(source)
        faiss = load_faiss()
        metric = metric_of(source)
        self._centres = faiss.IndexFlat(source.dim, metric)  # Python's owner of it, as long as the index lives
        self._index = faiss.IndexIVFPQ(self._centres, source.dim, lists, code_bytes, 8, metric)
        for clusters in (self._index.cp, self._index.pq.cp):
            clusters.seed = seed
            clusters.min_points_per_centroid = 1  # below 39 faiss writes a warning to the terminal
        draw = np.random.default_rng(seed)
        most = max(256 * lists, 65_536)
        chosen = np.sort(draw.permutation(len(source))[:most])
        self._index.train(source.take(chosen))

    def put(self, places: Rows) -> None:
        self._index.add_with_ids(self.source.take(places), places)

    @property
    def numbered(self) -> Rows | None:
        return None

    def served(self) -> Any:
        return self._index

    def finished(self) -> Any:
        return self._index


class SQ8(Method):
    """Every row, as 8-bit codes: a quarter of the memory, all of it read for each query; nearly exact."""

    name = "sq8"
    effort_name = "candidates"
    defaults: ClassVar[Mapping[str, Any]] = {}
    remedy = "method='hnsw' with storage='float32'"

    def start(self, source: Source, seed: int) -> Building:
        return _Codes(source)

    @property
    def coded(self) -> bool:
        return True

    def most(self, index: Any, k: int) -> int:
        return min(int(index.ntotal), 100 * k)

    def usual(self, k: int) -> int:
        return k + 1

    def search_parameters(self, effort: int, selector: Any) -> Any:
        return load_faiss().SearchParameters(sel=selector) if selector is not None else None

    def candidates(self, effort: int, k: int) -> int:
        return max(effort, k)


class _Codes(Building):
    def put(self, places: Rows) -> None:
        pass

    def served(self) -> Any:
        return self._of(self.places)

    def finished(self) -> Any:
        return self._of(np.arange(len(self.source)))

    def _of(self, places: Rows) -> Any:
        faiss = load_faiss()
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        index = faiss.IndexScalarQuantizer(self.source.dim, kind, metric_of(self.source))
        for block in self.source.blocks(places):
            index.add(np.rint(block))
        return index


METHODS: Final[Mapping[str, type[Method]]] = {each.name: each for each in (HNSW, IVFPQ, SQ8)}


def method_named(name: str, given: Mapping[str, Any]) -> Method:
    """A kind of index by name.

    Raises
    ------
    BadInput
        There is none of this name, or a parameter is not one of it.

    Examples
    --------
    >>> method_named("hnsw", {"links": 16}).parameters
    {'links': 16, 'build_effort': 200, 'storage': 'int8'}
    """
    if name not in METHODS:
        raise BadInput(f"method={name!r} is not known: choose one of {', '.join(map(repr, METHODS))}.")
    return METHODS[name](given)
