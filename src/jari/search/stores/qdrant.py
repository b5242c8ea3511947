"""`QdrantStore`: a collection in Qdrant."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jari.errors import BadInput
from jari.extras import require
from jari.search.records import Hit, Record
from jari.search.stores.about import grown
from jari.search.stores.holdable import check, sayable
from jari.search.stores.qdrant_connection import Connection, parse
from jari.search.stores.qdrant_filters import Filters
from jari.search.stores.qdrant_points import hit, pages, point, point_id, requests
from jari.search.stores.retry import WAIT
from jari.search.stores.term_keys import number_key
from jari.search.where import Condition
from jari.types import Vector

_ABOUT: Final = 1  # the id of the one point of the collection that holds `about`
_PAGE: Final = 1000  # points asked for at a time
_SHOWN: Final = ["id", "text", "source", "metadata"]
_INDEXES: Final = {"text": "keyword", "number": "float", "boolean": "bool"}


class QdrantStore:
    """A collection in Qdrant.

    Parameters
    ----------
    url
        ``qdrant://host:6333/name``, or ``qdrants://`` for https; the key, if the server wants one, is taken from the
        environment variable ``QDRANT_API_KEY``. Or ``qdrant+local::memory:?collection=name``: without a server, in the
        memory of this process and gone with it; for trying things with at most 20,000 records.
    wait
        Seconds to wait for a server that does not answer.

    Raises
    ------
    BadInput
        The address cannot be read, or the server refuses the key.
    ServerDown
        The server does not answer within `wait`.

    Notes
    -----
    Qdrant has no transactions. `write` first stores the new records, in requests of up to 500, then deletes what their
    sources had before; `write` without `replace` asks first whether an id is there. A process that is killed between
    leaves old and new passages of a document side by side; `sources` then gives it an empty digest, so that it counts
    as changed and is written again. Two processes must not write at the same time.

    What the collection says of itself is in a second collection, ``name.about``, so that no search and no count has to
    leave it out.

    Full text is BM25 by a sparse vector of each record. Qdrant weighs terms by their rarity when it searches. What a
    term counts within a record is stored: the mean length that goes into it is that of the first records that were
    written, and stays. A term is a number of 32 bits there, see `number_key`.
    """

    def __init__(self, url: str, *, wait: float = WAIT) -> None:
        self._models = require("qdrant_client.models", extra="qdrant")
        address, self._name = parse(url)
        self._connection = Connection(address, wait)
        self._about_name = f"{self._name}.about"
        self._dim = 0  # 0 while no collection is known
        self._fields: list[str] = []  # of each number, which field; numbers are never given anew
        self._mean: float | None = None  # length of a record

    # ── what it says of itself

    def about(self) -> dict[str, Any] | None:
        """What `describe` stored last, or None where no collection was made here yet.

        Raises
        ------
        BadInput
            There is a collection of that name that is not ours.
        """
        names, points = self._names(), []
        if self._name in names:
            if self._about_name not in names:
                raise self._not_ours()
            points = self._ask("retrieve", self._about_name, ids=[_ABOUT], with_payload=True)
        if not points:
            self._dim, self._fields, self._mean = 0, [], None
            return None
        try:
            payload = points[0].payload
            about: dict[str, Any] = json.loads(payload["about"])
            self._dim, self._fields, self._mean = about["dim"], list(payload["fields"]), payload["mean"]
        except (KeyError, TypeError, ValueError):
            raise self._not_ours() from None
        return about

    def describe(self, about: Mapping[str, Any]) -> None:
        """Make the collection if it is not there, and store what it says of itself.

        Raises
        ------
        BadInput
            A collection that is not ours has the name; the vectors are of another dimension than they were; a field
            changes its type.
        """
        whole = grown(self.about(), about, f"the {self._place}")
        models = self._models
        names = self._names()
        if self._about_name not in names:  # first, so that `name` alone is never ours
            self._ask("create_collection", self._about_name, vectors_config={})
        if self._name not in names:
            self._ask(
                "create_collection",
                self._name,
                vectors_config={"dense": models.VectorParams(size=whole["dim"], distance=models.Distance.DOT)},
                sparse_vectors_config={"terms": models.SparseVectorParams(modifier=models.Modifier.IDF)},
            )
            self._index("id", "keyword")
            self._index("source", "keyword")
        new = [field for field in whole.get("fields", {}) if field not in set(self._fields)]
        for at, field in enumerate(new, len(self._fields)):
            self._index(f"f{at}", _INDEXES[whole["fields"][field]])
        self._fields = [*self._fields, *new]
        payload = {"about": json.dumps(whole), "fields": self._fields, "mean": self._mean}
        one = models.PointStruct(id=_ABOUT, vector={}, payload=payload)
        self._ask("upsert", self._about_name, points=[one], wait=True)
        self._dim = whole["dim"]

    def _index(self, key: str, kind: str) -> None:
        if not self._connection.local:  # which has no indexes, and warns
            self._ask("create_payload_index", self._name, field_name=key, field_schema=kind, wait=True)

    def forget(self) -> None:
        """Delete the collection with all records, so that `about` answers None."""
        if self.about() is not None:
            for name in self._name, self._about_name:  # in this order, so that `name` alone is never ours
                self._ask("delete_collection", name)
            self.about()

    # ── writing

    def write(self, records: Sequence[Record], *, replace: bool, sources: Sequence[str] = ()) -> None:
        """Put records in, then delete what their sources had before; not one transaction: see the notes above."""
        self._check_made()
        for record in records:
            check(record, "Qdrant", nul=True)
            if record.vector is not None and record.vector.shape != (self._dim,):
                raise BadInput(f"The vector of {record.id!r} is of shape {record.vector.shape}, not ({self._dim},).")
        if not replace:
            there = next(self._retrieved([record.id for record in records], ["id"]), None)
            if there is not None:
                raise BadInput(f"{there.payload['id']!r} is in the {self._place} already. Use upsert to replace it.")
        mean = self._mean_length(records)
        late: dict[str, list[str]] = defaultdict(list)
        for portion, cut in requests(records, self._dim):
            points = [point(record, mean, self._key) for record in portion]
            for record, one in zip(portion, points, strict=True):
                if record.source in cut:
                    one.payload["digest"] = ""
                    late[record.digest].append(one.id)
            self._ask("upsert", self._name, points=points, wait=True)
        self._delete_stale([record.id for record in records], sources)
        for digest, ids in late.items():
            for some in pages(ids):
                self._ask("set_payload", self._name, payload={"digest": digest}, points=some, wait=True)

    def _delete_stale(self, ids: Sequence[str], sources: Sequence[str]) -> None:
        models = self._models
        for some in pages([source for source in sources if sayable(source, nul=True)]):
            stale = models.Filter(
                must=[models.FieldCondition(key="source", match=models.MatchAny(any=some))],
                must_not=[models.HasIdCondition(has_id=[point_id(one) for one in ids])],
            )
            self._ask("delete", self._name, points_selector=models.FilterSelector(filter=stale), wait=True)

    def _mean_length(self, records: Sequence[Record]) -> float:
        """The mean length of the first records that were written; these, if no others were."""
        if self._mean is None:
            self.about()  # another process may have been the first
        lengths = [len(record.terms) for record in records if record.terms]
        if self._mean is None and lengths:
            self._mean = sum(lengths) / len(lengths)
            self._ask("set_payload", self._about_name, payload={"mean": self._mean}, points=[_ABOUT], wait=True)
        return self._mean or 1.0

    def delete(self, ids: Sequence[str]) -> int:
        """Delete records; answers how many there were. Unknown ids are none."""
        self._check_made()
        there = [one.id for one in self._retrieved(ids, [])]
        for some in pages(there):
            self._ask("delete", self._name, points_selector=self._models.PointIdsList(points=some), wait=True)
        return len(there)

    # ── reading

    def get(self, ids: Sequence[str]) -> list[Hit]:
        """The records with these ids, in their order, with a score of 0; unknown ids are left out."""
        self._check_made()
        found = {one.payload["id"]: hit(one.payload, 0.0) for one in self._retrieved(ids, _SHOWN)}
        return [found[one] for one in ids if one in found]

    def count(self, where: Sequence[Condition] = ()) -> int:
        """How many records meet all conditions."""
        self._check_made()
        return int(self._ask("count", self._name, count_filter=self._filter(where), exact=True).count)

    def sources(self) -> dict[str, str]:
        """The digest of each source; an empty one for a source whose records have different ones."""
        self._check_made()
        found: dict[str, str] = {}
        for payload in self._payloads(["source", "digest"]):
            source, digest = payload["source"], payload["digest"]
            found[source] = digest if found.get(source, digest) == digest else ""
        return found

    def nearest(self, vector: Vector, k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k records with the greatest dot product with `vector` (d,), which is at unit length.

        A server with many records searches an HNSW index, filters included, and may miss a few.
        """
        return self._hits(vector.tolist(), "dense", k, where)

    def matching(self, terms: Sequence[str], k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k best records by BM25 (k1 = 1.2, b = 0.75), of those that hold one of the terms."""
        asked = Counter(number_key(term) for term in terms if sayable(term, nul=True))
        if not asked:
            return []
        numbers = sorted(asked)
        values = [float(asked[number]) for number in numbers]
        return self._hits(self._models.SparseVector(indices=numbers, values=values), "terms", k, where)

    def _hits(self, query: Any, using: str, k: int, where: Sequence[Condition]) -> list[Hit]:
        self._check_made()
        chosen = {"query_filter": self._filter(where), "limit": k, "with_payload": _SHOWN}
        points = self._ask("query_points", self._name, query=query, using=using, **chosen).points
        return [hit(one.payload, float(one.score)) for one in points]

    def tidy(self) -> None:
        """Nothing: Qdrant merges and indexes by itself."""

    def close(self) -> None:
        """Let go of the connection; what is in memory stays there."""
        self._connection.close()

    # ── how it is said to Qdrant

    @property
    def _place(self) -> str:
        return f"collection {self._name!r} of {self._connection.server}"

    def _ask(self, method: str, name: str, **arguments: Any) -> Any:
        # Whatever we ask may be asked twice: points have ids of their own, and a deleted point stays deleted.
        return self._connection.ask(lambda client: getattr(client, method)(name, **arguments))

    def _names(self) -> set[str]:
        return {one.name for one in self._connection.ask(lambda client: client.get_collections()).collections}

    def _check_made(self) -> None:
        if not self._dim and self.about() is None:
            raise BadInput(f"There is no {self._place}. Make it first, with describe.")

    def _not_ours(self) -> BadInput:
        return BadInput(f"The {self._place} was not made by Jari. Choose another name at the end of the address.")

    def _key(self, field: str) -> str:
        """Where a field is in a payload: a number, since Qdrant takes dots and brackets in a name for a path."""
        if field not in self._fields:
            self.about()  # another process may have brought it
        if field not in self._fields:
            raise BadInput(
                f"The {self._place} knows no field {field!r}. Its fields: {', '.join(self._fields) or 'none'}."
            )
        return f"f{self._fields.index(field)}"

    def _filter(self, where: Sequence[Condition]) -> Any:
        def values(key: str) -> set[str]:
            return {payload[key] for payload in self._payloads([key]) if key in payload}

        return Filters(self._key, values).all_of(where)

    def _retrieved(self, ids: Sequence[str], payload: list[str]) -> Iterator[Any]:
        """The points of records, in any order."""
        for some in pages([point_id(one) for one in dict.fromkeys(ids) if sayable(one, nul=True)]):
            yield from self._ask("retrieve", self._name, ids=some, with_payload=payload or False)

    def _payloads(self, keys: list[str]) -> Iterator[Mapping[str, Any]]:
        """These parts of the payloads of all points."""
        offset = None
        while True:
            points, offset = self._ask("scroll", self._name, limit=_PAGE, offset=offset, with_payload=keys)
            yield from (one.payload for one in points)
            if offset is None:
                return
