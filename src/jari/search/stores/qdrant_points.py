"""Records as points of Qdrant."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from jari.extras import require
from jari.search.records import Hit, Record
from jari.search.stores.bm25 import K1, B
from jari.search.stores.holdable import as_float
from jari.search.stores.term_keys import number_key

T = TypeVar("T")
_IDS: Final = UUID("6a617269-0000-4000-8000-000000000000")  # the name space of our ids
_PAGE: Final = 1000  # points asked for at a time
_MOST: Final = 500  # points of one request
_BYTES: Final = 8_000_000  # of one request, more or less; a server takes 32 MB


def point_id(id: str) -> str:
    """The id of a record's point: Qdrant takes numbers and UUIDs only.

    Examples
    --------
    >>> point_id("a")
    '48d7009f-2c7a-53fb-8e12-1aab44bf0303'
    """
    return str(uuid5(_IDS, id))


def point(record: Record, mean: float, key: Callable[[str], str]) -> Any:
    """The point of a record.

    Parameters
    ----------
    record
        With a vector, terms, both or neither.
    mean
        The mean length of records, in terms.
    key
        Where a field is in a payload.
    """
    models = require("qdrant_client.models", extra="qdrant")
    vector: dict[str, Any] = {}
    if record.vector is not None:
        vector["dense"] = record.vector.tolist()
    if record.terms:
        counts = Counter(map(number_key, record.terms))
        # What of BM25 is the record's own; how rare a term is, Qdrant knows.
        norm = K1 * (1 - B + B * len(record.terms) / mean)
        values = [count * (K1 + 1) / (count + norm) for count in counts.values()]
        vector["terms"] = models.SparseVector(indices=list(counts), values=values)
    payload: dict[str, Any] = {
        "id": record.id,
        "text": record.text,
        "source": record.source,
        "digest": record.digest,
        "metadata": json.dumps(dict(record.metadata)),  # as text: 2**70 is no number of Qdrant's
    }
    for field, value in record.metadata.items():
        payload[key(field)] = value if isinstance(value, str | bool) else as_float(value)
    return models.PointStruct(id=point_id(record.id), vector=vector, payload=payload)


def hit(payload: Mapping[str, Any], score: float) -> Hit:
    """An answer, of the payload of a point."""
    return Hit(payload["id"], payload["text"], score, payload["source"], json.loads(payload["metadata"]))


def pages(items: Sequence[T]) -> Iterator[list[T]]:
    """The items in portions of 1000.

    Examples
    --------
    >>> [len(page) for page in pages(range(2500))]
    [1000, 1000, 500]
    """
    for start in range(0, len(items), _PAGE):
        yield list(items[start : start + _PAGE])


def requests(records: Sequence[Record], dim: int) -> list[tuple[list[Record], set[str]]]:
    """The records in portions that a request bears, each with the sources of it that another portion has a part of."""
    portions: list[list[Record]] = []
    size = 0
    for record in sorted(records, key=lambda record: record.source):  # so that few sources are cut
        weight = 3 * len(record.text) + 25 * (dim + len(record.terms))
        if not portions or len(portions[-1]) == _MOST or size + weight > _BYTES:
            portions.append([])
            size = 0
        portions[-1].append(record)
        size += weight
    times = Counter(source for portion in portions for source in {record.source for record in portion})
    cut = {source for source, count in times.items() if count > 1}
    return [(portion, cut & {record.source for record in portion}) for portion in portions]
