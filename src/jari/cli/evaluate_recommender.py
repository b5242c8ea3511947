"""`jari evaluate-recommender`: do recommendations hold what people chose, and at the top?"""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
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
from jari.cli.options import MODEL, QUESTION, Json, Quiet, Seed, Threads
from jari.cli.progress import duration, shown
from jari.cli.recommender_options import recommender_parameters, with_recommender_options
from jari.cli.tables import empty, titled
from jari.errors import JariError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Group

    from jari.evaluate.estimates import Estimate
    from jari.ingest.interactions import Interactions
    from jari.ingest.splits import Split
    from jari.learn.recommender import Recommender
    from jari.types import Callback

EXAMPLES = (
    "jari evaluate-recommender ratings.csv --user user_id --item item_id",
    "jari evaluate-recommender ratings.csv --weight rating --min-weight 4 --method als ease popularity",
    "jari evaluate-recommender u.data --user 1 --item 2 --time 4 --split time --measure Recall@20 nDCG@10",
    "jari evaluate-recommender ratings.csv --method ease --l2 100 --json",
)
_OF: Final = {"users": ("folds", "given"), "time": ("wanted",), "leave-one-out": ()}  # options of each split
MEASURES: Final = ("nDCG@100", "Recall@20", "HR@10", "Coverage@20", "Novelty@20")


def _share(given: float | None) -> float | None:
    if given is not None and not 0 < given < 1:
        raise typer.BadParameter(f"{given:g} is no share: give a number between 0 and 1")
    return given


