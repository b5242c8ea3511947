"""`create_app`: the server as an ASGI application."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jari.errors import JariError
from jari.serve.dependencies import Desk
from jari.serve.failures import Failure, failure_of
from jari.serve.routes import comparing, learning, maps, openai, pictures, recommending, searching
from jari.serve.settings import Settings
from jari.serve.shelf import Shelf


def create_app(shelf: Shelf, settings: Settings | None = None) -> FastAPI:
    """The server, to be run by `jari.serve.run` or by any other ASGI server.

    Parameters
    ----------
    shelf
        What is served.
    settings
        How.
    """
    app = FastAPI(title="Jari", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.jari = Desk(shelf, settings or Settings())
    for routes in (maps, comparing, searching, pictures, recommending, openai, learning):
        app.include_router(routes.router)
    app.add_exception_handler(JariError, _answer)
    app.add_exception_handler(Failure, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    return app


async def _answer(_: Request, error: Exception) -> Response:
    return failure_of(error).response()
