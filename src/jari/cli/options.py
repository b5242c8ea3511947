"""Arguments and options that several commands share."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal, TypeAlias

import typer

from jari.cli.failure import misuse
from jari.errors import BadFile, ExtraMissing, NoSuchFile

TEXT, MODEL, QUESTION, OUTPUT, RUN = "Text", "Model", "Question", "Output", "Run"  # the panels of a help page

EmbeddingPath: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="EMBEDDING", help="A .jari folder, or a file in any format that `jari convert` reads."),
]

# ── Text
Sources: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="TEXT",
        help="Files (.gz .bz2 .xz .zst too), folders, globs, or - for standard input. A line is a sentence.",
    ),
]


def _known_tokenizer(name: str) -> str:
    """Refuse a name that no tokenizer has, while the command line is being read."""
    if name != "words":
        from jari.ingest.tokenizers import tokenizer_named

        # A file or a package that is missing is no misuse: whoever reads the text says so
        with suppress(BadFile, NoSuchFile, ExtraMissing), misuse():
            tokenizer_named(name)
    return name


Tokenizer: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        callback=_known_tokenizer,
        help="words: Unicode words, lower-cased, NFC. whitespace: what stands between blanks, as it is. chars, jamo: "
        "characters, letters of Hangul. kiwi, kiwi:NNG,VV: Korean morphemes, of these parts of speech. Or the path of "
        "a tokenizer.json.",
        rich_help_panel=TEXT,
    ),
]
MinCount: TypeAlias = Annotated[
    int, typer.Option(min=1, metavar="N", help="Leave out words seen less often.", rich_help_panel=TEXT)
]
MaxVocabulary: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Keep only so many of the most frequent words; all if not given.", rich_help_panel=TEXT
    ),
]
Phrases: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="N",
        help="Join words that belong together (new_york), so many times over: 2 makes phrases of up to four words.",
        rich_help_panel=TEXT,
    ),
]
Column: TypeAlias = Annotated[
    str | None,
    typer.Option(help="The column that holds the text, for csv, jsonl and parquet.", rich_help_panel=TEXT),
]
Errors: TypeAlias = Annotated[
    Literal["strict", "replace"],
    typer.Option(help="Bytes that are not UTF-8: stop there, or put U+FFFD and go on.", rich_help_panel=TEXT),
]

# ── Question
Many: TypeAlias = Annotated[
    int, typer.Option("--k", "-k", min=1, metavar="N", help="How many to show.", rich_help_panel=QUESTION)
]
MetricName: TypeAlias = Annotated[
    Literal["cosine", "dot", "euclidean"],
    typer.Option("--metric", "-m", help="How nearness is measured.", rich_help_panel=QUESTION),
]
Inputs: TypeAlias = Annotated[
    bool,
    typer.Option("--include-inputs", help="Let the words that were asked for be answers.", rich_help_panel=QUESTION),
]

# ── Output
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.", rich_help_panel=OUTPUT)]
Force: TypeAlias = Annotated[bool, typer.Option("--force", "-f", help="Replace what is there.", rich_help_panel=OUTPUT)]

# ── Run
Threads: TypeAlias = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Threads; all cores if not given.", rich_help_panel=RUN)
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option("--seed", min=0, metavar="N", help="Where chance begins.", rich_help_panel=RUN)
]
Quiet: TypeAlias = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="No progress, no messages; errors are still said.", rich_help_panel=RUN),
]
