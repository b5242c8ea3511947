"""`Encoder`: from texts to vectors and to the terms of full-text search, and a mark to know it again by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from jari.types import Matrix


class Encoder(Protocol):
    """What makes vectors of the documents and of the queries of a collection: the same one for both."""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    def describe(self) -> dict[str, Any]:
        """What a collection stores of it, JSON: ``"path"`` for people; ``"checksum"``, which another one does not have;
        and whatever is needed to open it again.
        """
        ...

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One vector a text, shape (texts, d), float32; zeros for a text without a word that is known."""
        ...

    def terms(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, for full-text search."""
        ...
