"""`jari encode`: text to numbers, once, for many runs of `jari learn`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.options import (
    OUTPUT,
    Column,
    Errors,
    Force,
    MaxVocabulary,
    MinCount,
    Phrases,
    Quiet,
    Sources,
    Threads,
    Tokenizer,
)
from jari.cli.progress import amount, duration, shown

EXAMPLES = (
    "jari encode wiki.txt.gz -o corpus",
    "jari encode wiki.txt -o corpus --phrases 2",
    "jari encode kowiki.txt -o corpus --tokenizer kiwi:NNG,NNP,VV,VA",
    "jari encode 'news/*.jsonl' --column body -o corpus --min-count 10",
)


def encode(
    text: Sources,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make.", rich_help_panel=OUTPUT)],
    tokenizer: Tokenizer = "words",
    min_count: MinCount = 5,
    max_vocabulary: MaxVocabulary = None,
    phrases: Phrases = 0,
    column: Column = None,
    errors: Errors = "strict",
    force: Force = False,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Tokenise and encode text once, to learn from it many times.

    The folder that is made goes where `jari learn` takes TEXT.
    """
    began = time.monotonic()
    vacant(out, force=force)

    from jari.ingest import encode as encoded

    with (
        shown(quiet=quiet) as report,
        encoded(
            text,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            threads=threads,
            errors=errors,
            column=column,
            out=out,
            force=force,
            callback=report,
            phrases=phrases,
        ) as corpus,
    ):
        words, keys = len(corpus), len(corpus.vocabulary)
    if not quiet:
        say(f"{plain(out)}: {amount(words, 'words')}, {keys:,} different, {duration(time.monotonic() - began)}")
