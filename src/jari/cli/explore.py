"""`jari explore`: a page to look at embeddings, in the browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from jari.cli.console import say
from jari.cli.options import RUN
from jari.cli.serving import (
    Host,
    Models,
    Places,
    Port,
    ReadOnly,
    Token,
    address,
    greeting,
    say_how_to_stop,
    settings_for,
)

EXAMPLES = (
    "jari explore wiki.jari",
    "jari explore english=wiki.jari korean=ko.jari films/ library/",
    "jari explore wiki.jari --no-browser --port 8080",
    "jari explore wiki.jari --host 0.0.0.0 --token auto     # for others too, with the link that is printed",
)


def explore(
    paths: Places,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.", rich_help_panel=RUN)
    ] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    token: Token = None,
    model: Models = None,
    read_only: ReadOnly = False,
) -> None:
    """Look at embeddings in the browser: ask, do arithmetic, draw maps, compare, search, get recommendations."""
    from jari.serve.exports import check_packages

    check_packages()
    from jari.serve import running
    from jari.serve.routes.page import built_page
    from jari.serve.shelf import Shelf

    settings = settings_for(host, port, token, allow_hosts=None, read_only=read_only, log="off")
    shelf = Shelf.open(paths, model or ())
    sock = running.listen(host, port, auto_port=True)
    made = token == "auto"
    here = address(settings, running.address_of("127.0.0.1" if host == "0.0.0.0" else host, sock), made=bool(token))

    def started() -> None:
        say(greeting(settings, sock, shelf.names, made=made))
        if not (built_page(None) / "index.html").exists():
            say("The page is not part of this installation; the address says how to get it.")
        say_how_to_stop()
        if browser:
            webbrowser.open(here)

    running.run(shelf, settings, sock=sock, started=started)
