"""Maps: asked for, followed while they are drawn, and their points."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Final, Literal, TypeAlias

import anyio
from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response, StreamingResponse

from jari.errors import NoSuchFile
from jari.explore.maps import MapRequest, MapState
from jari.serve.dependencies import Desk, DeskOf, EmbeddingOf
from jari.serve.etags import known
from jari.serve.failures import Failure
from jari.serve.map_book import MapBook, no_map
from jari.serve.map_dependencies import MAP_ERRORS, OCTETS, BookOf, MapId, MapOf
from jari.serve.routes import map_contents
from jari.serve.schemas import errors
from jari.serve.schemas_maps import FoundOut, LabelsOut, MapStateOut
from jari.types import Matrix

router = APIRouter(tags=["maps"])

_AT_ONCE: Final = 1 << 20  # bytes of points that are sent at a time
_EVERY: Final = 0.1  # seconds between two looks at a map that is drawn
_QUIET: Final = 15.0  # seconds after which something is said, so that nobody on the way takes the line for dead
_PATIENCE: Final = 2.0  # seconds that a question waits for a map that is soon done
_MOST_LABELS, _MOST_FOUND = 20_000, 1000

_Pair: TypeAlias = dict[str, list[str]]
_PAIRS: Final[TypeAdapter[_Pair | list[_Pair]]] = TypeAdapter(_Pair | list[_Pair])

router.include_router(map_contents.router)


@router.get("/api/project", summary="Draw a map", responses=errors(404, 410, 501))
def project(
    item: EmbeddingOf,
    desk: DeskOf,
    book: BookOf,
    method: Literal["pca", "tsne", "umap", "poles"] = "pca",
    dim: Annotated[int | None, Query(ge=1, le=3, description="2, or as many as there are pairs of poles.")] = None,
    top: Annotated[int | None, Query(ge=1, lt=2**31, description="The first so many rows; all.")] = None,
    geometry: Annotated[
        Literal["cosine", "euclidean"], Query(description="Vectors at unit length, or as they are.")
    ] = "cosine",
    seed: Annotated[int, Query(ge=0, lt=2**31, description="The same seed gives the same map.")] = 0,
    poles: Annotated[
        str | None,
        Query(
            max_length=5000,
            description='JSON: {"cold": ["ice"], "hot": ["fire"]}, or a list of up to three such pairs.',
        ),
    ] = None,
) -> MapStateOut:
    """Begin to draw a map, or find it: one that was drawn before is done at once.

    Points are the first rows of the embedding, in their order. Follow the map at `/api/maps/ID/events`.
    """
    asked = MapRequest(
        method=method, dim=dim, top=top, geometry=geometry, seed=seed, poles=None if poles is None else _poles(poles)
    )
    state = desk.maps.ask(item.path, asked, embedding=item.embedding, checksum=book.checksum(item))
    book.note(state.map, item)
    until = time.monotonic() + _PATIENCE
    while asked.method in ("pca", "poles") and not state.over and time.monotonic() < until:
        time.sleep(_EVERY / 2)
        state = desk.maps.state(state.map)
    return _told(state, book)


@router.get("/api/maps/{map}", summary="How far a map is", responses=MAP_ERRORS)
def state_of(map: MapId, desk: DeskOf, book: BookOf) -> MapStateOut:
    """What is being done, and how much of it is done."""
    return _told(_state(map, desk), book)


@router.delete("/api/maps/{map}", summary="Stop drawing a map", responses=MAP_ERRORS)
def cancel(map: MapId, desk: DeskOf, book: BookOf) -> MapStateOut:
    """A map that is done stays as it is."""
    _state(map, desk)
    return _told(desk.maps.cancel(map), book)


@router.get(
    "/api/maps/{map}/events",
    summary="What happens to a map, as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **MAP_ERRORS},
)
async def events(request: Request, map: MapId, desk: DeskOf, book: BookOf) -> StreamingResponse:
    """Its state, whenever it changes, until it is over."""
    first = await anyio.to_thread.run_sync(_state, map, desk)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_followed(request, desk, book, first), media_type="text/event-stream", headers=headers)


async def _followed(request: Request, desk: Desk, book: MapBook, state: MapState) -> AsyncIterator[str]:
    told = await anyio.to_thread.run_sync(_told, state, book)
    yield f"data: {told.model_dump_json()}\n\n"
    silent = 0.0
    while not state.over and not desk.stopping.is_set() and not await request.is_disconnected():
        await anyio.sleep(_EVERY)
        before, state = state, await anyio.to_thread.run_sync(_state, state.map, desk)
        silent += _EVERY
        if state != before:
            told = await anyio.to_thread.run_sync(_told, state, book)
            yield f"data: {told.model_dump_json()}\n\n"
            silent = 0.0
        elif silent >= _QUIET:
            yield ": still there\n\n"
            silent = 0.0


@router.head("/api/maps/{map}/points", include_in_schema=False)
@router.get(
    "/api/maps/{map}/points",
    summary="Where the points are",
    response_class=Response,
    responses={
        200: {"description": "float32, the least byte first: the coordinates of a point, then of the next.", **OCTETS},
        304: {"description": "The client has them."},
        **MAP_ERRORS,
    },
)
def points(request: Request, shown: MapOf) -> Response:
    """All points, in the order of the embedding's rows; the longest axis spans -1 to 1."""
    coordinates = shown.drawn.coordinates
    headers = {"ETag": shown.etag, "Cache-Control": "private, max-age=600"}
    if known(request, shown.etag):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(coordinates.size * 4)
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/octet-stream")
    return StreamingResponse(_in_pieces(coordinates), media_type="application/octet-stream", headers=headers)


