"""`run`: the server on a port, until it is told to stop."""

from __future__ import annotations

import errno
import gc
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import FrameType
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from jari.errors import BadInput
from jari.serve import logs
from jari.serve.app import create_app
from jari.serve.protocol import Protocol
from jari.serve.security import is_loopback
from jari.serve.settings import Settings
from jari.serve.shelf import Shelf
from jari.threads import thread_count

_ENVIRONMENT: Final = "JARI_SERVE"  # what workers are started with
_TRIES: Final = 100
_BACKLOG: Final = 2048
# Seconds. Python's own 5 ms is how long a batch that comes back from BLAS may wait for the thread that speaks HTTP, at
# each of its blocks: with 32 clients that cost a third of the requests a second.
_SWITCH: Final = 0.0002


def run(
    shelf: Shelf, settings: Settings, *, sock: socket.socket | None = None, started: Callable[[], None] | None = None
) -> None:
    """Serve in this process until SIGINT or SIGTERM; requests that run then have `settings.grace` seconds.

    Parameters
    ----------
    shelf
        What is served.
    settings
        How.
    sock
        From `listen`; None to listen where the settings say.
    started
        Called once requests are answered.

    Raises
    ------
    BadInput
        The address is taken, or others can reach it and there is no token.
    """
    check(settings)
    bound = sock or listen(settings.host, settings.port)
    logs.set_up(settings.log)
    Protocol.header_timeout = settings.header_timeout
    app = create_app(shelf, replace(settings, port=bound.getsockname()[1]))
    sys.setswitchinterval(_SWITCH)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again when all is done; that is how a server is stopped
        _Server(_config(app, settings), app, started).run([bound])


def run_workers(
    paths: Sequence[str], models: Sequence[str], settings: Settings, workers: int, sock: socket.socket
) -> None:
    """Serve in several processes, which share the port, and the memory of what is mapped from files.

    Each worker counts for itself and gathers its own batches, on its share of the cores. SIGHUP starts them anew, one
    after another.
    """
    check(settings)
    logs.set_up(settings.log)
    if settings.threads is None:
        settings = replace(settings, threads=max(1, thread_count() // workers))
    os.environ[_ENVIRONMENT] = json.dumps(
        {"paths": list(paths), "models": list(models), "settings": settings.to_json()}
    )
    config = _config("jari.serve.running:app_of_environment", settings, factory=True, workers=workers)
    Multiprocess(config, sockets=[sock]).run()


def app_of_environment() -> FastAPI:
    """The app of a worker, made from what `run_workers` has left in the environment."""
    given = json.loads(os.environ[_ENVIRONMENT])
    settings = Settings.from_json(given["settings"])
    logs.set_up(settings.log)
    Protocol.header_timeout = settings.header_timeout
    sys.setswitchinterval(_SWITCH)
    return create_app(Shelf.open(given["paths"], given["models"]), settings)


def check(settings: Settings) -> None:
    """Refuse to open a port to others without a token.

    Raises
    ------
    BadInput
        There is none.

    Examples
    --------
    >>> check(Settings(host="0.0.0.0"))
    Traceback (most recent call last):
    jari.errors.BadInput: Other machines can reach 0.0.0.0, so a token is needed: pass --token auto ...
    """
    if not is_loopback(settings.host) and not settings.token:
        raise BadInput(
            f"Other machines can reach {settings.host}, so a token is needed: pass --token auto to have one made, "
            "--token TOKEN, or set JARI_TOKEN."
        )


def new_token() -> str:
    """A token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def listen(host: str, port: int, *, auto_port: bool = False) -> socket.socket:
    """A socket on an address, which may be handed on to `run`.

    Parameters
    ----------
    host, port
        Where; port 0 is one that is free.
    auto_port
        Whether the next free port will do where this one is taken.

    Raises
    ------
    BadInput
        The port is taken, may not be used, or this machine has no such address.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    except (OSError, UnicodeError, OverflowError) as error:
        raise BadInput(f"{host!r} is no address of this machine ({error}).") from error
    ports = range(port, min(port + _TRIES, 65536)) if auto_port and port else (port,)
    for number in ports:
        try:
            return _bound(family, host, number)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and number != ports[-1]:
                continue
            raise _not_bound(error, host, number, auto_port=auto_port) from error
    raise AssertionError  # the last port has returned or raised


def address_of(host: str, sock: socket.socket) -> str:
    """What to type into a browser.

    Examples
    --------
    >>> with listen("127.0.0.1", 0) as sock:
    ...     address_of("127.0.0.1", sock).startswith("http://127.0.0.1:")
    True
    """
    port = sock.getsockname()[1]
    if host in ("0.0.0.0", "::", ""):
        host = socket.gethostname() if host else "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bound(family: int, host: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
        sock.set_inheritable(True)
    except BaseException:
        sock.close()
        raise
    return sock


def _not_bound(error: OSError, host: str, port: int, *, auto_port: bool) -> BadInput:
    if error.errno == errno.EADDRINUSE:
        if auto_port:
            return BadInput(f"The ports from {port - _TRIES + 1} to {port} are all in use: pass another --port.")
        return BadInput(
            f"Port {port} is in use: stop what uses it, pass another --port, or --auto-port for the next free one."
        )
    if error.errno == errno.EACCES:
        return BadInput(f"Port {port} may be used by the administrator only: pass a --port of 1024 or more.")
    return BadInput(f"Cannot listen on {host}, port {port}: {error.strerror}.")


def _config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        log_config=None,
        log_level="critical",  # what uvicorn would say, ours says
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=max(1, round(settings.grace)),
        **more,
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which tells streams to end, and others that it has begun."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, started: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._app, self._then = app, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what is there now stays: the collector need not look at it again and again
        if self.started and self._then is not None:
            self._then()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.jari.stopping.set()
        super().handle_exit(sig, frame)
