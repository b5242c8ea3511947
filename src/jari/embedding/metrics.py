"""What "near" means: cosine, dot product, Euclidean distance; each as a cheap bound and an exact score.

The search in `neighbours.py` asks two things of a metric:

- ``upper``: what one float32 BLAS product over a block of rows says, made *never less than the true score* by adding
  what rounding can have taken away;
- ``exact(queries, rows)``: the score in float64, for the few rows whose bound reaches the best so far.

So the answer is exact, and the same whether a query comes alone or in a batch, on one core or on many: BLAS sums
in an order that depends on all of these, and equal rows would otherwise tie on some machines only.

The rounding of a float32 dot product of d terms is at most d·u·|x||q|, u = 2⁻²⁴ (Higham, Accuracy and Stability of
Numerical Algorithms, 2002, eq. 3.5). All bounds here work with the query at unit length, so that nothing overflows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.types import Matrix, Metric, Rows, Vector

Floats: TypeAlias = npt.NDArray[np.float64]
Coded: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float16] | npt.NDArray[np.int8]

METRICS: Final[tuple[Metric, ...]] = ("cosine", "dot", "euclidean")
_UNIT_ROUNDOFF = 2.0**-24
_FAINT = np.float32(1e-30)  # so short that float32 products lose digits: such rows are always scored exactly
_DOUBLES_AT_ONCE = 1 << 20  # 8 MB of float64 rows while scoring exactly


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows that are searched: all of a matrix, or some of them, never copied as a whole.

    Parameters
    ----------
    vectors
        Shape (n, d): float32; or float16 or int8, which become float32 a block at a time.
    norms
        The length of each row, shape (n,).
    rows
        The rows to search, ascending; None for all. Places below count within these.
    scales
        What each row is multiplied with, shape (n,), float32; None for nothing.
    """

    vectors: Coded
    norms: Vector
    rows: Rows | None = None
    scales: Vector | None = None

    def __len__(self) -> int:
        return len(self.vectors) if self.rows is None else len(self.rows)

    @property
    def plain(self) -> Matrix | None:
        """The vectors, where they are searched as they stand, row after row; else None."""
        vectors = self.vectors
        if self.rows is not None or self.scales is not None or vectors.dtype != np.float32:
            return None
        return cast(Matrix, vectors) if vectors.flags.c_contiguous else None

    def block(self, start: int, stop: int) -> tuple[Matrix, Vector]:
        """Vectors and norms of the places from start to stop: views, where the matrix is searched as it is."""
        return self._decoded(self._at(start, stop)), self.lengths(start, stop)

    def lengths(self, start: int, stop: int) -> Vector:
        """The norms of the places from start to stop."""
        return self.norms[self._at(start, stop)]

    def take(self, places: Rows) -> Floats:
        """The vectors at some places, as float64."""
        return self._decoded(places if self.rows is None else self.rows[places]).astype(np.float64)

    def _at(self, start: int, stop: int) -> slice | Rows:
        return slice(start, stop) if self.rows is None else self.rows[start:stop]

    def _decoded(self, at: slice | Rows) -> Matrix:
        vectors = self.vectors[at].astype(np.float32, copy=False)
        return vectors if self.scales is None else vectors * self.scales[at, None]


class Scores(ABC):
    """How well each place of a table answers each query; the greater the better.

    Parameters
    ----------
    table
        The rows that are searched.
    queries
        Shape (m, d), float64, finite.
    """

    __slots__ = ("_directions", "_lengths", "_rounding", "_units", "queries", "table")

    def __init__(self, table: Table, queries: Floats) -> None:
        self.table, self.queries = table, queries
        self._lengths = lengths_of(queries)
        self._directions = units(queries)
        self._units = np.ascontiguousarray(self._directions, dtype=np.float32)
        # Twice d·u: the product's rounding, and that of the stored norm; and some more for the few single operations.
        self._rounding = (2 * self._units.shape[1] + 32) * _UNIT_ROUNDOFF

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def vectors_each(self) -> int:
        """How many vectors a query has."""
        return 1

    @abstractmethod
    def upper(self, products: Matrix, norms: Vector) -> Matrix:
        """A bound that no score of some places exceeds, shape (m, places); `products` may be written over."""

    @abstractmethod
    def exact(self, queries: Rows, places: Rows) -> Vector:
        """The score of each pair (query, place), shape (pairs,)."""

    @abstractmethod
    def bar(self, score: Floats) -> Floats:
        """What a bound must reach for its place to reach `score` (m,): in the units of `upper`."""

    def some(self, at: slice) -> Scores:
        """These scores for some of the queries."""
        return type(self)(self.table, self.queries[at])

    def shown(self, scores: Vector) -> Vector:
        """The score as it is shown to people."""
        return scores

    def products(self, start: int, stop: int, out: Matrix) -> Vector:
        """x · q/|q| of a block of rows and all vectors of queries into `out`; answers the norms of these rows."""
        vectors, norms = self.table.block(start, stop)
        if len(self._units) == 1:
            np.matmul(vectors, self._units[0], out=out[0])
        else:
            np.matmul(self._units, vectors.T, out=out)
        return norms


