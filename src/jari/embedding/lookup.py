"""One policy for keys that an embedding does not hold: ``unknown="raise" | "skip" | "subword"``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from jari.errors import BadInput
from jari.types import Matrix, Rows, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding
    from jari.embedding.subwords import Subwords

POLICIES: Final[tuple[Unknown, ...]] = ("raise", "skip", "subword")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Keys and their vectors.

    Parameters
    ----------
    keys
        Those that were found, in the order asked.
    asked
        At which place of the question each one stood, shape (k,): skipped ones leave gaps.
    rows
        The row of each, shape (k,); -1 for a vector that was put together from subwords.
    vectors
        Shape (k, d).
    """

    keys: list[str]
    asked: Rows
    rows: Rows
    vectors: Matrix

    @property
    def known_rows(self) -> Rows:
        """The rows of those that have one."""
        return self.rows[self.rows >= 0]


def look_up(embedding: Embedding, keys: Iterable[str], unknown: Unknown = "raise") -> Found:
    """Find keys under a policy.

    Raises
    ------
    UnknownKey
        A key is not there and ``unknown="raise"``.
    BadInput
        The policy is not known, or ``"subword"`` on an embedding without subwords.
    """
    subwords = subwords_for(embedding, unknown)
    asked = list(keys)
    rows = embedding.vocabulary.rows(asked, unknown="raise" if unknown == "raise" else "mark")
    places = np.arange(len(asked), dtype=np.int64)
    if unknown == "skip":
        places = places[rows >= 0]
        asked, rows = [asked[place] for place in places], rows[rows >= 0]
    is_known = rows >= 0
    vectors = np.empty((len(asked), embedding.dim), np.float32)
    vectors[is_known] = embedding.vectors[rows[is_known]]
    if subwords is not None:
        for place in np.flatnonzero(~is_known):
            if not isinstance(asked[place], str):
                raise embedding.vocabulary.unknown(asked[place])
            vectors[place] = subwords.compose(asked[place])
    return Found(asked, places, rows, vectors)


def subwords_for(embedding: Embedding, unknown: Unknown) -> Subwords | None:
    """The subwords where the policy wants them; raises `BadInput` where it cannot be followed."""
    if unknown not in POLICIES:
        raise BadInput(f"unknown={unknown!r} is not known: choose one of {', '.join(map(repr, POLICIES))}.")
    if unknown != "subword":
        return None
    if embedding.subwords is None:
        raise BadInput(
            'unknown="subword" needs vectors of subwords, and this embedding has none: its learner made one vector a '
            'key. Pass unknown="skip" or unknown="raise".'
        )
    return embedding.subwords
