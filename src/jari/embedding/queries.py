"""What may be asked of an embedding: keys, vectors, lists of them; and which rows may answer."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding.lookup import look_up
from jari.embedding.metrics import Floats
from jari.errors import BadInput, UnknownKey
from jari.types import Rows, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Query: TypeAlias = str | npt.ArrayLike


def read_queries(embedding: Embedding, query: Any, unknown: Unknown) -> tuple[Floats, list[Rows], bool]:
    """Queries as a matrix (m, d), the rows that each one names, and whether the answer is for many."""
    many = _is_many(query)
    parts = list(query) if many else [query]
    if not parts:
        raise BadInput("The list of queries is empty: give one or more.")
    vectors = np.empty((len(parts), embedding.dim))
    rows: list[Rows] = [np.empty(0, dtype=np.int64)] * len(parts)
    kept = np.ones(len(parts), dtype=bool)
    keys = [place for place, part in enumerate(parts) if isinstance(part, str)]
    if keys:
        found = look_up(embedding, [parts[place] for place in keys], unknown)
        kept[keys] = False
        for at, row, vector in zip(found.asked, found.rows, found.vectors, strict=True):
            place = keys[at]
            kept[place], vectors[place] = True, vector
            rows[place] = np.array([row] if row >= 0 else [], dtype=np.int64)
    for place, part in enumerate(parts):
        if not isinstance(part, str):
            vectors[place] = vector_of(embedding, part)
    if not kept.any():
        raise UnknownKey(f"None of the keys asked for is in this embedding ({len(embedding):,} keys).")
    return vectors[kept], [row for row, keep in zip(rows, kept, strict=True) if keep], many


def vector_of(embedding: Embedding, given: Any) -> Floats:
    """What was given, as one vector (d,) of this embedding's space; raises `BadInput` where it is none."""
    try:
        vector = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{given!r} is neither a key nor a vector of {embedding.dim} numbers.") from error
    if vector.shape != (embedding.dim,):
        raise BadInput(f"A vector of shape {vector.shape} was given: this embedding has {embedding.dim} dimensions.")
    if not np.isfinite(vector).all():
        raise BadInput(f"Value {int(np.argmin(np.isfinite(vector)))} of the vector is not finite: give numbers only.")
    with np.errstate(over="ignore"):
        if np.linalg.norm(vector) > np.finfo(np.float32).max:
            raise BadInput(f"The vector is longer than {np.finfo(np.float32).max:.1e}, the greatest number of float32.")
    return vector


def one_query(embedding: Embedding, given: Query) -> Floats:
    """The vector of a key, or the vector given, as a matrix (1, d)."""
    vector = embedding[given].astype(np.float64) if isinstance(given, str) else vector_of(embedding, given)
    return np.asarray(vector)[None, :]


def rows_among(embedding: Sized, rows: npt.ArrayLike) -> Rows:
    """Row numbers, or booleans (n,), as ascending row numbers without repetition."""
    asked = np.asarray(rows)
    if asked.dtype == bool and asked.shape == (len(embedding),):
        return np.flatnonzero(asked)
    if asked.size and (asked.dtype.kind not in "iu" or asked.min() < 0 or asked.max() >= len(embedding)):
        raise BadInput(f"rows must be whole numbers from 0 to {len(embedding) - 1}, or {len(embedding)} booleans.")
    return np.unique(asked.astype(np.int64))


def places_of(rows: Rows, among: Rows | None) -> Rows:
    """Rows as places within those that are searched."""
    return rows if among is None else np.flatnonzero(np.isin(among, rows))


def _is_many(query: Any) -> bool:
    if isinstance(query, str):
        return False
    if isinstance(query, list | tuple):  # of numbers: one vector
        return not query or not all(isinstance(part, int | float | np.number) for part in query)
    array = np.asarray(query)
    return array.ndim == 2 or (array.ndim == 1 and array.dtype.kind in "UOT")  # rows, or an array of keys
