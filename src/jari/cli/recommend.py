"""`jari recommend`: what somebody is likeliest to choose next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import OUTPUT, QUESTION, Force, Json, Many, Quiet
from jari.cli.progress import shown
from jari.cli.tables import Side, bar, empty, titled
from jari.errors import UnknownKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.console import Group

    from jari.embedding import Neighbours
    from jari.ingest.titles import Titles
    from jari.learn.recommender_folder import Kept

EXAMPLES = (
    "jari recommend films/ --user 42",
    "jari recommend films/ --user 42 -k 5 --explain",
    "jari recommend films/ --items 'Toy Story (1995)' 'Aladdin (1992)'",
    "jari recommend films/ --items 1 95 --json | jq .title",
    "jari recommend films/ --all -k 20 -o recommendations.parquet",
)

_REASONS = 3  # past items behind each recommendation


def recommend(
    recommender: Annotated[
        str, typer.Argument(metavar="RECOMMENDER", help="The folder that `jari learn-items` has made.")
    ],
    user: Annotated[
        str | None, typer.Option(metavar="ID", help="One of the users who were learnt.", rich_help_panel=QUESTION)
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ITEM...",
            help="Somebody new: what they chose, by title or by id. They are folded in.",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="For all users who were learnt, into the file of -o.", rich_help_panel=QUESTION),
    ] = False,
    k: Many = 10,
    include_seen: Annotated[
        bool, typer.Option("--include-seen", help="Let what they chose be answers.", rich_help_panel=QUESTION)
    ] = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say which past choices raise each score most.", rich_help_panel=QUESTION),
    ] = False,
    json: Json = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="With --all: a .parquet, .csv or .jsonl.", rich_help_panel=OUTPUT
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Recommend items: to a user, to somebody of whom a few choices are known, or to all users."""
    _refuse_misuse(user, items, every=every, explain=explain, json=json, out=out)
    place = None if out is None else _place(out, force=force)

    from jari.learn import recommender_folder

    kept = recommender_folder.read(recommender)
    if place is not None:
        from jari.learn.recommendations import write_all

        with shown(quiet=quiet) as report:
            written = write_all(
                kept.recommender,
                place,
                titles=kept.titles,
                k=k,
                exclude_seen=not include_seen,
                force=force,
                callback=report,
            )
        if not quiet:
            say(f"{plain(str(out))}: {written:,} recommendations to {len(kept.recommender.user_embedding_):,} users")
        return
    asker = _asker(kept, user, items)
    found = kept.recommender.recommend(**asker, k=k, exclude_seen=not include_seen)
    reasons = [kept.recommender.explain(item, **asker, k=_REASONS) for item, _ in found] if explain else []
    if json:
        for line in _as_json(found, reasons, kept.titles):
            show_json(line)
    else:
        show(_as_table(_heading(kept, asker), found, reasons, kept.titles))
    if not quiet and len(found) < k:
        say(f"{len(found):,} of {len(kept.titles):,} items are left to recommend.")


def _refuse_misuse(
    user: str | None, items: list[str] | None, *, every: bool, explain: bool, json: bool, out: str | None
) -> None:
    if (user is not None) + bool(items) + every != 1:
        raise typer.BadParameter(
            "give one of them: --user ID, --items and what somebody chose, or --all", param_hint="'--user'"
        )
    if every != (out is not None):
        raise typer.BadParameter("--all and -o go together: -o FILE, for all users", param_hint="'--all'")
    if every and (explain or json):
        raise typer.BadParameter(
            "--explain and --json are for one user; -o FILE.jsonl writes JSON", param_hint="'--all'"
        )


def _place(out: str, *, force: bool) -> Path:
    from jari.ingest.table_writing import check_ending

    with misuse("-o"):
        check_ending(out)
    return vacant(out, force=force)


def _asker(kept: Kept, user: str | None, items: list[str] | None) -> dict[str, Any]:
    """Who asks, as `Recommender.recommend` takes it."""
    if items:
        rows = [kept.titles.row(item) for item in items]
        keys = kept.recommender.item_embedding_.keys
        return {"items": [keys[row] for row in rows]}
    from jari.learn.histories import meant

    users = kept.recommender.interactions_.users
    if user not in users:
        raise UnknownKey(
            f"The user {user!r} is not among the {len(users):,} who were learnt.{meant(user, users)} For somebody new, "
            "give --items and what they chose."
        )
    return {"user": user}


def _heading(kept: Kept, asker: dict[str, Any]) -> str:
    if "user" in asker:
        count = len(kept.recommender.interactions_.rows_of(asker["user"]))
        return f"User {asker['user']}, who has {count:,} item{'s' * (count != 1)}"
    vocabulary = kept.recommender.item_embedding_.vocabulary
    return "Who chose " + ", ".join(kept.titles[vocabulary.row(key)] for key in dict.fromkeys(asker["items"]))


def _as_table(heading: str, found: Neighbours, reasons: Sequence[Neighbours], titles: Titles) -> Group:
    """Rank, title, id where that is another, score, a bar, and the past items behind it."""
    with_titles = titles.untitled < len(titles)
    columns: list[tuple[str, Side]] = [("", "right"), ("title" if with_titles else "item", "left")]
    if with_titles:
        columns.append(("id", "left"))
    columns += [("score", "right"), ("", "left")]
    if reasons:
        columns.append(("because of", "left"))
    table = empty(*columns)
    best = float(found.scores[0]) if len(found) else 0.0
    for rank, (key, score) in enumerate(found):
        share = score / best if best > 0 else best / score if score else 1.0
        table.add_row(
            Text(str(rank + 1), "dim"),
            Text(plain(titles[found.rows[rank]])),
            *([Text(plain(key), "dim")] if with_titles else []),
            f"{score:.4f}",
            Text(bar(share), "cyan"),
            *([Text(plain(", ".join(titles[row] for row in reasons[rank].rows)))] if reasons else []),
        )
    return titled(heading, table)


def _as_json(found: Neighbours, reasons: Sequence[Neighbours], titles: Titles) -> Iterator[dict[str, Any]]:
    def each(some: Neighbours) -> list[dict[str, Any]]:
        return [
            {"item": key, "title": titles[row], "score": score}
            for (key, score), row in zip(some, some.rows, strict=True)
        ]

    for rank, line in enumerate(each(found)):
        yield line | ({"because": each(reasons[rank])} if reasons else {})
