"""`jari evaluate`: how good the vectors are, by the test sets of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.text import Text

from jari.cli.console import plain, show, show_json
from jari.cli.options import QUESTION, EmbeddingPath, Json, Quiet
from jari.cli.progress import shown
from jari.cli.tables import Side, bar, empty, titled

if TYPE_CHECKING:
    from rich.console import Group

    from jari.evaluate import AnalogyResult, SimilarityResult

EXAMPLES = (
    "jari evaluate wiki.jari --similarity wordsim353.tsv simlex999.tsv",
    "jari evaluate wiki.jari --analogies questions-words.txt --restrict 0",
    "jari evaluate wiki.jari --similarity men.csv --json | jq .similarity[0].spearman",
)


def evaluate(
    embedding: EmbeddingPath,
    similarity: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE...", help="Pairs with scores: word, word, score.", rich_help_panel=QUESTION),
    ] = None,
    analogies: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE...", help="a b c d a line, ': name' begins a section.", rich_help_panel=QUESTION),
    ] = None,
    restrict: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Analogies among the first so many keys; 0 for all.", rich_help_panel=QUESTION
        ),
    ] = 30_000,
    method: Annotated[
        Literal["add", "mul", "both"],
        typer.Option(help="Analogies by 3CosAdd, by 3CosMul, or by both.", rich_help_panel=QUESTION),
    ] = "both",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure an embedding: word similarity (Spearman) and analogies (accuracy)."""
    if not similarity and not analogies:
        raise typer.BadParameter("give test sets", param_hint="'--similarity' / '--analogies'")

    from jari import evaluate as room
    from jari.embedding import load

    opened = load(embedding)
    pairs = [room.read_pairs(file) for file in similarity or ()]  # all files are read before the work begins
    questions = [room.read_analogies(file) for file in analogies or ()]
    methods: list[Literal["add", "mul"]] = ["add", "mul"] if method == "both" else [method]
    with shown(quiet=quiet) as report:
        alike = [room.similarity(opened, each) for each in pairs]
        solved = [
            [room.analogies(opened, each, method=how, restrict=restrict or None, callback=report) for how in methods]
            for each in questions
        ]
    if json:
        show_json(
            {
                "embedding": embedding,
                "similarity": [result.to_dict() for result in alike],
                "analogies": [result.to_dict() for results in solved for result in results],
            }
        )
        return
    show(*([_similarity(alike)] if alike else []), *map(_analogies, solved))


def _similarity(results: list[SimilarityResult]) -> Group:
    table = empty(
        ("test set", "left"),
        ("Spearman", "right"),
        ("95 % interval", "left"),
        ("pairs used", "right"),
        ("", "left"),
    )
    for result in results:
        interval = "" if result.low is None or result.high is None else f"{result.low:.3f} … {result.high:.3f}"
        table.add_row(
            Text(plain(result.name)),
            "—" if result.spearman is None else f"{result.spearman:.3f}",
            interval,
            f"{result.used:,} of {result.total:,}",
            Text(plain(result.reason)) if result.reason else Text(bar(result.spearman or 0.0), "cyan"),
        )
    return titled("Word similarity", table)


def _analogies(results: list[AnalogyResult]) -> Group:
    first = results[0]
    among = "all keys" if first.restrict is None else f"the first {first.restrict:,} keys"
    methods: list[tuple[str, Side]] = [
        ({"add": "3CosAdd", "mul": "3CosMul"}[result.method], "right") for result in results
    ]
    table = empty(("section", "left"), *methods, ("questions used", "right"))
    for sections in zip(*(result.sections for result in results), strict=True):
        table.add_row(
            Text(plain(sections[0].name)),
            *(_percent(section.accuracy) for section in sections),
            f"{sections[0].used:,} of {sections[0].total:,}",
        )
    table.add_section()
    table.add_row("all", *(_percent(each.accuracy) for each in results), f"{first.used:,} of {first.total:,}")
    return titled(f"Analogies: {first.name}, among {among}", table)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"
