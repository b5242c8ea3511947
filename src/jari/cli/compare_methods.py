"""`jari compare-methods`: one text, several ways to learn from it, one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.failure import misuse
from jari.cli.learn import encoded
from jari.cli.options import (
    MODEL,
    OUTPUT,
    QUESTION,
    Column,
    Errors,
    Json,
    Many,
    MaxVocabulary,
    MinCount,
    Phrases,
    Quiet,
    Seed,
    Sources,
    Threads,
    Tokenizer,
)
from jari.cli.progress import duration, shown
from jari.cli.tables import empty, titled

if TYPE_CHECKING:
    from rich.console import Group

    from jari.evaluate import MethodResult

EXAMPLES = (
    "jari compare-methods wiki.txt --words king seoul",
    "jari compare-methods wiki.txt --similarity wordsim353.tsv --analogies questions-words.txt",
    "jari compare-methods wiki.txt --methods skipgram cbow --epochs 2 --keep models",
)


def compare_methods(
    ctx: typer.Context,
    text: Sources,
    methods: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME...", help="Which, as for `jari learn`; all if not given.", rich_help_panel=MODEL),
    ] = None,
    dim: Annotated[int | None, typer.Option(min=1, metavar="N", help="Numbers a word.", rich_help_panel=MODEL)] = None,
    window: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Neighbours looked at on each side, at most.", rich_help_panel=MODEL),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Passes, where a method has them.", rich_help_panel=MODEL)
    ] = None,
    similarity: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE...", help="Pairs with scores: word, word, score.", rich_help_panel=QUESTION),
    ] = None,
    analogies: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE...", help="a b c d a line, ': name' begins a section.", rich_help_panel=QUESTION),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD...", help="Whose neighbours to show; some of the text's.", rich_help_panel=QUESTION),
    ] = None,
    k: Many = 5,
    tokenizer: Tokenizer = "words",
    min_count: MinCount = 5,
    max_vocabulary: MaxVocabulary = None,
    phrases: Phrases = 0,
    column: Column = None,
    errors: Errors = "strict",
    keep: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Leave the embeddings there, as METHOD.jari.", rich_help_panel=OUTPUT),
    ] = None,
    json: Json = False,
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Learn from one text by several methods, and compare what comes of it.

    Each learns with its own defaults, in a process of its own: the memory is that of the whole process. The text is
    encoded once, before.
    """
    from jari import evaluate as room
    from jari.learn.methods import METHODS

    pairs = [room.read_pairs(file) for file in similarity or ()]  # all files are read before the work begins
    questions = [room.read_analogies(file) for file in analogies or ()]
    given = {"dim": dim, "window": window, "epochs": epochs, "threads": threads, "random_state": random_state}
    found: list[MethodResult] = []
    with (
        shown(quiet=quiet) as report,
        encoded(
            ctx,
            text,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            phrases=phrases,
            threads=threads,
            errors=errors,
            column=column,
            callback=report,
        ) as corpus,
    ):
        asked = words or room.words_to_show(corpus)
        with misuse():
            for result in room.compare_methods(
                corpus,
                methods or tuple(METHODS),
                parameters={name: value for name, value in given.items() if value is not None},
                pairs=pairs,
                questions=questions,
                words=asked,
                k=k,
                keep=keep,
                callback=report,
            ):
                found.append(result)
                if json:
                    show_json(result.to_dict())
    for result in found:
        if result.error is not None:
            say(f"{result.method}: {plain(result.error)}")
    if not json:
        show(_figures(found), *(_neighbours(word, found) for word in asked))
    if all(result.error is not None for result in found):
        raise typer.Exit(1)


def _figures(found: list[MethodResult]) -> Group:
    sets = next((result for result in found if result.error is None), found[0])
    table = empty(
        ("method", "left"),
        ("time", "right"),
        ("memory", "right"),
        *((plain(one.name), "right") for one in sets.similarity),
        *((plain(one.name), "right") for one in sets.analogies),
    )
    for result in found:
        table.add_row(
            Text(result.method),
            "failed" if result.seconds is None else duration(result.seconds),
            "—" if result.peak_mb is None else f"{result.peak_mb:,.0f} MB",
            *("—" if one.spearman is None else f"{one.spearman:.3f}" for one in result.similarity),
            *("—" if one.accuracy is None else f"{one.accuracy:.1%}" for one in result.analogies),
        )
    return titled("Methods", table)


def _neighbours(word: str, found: list[MethodResult]) -> Group | Text:
    learnt = [result for result in found if result.neighbours is not None]
    table = empty(*((result.method, "left") for result in learnt))
    columns = [(result.neighbours or {}).get(word) or () for result in learnt]
    if not any(columns):
        return Text(f"{plain(word)}: not in the text, or too rare")
    for rank in range(max(map(len, columns))):
        table.add_row(*(Text(plain(column[rank])) if rank < len(column) else "" for column in columns))
    return titled(word, table)
