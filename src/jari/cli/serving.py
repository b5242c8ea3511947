"""Options of the commands that serve, and what they have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from jari.cli.console import plain, say
from jari.cli.failure import misuse
from jari.cli.options import MODEL

if TYPE_CHECKING:
    import socket

    from jari.serve.settings import Settings

ADDRESS, LIMITS = "Address", "Limits"
TOKEN = "JARI_TOKEN"
_AUTO = "auto"

Places: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Embeddings, folders of recommenders, folders and addresses of collections. NAME=PATH gives one a name.",
    ),
]
Host: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Where to listen. With 0.0.0.0 other machines can ask too, and a token is needed.",
        rich_help_panel=ADDRESS,
    ),
]
Port: TypeAlias = Annotated[
    int, typer.Option(min=0, max=65535, metavar="N", help="0 is one that is free.", rich_help_panel=ADDRESS)
]
Token: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="TOKEN",
        envvar=TOKEN,
        help="What everybody who asks must know; auto makes one and prints it. Others on this machine see a command "
        "line: JARI_TOKEN is safer.",
        show_envvar=True,
        rich_help_panel=ADDRESS,
    ),
]
AllowedHosts: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="NAME...",
        help="Names, besides this machine's own, by which it may be asked, as behind a proxy.",
        rich_help_panel=ADDRESS,
    ),
]
ReadOnly: TypeAlias = Annotated[
    bool,
    typer.Option("--read-only", help="Write nothing, not even maps beside embeddings.", rich_help_panel=LIMITS),
]
Models: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="MODEL...",
        help="Text encoders for /v1/embeddings: folders, or names on the hub that are on this machine.",
        rich_help_panel=MODEL,
    ),
]
Log: TypeAlias = Annotated[
    Literal["text", "json", "off"],
    typer.Option(help="One line a request, on standard error; never what was asked.", rich_help_panel=LIMITS),
]


def settings_for(
    host: str, port: int, token: str | None, *, allow_hosts: Sequence[str] | None, **more: Any
) -> Settings:
    """The settings; says the token where one was made."""
    from jari.serve.running import check, new_token
    from jari.serve.settings import Settings

    if token == "":
        raise typer.BadParameter(f"is empty: leave it out, or set {TOKEN}.", param_hint="'--token'")
    settings = Settings(
        host=host,
        port=port,
        token=new_token() if token == _AUTO else token,
        allow_hosts=tuple(allow_hosts or ()),
        **more,
    )
    with misuse("--host"):
        check(settings)
    return settings


def greeting(settings: Settings, sock: socket.socket, names: Sequence[str], *, made: bool) -> str:
    """What is said once the server listens."""
    from jari.serve.running import address_of

    shown = ", ".join(map(plain, names[:8])) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"{shown}: {address(settings, address_of(settings.host, sock), made=made)}"


def address(settings: Settings, base: str, *, made: bool) -> str:
    """What to open in a browser; with the token only where nobody else can know it."""
    return f"{base}/?token={settings.token}" if made and settings.token else f"{base}/"


def say_how_to_stop() -> None:
    """On a terminal only: in a log it is noise."""
    if os.isatty(2):
        say("Ctrl-C stops it.")
