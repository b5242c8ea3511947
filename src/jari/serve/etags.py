"""ETags: what a client has already is not sent again."""

from __future__ import annotations

from starlette.requests import Request


def known(request: Request, etag: str) -> bool:
    """Whether the client says that it has what this ETag, with its quotes, stands for (RFC 9110, 13.1.2)."""
    said = request.headers.get("if-none-match", "")
    return said.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in said.split(",")]
