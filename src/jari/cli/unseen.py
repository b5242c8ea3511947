"""What is asked for and is no key: a picture or a text, encoded as the keys of the embedding were."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jari.cli.console import plain
from jari.errors import BadFile, BadInput, UnknownKey

if TYPE_CHECKING:
    from jari.embedding import Embedding
    from jari.embedding.vocabulary import Vocabulary
    from jari.types import Vector

_LONGEST = 500  # a text that is longer is cut in an error


class Unseen:
    """Answers what to search for: a key as it is; for anything else its vector, where the embedding can tell.

    Parameters
    ----------
    path
        Where the embedding is.
    embedding
        The keys, and metadata that say which encoder made their vectors.
    offline
        Whether a model that is not on this machine is an error.
    """

    def __init__(self, path: str, embedding: Embedding, *, offline: bool) -> None:
        self._path, self._embedding, self._offline = path, embedding, offline
        made_by = embedding.metadata.get("encoder")
        self._made_by: Mapping[str, Any] = made_by if isinstance(made_by, Mapping) else {}

    @property
    def of_pictures(self) -> bool:
        """Whether keys are pictures."""
        return self._made_by.get("kind") == "image-encoder"

    def query(self, asked: str) -> str | Vector:
        """A key, or a vector (d,).

        Raises
        ------
        UnknownKey
            It is no key, and nothing that can be encoded.
        NoSuchFile, BadFile, BadInput
            The encoder is not there any more, or is another one; the picture cannot be read.
        """
        if asked in self._embedding:
            return asked
        if self.of_pictures:
            return self._picture(asked)
        if self._made_by.get("kind") in ("text-encoder", "pooled"):
            return self._text(asked)
        return asked  # of words: whoever looks it up says that it is not there, and what may have been meant

    def _picture(self, asked: str) -> str | Vector:
        place = Path(asked)
        if not _is_file(place):
            raise UnknownKey(_neither(asked, place, self._embedding.vocabulary))
        same = self._of_content(place)
        return same if same is not None else self._fitting(self._encode([asked])[0])

    def _of_content(self, place: Path) -> str | None:
        """The key of a picture whose file has the same bytes: its vector is there."""
        from jari.embedding.formats import native

        if not Path(self._path).is_dir() or (digests := native.digests(self._path)) is None:
            return None
        try:
            with place.open("rb") as file:
                row = digests.row_of(hashlib.file_digest(file, "sha256").digest())
        except OSError:  # the encoder says why it cannot be read
            return None
        key = None if row is None else digests.vocabulary.keys[row]
        return key if key in self._embedding else None

    def _text(self, asked: str) -> Vector:
        try:
            asked.encode()
        except UnicodeEncodeError:
            raise BadInput(f"'{plain(asked):.{_LONGEST}}' is not UTF-8, and no key.") from None
        vector = self._fitting(self._encode([asked])[0])
        if not vector.any():
            raise UnknownKey(
                f"{asked!r:.{_LONGEST}} is not in this embedding ({len(self._embedding):,} keys), and its encoder "
                "knows no word of it."
            )
        return vector

    def _fitting(self, vector: Vector) -> Vector:
        if vector.shape != (self._embedding.dim,):
            raise BadFile(
                f"{self._made_by.get('path')} gives {len(vector)} numbers, and vectors of {plain(self._path)} have "
                f"{self._embedding.dim}: it is not what made them."
            )
        return vector

    @cached_property
    def _encode(self) -> Callable[[list[str]], Any]:
        """The encoder that made the embedding."""
        kind, path = self._made_by.get("kind"), self._made_by.get("path")
        if kind == "image-encoder":
            from jari.encoders.images.encoder import ImageEncoder

            return ImageEncoder.described(self._made_by, offline=self._offline, workers=0).encode
        if kind == "text-encoder":
            from jari.encoders.texts.encoder import TextEncoder

            return TextEncoder.described(self._made_by, offline=self._offline).encode

        from jari.search.encoder import PooledEncoder

        words = PooledEncoder(str(path))
        if words.describe()["checksum"] != self._made_by.get("checksum"):
            raise BadFile(f"{path} is not the embedding of words that made these vectors. Embed the texts again.")
        return words.vectors


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):  # too long for a path, or with a zero byte
        return False


def _neither(asked: str, place: Path, vocabulary: Vocabulary) -> str:
    try:
        folder = place.is_dir()
    except (OSError, ValueError):
        folder = False
    there = "on the disk it is a folder, not a picture" if folder else "there is no file of that name"
    meant = _like(asked, vocabulary)
    hint = f" Did you mean {' or '.join(repr(one) for one in meant)}?" if meant else ""
    return f"{asked!r} is not in this embedding ({len(vocabulary):,} keys), and {there}.{hint}"


def _like(asked: str, vocabulary: Vocabulary) -> list[str]:
    """Keys of the same file in other folders; else keys, or their last parts, that are spelt like it."""
    import difflib

    name = asked.rpartition("/")[2]
    by_name: dict[str, str] = {}
    for key in vocabulary:
        last = key.rpartition("/")[2]
        by_name.setdefault(last, key)
    if name in by_name:
        return [by_name[name]]
    spelt = vocabulary.nearest_spellings(asked)
    return spelt or [by_name[one] for one in difflib.get_close_matches(name, list(by_name), n=3, cutoff=0.7)]
