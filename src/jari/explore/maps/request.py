"""`MapRequest`: what is to be drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

from jari.embedding.projection import FEWEST, Geometry, check_options
from jari.errors import BadInput
from jari.parameters import whole

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding
    from jari.embedding.poles import Poles

MapMethod: TypeAlias = Literal["pca", "tsne", "umap", "poles"]
Pole: TypeAlias = tuple[str, tuple[str, ...]]  # a name and the keys that stand for it

METHODS: Final[tuple[str, ...]] = get_args(MapMethod)
_VERSION = 1  # another one where the same request gives other points
_SEEDED = ("tsne", "umap")
_MOST_POLES = 1000  # keys of a pole
_LONGEST = 1e15  # squares of such lengths are float32 numbers still
_LARGEST_SEED = 2**31 - 1  # what all of these libraries take


@dataclass(frozen=True, slots=True)
class MapRequest:
    """A map that somebody wants.

    Parameters
    ----------
    method
        ``"pca"``, ``"tsne"``, ``"umap"`` or ``"poles"``; where poles are given, the last may be left out.
    dim
        1, 2 or 3. None is 2, or as many as there are pairs of poles.
    top
        The first so many rows; None for all.
    geometry
        ``"cosine"``: vectors at unit length. ``"euclidean"``: as they are.
    seed
        Of t-SNE and UMAP: the same seed gives the same points. PCA and poles need none.
    poles
        ``{"cold": ["ice"], "hot": ["fire"]}``, or a list of one to three such pairs; kept as tuples.

    Raises
    ------
    BadInput
        A value is not one of these.

    Examples
    --------
    >>> line = MapRequest(poles={"cold": ["ice"], "hot": ["fire"]})
    >>> line.method, line.dim, line.axes
    ('poles', 1, (('cold', 'hot'),))
    >>> MapRequest.of_json(line.to_json()) == line
    True
    """

    method: MapMethod = "pca"
    dim: int | None = None
    top: int | None = None
    geometry: Geometry = "cosine"
    seed: int = 0
    poles: Any = None

    def __post_init__(self) -> None:
        pairs = None if self.poles is None else _pairs(self.poles)
        if self.method not in METHODS:
            raise BadInput(f"method={self.method!r} is not known: give one of {', '.join(map(repr, METHODS))}.")
        if pairs is None and self.method == "poles":
            raise BadInput("method='poles' needs poles: give two names, each with its keys.")
        if pairs is not None and self.method not in ("pca", "poles"):
            raise BadInput(f"method={self.method!r} finds its own axes, and poles name them: give one or the other.")
        if pairs is not None and self.dim not in (None, len(pairs)):
            raise BadInput(
                f"{len(pairs)} pair{'s' * (len(pairs) != 1)} of poles with dim={self.dim!r}: give one pair an axis."
            )
        dim = self.dim if self.dim is not None else 2 if pairs is None else len(pairs)
        if type(dim) is not int:
            raise BadInput(f"dim={dim!r}: a picture has 1, 2 or 3 dimensions.")
        if self.top is not None:
            whole("top", self.top, 1, "a map needs points")
        whole("seed", self.seed, 0, "a seed is not negative")
        if self.seed > _LARGEST_SEED:
            raise BadInput(f"seed={self.seed}: give a whole number up to {_LARGEST_SEED}.")
        check_options("pca" if pairs is not None else self.method, dim, self.geometry, self.top)
        for name, value in (("dim", dim), ("poles", pairs)):
            object.__setattr__(self, name, value)
        if pairs is not None:
            object.__setattr__(self, "method", "poles")

    @property
    def dimensions(self) -> int:
        """1, 2 or 3."""
        return cast(int, self.dim)

    @property
    def axes(self) -> tuple[tuple[str, str], ...] | None:
        """The names of both ends of each axis, for poles."""
        return None if self.poles is None else tuple((low[0], high[0]) for low, high in self.poles)

    @property
    def pole_pairs(self) -> list[Poles] | None:
        """The poles as `jari.embedding.poles` takes them."""
        return None if self.poles is None else [dict(pair) for pair in self.poles]

    def points(self, size: int) -> int:
        """How many points the map of an embedding of `size` keys has."""
        return size if self.top is None else min(size, self.top)

    def check(self, embedding: Embedding) -> None:
        """Raise `BadInput` where this map cannot be drawn of an embedding, and `UnknownKey` for a key of a pole."""
        points, dim = self.points(len(embedding)), self.dimensions
        fewest = 1 if self.poles is not None else max(dim, FEWEST[self.method])
        if points < fewest:
            raise BadInput(
                f"{points} point{'s' * (points != 1)} cannot be drawn with method={self.method!r}, dim={dim}: "
                f"take an embedding of {fewest} keys or more."
            )
        longest = float(embedding.norms[:points].max())
        if self.geometry == "euclidean" and longest > _LONGEST:
            raise BadInput(
                f"A vector has the length {longest:.3g}, and geometry='euclidean' draws them up to {_LONGEST:g}: "
                "use geometry='cosine'."
            )
        if self.poles is None and embedding.dim < dim:
            raise BadInput(f"dim={dim} is more than the {embedding.dim} dimensions of the embedding: choose fewer.")
        if (pairs := self.pole_pairs) is not None:
            from jari.embedding.poles import axes_between

            axes_between(embedding, pairs, at_unit_length=self.geometry == "cosine", unknown="raise")

    def digest(self, checksum: str) -> str:
        """A name for this map of the embedding of that checksum: 20 hexadecimal digits."""
        asked = self.to_json()
        if self.method not in _SEEDED:
            del asked["seed"]
        text = json.dumps([_VERSION, checksum, asked], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it: `of_json` reads it."""
        poles = None if self.poles is None else [[[name, list(keys)] for name, keys in pair] for pair in self.poles]
        return {
            "method": self.method,
            "dim": self.dim,
            "top": self.top,
            "geometry": self.geometry,
            "seed": self.seed,
            "poles": poles,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> MapRequest:
        """From `to_json`, or from what a client sent."""
        unknown = sorted(set(value) - {"method", "dim", "top", "geometry", "seed", "poles"})
        if unknown:
            raise BadInput(f"{unknown[0]!r} says nothing about a map: give method, dim, top, geometry, seed or poles.")
        return cls(**value)


def _pairs(poles: Any) -> tuple[tuple[Pole, Pole], ...]:
    if not isinstance(poles, Mapping | list | tuple):
        raise BadInput(
            f"poles={poles!r:.80}: give a mapping of two names, each with its keys, or a list of such pairs."
        )
    given = [poles] if isinstance(poles, Mapping) else list(poles)
    if not 1 <= len(given) <= 3:
        raise BadInput(f"{len(given)} pairs of poles: give 1, 2 or 3 pairs, one an axis.")
    return tuple(_pair(pair) for pair in given)


def _pair(pair: Any) -> tuple[Pole, Pole]:
    ends = list(pair.items()) if isinstance(pair, Mapping) else pair
    if (
        not isinstance(ends, list | tuple)
        or len(ends) != 2
        or not all(isinstance(end, list | tuple) and len(end) == 2 and isinstance(end[0], str) for end in ends)
        or ends[0][0] == ends[1][0]
    ):
        raise BadInput(f"An axis has two poles, not {pair!r:.80}: give a mapping of two names, each with its keys.")
    low, high = ((name, _keys(name, keys)) for name, keys in ends)
    return low, high


def _keys(name: str, keys: Any) -> tuple[str, ...]:
    if isinstance(keys, str) or not isinstance(keys, Iterable):
        raise BadInput(f"Give a list of keys for the pole {name!r}, not {keys!r:.60}.")
    found = list(keys)
    if wrong := [key for key in found if not isinstance(key, str)]:
        raise BadInput(f"The pole {name!r} has the key {wrong[0]!r:.60}: give strings.")
    if not 1 <= len(found) <= _MOST_POLES:
        raise BadInput(f"The pole {name!r} has {len(found)} keys: give 1 to {_MOST_POLES} strings.")
    return tuple(dict.fromkeys(found))
