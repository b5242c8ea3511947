"""One number for each point of a map, to colour it by."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, cast, get_args

import numpy as np

from jari.embedding import Embedding
from jari.embedding.lookup import look_up
from jari.embedding.metrics import units
from jari.errors import BadInput
from jari.explore.asking import Question, Reader
from jari.types import Vector

Field: TypeAlias = Literal["norm", "row"]
FIELDS: Final = get_args(Field)
_AT_ONCE: Final = 1 << 17  # rows: 50 MB of float32 at d = 100


def frequencies(embedding: Embedding, points: int) -> Vector:
    """The logarithm to base 10 of the counts of the first rows, shape (points,); 0 for what was seen never or once.

    Raises
    ------
    BadInput
        Nobody counted.
    """
    counts = embedding.vocabulary.counts
    if counts is None:
        raise BadInput("This embedding came without counts: nothing is known of the frequency of its keys.")
    return cast(Vector, np.log10(np.maximum(counts[:points], 1)).astype(np.float32))


def field_values(embedding: Embedding, points: int, field: str) -> Vector:
    """What is known of each key: ``"norm"``, the length of its vector, or ``"row"``; shape (points,), float32.

    Raises
    ------
    BadInput
        There is no such field.
    """
    if field not in FIELDS:
        raise BadInput(f"There is no field {field!r} of keys: choose {' or '.join(map(repr, FIELDS))}.")
    if field == "norm":
        return embedding.norms[:points].astype(np.float32)
    return np.arange(min(points, len(embedding)), dtype=np.float32)


def similarities(embedding: Embedding, points: int, direction: Vector) -> Vector:
    """The cosines of the first rows with a direction (d,), shape (points,), float32; 0 with a vector of zeros.

    Examples
    --------
    >>> places = Embedding(["here", "there", "nowhere"], [[1, 0], [1, 1], [0, 0]])
    >>> similarities(places, 3, places["here"]).round(2)
    array([1.  , 0.71, 0.  ], dtype=float32)
    """
    unit = units(np.asarray(direction, np.float64)[None, :])[0].astype(np.float32)
    vectors, norms = embedding.vectors[:points], embedding.norms[:points]
    found = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), _AT_ONCE):
        now = slice(start, start + _AT_ONCE)
        np.matmul(vectors[now], unit, out=found[now])
        np.divide(found[now], norms[now], out=found[now], where=norms[now] > 0)
    return np.clip(found, -1.0, 1.0, out=found)


def direction_of(reader: Reader, question: Question) -> Vector:
    """Where a question leads: the vector of a key or of a text, or the sum of an expression's terms at unit length."""
    if question.vector is not None:
        return question.vector
    found = look_up(reader.embedding, [term.key for term in question.terms], reader.unknown)
    weights = np.array([term.weight for term in question.terms])
    return cast(Vector, (units(found.vectors.astype(np.float64)) * weights[:, None]).sum(axis=0).astype(np.float32))
