"""`Projection`: an embedding in one, two or three dimensions, to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from jari.embedding.flattening import VectorRows, arranged, principal
from jari.embedding.lookup import look_up
from jari.embedding.poles import Axis, Poles, axes_between, leaning
from jari.errors import BadInput
from jari.types import Callback, Counts, Matrix, Progress, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Method: TypeAlias = Literal["pca", "tsne", "umap"]
Geometry: TypeAlias = Literal["cosine", "euclidean"]

FEWEST = {"pca": 2, "tsne": 4, "umap": 4}  # points
Drawn: TypeAlias = Literal["pca", "tsne", "umap", "poles"]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Points for the eye.

    Parameters
    ----------
    keys
        One a point.
    coordinates
        Shape (n, dim), float32, read-only.
    method
        ``"pca"``, ``"tsne"``, ``"umap"`` or ``"poles"``.
    explained
        The share of the variance that each axis keeps, for PCA; None for t-SNE and UMAP, whose axes mean nothing, and
        for poles.
    counts
        How often each key was seen, shape (n,); None where nobody counted. Decides which labels come first.
    notes
        What a reader of the map should know: keys left out, a perplexity made smaller.
    axes
        The names of both ends of each axis, at -1 and at +1, for poles; else None.
    """

    keys: tuple[str, ...]
    coordinates: Matrix
    method: Drawn
    explained: tuple[float, ...] | None = None
    counts: Counts | None = None
    notes: tuple[str, ...] = ()
    axes: tuple[tuple[str, str], ...] | None = None

    def __post_init__(self) -> None:
        if self.coordinates.ndim != 2 or not 1 <= self.coordinates.shape[1] <= 3:
            raise BadInput(f"Coordinates of shape {self.coordinates.shape}: give (n, 1), (n, 2) or (n, 3).")
        if len(self.keys) != len(self.coordinates):
            raise BadInput(f"{len(self.keys)} keys but {len(self.coordinates)} points: give one key a point.")
        if not np.isfinite(self.coordinates).all():
            row = int(np.argmin(np.isfinite(self.coordinates).all(axis=1)))
            raise BadInput(f"The coordinates of {self.keys[row]!r} are not finite: leave the point out.")
        if self.axes is not None and len(self.axes) != self.dim:
            raise BadInput(f"{len(self.axes)} named axes of {self.dim}: name each, or none.")

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def dim(self) -> int:
        """1, 2 or 3."""
        return int(self.coordinates.shape[1])


def project(
    embedding: Embedding,
    *,
    method: Method = "pca",
    dim: int | None = None,
    poles: Poles | Sequence[Poles] | None = None,
    keys: Iterable[str] | None = None,
    top: int | None = None,
    geometry: Geometry = "cosine",
    unknown: Unknown = "raise",
    random_state: int = 0,
    callback: Callback | None = None,
) -> Projection:
    """Bring vectors down to one, two or three dimensions.

    Parameters
    ----------
    embedding
        Where the vectors come from.
    method
        ``"pca"``: the directions of greatest variance; distances are kept as well as a flat picture can, and
        parallel arrows stay parallel. ``"tsne"`` and ``"umap"`` (extra ``maps``): neighbours stay neighbours, and
        distances between far groups mean nothing. PCA takes moments, t-SNE some 6 s for 2,000 points; 20,000 take
        either a minute or two, t-SNE only where openTSNE is installed (extra ``maps``).
    dim
        1, 2 or 3. None is 2, or as many as there are pairs of poles.
    poles
        Axes that have a name at either end, instead of `method`: ``{"children": [keys], "adult": [keys]}`` for a number
        line, and a list of two or three such pairs for a plane or space. An axis leads from the mean of the first
        pole's vectors to the mean of the second's (at unit length, with ``geometry="cosine"``), and a coordinate is
        the score along it: -1 at the one mean, +1 at the other, beyond them more. Axes are not made to stand at right
        angles: each reads as it would alone, and if two say partly the same, a note tells.
    keys
        Which points, in this order; one that stands twice is one point.
    top
        The first so many rows, with `keys` besides if given. Neither means all rows.
    geometry
        ``"cosine"``: vectors at unit length, as `Embedding.similar` compares them. ``"euclidean"``: as they are,
        where length carries meaning (factors of a recommender).
    unknown
        What becomes of keys that are not in the embedding, of poles too: ``"raise"``, ``"skip"`` or ``"subword"``.
    random_state
        Seed of t-SNE and UMAP. PCA is the same every time; axes point so that the largest loading is positive.
    callback
        Told of each stage.

    Raises
    ------
    BadInput
        `method`, `dim` or `geometry` is unknown, or there are too few points or dimensions for them; a pole without a
        key, a key in both poles, poles with the same mean, not one pair of poles a dimension.
    UnknownKey
        A key is not there, and ``unknown="raise"``.
    ExtraMissing
        umap-learn is not installed, and ``method="umap"``.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> line = Embedding(["a", "b", "c"], [[0, 0, 1], [0, 0, 2], [0, 0, 4]])
    >>> flat = project(line, dim=1, geometry="euclidean")
    >>> flat.coordinates.ravel().round(2), flat.explained
    (array([-1.33, -0.33,  1.67], dtype=float32), (1.0,))
    >>> films = Embedding(["Bambi", "Up", "Heat", "Jaws"], [[1, 0], [1, 0.2], [0, 1], [0.2, 1]])
    >>> line = project(films, poles={"children": ["Bambi"], "adult": ["Heat"]})
    >>> line.coordinates.ravel().round(1), line.axes
    (array([-1. , -0.8,  1. ,  0.8], dtype=float32), (('children', 'adult'),))
    """
    axes = None
    if poles is not None:
        if method != "pca":
            raise BadInput(f"method={method!r} finds its own axes, and poles name them: give one or the other.")
        axes = axes_between(embedding, poles, at_unit_length=geometry == "cosine", unknown=unknown)
    dim = _dim(dim, axes)
    check_options(method, dim, geometry, top)
    chosen, vectors, counts, notes = _chosen(embedding, keys, top, unknown)
    fewest = 1 if axes is not None else max(dim, FEWEST[method])
    if len(chosen) < fewest:
        other = "" if axes else ' or use method="pca"' if method != "pca" else " or a smaller dim"
        raise BadInput(
            f"{len(chosen)} point{'s' * (len(chosen) != 1)} cannot be drawn with method={method!r}, dim={dim}: "
            f"give {fewest} key{'s' * (fewest != 1)} or more{other}."
        )
    if axes is None and vectors.shape[1] < dim:
        raise BadInput(f"dim={dim} is more than the {vectors.shape[1]} dimensions of the embedding: choose fewer.")
    if geometry == "cosine":
        lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
        lengths[lengths == 0] = 1  # a zero vector stays in the middle
        vectors = vectors / lengths
    if callback is not None:
        callback(Progress("projecting", 0, len(chosen), "rows"))

    explained = None
    if axes is not None:
        coordinates = np.column_stack([axis.scores(vectors) for axis in axes]).astype(np.float32)
        notes += _about(axes)
    else:
        coordinates, explained = principal(VectorRows(vectors), dim)
    if not coordinates.any():
        notes.append("All vectors are the same, so all points lie on each other.")
    elif method != "pca":
        explained = None
        coordinates, said = arranged(method, vectors, coordinates, random_state, callback)
        notes += said
    coordinates.flags.writeable = False
    if callback is not None:
        callback(Progress("projecting", len(chosen), len(chosen), "rows"))
    named = None if axes is None else tuple(axis.names for axis in axes)
    drawn: Drawn = method if axes is None else "poles"
    return Projection(tuple(chosen), coordinates, drawn, explained, counts, tuple(notes), named)


