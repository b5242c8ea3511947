"""`Direct`: the way past FastAPI for the one question that is asked by the thousand.

FastAPI's routing and validation take longer than one thirtieth of a search, which is what a question in a batch costs:
of 0.27 ms a request without it 0.1 ms are left (``python -m benchmarks serving``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jari.serve.dependencies import Desk

Handler: TypeAlias = Callable[[Desk, Mapping[str, str]], Awaitable[Response]]


class Direct:
    """Hands requests of some paths to functions of the desk and the query; errors are for `Recording` to answer.

    Parameters
    ----------
    app
        What answers everything else.
    desk
        What the server holds.
    handlers
        By path, for GET.
    """

    def __init__(self, app: ASGIApp, desk: Desk, handlers: Mapping[str, Handler]) -> None:
        self._app, self._desk = app, desk
        self._handlers = {path: (_Path(path), handler) for path, handler in handlers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._handlers.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], handler = found
        response = await handler(self._desk, query_of(scope))
        await response(scope, receive, send)


class _Path:
    """What stands for a route where figures are kept by its path."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path


def query_of(scope: Scope) -> dict[str, str]:
    """Names and values of the query; of a name that stands twice the last value counts."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
