"""`jari map`: a picture of where keys lie."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import OUTPUT, RUN, EmbeddingPath, Force, Quiet
from jari.cli.progress import shown
from jari.errors import BadInput

EXAMPLES = (
    "jari map wiki.jari -o map.png",
    "jari map wiki.jari -o map.html --method umap --top 5000 --clusters auto",
    "jari map wiki.jari -o map.png --clusters 12 --density",
    "jari map wiki.jari -o capitals.svg --arrows germany:berlin france:paris italy:rome",
    "jari map wiki.jari -o royal.png --keys king,queen,prince,princess --dim 3",
    "jari map wiki.jari -o line.png --poles cold:ice,winter hot:fire,summer",
)

PICTURE = "Picture"
_AUTO, _MOST_CLUSTERS = "auto", 64
_KINDS = (".png", ".svg", ".html")
_TOP = 1000  # more points than this no eye tells apart, and t-SNE takes minutes


def _cluster_count(given: str | None) -> str | None:
    """Refuse what is no number of clusters, while the command line is being read."""
    if given not in (None, _AUTO) and not (given.isdecimal() and 1 <= int(given) <= _MOST_CLUSTERS):
        raise typer.BadParameter(f"{given!r} is no number of clusters: give 1 to {_MOST_CLUSTERS}, or {_AUTO}.")
    return given


def map(  # the command's name
    embedding: EmbeddingPath,
    out: Annotated[str, typer.Option("--out", "-o", help="NAME.png, .svg or .html.", rich_help_panel=OUTPUT)],
    method: Annotated[
        Literal["pca", "tsne", "umap"],
        typer.Option(
            help="pca: keeps distances, straight. tsne and umap: keep neighbours, slower.", rich_help_panel=PICTURE
        ),
    ] = "pca",
    dim: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            max=3,
            help="Dimensions of the picture; 2, or one for each two poles.",
            show_default=False,
            rich_help_panel=PICTURE,
        ),
    ] = None,
    poles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:KEY,KEY...",
            help="Two for a line: an axis leads from the mean of the first one's keys to that of the second's. Four "
            "for a plane, six for space.",
            rich_help_panel=PICTURE,
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Draw the first so many keys; 1,000 if nothing else is asked for.",
            rich_help_panel=PICTURE,
        ),
    ] = None,
    keys: Annotated[
        list[str] | None, typer.Option(metavar="KEY,KEY...", help="Draw these keys.", rich_help_panel=PICTURE)
    ] = None,
    arrows: Annotated[
        list[str] | None,
        typer.Option(metavar="FROM:TO...", help="Draw arrows between keys, and those keys.", rich_help_panel=PICTURE),
    ] = None,
    geometry: Annotated[
        Literal["cosine", "euclidean"],
        typer.Option(
            help="cosine: directions, as `jari similar` compares them. euclidean: lengths too.", rich_help_panel=PICTURE
        ),
    ] = "cosine",
    clusters: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Colour by cluster, with the names of so many at their centres; auto: as many as suit the map.",
            callback=_cluster_count,
            rich_help_panel=PICTURE,
        ),
    ] = None,
    density: Annotated[
        bool, typer.Option("--density", help="Contours where points are many, on a plane.", rich_help_panel=PICTURE)
    ] = False,
    labels: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="At most so many names; as many as fit if not given.", rich_help_panel=PICTURE
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Above the picture.", rich_help_panel=PICTURE)] = None,
    force: Force = False,
    seed: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Where chance begins (tsne, umap, clusters).", rich_help_panel=RUN),
    ] = 0,
    quiet: Quiet = False,
) -> None:
    """Draw keys on a plane, a line or in space."""
    if Path(out).suffix.lower() not in _KINDS:
        raise typer.BadParameter(f"{out!r} must end in one of {', '.join(_KINDS)}.", param_hint="'-o'")
    place = vacant(out, force=force)

    from jari.embedding import load
    from jari.explore import draw, project
    from jari.explore.groups import groups_of

    opened = load(embedding)
    pairs = [_ends(arrow, opened) for arrow in arrows or ()]
    ends = [_pole(pole, opened) for pole in poles or ()]
    wanted = [*_split(keys or (), opened), *(end for pair in pairs for end in pair)]
    if not wanted and top is None:
        top = _TOP
    with shown(quiet=quiet) as report, misuse("--keys / --top / --dim / --poles / --clusters / --density"):
        dimensions = dim or (len(ends) // 2 if ends else 2)
        if density and dimensions != 2:
            raise BadInput(f"--density with {dimensions} dimension{'s' * (dimensions != 1)}: contours need a plane.")
        projection = project(
            opened,
            method=method,
            dim=dim,
            poles=_axes(ends) or None,
            keys=wanted or None,
            top=top,
            geometry=geometry,
            random_state=seed,
            callback=report,
        )
        count = None if clusters in (None, _AUTO) else int(clusters or 0)
        groups = None if clusters is None else groups_of(opened, projection, count, geometry=geometry, seed=seed)
    drawing = draw(
        projection, place, arrows=pairs, title=title, labels=labels, clusters=groups, density=density, force=force
    )
    if not quiet:
        for note in drawing.notes:
            say(note)
        say(f"{plain(out)}: {drawing.points:,} of {len(opened):,} keys, {drawing.labelled:,} with their names")


def _split(given: Iterable[str], known: Container[str]) -> list[str]:
    """``king,queen`` is two keys, unless there is a key with that very comma."""
    return [key for word in given for key in _keys_in(word, known)]


def _keys_in(word: str, known: Container[str]) -> list[str]:
    """The keys between the commas of a word; of pieces that are a key together, that key."""
    pieces, found = word.split(","), []
    while pieces:
        joined = (many for many in range(len(pieces), 1, -1) if ",".join(pieces[:many]) in known)
        many = next(joined, 1)
        found.append(",".join(pieces[:many]))
        pieces = pieces[many:]
    return [key for key in found if key]


def _pole(pole: str, known: Container[str]) -> tuple[str, list[str]]:
    """``children:Bambi,Dumbo``: a name and keys."""
    name, colon, keys = pole.partition(":")
    if not (name and colon):
        raise typer.BadParameter(f"{pole!r} has no name: write NAME:KEY,KEY.", param_hint="'--poles'")
    return name, _keys_in(keys, known)


def _axes(ends: Sequence[tuple[str, list[str]]]) -> list[dict[str, list[str]]]:
    """Each two poles are an axis."""
    if len(ends) % 2:
        raise typer.BadParameter(f"{ends[-1][0]!r} has no other pole: give two for each axis.", param_hint="'--poles'")
    axes = []
    for (low, ours), (high, theirs) in zip(ends[::2], ends[1::2], strict=True):
        if low == high:
            raise typer.BadParameter(f"Both poles of an axis are called {low!r}.", param_hint="'--poles'")
        axes.append({low: ours, high: theirs})
    return axes


def _ends(arrow: str, known: Container[str]) -> tuple[str, str]:
    """``germany:berlin``; where keys hold colons, the split that gives two keys."""
    at = [place for place, character in enumerate(arrow) if character == ":"]
    splits = [(arrow[:place], arrow[place + 1 :]) for place in at]
    if not splits:
        raise typer.BadParameter(f"{arrow!r} has no colon: write FROM:TO.", param_hint="'--arrows'")
    return next((pair for pair in splits if pair[0] in known and pair[1] in known), splits[0])
