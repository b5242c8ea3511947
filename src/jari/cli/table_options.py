"""Options of tables: how a file is read, and what a learner can be told, without defaults but its own."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

from jari.cli.learner_options import option, with_options
from jari.cli.options import MODEL, TEXT

TABLE, LEARNING = "Table", "Learning"  # panels of a help page

TablePath: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="A table whose first line names its columns: .csv .tsv .jsonl .parquet; text may be compressed (.gz …).",
    ),
]
Delimiter: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        callback=lambda given: "\t" if given == r"\t" else given,
        help=r"What stands between columns: ';', '::', '\t'. Without it the first line is looked at.",
        rich_help_panel=TABLE,
    ),
]
Missing: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT...",
        help="Cells that stand for a missing value, beside empty ones, in the place of NA, N/A, NaN, null.",
        rich_help_panel=TABLE,
    ),
]


def _columns(help: str) -> Any:
    return typer.Option(metavar="COLUMN...", help=help, rich_help_panel=TABLE)


Target: TypeAlias = Annotated[
    str, typer.Option("--target", "-t", metavar="COLUMN", help="The column to foretell.", rich_help_panel=TABLE)
]
Categorical: TypeAlias = Annotated[
    list[str] | None, _columns("Columns of names: then no others are. Without it, they are found by their values.")
]
Numeric: TypeAlias = Annotated[
    list[str] | None, _columns("Columns of numbers, such as 86, $1,200 or 2026-01-31: then no others are.")
]
Texts: TypeAlias = Annotated[list[str] | None, _columns("Columns of texts, each a bag of words: then no others are.")]
Drop: TypeAlias = Annotated[list[str] | None, _columns("Columns not to learn from.")]

OPTIONS: Final[dict[str, Any]] = {
    "text_dim": option(int, "Numbers a word.", MODEL, "32", min=1),
    "min_count": option(int, "Names seen less often are unknown; words, too, and below 2.", MODEL, "1", min=1),
    "max_vocabulary": option(int, "Keep only so many of a text column's most frequent words.", TEXT, "all", min=1),
    "bins": option(int, "Quantiles between which a number counts by straight lines.", MODEL, "16", min=1),
    "hidden": option(list[int], "Widths of the hidden layers; 0 for none, a linear model.", MODEL, "128 64"),
    "activation": option(Literal["gelu", "relu", "tanh"], "What bends each layer.", MODEL, "relu"),
    "dropout": option(float, "The share of each hidden layer left out while it learns.", LEARNING, "0.3", min=0, max=1),
    "input_dropout": option(float, "The share of the row left out.", LEARNING, "0.1", min=0, max=1),
    "word_dropout": option(
        float, "The share of words of texts.", LEARNING, "the better of 0.6 and 0.2", min=0, max=1
    ),
    "unknown_share": option(float, "The share of names that count as unknown.", LEARNING, "0.02", min=0, max=1),
    "epochs": option(int, "Times that every row is seen, at most.", LEARNING, "60", min=1),
    "batch": option(int, "Rows of one step.", LEARNING, "128, more for large tables", min=1),
    "learning_rate": option(float, "The longest step.", LEARNING, "0.003", min=0),
    "l2": option(float, "How much weights are drawn to 0.", LEARNING, "0.01", min=0),
    "validation": option(float, "The share of rows by which the best epoch is found.", LEARNING, "0.1", min=0, max=1),
    "patience": option(int, "Epochs without a better one before it stops.", LEARNING, "16", min=1),
    "device": option(str, "auto, cpu, cuda (which needs torch).", LEARNING, "auto"),
}  # fmt: skip

with_table_options = with_options(OPTIONS)


def missing_words(given: list[str] | None) -> tuple[str, ...]:
    """What `read_table` takes for missing."""
    from jari.ingest.table_numbers import MISSING_WORDS

    return MISSING_WORDS if not given else ("", *given)
