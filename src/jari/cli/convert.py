"""`jari convert`: the same vectors in another format."""

from __future__ import annotations

from typing import Annotated

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.options import Force, Quiet

EXAMPLES = (
    "jari convert wiki.jari wiki.bin",
    "jari convert glove.6B.300d.txt glove.jari",
    "jari convert wiki.jari wiki.vec --top 50000",
    "jari convert vectors.dat wiki.jari --from word2vec-binary",
)


def convert(
    source: Annotated[str, typer.Argument(metavar="IN", help="The embedding to read.")],
    target: Annotated[str, typer.Argument(metavar="OUT", help="The file or folder to write.")],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help="The format of IN, when its name and content do not tell."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="The format of OUT, when its name does not tell.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, metavar="N", help="Keep only the first so many keys.")] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write an embedding in another format; formats are told by the names of files."""
    place = vacant(target, force=force, option="OUT")

    from jari.embedding import formats

    embedding = formats.read(source, format=from_)
    if top is not None:
        embedding = embedding.top(top)
    formats.write(embedding, place, format=to, force=force)
    if not quiet:
        say(f"{plain(target)}: {len(embedding):,} keys, {embedding.dim} dimensions")
