"""What a collection takes, what it holds, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from jari.types import Vector

Value: TypeAlias = str | int | float | bool  # of a field; a field that a document does not have is left out
Fields: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Document:
    """What is given to a collection.

    Parameters
    ----------
    id
        Any string; no two alike in a collection.
    text
        What is searched and shown.
    metadata
        Fields with their values; a value of None is as if the field were not there.
    source
        The document that this is a passage of; empty where it is whole.
    digest
        A hash of the source, for finding out later whether it changed.
    """

    id: str
    text: str
    metadata: Mapping[str, Value | None] = field(default_factory=dict)
    source: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One row of a store: a document or a passage of one.

    Parameters
    ----------
    id
        Any string; no two alike in a collection.
    text
        As it is shown.
    metadata
        Fields with their values.
    vector
        Shape (d,), float32, at unit length; None where the text has no word that the encoder knows. Such a record is
        found by full text only.
    terms
        What full-text search looks for, as the encoder's tokenizer gave it, repetitions included.
    source
        The document that a passage was cut from; the record's own id where it was not cut.
    digest
        A hash of the whole source, for finding out whether it changed; empty where nobody asked for one.
    """

    id: str
    text: str
    metadata: Fields
    vector: Vector | None
    terms: tuple[str, ...]
    source: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer.

    Parameters
    ----------
    id, text, metadata, source
        Of the record.
    score
        The greater the better: a cosine, a BM25 score, or the sum of reciprocal ranks of a hybrid search.
    """

    id: str
    text: str
    score: float
    source: str
    metadata: Fields = field(default_factory=dict)
