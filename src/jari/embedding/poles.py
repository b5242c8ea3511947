"""Axes with a name at either end: the line from the mean of some keys to the mean of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding.lookup import look_up
from jari.embedding.metrics import units
from jari.errors import BadInput
from jari.types import Matrix, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Poles: TypeAlias = Mapping[str, Iterable[str]]  # two names, each with keys
Doubles = npt.NDArray[np.float64]

_NEAR = 1e-5  # of the longer mean: two means as near as that are one, but for rounding
_LEANING = 0.5  # a cosine of two axes that is worth a word


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A direction between two poles.

    Parameters
    ----------
    names
        Of the pole at -1 and of the one at +1.
    middle, direction
        The middle between the means of both, and the way from the one mean to the other, shape (d,).
    left_out
        Keys of the poles that the embedding does not hold.
    """

    names: tuple[str, str]
    middle: Doubles
    direction: Doubles
    left_out: tuple[str, ...]

    def scores(self, vectors: Matrix) -> Doubles:
        """How far along each vector lies, shape (n,): the mean of the one pole is at -1, that of the other at +1."""
        scores: Doubles = 2 * ((vectors - self.middle) @ self.direction) / (self.direction @ self.direction)
        return scores


def axes_between(
    embedding: Embedding, poles: Poles | Sequence[Poles], *, at_unit_length: bool, unknown: Unknown
) -> list[Axis]:
    """One axis for each pair of poles.

    Parameters
    ----------
    poles
        One pair, ``{"children": [keys], "adult": [keys]}``, or several.
    at_unit_length
        Whether vectors are brought to unit length before their mean is taken.
    unknown
        What becomes of keys that are not in the embedding.

    Raises
    ------
    BadInput
        Not two poles in a pair, a pole without a key, a key in both, two poles with the same mean.
    UnknownKey
        A key is not there, and ``unknown="raise"``.
    """
    pairs = [poles] if isinstance(poles, Mapping) else list(poles)
    return [_axis(embedding, pair, at_unit_length, unknown) for pair in pairs]


def leaning(axes: Sequence[Axis]) -> list[str]:
    """A note for each two axes that say nearly the same."""
    notes = []
    for at, one in enumerate(axes):
        for other in axes[at + 1 :]:
            cosine = float(units(one.direction[None])[0] @ units(other.direction[None])[0])
            if abs(cosine) > _LEANING:
                notes.append(
                    f"The axes {' – '.join(one.names)} and {' – '.join(other.names)} say partly the same: "
                    f"the cosine of their directions is {cosine:.2f}."
                )
    return notes


def _axis(embedding: Embedding, pair: Any, at_unit_length: bool, unknown: Unknown) -> Axis:
    if not isinstance(pair, Mapping) or len(pair) != 2 or not all(isinstance(name, str) for name in pair):
        shown = list(pair) if isinstance(pair, Mapping) else pair
        raise BadInput(f"An axis has two poles, not {shown!r:.80}: give a mapping of two names, each with its keys.")
    asked: dict[str, list[str]] = {}
    for name, keys in pair.items():
        if isinstance(keys, str):
            raise BadInput(f"Give a list of keys for the pole {name!r}, not one string ({keys[:40]!r}).")
        asked[name] = list(dict.fromkeys(keys))
    (low, ours), (high, theirs) = asked.items()
    held = set(ours)
    both = [key for key in theirs if key in held]
    if both:
        raise BadInput(f"{both[0]!r} is in both poles, {low!r} and {high!r}: a key can stand for one of them only.")
    means, left_out = [], []
    for name, wanted in asked.items():
        found = look_up(embedding, wanted, unknown)
        if not found.keys:
            why = "none of its keys is in the embedding" if wanted else "it has no key"
            raise BadInput(f"The pole {name!r} stands for nothing: {why}. Give one key or more.")
        known = set(found.keys)
        left_out += [key for key in wanted if key not in known]
        vectors = found.vectors.astype(np.float64)
        means.append((units(vectors) if at_unit_length else vectors).mean(axis=0))
    direction = means[1] - means[0]
    if np.linalg.norm(direction) <= _NEAR * max(map(np.linalg.norm, means)):
        raise BadInput(
            f"The poles {low!r} and {high!r} have the same mean, so that no direction leads from one to the other. "
            "Give other keys."
        )
    return Axis((low, high), (means[0] + means[1]) / 2, direction, tuple(left_out))
