"""`jari convert`: the same vectors in another format."""

from __future__ import annotations

from typing import Annotated

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import OUTPUT, Force, Quiet

EXAMPLES = (
    "jari convert wiki.jari wiki.bin",
    "jari convert glove.6B.300d.txt glove.jari",
    "jari convert wiki.jari wiki.vec --top 50000",
    "jari convert static.jari static.model2vec",
    "jari convert vectors.dat wiki.jari --from word2vec-binary",
)

INPUT = "Input"


def convert(
    source: Annotated[str, typer.Argument(metavar="IN", help="The embedding to read.")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The file or folder to write.")],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="Of IN; its content tells if not given.", rich_help_panel=INPUT),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Take only the first so many keys.", rich_help_panel=INPUT),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help="Of OUT; the end of its name tells if not given.", rich_help_panel=OUTPUT),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write an embedding in another format.

    Formats: jari (.jari), word2vec (.txt .vec), word2vec-binary (.bin), glove (.glove), npy (.npy),
    model2vec (.model2vec), projector (.projector).
    """
    place = vacant(target, force=force, option="OUT")

    from jari.embedding import formats

    readable = [name for name, each in formats.FORMATS.items() if each.reads]
    writable = [name for name, each in formats.FORMATS.items() if each.writes]
    for option, name, able in (("--from", from_, readable), ("--to", to, writable)):  # before a large file is read
        if name is not None and name not in able:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(able)}.", param_hint=repr(option))
    embedding = formats.read(source, format=from_)
    if top is not None:
        embedding = embedding.top(top)
    with misuse("--to" if to else "OUT"):
        formats.write(embedding, place, format=to, force=force)
    if not quiet:
        say(f"{plain(target)}: {len(embedding):,} keys, {embedding.dim} dimensions")
