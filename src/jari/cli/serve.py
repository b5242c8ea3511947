"""`jari serve`: embeddings, recommenders and collections over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from jari.cli.console import say
from jari.cli.options import RUN
from jari.cli.serving import (
    ADDRESS,
    LIMITS,
    AllowedHosts,
    Host,
    Log,
    Models,
    Places,
    Port,
    ReadOnly,
    Token,
    greeting,
    say_how_to_stop,
    settings_for,
)

EXAMPLES = (
    "jari serve wiki.jari films/ library/",
    "jari serve english=wiki.jari korean=ko.jari --port 8080",
    "curl 'http://127.0.0.1:8000/api/similar?key=king&k=3'",
    "JARI_TOKEN=$(openssl rand -hex 32) jari serve wiki.jari --host 0.0.0.0 --allow-host words.example",
    "jari serve wiki.jari --workers 4 --log json",
    "kill -HUP %1     # opens again what was replaced on disk",
)


def serve(
    paths: Places,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    auto_port: Annotated[
        bool,
        typer.Option("--auto-port", help="Take the next free port where this one is in use.", rich_help_panel=ADDRESS),
    ] = False,
    token: Token = None,
    allow_host: AllowedHosts = None,
    model: Models = None,
    read_only: ReadOnly = False,
    max_body: Annotated[
        int,
        typer.Option(min=1, metavar="BYTES", help="How large the body of a request may be.", rich_help_panel=LIMITS),
    ] = 1 << 23,
    max_requests: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="How many requests are answered at a time.", rich_help_panel=LIMITS),
    ] = 512,
    timeout: Annotated[
        float,
        typer.Option(min=0.001, metavar="SECONDS", help="How long an answer may take.", rich_help_panel=LIMITS),
    ] = 60.0,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Processes. What is mapped from files is in memory once; each counts for itself in /metrics.",
            rich_help_panel=RUN,
        ),
    ] = 1,
    log: Log = "text",
) -> None:
    """Answer questions to embeddings, recommenders and collections over HTTP."""
    from jari.serve.exports import check_packages

    check_packages()
    from jari.serve import running
    from jari.serve.shelf import Shelf

    settings = settings_for(
        host,
        port,
        token,
        allow_hosts=allow_host,
        read_only=read_only,
        most_bytes=max_body,
        most_requests=max_requests,
        timeout=timeout,
        log=log,
    )
    shelf = Shelf.open(paths, model or ())  # also with workers: what cannot be opened is said once, and at once
    sock = running.listen(host, port, auto_port=auto_port)
    said = greeting(settings, sock, shelf.names, made=token == "auto")

    def started() -> None:
        say(said)
        say_how_to_stop()

    if workers > 1:
        started()
        running.run_workers(paths, model or (), settings, workers, sock)
    else:
        running.run(shelf, settings, sock=sock, started=started)
