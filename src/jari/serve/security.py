"""Who may ask: the Host header, pages of other sites, the token; and the headers that every answer bears."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from typing import Final

from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from jari.serve.failures import Failure
from jari.serve.settings import Settings

COOKIE: Final = "jari_token"
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HERE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OPEN: Final = frozenset({"/healthz", "/api/session", "/favicon.ico"})


class Doors:
    """Lets in who may come in.

    Against pages of other sites, which a browser lets send requests to this machine: a name that somebody makes point
    here (DNS rebinding) is not among the hosts, and what a browser says was sent by another site is refused.

    Parameters
    ----------
    app
        What answers.
    settings
        Host, token and allowed hosts.
    pages
        Paths of the page itself, which holds no data and needs no token.
    """

    def __init__(self, app: ASGIApp, settings: Settings, pages: frozenset[str]) -> None:
        self._app, self._token, self._pages = app, settings.token, pages
        self._any = "*" in settings.allow_hosts
        self._addresses = not is_loopback(settings.host)
        named = {settings.host.lower()} | {host.lower() for host in settings.allow_hosts}
        if self._addresses:
            named.add(socket.gethostname().lower())
        self._hosts = _HERE | named
        self._seen: dict[bytes, bool] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._check(scope)
        elif scope["type"] == "websocket":
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        host = authorization = cookie = site = mode = None
        hosts = 0
        for name, value in scope["headers"]:
            if name == b"host":
                host, hosts = value, hosts + 1
            elif name == b"authorization":
                authorization = value
            elif name == b"cookie":
                cookie = value
            elif name == b"sec-fetch-site":
                site = value
            elif name == b"sec-fetch-mode":
                mode = value
        if hosts != 1 or host is None or not self._is_ours(host):
            shown = "none" if host is None else repr(host.decode("latin-1"))
            raise Failure(
                "wrong_host",
                f"This server does not answer for the host {shown}. Ask it by its address, or start it with "
                "--allow-host NAME.",
            )
        path: str = scope["path"]
        if site in (b"cross-site", b"same-site") and mode != b"navigate":
            raise Failure("wrong_host", "Pages of other sites may not ask this server.")
        if self._token is None or path in _OPEN or path in self._pages or path.startswith("/assets/"):
            return
        if not self._may_enter(authorization, cookie):
            raise Failure(
                "unauthorized",
                "A token is needed, and the right one: send it as `Authorization: Bearer TOKEN`, or open the address "
                "that was printed when the server started.",
                headers={"www-authenticate": "Bearer"},
            )

    def _is_ours(self, host: bytes) -> bool:
        known = self._seen.get(host)
        if known is None:
            known = self._any or self._is_allowed(host.decode("latin-1").lower())
            if len(self._seen) < 100:
                self._seen[host] = known
        return known

    def _is_allowed(self, host: str) -> bool:
        name, colon, port = host.rpartition(":")
        if not colon or host.endswith("]"):
            name = host
        elif (port and not port.isascii()) or port.strip("0123456789"):
            return False
        if name in self._hosts:
            return True
        return self._addresses and _is_address(name.strip("[]"))  # no name, so nobody can have made it point here

    def _may_enter(self, authorization: bytes | None, cookie: bytes | None) -> bool:
        token = self._token or ""
        if authorization is not None:
            scheme, _, given = authorization.partition(b" ")
            return scheme.lower() == b"bearer" and is_same(given.strip(), token.encode())
        if cookie is not None:
            given_cookie = cookie_parser(cookie.decode("latin-1")).get(COOKIE, "")
            return is_same(given_cookie.encode("latin-1", "replace"), session_of(token).encode())
        return False


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("127.5.5.5")
    (True, False, True)
    """
    if host.lower() in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_same(given: bytes, token: bytes) -> bool:
    """Whether two secrets are the same, found out in a time that does not tell where they differ."""
    return hmac.compare_digest(given, token)


def session_of(token: str) -> str:
    """What the cookie holds: not the token itself, so that whoever reads cookies cannot use it elsewhere."""
    return hmac.new(token.encode(), b"jari session", hashlib.sha256).hexdigest()


def cookie_of(token: str, *, secure: bool) -> str:
    """The header that opens a session."""
    return f"{COOKIE}={session_of(token)}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}"


def is_secure(connection: HTTPConnection) -> bool:
    """Whether it was made by https."""
    return connection.url.scheme == "https"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
