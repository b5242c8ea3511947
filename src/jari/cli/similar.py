"""`jari similar`: what is near a key, or near a picture or a text that is not among the keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from jari.cli.console import plain, show, show_json
from jari.cli.encoder_options import Offline
from jari.cli.options import OUTPUT, QUESTION, EmbeddingPath, Force, Inputs, Json, Many, MetricName, Quiet
from jari.cli.tables import neighbours
from jari.cli.unseen import Unseen
from jari.cli.warned import warned

if TYPE_CHECKING:
    from jari.embedding import Embedding, Neighbours
    from jari.types import Metric

EXAMPLES = (
    "jari similar wiki.jari king",
    "jari similar wiki.jari king queen 'New York' -k 5",
    "jari similar wiki.jari king --json | head -3",
    "jari build-ann wiki.jari; jari similar wiki.jari king --approximate",
    "jari similar photos.jari cat.jpg --sheet sheet.html     # a picture of the set, or any other",
    "jari similar sentences.jari 'a sentence that is not in it'",
    "jari similar wiki.jari -- --help     # a key that looks like an option",
)


def similar(
    embedding: EmbeddingPath,
    keys: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY",
            help="The keys to ask for. Of pictures and of texts, any other picture or text too: it is encoded first.",
        ),
    ],
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
    offline: Offline = False,
    sheet: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Of pictures: show what was asked for and what is near it on a contact sheet, a .png or .html.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Where the pictures are, if they were moved.", rich_help_panel=OUTPUT),
    ] = None,
    json: Json = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Show the nearest neighbours of each key."""
    if images is not None and sheet is None:
        raise typer.BadParameter("is for the pictures of a --sheet: give that too", param_hint="'--images'")
    opened, search = _of_index(embedding, metric) if approximate else _of_all(embedding, metric)
    pictures = None
    if sheet is not None:
        from jari.cli.picture_sheet import PictureSheet

        pictures = PictureSheet(sheet, opened, images, force=force)
    unseen = Unseen(embedding, opened, offline=offline)
    with warned(quiet=quiet):
        # One by one: the answers to the first keys are there although the last one is unknown.
        for number, key in enumerate(keys):
            found = search(unseen.query(key), k=k, include_inputs=include_inputs)
            if json:
                asked = {"query": key} if len(keys) > 1 else {}
                for neighbour, score in found:
                    show_json({**asked, "key": neighbour, "score": score})
            else:
                show(*[""] * bool(number), neighbours(key, found, distances=metric == "euclidean"))
            if pictures is not None:
                pictures.add(key, found)
        if pictures is not None:
            subtitle = " · ".join([plain(embedding), f"{len(opened):,} pictures", metric])
            pictures.write(subtitle, distances=metric == "euclidean", quiet=quiet)


def _of_all(path: str, metric: Metric) -> tuple[Embedding, Callable[..., Neighbours]]:
    from jari.embedding import load

    opened = load(path)
    return opened, partial(opened.similar, metric=metric)


def _of_index(path: str, metric: Metric) -> tuple[Embedding, Callable[..., Neighbours]]:
    from jari.search.ann import ANN

    index = ANN.open(path)
    if index.metric != metric:
        raise typer.BadParameter(
            f"the index was built for {index.metric!r}. Build one for {metric!r}: jari build-ann {path} --metric "
            f"{metric} --force",
            param_hint="'--metric'",
        )
    return index.embedding, index.similar
