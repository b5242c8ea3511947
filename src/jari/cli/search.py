"""`jari search`: which documents of a library say something like this."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from jari.cli.console import plain, show, show_json
from jari.cli.options import QUESTION, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from jari.search.records import Hit

EXAMPLES = (
    "jari search library 'how the tides come about'",
    "jari search library tides -k 3 --where 'year >= 1999 and lang in (en, ko)'",
    "jari search library tides --passages --json | jq .text",
    "jari search postgresql://localhost/library tides --mode text",
)

_INDENT = 4


class Mode(StrEnum):
    """How a library is searched."""

    hybrid = "hybrid"
    vector = "vector"
    text = "text"


def search(
    library: Annotated[str, typer.Argument(metavar="LIBRARY", help="What `jari index` made: a folder, or an address.")],
    query: Annotated[list[str], typer.Argument(metavar="QUERY", help="A question, or words.")],
    k: Annotated[
        int, typer.Option("--k", "-k", min=1, metavar="N", help="How many to show.", rich_help_panel=QUESTION)
    ] = 10,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="On the fields of documents: 'year >= 1999 and lang = en'. Operators: = != < <= > >= in.",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(
            help="By meaning (vector), by the words as they stand (text), or by both (hybrid).",
            rich_help_panel=QUESTION,
        ),
    ] = Mode.hybrid,
    hybrid: Annotated[
        bool, typer.Option("--hybrid", help="The same as --mode hybrid.", rich_help_panel=QUESTION)
    ] = False,
    passages: Annotated[
        bool,
        typer.Option("--passages", help="Show all passages, not the best of each document.", rich_help_panel=QUESTION),
    ] = False,
    json: Json = False,
) -> None:
    """Search a library: the best documents, each with the passage that fits best."""
    if hybrid and mode is not Mode.hybrid:
        raise typer.BadParameter(f"there is --mode {mode.value} too: give one of them", param_hint="'--hybrid'")
    asked = " ".join(query)

    from jari.search.collection import Collection
    from jari.search.finding import best_of_each, words_to_mark

    with Collection.open(library) as opened:
        if passages:
            hits = opened.search(asked, k, where or None, mode.value)
        else:
            hits = best_of_each(opened, asked, k, where or None, mode.value)
        holds = len(opened) if not hits else 1
    if json:
        for hit in hits:
            show_json(
                {
                    "id": hit.id,
                    "source": hit.source,
                    "score": hit.score,
                    "text": hit.text,
                    "metadata": dict(hit.metadata),
                }
            )
    elif hits:
        words = words_to_mark(asked)
        show(*(_shown(rank, hit, words, passages=passages) for rank, hit in enumerate(hits, start=1)))
    else:
        _say_nothing(holds, asked, where, mode)


def _shown(rank: int, hit: Hit, words: Sequence[str], *, passages: bool) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from jari.search.snippets import snippet

    title = hit.metadata.get("title")
    head = Text.assemble(
        (f"{rank:>{_INDENT - 1}} ", "dim"),
        (plain(hit.id if passages else hit.source), "bold cyan"),
        *([] if title is None else ["  ", plain(str(title))]),
        (f"  {hit.score:.4f}", "dim"),
    )
    found = snippet(hit.text, words)
    body = Text(found.text)
    for start, stop in found.found:
        body.stylize("bold", start, stop)
    return Group(head, Padding(body, (0, 0, 0, _INDENT), expand=False)) if found.text else head


def _say_nothing(holds: int, query: str, where: Sequence[str] | None, mode: Mode) -> None:
    from jari.cli.console import say

    if not holds:
        say("The library is empty.")
    elif where:
        say(f"Nothing found for {query!r} where {plain(' and '.join(where))}.")
    else:
        others = " Try --mode hybrid." if mode is not Mode.hybrid else ""
        say(f"Nothing found for {query!r}.{others}")