class Linear(Scores):
    """Scores whose bounds are products, stretched and shifted: ``product · by_query · by_place + plus``.

    A score in the units of the bound lies between that and as much less as `gaps` say.
    """

    __slots__ = ()

    @property
    def by_query(self) -> Vector:
        """A factor for each query, shape (m,), float32."""
        return np.ones(len(self), dtype=np.float32)

    @abstractmethod
    def by_place(self, norms: Vector) -> tuple[Vector, Vector]:
        """A factor and a summand for each place, from the norms there, both of shape (places,), float32."""

    @property
    def gap_query(self) -> Vector:
        """The part of the gap that is the query's, shape (m,), float32."""
        return np.zeros(len(self), dtype=np.float32)

    @abstractmethod
    def gap_place(self, norms: Vector) -> Vector:
        """The part of the gap that is the place's, shape (places,), float32."""

    def columns(self) -> Matrix:
        """The queries at unit length, shape (d, m)."""
        return np.ascontiguousarray(self._units.T)

    def upper(self, products: Matrix, norms: Vector) -> Matrix:
        by_place, plus = self.by_place(norms)
        by_query = self.by_query
        if not (by_query == 1).all():
            products *= by_query[:, None]
        products *= by_place
        products += plus
        return products


class Cosine(Linear):
    """cos(x, q) = x·q / |x||q|; 0 where either is a vector of zeros."""

    __slots__ = ()

    def upper(self, products: Matrix, norms: Vector) -> Matrix:
        return bounded_cosines(products, norms)

    def by_place(self, norms: Vector) -> tuple[Vector, Vector]:
        return over_lengths(norms)

    def gap_place(self, norms: Vector) -> Vector:
        # Off by the rounding on either side; 2 where nothing is known of a cosine is 3 more than the least
        return np.where(over_lengths(norms)[1] > 0, np.float32(4), np.float32(2 * self._rounding))

    def exact(self, queries: Rows, places: Rows) -> Vector:
        return in_pieces(self._cosines, queries, places, self.queries.shape[1])

    def bar(self, score: Floats) -> Floats:
        bar: Floats = score - self._rounding
        return bar

    def _cosines(self, queries: Rows, places: Rows) -> Floats:
        return directed_cosines(self.table.take(places), self._directions[queries])


class Dot(Linear):
    """x·q."""

    __slots__ = ()

    def by_place(self, norms: Vector) -> tuple[Vector, Vector]:
        return np.ones(len(norms), dtype=np.float32), norms * np.float32(self._rounding)

    def gap_place(self, norms: Vector) -> Vector:
        return norms * np.float32(2 * self._rounding)

    def exact(self, queries: Rows, places: Rows) -> Vector:
        return in_pieces(self._products, queries, places, self.queries.shape[1])

    def bar(self, score: Floats) -> Floats:
        bar: Floats = score / np.where(self._lengths > 0, self._lengths, 1.0)
        return bar

    def _products(self, queries: Rows, places: Rows) -> Floats:
        return dots(self.table.take(places), self.queries[queries])


