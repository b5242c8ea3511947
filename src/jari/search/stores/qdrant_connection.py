"""`Connection`: a Qdrant server, or Qdrant in the memory of this process."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from jari.errors import BadInput
from jari.extras import require
from jari.search.stores.retry import patiently

T = TypeVar("T")
KEY: Final = "QDRANT_API_KEY"
_PORT: Final = 6333
_TIMEOUT: Final = 60  # seconds of one request
_MEMORY: Final = "qdrant+local::memory:"
_LIKE: Final = f"It must be like qdrant://localhost:{_PORT}/name, qdrants://host/name for https, or {_MEMORY}"
_NAME: Final = re.compile(r'[^<>:"/\\|?*\x00-\x1f\x7f]{1,200}')


def parse(url: str) -> tuple[str | None, str]:
    """Where the server is, as a web address, or None for the memory of this process; and the name of the collection.

    Raises
    ------
    BadInput
        It is no address of a collection in Qdrant, or one with a key in it.

    Examples
    --------
    >>> parse("qdrant://localhost:6333/wiki"), parse("qdrants://search.example")
    (('http://localhost:6333', 'wiki'), ('https://search.example:6333', 'jari'))
    >>> parse("qdrant+local::memory:?collection=wiki")
    (None, 'wiki')
    """
    if url.startswith("qdrant+local:"):
        where, _, query = url.partition("?")
        given, _, name = query.partition("=")
        if where != _MEMORY or given not in ("", "collection"):
            raise BadInput(
                "Qdrant's local mode keeps pickles in its folder, which can run code when they are opened: Jari opens "
                f"none. Give {_MEMORY} to try things, a server, or a folder for LanceDB."
            )
        return None, _named(name or "jari")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host = None
    if not host or parts.scheme not in ("qdrant", "qdrants") or parts.query or parts.fragment:
        raise BadInput(f"The address of the Qdrant store cannot be read. {_LIKE}.")
    if "@" in parts.netloc:
        raise BadInput(f"An address of Qdrant has no user and no key in it: give the key in the variable {KEY}.")
    scheme = "https" if parts.scheme == "qdrants" else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}", _named(parts.path.strip("/") or "jari")


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadInput(
            f'A collection cannot be named {name!r} in Qdrant: give 1 to 200 characters, none of <>:"/\\|?*.'
        )
    return name


@functools.cache
def _memory() -> Any:
    """Qdrant in the memory of this process: one for all stores, until the process ends."""
    return require("qdrant_client", extra="qdrant").QdrantClient(":memory:")


class Connection:
    """What answers: a server, or the memory of this process.

    Parameters
    ----------
    address
        What `parse` gives.
    wait
        Seconds to wait for a server that does not answer.

    Raises
    ------
    BadInput
        The server refuses: no key, or a wrong one.
    ServerDown
        The server does not answer.
    """

    def __init__(self, address: str | None, wait: float) -> None:
        package = require("qdrant_client", extra="qdrant")
        self._exceptions = require("qdrant_client.http.exceptions", extra="qdrant")
        self._busy = require("qdrant_client.common.client_exceptions", extra="qdrant").ResourceExhaustedResponse
        self._wait = wait
        self.local = address is None
        self.server = "Qdrant in memory" if address is None else f"Qdrant at {address.partition('//')[2]}"
        if address is None:
            self._client = _memory()
            return
        key = os.environ.get(KEY) or None
        # The check of versions would ask the server while it may be down, and warn.
        self._client = package.QdrantClient(url=address, api_key=key, timeout=_TIMEOUT, check_compatibility=False)
        self.ask(lambda client: client.get_collections())

    def ask(self, request: Callable[[Any], T]) -> T:
        """What `request` answers, of a client; it is asked again while the server is away, so it must bear that."""
        return patiently(lambda: request(self._client), server=self.server, why=self._why, wait=self._wait)

    def _why(self, error: Exception) -> str | None:
        """Why there was no answer; raises `BadInput` where there was one, which says no."""
        if isinstance(error, self._exceptions.ResponseHandlingException):
            return str(error) or type(error.source).__name__
        if isinstance(error, self._busy):
            return "it has too much to do"
        if not isinstance(error, self._exceptions.UnexpectedResponse):
            return None
        code = error.status_code or 0
        if code in (429, 502, 503, 504):
            return f"status {code}"
        said = f"{code} {_said(error.content) or error.reason_phrase}".strip()
        if code in (401, 403):
            raise BadInput(f"{self.server} refuses ({said}): give its key in the variable {KEY}.") from error
        if 400 <= code < 500:
            raise BadInput(f"{self.server} cannot do this: {said}.") from error
        return None

    def close(self) -> None:
        """Let go of the connection; what is in memory stays there."""
        if not self.local:
            self._client.close()


def _said(content: bytes) -> str:
    """What Qdrant says is wrong, of the body of its answer."""
    try:
        status = json.loads(content)["status"]
        return str(status["error"])[:500]
    except (ValueError, KeyError, TypeError):
        return content[:200].decode("utf-8", "replace").strip()
