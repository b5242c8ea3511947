"""Options that say how interactions are read: who, what, how much, when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

if TYPE_CHECKING:
    from jari.ingest.interactions import Interactions
    from jari.types import Callback

INTERACTIONS = "Interactions"  # a panel of a help page

InteractionsPath: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="INTERACTIONS",
        help="A table of who chose what, a choice a row: .csv .tsv .jsonl .parquet; text may be compressed (.gz …).",
    ),
]
UserColumn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="The column of users, by name, or by number from 1 on; found where it is called user, user_id, ….",
        rich_help_panel=INTERACTIONS,
    ),
]
ItemColumn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="The column of items; found where it is called item_id, movieId, product, ….",
        rich_help_panel=INTERACTIONS,
    ),
]
WeightColumn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="The column that says how much: stars, minutes, purchases. Without it each row counts 1.",
        rich_help_panel=INTERACTIONS,
    ),
]
TimeColumn: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="The column that says when: numbers that grow, or ISO 8601 dates.",
        rich_help_panel=INTERACTIONS,
    ),
]
Delimiter: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        callback=lambda given: "\t" if given == r"\t" else given,
        help=r"What stands between columns: ';', '::', '\t'. Without it the first line is looked at.",
        rich_help_panel=INTERACTIONS,
    ),
]
NoHeader: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--no-header",
        help="The first line is a choice already; so it is, too, where all columns are given by number.",
        rich_help_panel=INTERACTIONS,
    ),
]
Duplicates: TypeAlias = Annotated[
    Literal["sum", "last"],
    typer.Option(
        help="Where a user has an item twice: add the weights up, or take the last.", rich_help_panel=INTERACTIONS
    ),
]
MinWeight: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Leave out choices of a smaller weight: 4, where up to three stars are no wish for more like it.",
        rich_help_panel=INTERACTIONS,
    ),
]


def read_interactions(
    path: str,
    *,
    columns: dict[str, str | None],
    delimiter: str | None,
    no_header: bool,
    duplicates: Literal["sum", "last"],
    min_weight: float | None,
    callback: Callback,
) -> Interactions:
    """What the options ask for; `columns` are named by what they hold: user, item, weight, time."""
    from jari.ingest.interactions import Interactions
    from jari.ingest.thresholds import at_least

    read = Interactions.of(
        path,
        **{role: _column(said) for role, said in columns.items()},
        delimiter=delimiter,
        header=False if no_header else None,
        duplicates=duplicates,
        callback=callback,
    )
    return read if min_weight is None else at_least(read, min_weight)


def left_out(interactions: Interactions) -> list[str]:
    """What was left out, and what was merged, in sentences."""
    said = interactions.statistics
    notes = []
    if gone := {reason: count for reason, count in said.get("left_out", {}).items() if count}:
        notes.append(
            "Left out: " + ", ".join(f"{_count(count, 'row')} with {reason}" for reason, count in gone.items()) + "."
        )
    if merged := said.get("duplicates_merged"):
        how = "the last one counts" if said["duplicates"] == "last" else "weights are added up"
        notes.append(f"Merged: {_count(merged, 'row')} of a user and an item that stand there already; {how}.")
    below = said.get("below")
    if below and below["entries"]:
        with_them = [_count(below[f"{noun}s"], noun) for noun in ("user", "item") if below[f"{noun}s"]]
        more = f", and with them {' and '.join(with_them)}" if with_them else ""
        notes.append(f"Left out: {_count(below['entries'], 'choice')} of a weight below {below['weight']:g}{more}.")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _column(said: str | None) -> Any:
    """A name, or a number."""
    return int(said) if said is not None and said.isdecimal() else said
