"""`jari learn-items`: who chose what in, a recommender out."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.interaction_options import (
    Delimiter,
    Duplicates,
    InteractionsPath,
    ItemColumn,
    MinWeight,
    NoHeader,
    TimeColumn,
    UserColumn,
    WeightColumn,
    left_out,
    read_interactions,
)
from jari.cli.options import MODEL, OUTPUT, Force, Quiet, Seed, Threads
from jari.cli.progress import duration, shown
from jari.cli.recommender_options import MethodName, recommender_parameters, with_recommender_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jari.ingest.interactions import Interactions
    from jari.learn.recommender import Recommender
    from jari.learn.recommenders import Method

EXAMPLES = (
    "jari learn-items ratings.csv --user user_id --item item_id -o films/",
    "jari learn-items ratings.csv --weight rating --min-weight 4 --titles items.csv -o films/",
    "jari learn-items orders.parquet --user basket --item product --method item2vec -o shop/",
    "jari learn-items u.data --user 1 --item 2 --weight 3 --time 4 -o films/     # no header",
    "jari recommend films/ --user 42; jari similar films/titles.jari 'Toy Story (1995)'",
)


@with_recommender_options
def learn_items(
    interactions: InteractionsPath,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make.", rich_help_panel=OUTPUT)],
    user: UserColumn = None,
    item: ItemColumn = None,
    weight: WeightColumn = None,
    time: TimeColumn = None,
    delimiter: Delimiter = None,
    no_header: NoHeader = False,
    duplicates: Duplicates = "sum",
    min_weight: MinWeight = None,
    method: Annotated[
        MethodName,
        typer.Option(
            "--method",
            "-m",
            help="Vectors whose products are 1 for what was chosen and 0 for all else (als); what was chosen scores "
            "above what was not (bpr); weights between all pairs of items (ease, for some ten thousand); items of one "
            "basket as words of one line (item2vec); a neural network (softmax, needs torch); what most chose, the "
            "same for all (popularity).",
            rich_help_panel=MODEL,
        ),
    ] = "als",
    titles: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="What items are called: a table with the same item column, and a column `title`.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Learn from who chose what: a vector for each user and each item, and what to recommend.

    Options of the model that are not given are the method's own.

    `jari recommend` asks the folder that is made. items.jari, users.jari and titles.jari in it are embeddings.
    """
    began = monotonic()
    place = vacant(out, force=force)

    from jari.learn.recommender_folder import refuse_others
    from jari.learn.recommenders import method_named

    refuse_others(place)
    chosen = method_named(method)
    learner = _learner(chosen, given, threads=threads, random_state=random_state)
    with shown(quiet=quiet) as report:
        read = read_interactions(
            interactions,
            columns={"user": user, "item": item, "weight": weight, "time": time},
            delimiter=delimiter,
            no_header=no_header,
            duplicates=duplicates,
            min_weight=min_weight,
            callback=report,
        )
        names = None if titles is None else _titles(titles, read)
        if not quiet:
            for note in [*left_out(read), *(_without_title(read, names) if names is not None else [])]:
                say(note)
        learner.set_params(callbacks=(report,)).fit(read)
        learner.save(place, titles=names, force=force)
    if not quiet:
        say(f"{plain(out)}: {_sizes(learner)}, {duration(monotonic() - began)}")


def _learner(method: Method, given: Mapping[str, Any], **common: Any) -> Recommender:
    """The learner that the line asks for, its parameters looked at before anything is read."""
    from jari.learn.recommenders import METHODS

    chosen = recommender_parameters(given, [method], METHODS.values())
    learner = method.learner(**chosen, **common)
    with misuse():
        learner.check()
    return learner


def _titles(path: str, read: Interactions) -> dict[str, str]:
    """By the column that items have in the interactions; where that is a number, by what such columns are called."""
    from jari.ingest.title_table import read_titles

    item = read.statistics["columns"]["item"]
    return read_titles(path, item=None if item.isdecimal() else item)


def _without_title(read: Interactions, titles: Mapping[str, str]) -> list[str]:
    lacking = sum(key not in titles for key in read.items)
    return [f"{lacking:,} of {len(read.items):,} items have no title: they go by their ids."] if lacking else []


def _sizes(learner: Recommender) -> str:
    users, items = learner.interactions_.shape
    dim = learner.item_embedding_.dim
    entries = len(learner.interactions_)
    return f"{users:,} users, {items:,} items, {entries:,} entries, {dim} dimension{'s' * (dim != 1)}"
