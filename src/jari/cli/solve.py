"""`jari solve`: arithmetic with keys."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from jari.cli.console import show, show_json
from jari.cli.failure import misuse
from jari.cli.options import QUESTION, EmbeddingPath, Inputs, Json, Many
from jari.cli.tables import neighbours

EXAMPLES = (
    'jari solve wiki.jari "king - man + woman"',
    'jari solve wiki.jari "paris - france + italy" -k 5 --method mul',
    "jari solve wiki.jari \"'New York' - usa + japan\"     # keys with spaces or operators in quotes",
)


def solve(
    embedding: EmbeddingPath,
    expression: Annotated[str, typer.Argument(metavar="EXPRESSION", help="Keys with + and - between them.")],
    k: Many = 10,
    method: Annotated[
        Literal["add", "mul"],
        typer.Option(
            help="add: 3CosAdd, sums of vectors. mul: 3CosMul, products of cosines.", rich_help_panel=QUESTION
        ),
    ] = "add",
    include_inputs: Inputs = False,
    json: Json = False,
) -> None:
    """Answer an expression such as "king - man + woman"."""
    from jari.embedding import load

    opened = load(embedding)
    with misuse("EXPRESSION"):
        found = opened.solve(expression, k=k, method=method, include_inputs=include_inputs)
    if json:
        for key, score in found:
            show_json({"key": key, "score": score})
    else:
        show(neighbours(expression, found))
