"""What a kind of index is: how it is built with faiss, and the one number that trades its recall for speed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from jari.errors import BadInput
from jari.extras import require
from jari.ingest.resources import Report
from jari.search.ann.source import BLOCK, Source
from jari.types import Rows

Name: TypeAlias = Literal["hnsw", "ivf-pq", "sq8"]


def load_faiss() -> Any:
    """The package, or `ExtraMissing`."""
    return require("faiss", extra="ann")


@contextmanager
def omp_threads(threads: int) -> Iterator[None]:
    """Within, faiss uses so many threads; afterwards as many as before."""
    faiss = load_faiss()
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


class Method(ABC):
    """One kind of index, with its parameters.

    Parameters
    ----------
    given
        Parameters by name; those not given have the values of `defaults`.

    Notes
    -----
    *Effort* is the run-time parameter: more of it, more recall and less speed.
    """

    name: ClassVar[Name]
    effort_name: ClassVar[str]
    defaults: ClassVar[Mapping[str, Any]]
    remedy: ClassVar[str]

    def __init__(self, given: Mapping[str, Any]) -> None:
        strange = sorted(set(given) - set(self.defaults))
        if strange:
            raise BadInput(
                f"{strange[0]}={given[strange[0]]!r} is no parameter of method={self.name!r}: it has "
                f"{', '.join(self.defaults) or 'none'}."
            )
        self.parameters: dict[str, Any] = dict(self.defaults) | dict(given)
        for name, value in self.parameters.items():
            self.check(name, value)

    def check(self, name: str, value: Any) -> None:
        """Raise `BadInput` where a parameter cannot be."""
        if self.defaults[name] is None and value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise BadInput(f"{name}={value!r} must be a whole number, 1 or more.")

    @abstractmethod
    def start(self, source: Source, seed: int) -> Building:
        """Begin to build."""

    @abstractmethod
    def most(self, index: Any, k: int) -> int:
        """The greatest effort that makes sense."""

    @abstractmethod
    def usual(self, k: int) -> int:
        """The effort where nobody asked for a recall: faiss's own."""

    @property
    def coded(self) -> bool:
        """Whether the index compares 8-bit codes."""
        return False

    @abstractmethod
    def search_parameters(self, effort: int, selector: Any) -> Any:
        """What faiss is given with a query."""

    @abstractmethod
    def candidates(self, effort: int, k: int) -> int:
        """How many of an index's answers are scored again from the embedding's own vectors."""


class Building(ABC):
    """An index that grows."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: Rows = np.empty(0, dtype=np.int64)  # in the order in which they came

    def add(self, places: Rows, report: Report) -> None:
        """Put rows of the source in."""
        for start in range(0, len(places), BLOCK):
            now = places[start : start + BLOCK]
            self.put(now)
            self.places = np.concatenate([self.places, now])
            report(len(self.places))

    @property
    def numbered(self) -> Rows | None:
        """The place of each number that `served` answers; None where it answers places."""
        return self.places

    @abstractmethod
    def put(self, places: Rows) -> None:
        """Put a block in."""

    @abstractmethod
    def served(self) -> Any:
        """An index of what is in."""

    @abstractmethod
    def finished(self) -> Any:
        """An index of all, which answers places of the source."""


def metric_of(source: Source) -> int:
    """faiss's number for the metric."""
    faiss = load_faiss()
    return int(faiss.METRIC_L2 if source.metric == "euclidean" else faiss.METRIC_INNER_PRODUCT)
