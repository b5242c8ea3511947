"""`Recording`: the outermost layer. Every answer gets an id and is counted and logged; no error gets out bare."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jari.errors import JariError
from jari.serve.failures import Failure, failure_of
from jari.serve.logs import logger
from jari.serve.metrics import Metrics
from jari.serve.security import HEADERS

_OTHER: Final = "other"  # paths that are no route: made up by strangers, so never names of figures
_NO_STORE: Final = (b"cache-control", b"no-store")


class Recording:
    """Counts, logs, and answers for what failed.

    Parameters
    ----------
    app
        What answers.
    metrics
        What counts.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._first = f"{time.time_ns() // 1_000_000:x}"
        self._number = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        self._number += 1
        request = f"{self._first}-{self._number:x}"
        scope["jari.request"] = request
        status, size, ended = 0, 0, False

        async def sent(message: Message) -> None:
            nonlocal status, size, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_ours(message.get("headers", ()), request)
            else:
                size += len(message.get("body", b""))
                ended = not message.get("more_body", False)
            await send(message)

        self._metrics.running.inc()
        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            failure = failure_of(error)
            if failure.type == "failed" and not isinstance(error, JariError | Failure):
                logger.error("request %s failed", request, exc_info=error)
            if not status:
                await failure.response()(scope, receive, sent)
        finally:
            self._metrics.running.dec()
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", _OTHER)
            # What was cut off before it was whole has no status of its own: 499 is what nginx counts it as
            counted = status if ended else 499
            self._metrics.request(route, counted, seconds)
            if logger.isEnabledFor(logging.INFO):
                logger.info("request", extra={"jari": _line(scope, request, route, counted, seconds, size)})


def _with_ours(given: Any, request: str) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in given}
    ours = [(b"x-request-id", request.encode()), *(each for each in HEADERS if each[0] not in names)]
    if b"cache-control" not in names:
        ours.append(_NO_STORE)
    return [*given, *ours]


def _line(scope: Scope, request: str, route: str, status: int, seconds: float, size: int) -> dict[str, Any]:
    """No query and no body: what people ask is theirs."""
    return {
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": round(seconds * 1e3, 2),
        "bytes": size,
        "request": request,
    }
