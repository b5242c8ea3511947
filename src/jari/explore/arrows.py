"""Arrows between keys as rows of a projection."""

from __future__ import annotations

from collections.abc import Sequence

from jari.embedding.projection import Projection
from jari.errors import UnknownKey


def rows_of_arrows(projection: Projection, arrows: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """The rows of both ends of each arrow; raises `UnknownKey` where one is not on the map."""
    rows = {key: row for row, key in enumerate(projection.keys)}
    for key in (key for pair in arrows for key in pair):
        if key not in rows:
            raise UnknownKey(
                f"An arrow begins or ends at {key!r}, which is not on the map ({len(rows):,} keys). "
                f"Add it to the keys of the projection."
            )
    return [(rows[a], rows[b]) for a, b in arrows]
