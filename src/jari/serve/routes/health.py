"""Whether the server is there, what it counts, and what it can be asked."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from jari.serve.answers import json_response
from jari.serve.dependencies import DeskOf
from jari.serve.metrics import CONTENT_TYPE
from jari.serve.schemas import Status, errors

router = APIRouter(tags=["Server"])


@router.get("/healthz", response_model=Status, responses=errors())
async def healthz() -> Response:
    """Whether the server is there; without a token."""
    return json_response({"status": "ok"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={**errors(), 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(desk: DeskOf) -> Response:
    """What the server counts, for Prometheus. With several workers, of the one that answers."""
    return Response(await run_in_threadpool(desk.metrics.text), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """This description of the server."""
    return json_response(request.app.openapi())