class Euclidean(Linear):
    """-|x - q|, shown as |x - q|: the nearest first.

    The bound is of -|x - q|² = 2x·q - |x|² - |q|², all divided by s², s the largest length about. Its rounding is at
    most e(|x| + |q|)² ≤ 2e|x|² + 2e|q|². Where all points lie close together and far from the origin this says
    little and many rows are scored exactly: slower, never wrong.
    """

    __slots__ = ("_scale",)

    def __init__(self, table: Table, queries: Floats) -> None:
        super().__init__(table, queries)
        longest = float(table.norms.max()) if len(table.norms) else 0.0
        self._scale = max(longest, float(self._lengths.max(initial=0.0)), 1e-30)

    @property
    def by_query(self) -> Vector:
        factor: Vector = (2.0 * self._lengths / self._scale / self._scale).astype(np.float32)
        return factor

    def by_place(self, norms: Vector) -> tuple[Vector, Vector]:
        squares = np.square(norms / np.float32(self._scale))
        return np.ones(len(norms), dtype=np.float32), squares * np.float32(2.0 * self._rounding - 1.0)

    @property
    def gap_query(self) -> Vector:
        gap: Vector = (4.0 * self._rounding * np.square(self._lengths / self._scale)).astype(np.float32)
        return gap

    def gap_place(self, norms: Vector) -> Vector:
        gap: Vector = np.square(norms / np.float32(self._scale)) * np.float32(4.0 * self._rounding)
        return gap

    def exact(self, queries: Rows, places: Rows) -> Vector:
        return in_pieces(self._nearness, queries, places, self.queries.shape[1])

    def bar(self, score: Floats) -> Floats:
        length = np.square(self._lengths / self._scale)
        farthest = np.square(score / self._scale) * (1.0 + self._rounding)
        bar: Floats = length * (1.0 - 2.0 * self._rounding) - farthest
        return bar

    def some(self, at: slice) -> Scores:
        """These scores for some of the queries."""
        return type(self)(self.table, self.queries[at])

    def shown(self, scores: Vector) -> Vector:
        return -scores

    def _nearness(self, queries: Rows, places: Rows) -> Floats:
        apart = self.table.take(places)
        apart -= self.queries[queries]
        apart *= apart
        nearness: Floats = -np.sqrt(apart.sum(axis=1))
        return nearness


def scores_by(metric: Metric, table: Table, queries: Floats) -> Scores:
    """The scores of a metric by name.

    Raises
    ------
    BadInput
        There is no such metric.
    """
    check_metric(metric)
    if metric == "cosine":
        return Cosine(table, queries)
    return Dot(table, queries) if metric == "dot" else Euclidean(table, queries)


def check_metric(metric: str) -> None:
    """Raise `BadInput` where there is no such metric."""
    if metric not in METRICS:
        raise BadInput(f"metric={metric!r} is not known: choose one of {', '.join(map(repr, METRICS))}.")


def dots(left: Floats, right: Floats) -> Floats:
    """The dot product of each row of one with the same row of the other, shape (m,)."""
    # Not BLAS: its order of summing depends on alignment, and equal rows must score alike to the last bit.
    products: Floats = (left * right).sum(axis=1)
    return products


def lengths_of(vectors: Floats) -> Floats:
    """The Euclidean length of each row, shape (m,); free of overflow and of underflow."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scale = np.where(largest > 0, largest, 1.0)[:, None]
    scaled = vectors / scale
    lengths: Floats = np.sqrt(dots(scaled, scaled)) * scale[:, 0]
    return lengths


def cosines(left: Floats, right: Floats) -> Floats:
    """The cosine of each row of one with the same row of the other, 0 where either is zero, shape (m,)."""
    return np.clip(dots(units(left), units(right)), -1.0, 1.0)


def directed_cosines(rows: Floats, directions: Floats) -> Floats:
    """The cosine of each row with the unit vector of the same row, for rows that were float32, shape (m,)."""
    lengths = np.sqrt(dots(rows, rows))  # squares of any float32 fit in float64
    return np.clip(dots(rows, directions) / np.where(lengths > 0, lengths, 1.0), -1.0, 1.0)


def units(vectors: Floats) -> Floats:
    """Each row at length 1; rows of zeros stay."""
    lengths = lengths_of(vectors)
    return vectors / np.where(lengths > 0, lengths, 1.0)[:, None]


def over_lengths(norms: Vector) -> tuple[Vector, Vector]:
    """What makes cosines of products with unit vectors: factors, and summands, 2 where float32 cannot tell, else 0."""
    tells = norms >= _FAINT
    factors = np.divide(np.float32(1), norms, out=np.zeros_like(norms), where=tells)
    return factors, np.where(tells | (norms == 0), np.float32(0), np.float32(2))


def bounded_cosines(products: Matrix, norms: Vector) -> Matrix:
    """Cosines from products with unit vectors, in place; 2 where a row is too short for float32 to tell."""
    if norms.min(initial=1.0) >= _FAINT:  # nearly always, and one pass instead of five
        products /= norms
        return products
    factors, summands = over_lengths(norms)
    products *= factors
    products += summands
    return products


def in_pieces(score: Callable[[Rows, Rows], Floats], queries: Rows, places: Rows, dim: int) -> Vector:
    """Score pairs a piece at a time, so that the float64 rows in hand stay few; shape (pairs,), float32."""
    scored = np.empty(len(places), dtype=np.float32)
    piece = max(1, _DOUBLES_AT_ONCE // max(1, dim))
    with np.errstate(over="ignore"):  # a dot product of vectors of 1e20 is inf in float32, and says so
        for start in range(0, len(places), piece):
            now = slice(start, start + piece)
            scored[now] = score(queries[now], places[now])
    return scored
