"""What is on the shelf: names, sizes, keys, vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from jari.errors import BadFile, JariError, NoSuchFile
from jari.serve.answers import json_response, unknown_key
from jari.serve.dependencies import DeskOf, EmbeddingOf, Name
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem, EncoderItem, Item, RecommenderItem
from jari.serve.schemas import Info, Keys, Reloaded, Rows, Suggestions, Things, VectorOf, errors
from jari.serve.settings import MOST_ROWS

router = APIRouter(tags=["Shelf"])

_NUMBERS = re.compile(r"[0-9]{1,10}(,[0-9]{1,10})*")


@router.get("/api/embeddings", response_model=Things, responses=errors())
def things(desk: DeskOf) -> Response:
    """Everything on the shelf."""
    return json_response({"items": [_described(item) for item in desk.shelf.items if _is_shown(item)]})


@router.get("/api/info", response_model=Info, responses=errors(404))
def info(desk: DeskOf, name: Name = None) -> Response:
    """One thing on the shelf, and how it came about: parameters, statistics of what it was learnt from, losses."""
    shown = [item for item in desk.shelf.items if _is_shown(item)]
    item = shown[0] if name is None and len(shown) == 1 else None
    if item is None:
        if name is None:
            names = [each.name for each in shown]
            raise Failure("bad_input", "Say which thing with name=.", param="name", suggestions=names)
        item = desk.shelf.item(name)
    if not _is_shown(item):
        raise Failure("unknown_name", f"{item.name!r} is a text encoder: it has no keys.", param="name")
    metadata = _metadata(item)
    losses = metadata.get("losses")
    kept = losses if isinstance(losses, list) and all(isinstance(each, float | int) for each in losses) else []
    return json_response({**_described(item), "metadata": metadata, "losses": kept})


@router.post("/api/reload", response_model=Reloaded, responses=errors(403, 410))
async def reload(desk: DeskOf) -> Response:
    """Open again what was replaced on disk. What is asked meanwhile is answered by what was there."""
    desk.check_writes()
    try:
        names = await run_in_threadpool(desk.shelf.reload)
    except NoSuchFile as error:
        raise Failure("gone", f"{error} What was opened before is served on.") from None
    except (BadFile, OSError) as error:
        raise Failure("failed", f"{error} What was opened before is served on.") from None
    return json_response({"reloaded": names})


@router.get("/api/suggest", response_model=Suggestions, responses=errors(404))
async def suggest(
    item: EmbeddingOf,
    q: Annotated[str, Query(max_length=1000, description="The beginning of a key.", examples=["que"])] = "",
    k: Annotated[int, Query(ge=1, le=100, description="How many, 1 to 100.")] = 8,
) -> Response:
    """Keys that begin as somebody types, then those that hold it; the most frequent first."""
    rows = await run_in_threadpool(lambda: item.suggester().suggest(q, k))
    keys, counts = _named(item, rows)
    several: Sequence[int | None] = counts or [None] * len(keys)
    return json_response({"keys": [{"key": key, "count": n} for key, n in zip(keys, several, strict=True)]})


@router.get("/api/keys", response_model=Keys, responses=errors(404))
async def keys(
    item: EmbeddingOf,
    rows: Annotated[
        str, Query(max_length=11 * MOST_ROWS, description=f"Row numbers, at most {MOST_ROWS}.", examples=["0,1,2"])
    ],
) -> Response:
    """The keys of some rows."""
    if rows and not _NUMBERS.fullmatch(rows):
        raise Failure("bad_input", f"rows={rows[:40]!r} must be numbers with commas between.", param="rows")
    return json_response(_keys(item, [int(row) for row in rows.split(",")] if rows else []))


@router.post("/api/keys", response_model=Keys, responses=errors(404))
async def keys_of_many(desk: DeskOf, asked: Rows) -> Response:
    """The keys of some rows, where they are too many for an address."""
    return json_response(_keys(desk.shelf.embedding(asked.name), asked.rows))


@router.get("/api/vector", response_model=VectorOf, responses=errors(404))
def vector(
    item: EmbeddingOf, key: Annotated[str, Query(max_length=10_000, description="A key.", examples=["king"])]
) -> Response:
    """The vector of a key. Where there are subwords, also of one that is not there."""
    embedding = item.embedding
    counts, subwords = embedding.vocabulary.counts, embedding.subwords
    known = key in embedding
    if not known and subwords is None:
        raise unknown_key(item, key)
    row = embedding.vocabulary.row(key) if known else None
    values = embedding.vectors[row] if row is not None or subwords is None else subwords.compose(key)
    return json_response(
        {
            "key": key,
            "row": row,
            "count": None if counts is None or row is None else int(counts[row]),
            "norm": float(np.linalg.norm(values.astype(np.float64))),
            "vector": [float(f"{value:.9g}") for value in values.tolist()],
            "from_subwords": not known,
        }
    )


def _keys(item: EmbeddingItem, rows: list[int]) -> dict[str, Any]:
    if len(rows) > MOST_ROWS:
        raise Failure("bad_input", f"{len(rows)} rows were asked for: {MOST_ROWS} are the most.", param="rows")
    if rows and max(rows) >= len(item.embedding):
        last = len(item.embedding) - 1
        raise Failure("bad_input", f"There is no row {max(rows)}: the last one is {last}.", param="rows")
    keys, counts = _named(item, rows)
    return {"keys": keys, "counts": counts}


def _named(item: EmbeddingItem, rows: list[int]) -> tuple[list[str], list[int] | None]:
    vocabulary = item.embedding.vocabulary
    keys: list[str] = vocabulary.keys[np.array(rows, dtype=np.int64)]
    return keys, None if vocabulary.counts is None else vocabulary.counts[rows].tolist()


def _is_shown(item: Item) -> bool:
    return not isinstance(item, EncoderItem)


def _described(item: Item) -> dict[str, Any]:
    assert not isinstance(item, EncoderItem)
    try:
        return item.described()
    except JariError:  # a database that does not answer must not hide the rest
        return {
            "name": item.name, "kind": item.kind, "size": 0, "dim": 0, "learner": None, "counted": False,
            "subwords": False, "pictures": False, "approximate": False, "sample": [], "titled": False,
            "version": item.version, "fields": None,
        }  # fmt: skip


def _metadata(item: Item) -> dict[str, Any]:
    if isinstance(item, EmbeddingItem):
        return dict(item.metadata)
    if isinstance(item, RecommenderItem):
        return item.recommender.item_embedding_.metadata
    return {}
