"""`draw`: a projection as a picture or a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Literal, cast

from jari.embedding.formats.atomic import new_file, refuse_existing
from jari.embedding.projection import Projection
from jari.errors import BadInput
from jari.explore.arrows import rows_of_arrows
from jari.types import Path

if TYPE_CHECKING:
    from jari.explore.maps.clusters import Clusters

_KINDS = ("png", "svg", "html")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was drawn.

    Parameters
    ----------
    path
        The file.
    points
        How many keys are on the map.
    labelled
        How many of them have their label; on a page all, as one comes nearer.
    notes
        What a reader should know: keys left out, characters that no font has.
    """

    path: FilePath
    points: int
    labelled: int
    notes: tuple[str, ...] = ()


def draw(
    projection: Projection,
    path: Path,
    *,
    arrows: Sequence[tuple[str, str]] = (),
    title: str | None = None,
    labels: int | None = None,
    names: Mapping[str, str] | None = None,
    clusters: Clusters | None = None,
    density: bool = False,
    force: bool = False,
) -> Drawing:
    """Draw a map: the file appears whole or not at all.

    Parameters
    ----------
    projection
        From `project`.
    path
        ``.png``; ``.svg``, where text stays text; or ``.html``, one page that needs nothing else and no network: pan,
        zoom, turn, search.
    arrows
        Pairs of keys (from, to); both must be on the map.
    title
        Above the map; None for the number of keys.
    labels
        At most so many; None for as many as fit without lying on each other, the most frequent first. A page
        takes no notice: it shows more as one comes nearer.
    names
        What to write for a key, where it is not the key itself: titles of films for their numbers.
    clusters
        From `jari.explore.groups.groups_of`: the colours of the points, and names at the centres.
    density
        Whether contours show where points are many; on a plane only. A page has a switch for them.
    force
        Replace a file that is there.

    Raises
    ------
    BadInput
        The ending is none of the three, `labels` is negative, or contours are asked for that are not on a plane.
    UnknownKey
        An arrow begins or ends at a key that is not on the map.
    FileIsThere
        The output exists, and `force` is not given.

    Examples
    --------
    >>> import tempfile
    >>> from jari.embedding import Embedding
    >>> from jari.explore import project
    >>> cities = Embedding(["korea", "seoul", "france", "paris"], [[0, 0, 1], [2, 0, 1], [0, 1, 0], [2, 1, 0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw(project(cities), f"{folder}/map.svg", arrows=[("korea", "seoul"), ("france", "paris")]).labelled
    4
    """
    target = FilePath(path)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in _KINDS:
        raise BadInput(f"{target.name!r} must end in one of {', '.join('.' + each for each in _KINDS)}.")
    if labels is not None and labels < 0:
        raise BadInput(f"labels={labels} is negative: give the most labels that you want, or None.")
    if density and projection.dim != 2:
        raise BadInput(f"density=True with dim={projection.dim}: contours are drawn on a plane.")
    refuse_existing(target, force=force)
    pairs = rows_of_arrows(projection, arrows)
    if names is not None:
        projection = replace(projection, keys=tuple(names.get(key, key) for key in projection.keys))
        if clusters is not None:
            named = tuple(tuple(names.get(key, key) for key in group) for group in clusters.names)
            clusters = replace(clusters, names=named)

    if kind == "html":
        from jari.explore.page import page

        data = page(projection, arrows=pairs, title=title, clusters=clusters, density=density)
        labelled, notes = len(projection), projection.notes
    else:
        from jari.explore.picture import picture

        drawn = picture(
            projection,
            cast(Literal["png", "svg"], kind),
            arrows=pairs,
            title=title,
            labels=labels,
            clusters=clusters,
            density=density,
        )
        data, labelled, notes = drawn.data, drawn.labelled, drawn.notes
    with new_file(target, force=force) as file:
        file.write(data)
    return Drawing(target, len(projection), labelled, notes)
