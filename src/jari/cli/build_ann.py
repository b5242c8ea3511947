"""`jari build-ann`: an index for approximate search, beside an embedding."""

from __future__ import annotations

import json as to_json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import MODEL, Force, Json, Many, MetricName, Quiet, Seed, Threads
from jari.cli.progress import duration, shown
from jari.cli.tables import empty, titled
from jari.errors import NoSuchFile

if TYPE_CHECKING:
    from rich.console import Group

    from jari.search.ann import ANN

EXAMPLES = (
    "jari build-ann wiki.jari",
    "jari build-ann wiki.jari --target-recall 0.99 --metric dot --force",
    "jari build-ann wiki.jari --method hnsw --parameter links=48 build_effort=400",
)


def build_ann(
    embedding: Annotated[str, typer.Argument(metavar="EMBEDDING", help="A .jari folder; wiki.jari gets wiki.ann.")],
    method: Annotated[
        Literal["hnsw", "ivf-pq", "sq8"],
        typer.Option(help="hnsw: the fastest. ivf-pq: the smallest. sq8: reads every row.", rich_help_panel=MODEL),
    ] = "hnsw",
    target_recall: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="How much of the exact answer is to be found; 0: faiss's own choice.",
            rich_help_panel=MODEL,
        ),
    ] = 0.95,
    parameter: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE...", help="A parameter of the method.", rich_help_panel=MODEL),
    ] = None,
    metric: MetricName = "cosine",
    k: Many = 10,
    json: Json = False,
    force: Force = False,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Build an index for approximate search, and show how much it finds.

    Some rows are held out while it is built, and asked before they are put in.
    """
    began = time.monotonic()

    from jari.embedding import load
    from jari.search.ann import ANN
    from jari.search.ann.files import checksums_of, place_of

    checksums_of(embedding)  # it is a .jari, or that is said now
    place = place_of(embedding)
    vacant(str(place), force=force)
    opened = load(embedding)
    with misuse("--parameter"):
        parameters = dict(map(_parsed, parameter or ()))
    with shown(quiet=quiet) as report:
        ann = ANN.build(
            opened,
            method,
            metric=metric,
            target_recall=target_recall or None,
            k=k,
            threads=threads,
            random_state=seed,
            callback=report,
            **parameters,
        )
        ann.save(embedding, force=force)
    if json:
        show_json({"path": str(place), "efforts": asdict(ann.efforts), "curve": [asdict(each) for each in ann.curve]})
    elif not quiet:
        show(_table(str(place), ann))
    if not quiet:
        say(f"{plain(str(place))}: {_megabytes(place)}, {duration(time.monotonic() - began)}")


def _table(title: str, ann: ANN) -> Group:
    """Recall by effort; what was chosen is marked."""
    table = empty(
        (ann.method.effort_name, "right"), ("recall of keys", "right"), ("of new vectors", "right"), ("", "left")
    )
    for each in ann.curve:
        chosen = [name for name, effort in asdict(ann.efforts).items() if effort == each.effort]
        mark = f"← for {' and '.join(chosen)}" if chosen else ""
        table.add_row(str(each.effort), f"{each.keys:.3f}", f"{each.vectors:.3f}", Text(mark, "cyan"))
    return titled(f"{title}: recall of the {ann.k} nearest", table)


def _parsed(given: str) -> tuple[str, Any]:
    from jari.errors import BadInput

    name, is_pair, value = given.partition("=")
    if not is_pair or not name:
        raise BadInput(f"{given!r} is no parameter: write NAME=VALUE, as links=48.")
    try:
        return name, to_json.loads(value)
    except ValueError:
        return name, value


def _megabytes(place: Any) -> str:
    try:
        return f"{sum(file.stat().st_size for file in place.iterdir()) / 1e6:.1f} MB"
    except OSError as error:
        raise NoSuchFile(f"{place} is gone already.") from error
