"""What the routes of maps get: a map by its id."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends
from fastapi import Path as InPath

from jari.serve.dependencies import DeskOf
from jari.serve.map_book import MapBook, ShownMap, book_of, no_map
from jari.serve.schemas import errors

MAP_ERRORS: Final = errors(404, 410)
OCTETS: Final[dict[str, Any]] = {"content": {"application/octet-stream": {}}}

_ID: Final = re.compile("[0-9a-f]{8,64}")  # anything else is asked of nobody: ids become names of folders


def _id_of(map: Annotated[str, InPath(description="The id of a map.", max_length=500)]) -> str:
    if not _ID.fullmatch(map):
        raise no_map(map)
    return map


def _book(desk: DeskOf) -> MapBook:
    return book_of(desk)


MapId: TypeAlias = Annotated[str, Depends(_id_of)]
BookOf: TypeAlias = Annotated[MapBook, Depends(_book)]


def _shown(map: MapId, book: BookOf) -> ShownMap:
    return book.shown(map)


MapOf: TypeAlias = Annotated[ShownMap, Depends(_shown)]
