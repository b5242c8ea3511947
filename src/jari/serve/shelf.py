"""`Shelf`: what is served, by name."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Self, TypeVar

from jari.embedding import Embedding
from jari.errors import JariError
from jari.serve.failures import Failure
from jari.serve.items import CollectionItem, EmbeddingItem, EncoderItem, Item, Kind, RecommenderItem
from jari.serve.opening import Place, open_all, places_of

Wanted = TypeVar("Wanted", EmbeddingItem, RecommenderItem, CollectionItem, EncoderItem)

_NOUNS: dict[Kind, str] = {
    "embedding": "embedding",
    "recommender": "recommender",
    "collection": "collection",
    "encoder": "text encoder",
}


class Shelf:
    """Embeddings, recommenders, collections and text encoders, by name.

    What stands on it stays as it was opened. `reload` puts something else in its place, and whoever holds the old thing
    may finish with it.

    Parameters
    ----------
    items
        By name.
    places
        Where they came from; without them `reload` has nothing to do.

    Examples
    --------
    >>> shelf = Shelf.of({"places": Embedding(["here", "there"], [[1, 0], [1, 1]])})
    >>> shelf.embedding(None).embedding["there"]
    array([1., 1.], dtype=float32)
    """

    def __init__(self, items: Mapping[str, Item], places: Sequence[Place] = ()) -> None:
        self._items: Mapping[str, Item] = dict(items)
        self._places = tuple(places)
        self._stamps: dict[str, str | None] = {place.name: _stamp(place) for place in places}
        self._turn = threading.Lock()

    @classmethod
    def open(cls, paths: Iterable[str], models: Iterable[str] = ()) -> Self:
        """Open what is at some places.

        Parameters
        ----------
        paths
            ``.jari`` folders, files in other formats, folders of recommenders, folders and addresses of collections;
            each may have a name before it: ``name=path``.
        models
            Folders of text encoders, or their names on the hub if they are on this machine.

        Raises
        ------
        NoSuchFile, BadFile, BadInput, ExtraMissing, ServerDown
            Something of it is not there, or is nothing that can be served.
        """
        places = places_of(paths, models)
        made = cls({}, places)  # stamps are taken before things are opened
        made._items = open_all(places)
        return made

    @classmethod
    def of(cls, embeddings: Mapping[str, Embedding]) -> Self:
        """A shelf of embeddings that are in memory."""
        return cls({name: EmbeddingItem(name, "", "1", each) for name, each in embeddings.items()})

    @property
    def items(self) -> list[Item]:
        """Everything, in the order that was given."""
        return list(self._items.values())

    @property
    def names(self) -> list[str]:
        """The names of everything."""
        return list(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def item(self, name: str) -> Item:
        """What has this name.

        Raises
        ------
        Failure
            Nothing has it (unknown_name).
        """
        found = self._items.get(name)
        if found is None:
            raise _unknown(name, self.names)
        return found

    def embedding(self, name: str | None = None) -> EmbeddingItem:
        """The embedding of this name; without one, the only embedding.

        Raises
        ------
        Failure
            There is none of this name (unknown_name); no name was given, and there is none or are several (bad_input).
        """
        return self._of(EmbeddingItem, name)

    def recommender(self, name: str | None = None) -> RecommenderItem:
        """The recommender of this name, as `embedding`."""
        return self._of(RecommenderItem, name)

    def collection(self, name: str | None = None) -> CollectionItem:
        """The collection of this name, as `embedding`."""
        return self._of(CollectionItem, name)

    def encoder(self, name: str | None = None) -> EncoderItem:
        """The text encoder of this name, as `embedding`."""
        return self._of(EncoderItem, name)

    def of_kind(self, kind: type[Wanted]) -> list[Wanted]:
        """All of a kind."""
        return [item for item in self._items.values() if isinstance(item, kind)]

    def reload(self) -> list[str]:
        """Open again what has changed on disk; what cannot be opened stays as it was.

        Returns
        -------
        names
            Of what was opened again.

        Raises
        ------
        JariError
            Something could not be opened; all the rest was.
        """
        with self._turn:
            items: dict[str, Item] = dict(self._items)
            names: list[str] = []
            wrong: list[Exception] = []
            for place in self._places:
                try:
                    stamp = place.stamp
                    if stamp is None or stamp == self._stamps[place.name]:
                        continue
                    opened = open_all([place])
                except (JariError, OSError) as error:
                    wrong.append(error)
                    continue
                self._stamps[place.name] = stamp
                items |= opened
                names += opened
            self._items = items
        if wrong:
            raise wrong[0]
        return names

    def _of(self, kind: type[Wanted], name: str | None) -> Wanted:
        noun = _NOUNS[kind.kind]
        if name is None:
            found = self.of_kind(kind)
            if len(found) == 1:
                return found[0]
            if not found:
                raise Failure("unknown_name", f"There is no {noun} here.", param="name", suggestions=self.names)
            names = [item.name for item in found]
            raise Failure(
                "bad_input",
                f"There are {len(found)} {noun}s here: say which one with name={names[0]!r} or another of them.",
                param="name",
                suggestions=names,
            )
        item = self._items.get(name)
        if isinstance(item, kind):
            return item
        names = [each.name for each in self.of_kind(kind)]
        if item is None:
            raise _unknown(name, names)
        raise Failure(
            "unknown_name", f"{name!r} is no {noun} but of the kind {item.kind!r}.", param="name", suggestions=names
        )


def _stamp(place: Place) -> str | None:
    try:
        return place.stamp
    except JariError:
        return None  # opening it says what is wrong


def _unknown(name: str, names: Sequence[str]) -> Failure:
    there = f"It holds {', '.join(map(repr, names[:20]))}." if names else "It is empty."
    return Failure("unknown_name", f"Nothing on the shelf is called {name!r}. {there}", param="name", suggestions=names)
