"""Runs that are being watched: what is learnt just now, its loss and its map as they change."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from jari.errors import BadFile
from jari.explore.watch import Follower, Run, RunState, runs_in
from jari.serve.dependencies import desk_of
from jari.serve.failures import Failure

router = APIRouter(tags=["learning"])

_LOOK = 0.2  # seconds between two looks at a run
_QUIET = 15.0  # seconds after which something is said, so that nobody on the way takes the line for dead


@dataclass(frozen=True, slots=True)
class Watched:
    """Where runs are looked for."""

    folders: tuple[Path, ...] = ()
    only: str | None = None

    def runs(self) -> dict[str, Path]:
        """Their folders, by name."""
        found = {name: place for folder in self.folders for name, place in runs_in(folder).items()}
        return {name: place for name, place in found.items() if self.only in (None, name)}


class RunAnswer(BaseModel):
    """A run, as it is now."""

    run: str
    name: str
    learner: str
    state: RunState
    epochs: int | None
    started: float


class Runs(BaseModel):
    """Those that run, and those that ended a moment ago."""

    runs: list[RunAnswer]


def watch(app: FastAPI, folders: Iterable[Path], *, only: str | None = None) -> None:
    """Let a server tell of the runs in these folders, or of one of them: of none, unless it is told of them here."""
    app.state.watched = Watched(tuple(folders), only)


@router.get("/api/learning", summary="What is being learnt with `jari learn --watch`")
def learning(request: Request) -> Runs:
    """The runs, the latest first."""
    found = []
    for folder in _places(request).values():
        try:
            run = Run.of(folder)
        except BadFile:
            continue  # it is just being removed
        names = {name: getattr(run, name) for name in RunAnswer.model_fields}
        found.append(RunAnswer(**names))
    return Runs(runs=sorted(found, key=lambda run: -run.started))


@router.get(
    "/api/learning/{run}/events",
    summary="What happens in a run, as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
def events(request: Request, run: str) -> StreamingResponse:
    """First a `history` of the `progress` so far, then `progress`, `map` and `state`, until the run is over."""
    places = _places(request)
    if run not in places:
        known = f"There are {', '.join(map(repr, places))}." if places else "Nothing is being learnt."
        raise Failure("unknown_name", f"There is no run {run!r}. {known}", param="run", suggestions=list(places))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _followed(Follower(places[run]), desk_of(request).stopping)
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _followed(follower: Follower, stopping: threading.Event) -> AsyncIterator[str]:
    silent = 0.0
    while not stopping.is_set():
        found: list[dict[str, Any]] = await anyio.to_thread.run_sync(lambda: list(follower.read()))
        for event in found:
            yield f"data: {json.dumps(event, ensure_ascii=False, allow_nan=False)}\n\n"
        if follower.is_over:
            return
        silent = 0.0 if found else silent + _LOOK
        if silent >= _QUIET:
            silent = 0.0
            yield ": still there\n\n"
        await anyio.sleep(_LOOK)


def _places(request: Request) -> dict[str, Path]:
    watched: Watched = getattr(request.app.state, "watched", Watched())
    return watched.runs()
