"""`create_app`: the server as an ASGI application."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from threadpoolctl import threadpool_limits

from jari.errors import JariError
from jari.serve.batching import Batches
from jari.serve.dependencies import Desk
from jari.serve.direct import Direct
from jari.serve.failures import Failure, failure_of
from jari.serve.items import EmbeddingItem
from jari.serve.limits import Limits
from jari.serve.logs import logger
from jari.serve.metrics import Metrics
from jari.serve.recording import Recording
from jari.serve.routes import (
    asking,
    comparing,
    health,
    learning,
    maps,
    openai,
    page,
    pictures,
    recommending,
    searching,
)
from jari.serve.routes import shelf as shelf_routes
from jari.serve.security import Doors
from jari.serve.settings import Settings
from jari.serve.shelf import Shelf
from jari.threads import thread_count

_ABOUT: Final = (
    "Ask embeddings what is near, do arithmetic with their keys, draw them, compare them; search collections of "
    "documents; get recommendations.\n\nErrors have one shape, whatever went wrong. Where the server was started with "
    "a token, send it as `Authorization: Bearer TOKEN`."
)


def create_app(shelf: Shelf, settings: Settings | None = None, *, static: Path | None = None) -> FastAPI:
    """The server, to be run by `jari.serve.run` or by any other ASGI server.

    Parameters
    ----------
    shelf
        What is served.
    settings
        How.
    static
        The built page, if not where the settings say.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> app = create_app(Shelf.of({"places": Embedding(["here", "there"], [[1, 0], [1, 1]])}))
    >>> app.state.jari.shelf.names
    ['places']
    """
    from jari import __version__

    settings = settings or Settings()
    metrics = Metrics()
    metrics.items(lambda: _sizes(shelf))
    desk = Desk(shelf, settings, metrics, Batches(thread_count(settings.threads), metrics))
    app = FastAPI(
        title="Jari",
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.jari = desk
    for routes in (asking, shelf_routes, maps, comparing, searching, pictures, recommending, openai, learning, health):
        app.include_router(routes.router)
    app.include_router(page.router)
    pages = page.add_page(app, page.built_page(static or settings.static))
    for kind in (JariError, Failure, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)
    app.add_middleware(Direct, desk=desk, handlers={"/api/similar": asking.similar_directly})
    app.add_middleware(Limits, settings=settings)
    app.add_middleware(Doors, settings=settings, pages=pages)
    app.add_middleware(Recording, metrics=metrics)
    return app


async def _answer(_: Request, error: Exception) -> Response:
    return failure_of(error).response()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    desk: Desk = app.state.jari
    threading.Thread(target=_warm_up, args=(desk,), name="jari-warm-up", daemon=True).start()
    _reload_on_hangup(desk)
    # Batches run on as many threads as there are cores; each of them with more threads of BLAS's would only wait
    with threadpool_limits(1, user_api="blas"):
        try:
            yield
        finally:
            await asyncio.to_thread(desk.close)


def _warm_up(desk: Desk) -> None:
    for item in desk.shelf.of_kind(EmbeddingItem):
        if desk.stopping.is_set():
            return
        try:
            item.warm_up()
        except Exception:  # whoever asks will be told
            logger.warning("%s could not be prepared", item.name, exc_info=True)


def _reload_on_hangup(desk: Desk) -> None:
    """SIGHUP opens again what has changed on disk."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
        return

    def reload() -> None:
        try:
            names = desk.shelf.reload()
        except (JariError, OSError) as error:
            logger.warning("not reloaded: %s", error)
        else:
            logger.info("reloaded: %s", ", ".join(names) or "nothing has changed")

    with suppress(NotImplementedError):  # Windows
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, reload))


def _sizes(shelf: Shelf) -> Iterable[tuple[str, str, int]]:
    for item in shelf.items:
        if isinstance(item, EmbeddingItem):
            yield item.name, item.kind, len(item.embedding)
