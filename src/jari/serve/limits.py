"""`Limits`: how much may be asked at a time, how large a question may be, how long anything may take."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jari.serve.failures import Failure
from jari.serve.settings import Settings

_FREE: Final = "/healthz"  # whoever watches the server must reach it when it is busy


class Limits:
    """Refuses what is too much, too large or too slow.

    The body is read here, before anything else looks at it.

    Parameters
    ----------
    app
        What answers.
    settings
        The limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._running >= self._settings.most_requests and scope["path"] != _FREE:
            raise Failure(
                "busy",
                f"{self._running} requests are being answered already: ask again in a moment.",
                headers={"retry-after": "1"},
            )
        self._running += 1
        try:
            length, chunked = _length_of(scope)
            if length or chunked:
                receive = _Read(await self._body(receive, length), receive)
            await self._answer(scope, receive, send)
        finally:
            self._running -= 1

    async def _body(self, receive: Receive, length: int) -> bytes:
        most = self._settings.most_bytes
        if length > most:
            raise _too_large(most)
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_timeout):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Failure("too_slow", "The connection ended before the body did.")
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > most:
                        raise _too_large(most)
        except TimeoutError:
            raise Failure(
                "too_slow",
                f"The body did not arrive within {self._settings.body_timeout:g} seconds.",
                headers={"connection": "close"},
            ) from None
        return bytes(body)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time counts until an answer begins, and while the other side does not take what is streamed to it.

        What cannot be stopped, such as a thread, works on, and its answer goes nowhere.
        """
        loop, task, seconds = asyncio.get_running_loop(), asyncio.current_task(), self._settings.timeout
        started = streaming = expired = False
        timer: asyncio.TimerHandle
        answering: asyncio.Task[None] | None = None

        def expire() -> None:
            nonlocal expired, answering
            expired = True
            if not started:
                late = Failure("timeout", f"No answer was found within {seconds:g} seconds. Ask for less.")
                answering = loop.create_task(late.response()(scope, receive, send))
            if task is not None:
                task.cancel()

        async def sent(message: Message) -> None:
            nonlocal started, streaming, timer
            if expired:
                return
            started = True
            streaming = streaming or message.get("more_body", False)
            if streaming:
                timer.cancel()
                timer = loop.call_later(seconds, expire)
            await send(message)
            if streaming:
                timer.cancel()

        timer = loop.call_later(seconds, expire)
        try:
            await self._app(scope, receive, sent)
        except asyncio.CancelledError:
            if not expired or task is None:
                raise
            task.uncancel()
        finally:
            timer.cancel()
            if answering is not None:
                await answering


class _Read:
    """`receive` of a request whose body has been read."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]
        self._receive = receive

    async def __call__(self) -> Message:
        return self._messages.pop() if self._messages else await self._receive()


def _length_of(scope: Scope) -> tuple[int, bool]:
    length, chunked = 0, False
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = True
    return length, chunked


def _too_large(most: int) -> Failure:
    return Failure("too_large", f"The body is larger than {most:,} bytes. Send less at a time.")
