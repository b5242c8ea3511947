"""From what was typed after `jari serve` to things on the shelf: what a path is, is found from what is in it."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from jari.embedding import load
from jari.errors import BadInput, NoSuchFile
from jari.search.places import kind_of, shown
from jari.serve.items import CollectionItem, EmbeddingItem, EncoderItem, Item, RecommenderItem, stamp_of

_RECOMMENDER, _COLLECTION = "recommender.json", "collection.json"
_ENDINGS: Final = (".jari", ".txt", ".vec", ".w2v", ".bin", ".npy", ".glove", ".model2vec", ".gz")
_OF_MODELS: Final = ("modules.json", "config.json")


@dataclass(frozen=True, slots=True)
class Place:
    """Something that was asked to be on the shelf.

    Parameters
    ----------
    name
        What it is called there.
    path
        A file, a folder, or the address of a collection; for an encoder a folder or a name on the hub.
    model
        Whether it is a text encoder.
    """

    name: str
    path: str
    model: bool = False

    @property
    def stamp(self) -> str | None:
        """Changes when something else was put there; None where that cannot be told.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        """
        if self.model or kind_of(self.path) != "folder":
            return None
        path = pathlib.Path(self.path)
        try:
            about = next((path / name for name in (_RECOMMENDER, _COLLECTION) if (path / name).exists()), path)
            return stamp_of(about)
        except FileNotFoundError:
            raise NoSuchFile(f"There is no {self.path}.") from None

    def open(self) -> Iterator[Item]:
        """Open what is there: one thing, or a recommender and its items.

        Raises
        ------
        NoSuchFile, BadFile, ExtraMissing, ServerDown
            It is not there, or nothing that can be served.
        """
        if self.model:
            yield self._encoder()
        elif kind_of(self.path) != "folder" or pathlib.Path(self.path, _COLLECTION).exists():
            yield self._collection()
        elif pathlib.Path(self.path, _RECOMMENDER).exists():
            yield from self._recommender()
        else:
            yield self._embedding()

    def _embedding(self) -> EmbeddingItem:
        path = pathlib.Path(self.path)
        if path.is_dir() and not (path / "embedding.json").exists() and (path / _OF_MODELS[0]).exists():
            raise BadInput(f"{self.path} is a text encoder: give it with --model {self.path}.")
        stamp = self.stamp  # before it is opened: if it is replaced meanwhile, the next reload sees that
        return EmbeddingItem(self.name, self.path, stamp or "", load(self.path))

    def _recommender(self) -> Iterator[Item]:
        from jari.learn import recommender_folder

        stamp = self.stamp or ""
        kept = recommender_folder.read(self.path)
        by_title = pathlib.Path(self.path, "titles.jari")
        titled = by_title.exists()
        yield RecommenderItem(self.name, self.path, stamp, kept.recommender, kept.titles, titled)
        items = by_title if titled else pathlib.Path(self.path, "items.jari")
        yield EmbeddingItem(f"{self.name}/items", os.fspath(items), stamp, load(items), titled=titled)

    def _collection(self) -> CollectionItem:
        from jari.search.collection import Collection

        stamp = self.stamp or ""
        return CollectionItem(self.name, self.path, stamp, Collection.open(self.path))

    def _encoder(self) -> EncoderItem:
        from jari.encoders.texts.encoder import TextEncoder

        encoder = TextEncoder(self.path, offline=True)
        return EncoderItem(self.name, self.path, "", encoder)


def places_of(given: Iterable[str], models: Iterable[str] = ()) -> list[Place]:
    """Places with names, no two alike: ``wiki.jari`` is "wiki", and ``english=wiki.jari`` is "english".

    Raises
    ------
    BadInput
        A name that was given is empty, or stands twice.

    Examples
    --------
    >>> [place.name for place in places_of(["a/wiki.jari", "b/wiki.jari", "c=b/wiki.jari"])]
    ['wiki', 'wiki-2', 'c']
    """
    asked = [(*_named(text), False) for text in given] + [(*_named(text), True) for text in models]
    said = [name for name, _, _ in asked if name is not None]
    for given_name in said:
        if not given_name or said.count(given_name) > 1:
            wrong = "given twice" if given_name else "empty"
            raise BadInput(f"The name {given_name!r} is {wrong}: write NAME=PATH, each with another name.")
    taken = set(said)
    places = []
    for name, path, model in asked:
        chosen = _free(_name_of(path), taken) if name is None else name
        taken |= {chosen}
        places.append(Place(chosen, path, model))
    return places


def _named(text: str) -> tuple[str | None, str]:
    name, equals, path = text.partition("=")
    if equals and not set(name) & set("/\\:?") and not os.path.lexists(text):
        return name, path
    return None, text


def _name_of(path: str) -> str:
    if kind_of(path) != "folder":
        query = shown(path).rpartition("collection=")
        return query[2] if query[1] else urlsplit(shown(path)).path.strip("/") or kind_of(path)
    name = pathlib.Path(path).name or pathlib.Path(path).resolve().name
    stem = name
    while (ending := pathlib.Path(stem).suffix.lower()) in _ENDINGS and len(stem) > len(ending):
        stem = stem[: -len(ending)]
    return stem or "embedding"


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, 1_000_000))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def open_all(places: Iterable[Place]) -> dict[str, Item]:
    """Everything, by name.

    Raises
    ------
    NoSuchFile, BadFile, BadInput
        As `Place.open`.
    """
    items: dict[str, Item] = {}
    for place in places:
        for item in place.open():
            if item.name in items:
                raise BadInput(f"Two things would be called {item.name!r}: give one another name, NAME={place.path}.")
            items[item.name] = item
    return items