@with_recommender_options
def evaluate_recommender(
    interactions: InteractionsPath,
    user: UserColumn = None,
    item: ItemColumn = None,
    weight: WeightColumn = None,
    time: TimeColumn = None,
    delimiter: Delimiter = None,
    no_header: NoHeader = False,
    duplicates: Duplicates = "sum",
    min_weight: MinWeight = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            "-m",
            metavar="NAME...",
            help="Which, as for `jari learn-items`; all if not given. Options of the model go to those that have them.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    split: Annotated[
        Literal["users", "time", "leave-one-out"],
        typer.Option(
            help="What is foretold: a part of what users chose who are not learnt from; what was chosen later; the "
            "last choice of each user.",
            rich_help_panel=QUESTION,
        ),
    ] = "users",
    folds: Annotated[
        int | None,
        typer.Option(
            min=2, metavar="N", help=r"users: one in so many is held out. \[default: 5]", rich_help_panel=QUESTION
        ),
    ] = None,
    given_share: Annotated[
        float | None,
        typer.Option(
            "--given",
            metavar="X",
            callback=_share,
            help=r"users: what share of the choices of each is known. \[default: 0.8]",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    wanted_share: Annotated[
        float | None,
        typer.Option(
            "--wanted",
            metavar="X",
            callback=_share,
            help=r"time: what share of all choices is foretold, the latest. \[default: 0.2]",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME...",
            help="nDCG, Recall, MAP, MRR, HR, P, Coverage, Novelty, Popularity, with @k. "
            rf"\[default: {' '.join(MEASURES)}]",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    json: Json = False,
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Learn from a part of what people chose, by each method, and ask for the rest.

    All items are ranked but those that are known of a user. A line a method: means over users, each with half the width
    of its 95 % interval, and how long the method took to learn.
    """
    from jari.evaluate.toplists import parsed

    measures = list(dict.fromkeys(measure or MEASURES))
    with misuse("--measure"):
        for name in measures:
            parsed(name)
    options = {"folds": folds, "given": given_share, "wanted": wanted_share}
    asked = {name: value for name, value in options.items() if value is not None}
    for name in asked:
        if name not in _OF[split]:
            kind = next(kind for kind, having in _OF.items() if name in having)
            raise typer.BadParameter(f"it is for --split {kind}", param_hint=f"'--{name}'")
    learners = _learners(method, given, threads=threads, random_state=random_state)

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
        parts = _split(read, split, asked, random_state or 0)
        if not quiet:
            for note in [*left_out(read), *_dropped(parts)]:
                say(plain(note))
        found: list[dict[str, Any]] = []
        for name, learner in learners.items():
            found.append(_measured(name, learner, parts, measures, report))
            if json:
                show_json(_line(found[-1], parts))
    for result in found:
        if "error" in result:
            say(f"{result['method']}: {plain(result['error'])}")
    if not json:
        show(_figures(found, parts, measures))
    if all("error" in one for one in found):
        raise typer.Exit(1)


def _learners(names: list[str] | None, given: Mapping[str, Any], **common: Any) -> dict[str, Recommender]:
    """The learners that the line asks for, their parameters looked at before anything is read."""
    from jari.learn.recommenders import METHODS, method_named

    with misuse("--method"):
        methods = [method_named(name) for name in dict.fromkeys(names or METHODS)]
    chosen = recommender_parameters(given, methods, METHODS.values())
    learners = {}
    for method in methods:
        own = {name: value for name, value in chosen.items() if name in method.parameters}
        learners[method.name] = method.learner(**own, **common)
        with misuse():
            learners[method.name].check()
    return learners


def _split(read: Interactions, kind: str, options: Mapping[str, Any], seed: int) -> Split:
    from jari.ingest.splits import by_time, by_user, leave_one_out

    if kind == "users":
        return by_user(read, **options, random_state=seed)
    return by_time(read, **options) if kind == "time" else leave_one_out(read, random_state=seed)


def _dropped(split: Split) -> list[str]:
    """What the split could not use, as a sentence."""
    told = "; ".join(f"{what} ({many:,})" for what, many in split.dropped.items())
    return [f"Not asked about: {told}."] if told else []


def _measured(name: str, learner: Recommender, split: Split, measures: list[str], report: Callback) -> dict[str, Any]:
    """Learn and ask; what a method cannot do is its own fault and none of the others'."""
    from jari.evaluate.recommendation import recommendation

    began = monotonic()
    try:
        learner.set_params(callbacks=(report,)).fit(split.train)
        learning = monotonic() - began
        result = recommendation(
            learner, split, measures=measures, fold_in=split.kind == "users", name=name, callback=report
        )
    except JariError as error:
        return {"method": name, "error": str(error)}
    return {
        "method": name,
        "parameters": {key: value for key, value in learner.get_params().items() if key != "callbacks"},
        "estimates": result.estimates,
        "seconds": {"learning": learning, "asking": monotonic() - began - learning},
    }


def _line(found: dict[str, Any], split: Split) -> dict[str, Any]:
    told = dict(found)
    if "estimates" in told:
        told["estimates"] = {name: asdict(one) for name, one in told["estimates"].items()}
    users, items = split.wanted.shape
    about = {"kind": split.kind, "users": users, "items": items, "dropped": dict(split.dropped)}
    entries = {"train": len(split.train), "given": len(split.given), "wanted": len(split.wanted)}
    return told | {"split": about | {"entries": entries}}


def _figures(found: list[dict[str, Any]], split: Split, measures: list[str]) -> Group:
    table = empty(("method", "left"), *((name, "right") for name in measures), ("learnt in", "right"))
    for one in found:
        if "error" in one:
            table.add_row(Text(one["method"]), *("—" for _ in measures), "failed")
            continue
        cells = [_with_interval(one["estimates"][name]) for name in measures]
        table.add_row(Text(one["method"]), *cells, duration(one["seconds"]["learning"]))
    users, items = split.wanted.shape
    who = {
        "users": f"{users:,} users who were not learnt from",
        "time": f"what {users:,} users chose later",
        "leave-one-out": f"the last choice of {users:,} users",
    }
    return titled(f"Recommendations: {who[split.kind]}, {items:,} items", table)


def _with_interval(one: Estimate) -> Text:
    text = Text(f"{one.mean:.3f}")
    return text if one.low is None or one.high is None else text.append(f" ±{(one.high - one.low) / 2:.3f}", "dim")
