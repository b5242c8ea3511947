"""`Store`: what a database must do to hold a collection.

A store keeps rows and finds them; it knows nothing of encoders, of pooling, of fusion: `Collection` does. All stores
pass one contract suite, ``tests/contracts/store.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from jari.search.records import Hit, Record
from jari.search.where import Condition
from jari.types import Vector


class Store(Protocol):
    """Records in a database; opened for one collection.

    Notes
    -----
    `write` is one transaction: when it returned, its records outlive a ``kill -9``; when it did not, none of them is
    there, or all. Readers in other processes see the state before or after it, never between.

    Whatever comes in as an id, a text, a field name or a value is data: it is passed as a parameter or escaped by the
    database's own rules, never pasted into a statement.
    """

    def about(self) -> dict[str, Any] | None:
        """What `describe` stored last, or None where no collection was made here yet."""
        ...

    def describe(self, about: Mapping[str, Any]) -> None:
        """Make the collection if it is not there, and store what it says of itself: JSON with ``"dim"`` in it.

        `about["fields"]` maps each field of the metadata to ``"text"``, ``"number"`` or ``"boolean"``. It only grows;
        `Collection` calls this before it writes records with a new field.
        """
        ...

    def forget(self) -> None:
        """Delete the collection with all of its records, so that another can be made in its place."""
        ...

    def write(self, records: Sequence[Record], *, replace: bool, sources: Sequence[str] = ()) -> None:
        """Put records in, in one transaction.

        Parameters
        ----------
        records
            No two with the same id.
        replace
            Whether a record may take the place of one with its id.
        sources
            Records of these sources that are not among `records` are deleted in the same transaction: what a document
            that was changed had before.

        Raises
        ------
        BadInput
            An id is there already and `replace` is not given: the message names it; nothing is written.
        """
        ...

    def delete(self, ids: Sequence[str]) -> int:
        """Delete records; answers how many there were. Unknown ids are none."""
        ...

    def get(self, ids: Sequence[str]) -> list[Hit]:
        """The records with these ids, in their order, with a score of 0; unknown ids are left out."""
        ...

    def count(self, where: Sequence[Condition] = ()) -> int:
        """How many records meet all conditions."""
        ...

    def sources(self) -> dict[str, str]:
        """The digest of each source."""
        ...

    def nearest(self, vector: Vector, k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k records with the greatest dot product with `vector` (d,), which is at unit length.

        Records without a vector are never among them. The conditions are met by k records, if there are so many: they
        are applied before the nearest are chosen, not after.
        """
        ...

    def matching(self, terms: Sequence[str], k: int, where: Sequence[Condition] = ()) -> list[Hit]:
        """The k best records by BM25 (k1 = 1.2, b = 0.75 or what the database has), of those that hold a term.

        A term that stands twice counts twice.
        """
        ...

    def tidy(self) -> None:
        """Whatever makes later searches faster: merge small files, bring indexes up to date. Never needed for an answer
        to be right.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections; a closed store is not asked again."""
        ...
