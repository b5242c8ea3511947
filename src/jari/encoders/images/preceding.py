"""`Preceding`: the embedding of pictures that is there already, when the same encoder made it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.formats import native
from jari.embedding.formats.digests import WIDTH, Digests
from jari.encoders.images.files import ImageListing
from jari.errors import BadFile, FileIsThere


@dataclass(frozen=True, slots=True)
class Preceding:
    """What is brought up to date.

    Parameters
    ----------
    embedding
        Its vectors are mapped.
    digests
        Of the files that its rows were made from.
    """

    embedding: Embedding
    digests: Digests

    @classmethod
    def of(cls, place: Path, owner: Mapping[str, Any], listing: ImageListing) -> Self | None:
        """What is at a place; None where nothing is.

        Parameters
        ----------
        owner
            What its encoder must have said of itself, but for a path.
        listing
            The pictures that are to be in it.

        Raises
        ------
        FileIsThere
            It is of another encoder, or of none; or of other pictures, in another folder.
        BadFile
            It is damaged.
        """
        if not os.path.lexists(place):
            return None
        try:
            embedding = Embedding.load(place)
            digests = native.digests(place)
        except BadFile as error:
            raise BadFile(f"{error} Pass force=True (--force) to make it anew.") from error
        then = embedding.metadata.get("encoder")
        if not isinstance(then, dict) or {name: value for name, value in then.items() if name != "path"} != owner:
            by = f"with {then['path']}" if isinstance(then, dict) and "path" in then else "otherwise"
            raise FileIsThere(
                f"{place} is there already, made {by}: vectors of another encoder, or of one with other parameters, "
                "cannot be added. Give another name, or pass force=True (--force) to replace it."
            )
        if digests is None or digests.vocabulary != embedding.vocabulary:
            digests = Digests(embedding.vocabulary, np.zeros((len(embedding), WIDTH), np.uint8))
        found = cls(embedding, digests)
        if found.differs({"root": listing.root}, "root") and not any(one.key in embedding for one in listing.files):
            raise FileIsThere(
                f"{place} is there already, of {len(embedding):,} pictures in {embedding.metadata.get('root')}; none "
                f"of them is in {listing.root}. Give another name, or pass force=True (--force) to replace it."
            )
        return found

    def differs(self, metadata: Mapping[str, Any], *names: str) -> bool:
        """Whether one of these entries of the metadata is another."""
        mine = self.embedding.metadata
        return any(mine.get(name) != metadata[name] for name in names)
