"""`jari similar`: what is near a key."""

from __future__ import annotations

from typing import Annotated

import typer

from jari.cli.console import show, show_json
from jari.cli.options import EmbeddingPath, Inputs, Json, Many, MetricName
from jari.cli.tables import neighbours

EXAMPLES = (
    "jari similar wiki.jari king",
    "jari similar wiki.jari king queen 'New York' -k 5",
    "jari similar wiki.jari king --json | head -3",
    "jari similar wiki.jari -- --help     # a key that looks like an option",
)


def similar(
    embedding: EmbeddingPath,
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="The keys to ask for.")],
    k: Many = 10,
    metric: MetricName = "cosine",
    include_inputs: Inputs = False,
    json: Json = False,
) -> None:
    """Show the nearest neighbours of each key."""
    from jari.embedding import load

    opened = load(embedding)
    for number, key in enumerate(
        keys
    ):  # one by one: the answers to the first keys are there although the last one is unknown
        found = opened.similar(key, k=k, metric=metric, include_inputs=include_inputs)
        if json:
            asked = {"query": key} if len(keys) > 1 else {}
            for neighbour, score in found:
                show_json({**asked, "key": neighbour, "score": score})
        else:
            show(*[""] * bool(number), neighbours(key, found, distances=metric == "euclidean"))
