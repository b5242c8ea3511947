"""`jari similar`: what is near a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from jari.cli.console import show, show_json
from jari.cli.options import QUESTION, EmbeddingPath, Inputs, Json, Many, MetricName
from jari.cli.tables import neighbours

if TYPE_CHECKING:
    from jari.embedding import Neighbours
    from jari.types import Metric

EXAMPLES = (
    "jari similar wiki.jari king",
    "jari similar wiki.jari king queen 'New York' -k 5",
    "jari similar wiki.jari king --json | head -3",
    "jari build-ann wiki.jari; jari similar wiki.jari king --approximate",
    "jari similar wiki.jari -- --help     # a key that looks like an option",
)


def similar(
    embedding: EmbeddingPath,
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="The keys to ask for.")],
    k: Many = 10,
    metric: MetricName = "cosine",
    include_inputs: Inputs = False,
    approximate: Annotated[
        bool,
        typer.Option(
            "--approximate",
            "-a",
            help="Ask the index that `jari build-ann` made beside it: nearly all of the nearest, and sooner.",
            rich_help_panel=QUESTION,
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Show the nearest neighbours of each key."""
    search = _of_index(embedding, metric) if approximate else _of_all(embedding, metric)
    for number, key in enumerate(
        keys
    ):  # one by one: the answers to the first keys are there although the last one is unknown
        found = search(key, k=k, include_inputs=include_inputs)
        if json:
            asked = {"query": key} if len(keys) > 1 else {}
            for neighbour, score in found:
                show_json({**asked, "key": neighbour, "score": score})
        else:
            show(*[""] * bool(number), neighbours(key, found, distances=metric == "euclidean"))


def _of_all(path: str, metric: Metric) -> Callable[..., Neighbours]:
    from jari.embedding import load

    return partial(load(path).similar, metric=metric)


def _of_index(path: str, metric: Metric) -> Callable[..., Neighbours]:
    from jari.search.ann import ANN

    index = ANN.open(path)
    if index.metric != metric:
        raise typer.BadParameter(
            f"the index was built for {index.metric!r}. Build one for {metric!r}: jari build-ann {path} --metric "
            f"{metric} --force",
            param_hint="'--metric'",
        )
    return index.similar