def _in_pieces(coordinates: Matrix) -> Iterator[bytes]:
    """From the mapped file, so that a map of any size takes a little memory."""
    rows = max(1, _AT_ONCE // (4 * coordinates.shape[1]))
    for start in range(0, len(coordinates), rows):
        yield coordinates[start : start + rows].astype("<f4", copy=False).tobytes()


@router.get("/api/maps/{map}/labels", summary="The keys of the first points", responses=MAP_ERRORS)
def labels(
    shown: MapOf, limit: Annotated[int, Query(ge=1, le=_MOST_LABELS, description="How many.")] = 4000
) -> LabelsOut:
    """The most frequent first, where the embedding's rows are in that order."""
    return LabelsOut(keys=shown.item.embedding.vocabulary.keys[: min(limit, len(shown.drawn))])


@router.get("/api/maps/{map}/find", summary="Which points keys are", responses=MAP_ERRORS)
def find(
    shown: MapOf, key: Annotated[list[str], Query(max_length=_MOST_FOUND, description="May stand several times.")]
) -> FoundOut:
    """The number of each key's point; none for a key that is not on the map."""
    rows = shown.item.embedding.vocabulary.rows(key, unknown="mark").tolist()
    return FoundOut(points=[row if 0 <= row < len(shown.drawn) else None for row in rows])


def _poles(text: str) -> _Pair | list[_Pair]:
    try:
        return _PAIRS.validate_json(text)
    except ValidationError as error:
        raise Failure(
            "bad_input",
            f'poles={text!r:.60} are none: give JSON, {{"cold": ["ice"], "hot": ["fire"]}}, names with their keys, '
            "or a list of up to three such pairs.",
            param="poles",
        ) from error


def _state(map_id: str, desk: Desk) -> MapState:
    try:
        return desk.maps.state(map_id)
    except NoSuchFile as error:
        raise no_map(map_id) from error


def _told(state: MapState, book: MapBook) -> MapStateOut:
    item = book.item(state.map)
    said: dict[str, Any] = json.loads(json.dumps(state.to_json()))
    return MapStateOut(**said, name="" if item is None else item.name)