def _dim(dim: int | None, axes: Sequence[Axis] | None) -> int:
    if axes is None:
        return 2 if dim is None else dim
    if not 1 <= len(axes) <= 3 or dim not in (None, len(axes)):
        given = "" if dim is None else f" with dim={dim}"
        wanted = "1, 2 or 3 pairs" if dim is None else f"{dim} pair{'s' * (dim != 1)}"
        raise BadInput(f"{len(axes)} pair{'s' * (len(axes) != 1)} of poles{given}: give {wanted}, one an axis.")
    return len(axes)


def _about(axes: Sequence[Axis]) -> list[str]:
    left_out = list(dict.fromkeys(key for axis in axes for key in axis.left_out))
    notes = leaning(axes)
    if left_out:
        more = ", …" if len(left_out) > 5 else ""
        notes.append(f"{len(left_out)} keys of the poles are not in the embedding: {', '.join(left_out[:5])}{more}.")
    return notes


def check_options(method: str, dim: int, geometry: str, top: int | None) -> None:
    """Raise `BadInput` for a value that is none of those that `project` knows."""
    for name, value, allowed in (("method", method, get_args(Method)), ("geometry", geometry, get_args(Geometry))):
        if value not in allowed:
            raise BadInput(f"{name}={value!r} is not known: give one of {', '.join(map(repr, allowed))}.")
    if dim not in (1, 2, 3):
        raise BadInput(f"dim={dim!r}: a picture has 1, 2 or 3 dimensions.")
    if top is not None and top < 1:
        raise BadInput(f"top={top} leaves no rows: give 1 or more, or None for all.")


def _chosen(
    embedding: Embedding, keys: Iterable[str] | None, top: int | None, unknown: Unknown
) -> tuple[list[str], Matrix, Counts | None, list[str]]:
    """Keys, vectors, counts and notes."""
    counts = embedding.vocabulary.counts
    if keys is None:
        rows = embedding if top is None else embedding.top(top)
        return list(rows.keys), rows.vectors, rows.vocabulary.counts, []
    if isinstance(keys, str):
        raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}).")
    asked = list(dict.fromkeys([*(embedding.top(top).keys if top is not None else ()), *keys]))
    found = look_up(embedding, asked, unknown)
    notes = []
    if left_out := len(asked) - len(found.keys):
        first = sorted(set(asked) - set(found.keys), key=asked.index)[:5]
        more = ", …" if left_out > len(first) else ""
        notes.append(f"{left_out} of {len(asked)} keys are not in the embedding: {', '.join(first)}{more}.")
    if counts is not None:
        counts = np.where(found.rows >= 0, counts[found.rows], 0)  # -1: put together from subwords, never counted
    return found.keys, found.vectors, counts, notes
