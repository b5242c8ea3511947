"""Arithmetic with keys: ``king - man + woman``.

Two ways of combining, both from Levy and Goldberg, Linguistic Regularities in Sparse and Explicit Word
Representations, CoNLL 2014:

- 3CosAdd (their eq. 3): the key whose vector has the greatest cosine to the sum of the unit vectors;
- 3CosMul (their eq. 5): the greatest product of the cosines to the positive terms over those to the negative terms,
  each cosine moved to [0, 1], and ε = 0.001 added below. No single large term can outweigh the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import numpy as np

from jari.embedding.expression import Term, parse
from jari.embedding.lookup import Found, look_up
from jari.embedding.metrics import (
    Floats,
    Scores,
    Table,
    bounded_cosines,
    check_metric,
    directed_cosines,
    in_pieces,
    scores_by,
    units,
)
from jari.embedding.neighbours import Neighbours, best, whole_k
from jari.errors import BadInput, UnknownKey
from jari.types import Matrix, Metric, Rows, Unknown, Vector

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Expression: TypeAlias = str | tuple[Sequence[str], Sequence[str]]
Method: TypeAlias = Literal["add", "mul"]

_EPSILON = 0.001


class CosMul(Scores):
    """∏ ((1 + cos)/2)^w over positive terms, over ∏ ((1 + cos)/2 + ε)^|w| over negative ones.

    Parameters
    ----------
    table
        The rows that are searched.
    queries
        The vectors of the terms, shape (m · p, d): p terms a question.
    weights
        Shape (m, p); a term of weight 0 does not count.
    """

    __slots__ = ("_weights",)

    def __init__(self, table: Table, queries: Floats, weights: Floats) -> None:
        super().__init__(table, queries)
        self._weights = weights

    def __len__(self) -> int:
        return len(self._weights)

    def some(self, at: slice) -> CosMul:
        terms = self.queries.reshape(*self._weights.shape, -1)[at].reshape(-1, self.queries.shape[1])
        return CosMul(self.table, terms, self._weights[at])

    @property
    def vectors_each(self) -> int:
        return int(self._weights.shape[1])

    def upper(self, products: Matrix, norms: Vector) -> Matrix:
        m, p = self._weights.shape
        near = bounded_cosines(products, norms).reshape(m, p, -1)
        out = np.full((m, len(norms)), 1.0 + (p + 2) * 1e-6, dtype=np.float32)  # for the rounding of what follows
        with np.errstate(over="ignore"):
            for term in range(p):
                weight = self._weights[:, term].astype(np.float32)[:, None]
                shifted = near[:, term] + (
                    1.0 + np.sign(weight) * np.float32(self._rounding)
                )  # each factor's best case
                shifted *= 0.5
                np.maximum(shifted, 0.0, out=shifted)
                shifted += np.float32(_EPSILON) * (weight < 0)
                if np.all(weight == 1.0):
                    out *= shifted
                elif np.all(weight == -1.0):
                    out /= shifted
                else:
                    out *= shifted**weight
        out[:, near[0, 0] > 1.5] = np.inf  # too short to tell: score exactly
        return out

    def exact(self, queries: Rows, places: Rows) -> Vector:
        return in_pieces(self._combined, queries, places, self.queries.shape[1])

    def bar(self, score: Floats) -> Floats:
        return score

    def _combined(self, queries: Rows, places: Rows) -> Floats:
        combined = np.ones(len(places))
        vectors, p = self.table.take(places), self._weights.shape[1]
        for term in range(p):
            shifted = (1.0 + directed_cosines(vectors, self._directions[queries * p + term])) / 2.0
            weight = self._weights[queries, term]
            combined *= (shifted + _EPSILON * (weight < 0)) ** weight
        return combined


def solve(
    embedding: Embedding,
    expression: Expression | Sequence[Expression],
    k: int = 10,
    method: Method = "add",
    *,
    metric: Metric = "cosine",
    include_inputs: bool = False,
    unknown: Unknown = "raise",
) -> Neighbours:
    """The keys nearest to where an expression leads: see `Embedding.solve`."""
    whole_k(k)
    check_metric(metric)
    if method not in ("add", "mul"):
        raise BadInput(f"method={method!r} is not known: choose 'add' (3CosAdd) or 'mul' (3CosMul).")
    if method == "mul" and metric != "cosine":
        raise BadInput(f"method='mul' multiplies cosines and takes no metric={metric!r}: pass method='add'.")
    many = isinstance(expression, list)
    asked: list[Expression] = expression if isinstance(expression, list) else [cast(Expression, expression)]
    if not asked:
        raise BadInput("The list of expressions is empty: give one or more.")
    terms = [terms_of(one) for one in asked]
    found = [_look_up(embedding, one, unknown) for one in terms]
    weights = [np.array([one[place].weight for place in at.asked]) for one, at in zip(terms, found, strict=True)]
    table = Table(embedding.vectors, embedding.norms)
    if method == "add":
        sums = [_sum(at.vectors, w, metric) for at, w in zip(found, weights, strict=True)]
        scores = scores_by(metric, table, np.array(sums))
    else:
        scores = _product(table, found, weights)
    rows, values = best(scores, k, None if include_inputs else [at.known_rows for at in found])
    return (
        Neighbours.of(embedding.vocabulary, rows, values)
        if many
        else Neighbours.of(embedding.vocabulary, rows[0], values[0])
    )


def terms_of(expression: Expression) -> tuple[Term, ...]:
    """The terms of an expression, or of a pair (positive keys, negative keys)."""
    if isinstance(expression, str):
        return parse(expression)
    if not isinstance(expression, tuple) or len(expression) != 2:
        raise BadInput(f"{expression!r} is no expression: give a string, or a tuple (positive keys, negative keys).")
    positive, negative = (_keys(side) for side in expression)
    if not positive and not negative:
        raise BadInput("The expression is empty: give one key or more.")
    return tuple([Term(key) for key in positive] + [Term(key, -1.0) for key in negative])


def _keys(side: Iterable[str]) -> list[str]:
    return [side] if isinstance(side, str) else list(side)


def _look_up(embedding: Embedding, terms: tuple[Term, ...], unknown: Unknown) -> Found:
    keys = [term.key for term in terms]
    try:
        found = look_up(embedding, keys, unknown)
    except UnknownKey as error:
        if len(terms) == 1 and any(sign in terms[0].key[1:-1] for sign in "+-−"):
            raise UnknownKey(f"{error} In an expression, + and - are operators only with spaces around.") from None
        raise
    if not found.keys:
        raise UnknownKey(f"None of {', '.join(map(repr, keys))} is in this embedding ({len(embedding):,} keys).")
    return found


def _sum(vectors: Matrix, weights: Floats, metric: Metric) -> Floats:
    wide = vectors.astype(np.float64)
    # For cosine all inputs count alike, however long; dot and euclidean speak of the vectors as they are.
    terms = units(wide) if metric == "cosine" else wide
    total: Floats = (terms * weights[:, None]).sum(axis=0)
    return total


def _product(table: Table, found: list[Found], weights: list[Floats]) -> CosMul:
    most, dim = max(map(len, weights)), table.vectors.shape[1]
    padded, terms = np.zeros((len(found), most)), np.zeros((len(found), most, dim))
    for question, (at, of) in enumerate(zip(found, weights, strict=True)):
        padded[question, : len(of)], terms[question, : len(of)] = of, at.vectors
    return CosMul(table, terms.reshape(-1, dim), padded)
