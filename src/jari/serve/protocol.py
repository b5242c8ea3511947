"""uvicorn's HTTP protocol with the limits that it lacks: on the head of a request, and on what follows a refusal."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jari.serve.failures import Failure

MOST_HEAD: Final = 64 << 10  # bytes
_LINGER: Final = 5.0  # seconds in which the rest of a body that was refused is read and thrown away


class Protocol(HttpToolsProtocol):
    """One connection.

    The head of each request has `header_timeout` seconds to arrive, counted from the connection or from its own first
    byte, and `MOST_HEAD` bytes of room. A client that goes on sending a body after the answer is cut off.
    """

    header_timeout: float = 10.0
    _head_timer: asyncio.TimerHandle | None = None
    _rest_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        self._rest_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            if self._head_timer is None:
                self._await_head()
            self._head_bytes += len(data)
        super().data_received(data)
        # Looked at afterwards: the same bytes may have brought the end of the head, and a body
        if self._in_head and self._head_bytes > MOST_HEAD and not self.transport.is_closing():
            self._refuse(431, Failure("too_large", f"The head of the request is larger than {MOST_HEAD:,} bytes."))

    def on_headers_complete(self) -> None:
        self._head_arrived()
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._rest_arrived()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head and self._rest_timer is None and not self.transport.is_closing():
            self._rest_timer = self.loop.call_later(_LINGER, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, Failure("bad_input", "This is no HTTP request."))

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.header_timeout, self._late)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _rest_arrived(self) -> None:
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None

    def _late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self._head_bytes == 0:  # nothing was asked
            self.transport.close()
            return
        seconds = self.header_timeout
        self._refuse(408, Failure("too_slow", f"The head of the request did not arrive within {seconds:g} seconds."))

    def _refuse(self, status: int, failure: Failure) -> None:
        """Answer without a request, as far as there is none, and end the connection."""
        body = failure.body()
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


_REASONS: Final = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
