"""What is on a map: clusters, density, numbers to colour points by, and what was chosen."""

from __future__ import annotations

import hashlib
import urllib.parse
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response, StreamingResponse

from jari.errors import BadInput, UnknownKey
from jari.explore.maps import Clusters, density_of
from jari.explore.selecting import rows_of_mask, table_of
from jari.explore.values import direction_of, field_values, frequencies, similarities
from jari.serve import answers
from jari.serve.dependencies import DeskOf
from jari.serve.etags import known
from jari.serve.failures import Failure
from jari.serve.map_book import MapBook, ShownMap
from jari.serve.map_dependencies import MAP_ERRORS, OCTETS, BookOf, MapOf
from jari.serve.schemas_maps import ClustersOut, ContourOut, DensityOut, SelectionOut
from jari.types import Vector

router = APIRouter(tags=["maps"])

_MOST_CLUSTERS, _MOST_LEVELS, _MOST_LISTED = 64, 20, 10_000
_NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has them."}}
_Count: TypeAlias = Annotated[
    int | None, Query(ge=1, le=_MOST_CLUSTERS, description="How many; by the number of points.")
]


def _clusters(shown: ShownMap, book: MapBook, desk: DeskOf, count: int | None) -> Clusters:
    found: Clusters = book.answers(
        ("clusters", shown.id, count), lambda: desk.maps.clusters(shown.id, count, embedding=shown.item.embedding)
    )
    return found


@router.get("/api/maps/{map}/clusters", summary="Points that belong together", responses=MAP_ERRORS)
def clusters(shown: MapOf, book: BookOf, desk: DeskOf, count: _Count = None) -> ClustersOut:
    """Clusters, the largest first, each with keys that say what it is about."""
    found = _clusters(shown, book, desk, count)
    return ClustersOut(
        count=len(found),
        names=[list(names) for names in found.names],
        sizes=list(found.sizes),
        centres=found.centres.tolist(),
    )


@router.get(
    "/api/maps/{map}/clusters/ids",
    summary="The cluster of each point",
    response_class=Response,
    responses={200: {"description": "uint8, one a point.", **OCTETS}, **_NOT_MODIFIED, **MAP_ERRORS},
)
def cluster_ids(request: Request, shown: MapOf, book: BookOf, desk: DeskOf, count: _Count = None) -> Response:
    """0 is the largest cluster."""
    return _octets(request, _clusters(shown, book, desk, count).ids, {})


@router.get("/api/maps/{map}/density", summary="Where the points are many", responses=MAP_ERRORS)
def density(
    shown: MapOf,
    book: BookOf,
    levels: Annotated[int, Query(ge=1, le=_MOST_LEVELS, description="How many contours.")] = 6,
) -> DensityOut:
    """Contours of the density of the points of a plane."""
    if shown.drawn.dim != 2:
        raise Failure("bad_input", f"This map has dim={shown.drawn.dim}: contours are drawn on a map of 2 dimensions.")
    found: DensityOut = book.answers(("density", shown.id, levels), lambda: _contours(shown, levels))
    return found


def _contours(shown: ShownMap, levels: int) -> DensityOut:
    return DensityOut(
        contours=[
            ContourOut(
                level=each.level, rings=[np.round(ring.astype(float), 4).ravel().tolist() for ring in each.rings]
            )
            for each in density_of(shown.drawn.coordinates, levels)
        ]
    )


@router.get(
    "/api/maps/{map}/values",
    summary="A number for each point, to colour it by",
    response_class=Response,
    responses={
        200: {
            "description": "float32, the least byte first, one a point.",
            "headers": {"X-Jari-Range": {"description": "The least and the greatest.", "schema": {"type": "string"}}},
            **OCTETS,
        },
        **_NOT_MODIFIED,
        **MAP_ERRORS,
    },
)
def values(
    request: Request,
    shown: MapOf,
    by: Annotated[
        Literal["frequency", "similarity", "field"],
        Query(description="log10 of the counts; the cosine to `key` or `q`; the `field` norm or row."),
    ] = "frequency",
    key: Annotated[str | None, Query(max_length=2000, description="For similarity: a key.")] = None,
    q: Annotated[
        str | None, Query(max_length=2000, description="For similarity: a key, an expression or a text.")
    ] = None,
    field: Annotated[
        str | None, Query(max_length=500, description="For field: norm, the vector's length; row.")
    ] = None,
) -> Response:
    """Frequency, similarity to something, or what else is known of each key."""
    embedding, many = shown.item.embedding, len(shown.drawn)
    if by == "frequency":
        found = frequencies(embedding, many)
    elif by == "similarity":
        found = similarities(embedding, many, _direction(shown, key, q))
    else:
        found = field_values(embedding, many, field or "")
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    return _octets(request, found.astype("<f4", copy=False), {"X-Jari-Range": f"{low:.7g} {high:.7g}"})


def _direction(shown: ShownMap, key: str | None, q: str | None) -> Vector:
    reader = shown.item.reader
    if (key is None) == (q is None):
        raise Failure(
            "bad_input", "Similarity to what? Give key, or q: a key, an expression or a text; not both.", param="q"
        )
    if key is not None:
        if key not in shown.item.embedding:
            raise answers.unknown_key(shown.item, key)
        vector: Vector = shown.item.embedding[key]
        return vector
    asked = q or ""
    try:
        return direction_of(reader, reader.read(asked))
    except UnknownKey as error:
        vocabulary = shown.item.embedding.vocabulary
        alike = vocabulary.nearest_spellings(asked.strip())
        message = str(error).partition(" Pass unknown=")[0]
        raise Failure("unknown_key", message, param="q", suggestions=alike) from error
    except BadInput as error:
        raise answers.malformed(error, asked, param="q") from error


@router.post(
    "/api/maps/{map}/selection",
    summary="The keys of points that were chosen",
    responses={
        200: {
            "model": SelectionOut,
            "description": "The first of them as JSON, or all of them as a table.",
            "content": {"text/tab-separated-values": {}, "text/csv": {}},
        },
        **MAP_ERRORS,
    },
)
def selection(
    shown: MapOf,
    mask: Annotated[
        bytes,
        Body(
            media_type="application/octet-stream",
            description="A bit a point: bit i of byte j stands for point 8 j + i. ceil(points / 8) bytes.",
        ),
    ],
    format: Literal["json", "tsv", "csv"] = "json",
    limit: Annotated[int, Query(ge=0, le=_MOST_LISTED, description="How many keys to list as JSON.")] = 1000,
) -> Any:
    """How many points were chosen, and their keys; as tsv or csv all of them, with their counts and places.

    In a table, a key that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    rows = rows_of_mask(mask, len(shown.drawn))
    vocabulary = shown.item.embedding.vocabulary
    if format == "json":
        listed = rows[:limit]
        counts = None if vocabulary.counts is None else vocabulary.counts[listed].tolist()
        return SelectionOut(count=len(rows), keys=vocabulary.keys[listed], counts=counts)
    name = urllib.parse.quote(f"{shown.item.name.replace('/', '-')}-selection.{format}", safe="")
    return StreamingResponse(
        table_of(shown.item.embedding, rows, shown.drawn.coordinates, format=format),
        media_type="text/csv" if format == "csv" else "text/tab-separated-values",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def _octets(request: Request, numbers: npt.NDArray[Any], headers: dict[str, str]) -> Response:
    content = np.ascontiguousarray(numbers).tobytes()
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=600", **headers}
    if known(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/octet-stream", headers=headers)
