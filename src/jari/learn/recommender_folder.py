"""A recommender as a folder.

::

    recommender.json       what it is: class, parameters, seed, losses, sizes, checksums
    items.jari/            the item embedding
    users.jari/            the user embedding
    interactions/          what it was learnt from: who has seen what
    arrays.safetensors     item_biases where items have any, and what the learner needs besides
    titles.arrow           what the items are called, in their order; where titles were given
    titles.jari/           the item embedding by title, no two alike; where titles were given

The seals of the folders within (their JSON files, which hold the checksums of all the rest) are among the checksums of
``recommender.json``: parts of two recommenders cannot be mixed.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa

from jari.embedding import Embedding
from jari.embedding.formats import native
from jari.embedding.formats.about import read_about
from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.folder import Folder, read_folder
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.formats.tensors import map_tensors, write_tensors
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput
from jari.ingest import interactions_folder
from jari.ingest.interactions import Interactions
from jari.ingest.sealed import Sealing
from jari.ingest.titles import Titles
from jari.learn import model_folder
from jari.learn.model_folder import ALWAYS_VERIFIED, INDEX, check_files, check_part, need, recorded
from jari.learn.recommender import Recommender
from jari.learn.recommenders import method_of
from jari.types import Path

VERSION: Final = 1
_JSON, _ARRAYS, _TITLES = "recommender.json", "arrays.safetensors", "titles.arrow"
_ITEMS, _USERS, _NAMED, _INTERACTIONS = "items.jari", "users.jari", "titles.jari", "interactions"
_FOLDERS: Final = {
    _ITEMS: native.FILES,
    _USERS: native.FILES,
    _NAMED: native.FILES,
    _INTERACTIONS: interactions_folder.FILES,
}
_INDEXES: Final = {f"{stem}.ann": INDEX for stem in ("items", "users", "titles")}
_OURS: Final = (_JSON, _ARRAYS, _TITLES, *_FOLDERS, *_INDEXES)
_BIASES = "item_biases"
_NOUN = "a recommender that Jari has saved"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a folder holds.

    Parameters
    ----------
    recommender
        As it was learnt.
    titles
        What the items are called: their keys, where no titles were given.
    """

    recommender: Recommender
    titles: Titles


def write(
    recommender: Recommender, path: Path, *, titles: Mapping[str, str] | None = None, force: bool = False
) -> None:
    """Write a folder: all of it or nothing; see `Recommender.save`."""
    item_embedding: Embedding = recommender._learnt("item_embedding_")
    method = method_of(recommender)
    place = pathlib.Path(path)
    refuse_others(place)
    arrays = recommender._arrays()
    if recommender.item_biases_ is not None:
        arrays = {_BIASES: recommender.item_biases_, **arrays}
    with new_folder(place, force=force, ours=_OURS) as folder:
        item_embedding.save(folder / _ITEMS)
        recommender.user_embedding_.save(folder / _USERS)
        recommender.interactions_.save(folder / _INTERACTIONS)
        with synced_file(folder / _ARRAYS) as file:
            write_tensors(file, arrays)
        if titles is not None:
            _write_titles(folder, item_embedding, Titles(item_embedding.vocabulary, titles))
        sealing = Sealing(folder)
        for name in _parts(titled=titles is not None):
            sealing.found(name)
        sealing.seal(
            _JSON,
            "jari.recommender",
            VERSION,
            {
                "recommender": method.class_name,
                "parameters": recorded(repr(recommender), recommender.get_params()),
                "seed": recommender.seed_,
                "losses": list(map(float, recommender.losses_)),
                "statistics": _statistics(recommender),
                "titled": titles is not None,
            },
        )


def read(path: Path, *, verify: bool = False) -> Kept:
    """Open a folder; vectors and interactions are mapped, and read when they are asked for.

    Parameters
    ----------
    path
        What `write` has made.
    verify
        Compare the checksums of large files too, which means reading all of them.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        Something is, but not a whole recommender of a version that this library reads.
    """
    place = pathlib.Path(path)
    if place.is_file():
        raise BadFile(f"{place} is a file, and {_NOUN} is a folder.")
    return read_folder(place, partial(_read, verify=verify))


def refuse_others(place: pathlib.Path) -> None:
    """Raise `FileIsThere` where a folder holds what is not ours: it is not to be replaced, even by force."""
    model_folder.refuse_others(place, _OURS, _FOLDERS | _INDEXES)


def _parts(*, titled: bool) -> Iterator[str]:
    """The files whose checksums are in recommender.json."""
    yield from (f"{_ITEMS}/embedding.json", f"{_USERS}/embedding.json")
    yield from (f"{_INTERACTIONS}/{interactions_folder.ABOUT}", _ARRAYS)
    if titled:
        yield from (_TITLES, f"{_NAMED}/embedding.json")


def _write_titles(folder: pathlib.Path, items: Embedding, titles: Titles) -> None:
    column = pa.array(list(titles), type=pa.large_string())
    with synced_file(folder / _TITLES) as file:
        file.write(keys_to_bytes(Vocabulary._trusted(column, None)))
    names = Vocabulary(titles.names, items.vocabulary.counts)
    Embedding(names, items.vectors, metadata=items.metadata | {"of": "items by title"}).save(folder / _NAMED)


def _statistics(recommender: Recommender) -> dict[str, int]:
    users, items = recommender.interactions_.shape
    return {
        "users": users,
        "items": items,
        "entries": len(recommender.interactions_),
        "dim": recommender.item_embedding_.dim,
    }


def _read(folder: Folder, *, verify: bool) -> Kept:
    path = folder.path
    if not (path / _JSON).exists():
        raise BadFile(f"{path} has no {_JSON}: it is not {_NOUN}. `jari learn-items` makes one.")
    with folder.open(_JSON) as file:
        about = read_about(file, path / _JSON, kind="jari.recommender", newest=VERSION, noun=_NOUN)
    _check_about(about, path / _JSON)
    for name, entry in about["files"].items():
        check_part(folder, name, entry, sealed=_JSON, noun="recommender", verify=verify)
    learner = _learner(about, path / _JSON)
    learner.item_embedding_ = Embedding.load(path / _ITEMS, verify=verify)
    learner.user_embedding_ = Embedding.load(path / _USERS, verify=verify)
    learner.interactions_ = Interactions.open(path / _INTERACTIONS, verify=verify or _is_small(path / _INTERACTIONS))
    learner.seed_, learner.losses_ = about["seed"], about["losses"]
    with folder.open(_ARRAYS) as file:
        arrays = map_tensors(file, str(path / _ARRAYS))
    learner.item_biases_ = arrays.pop(_BIASES, None)
    _check_shapes(learner, path)
    try:
        learner._restore(arrays)
    except (BadInput, ValueError, KeyError, IndexError) as error:
        raise BadFile(f"{path / _ARRAYS} does not hold what {type(learner).__name__} needs ({error}).") from error
    titles = _titles(folder, about, learner.item_embedding_.vocabulary)
    if verify and about["titled"]:
        Embedding.load(path / _NAMED, verify=True)
    if folder.is_replaced():
        raise BadFile(f"{path} was replaced while it was opened.")  # `read_folder` begins again
    return Kept(learner, titles)


def _check_about(about: dict[str, Any], file: pathlib.Path) -> None:
    for name, kind in (("recommender", str), ("parameters", dict), ("seed", int), ("losses", list), ("titled", bool)):
        need(file, type(about.get(name)) is kind, f"{name} is {about.get(name)!r:.40}")
    check_files(about, file, list(_parts(titled=about["titled"])))
    need(file, all(type(loss) is float for loss in about["losses"]), "losses are not all numbers")


def _is_small(folder: pathlib.Path) -> bool:
    return sum(file.stat().st_size for file in folder.iterdir()) <= ALWAYS_VERIFIED


def _learner(about: dict[str, Any], file: pathlib.Path) -> Recommender:
    """The learner with its parameters, not yet with what it has learnt."""
    try:
        made = method_of(about["recommender"]).learner
        given = {
            name: tuple(value) if isinstance(value, list) else value for name, value in about["parameters"].items()
        }
        learner = made().set_params(**given)
        learner.check()
    except BadInput as error:
        raise BadFile(f"{file}: {error} It was edited, or written by a newer Jari.") from error
    return learner


def _check_shapes(learner: Recommender, path: pathlib.Path) -> None:
    interactions, biases = learner.interactions_, learner.item_biases_
    for embedding, keys in (
        (learner.user_embedding_, interactions.users),
        (learner.item_embedding_, interactions.items),
    ):
        if not embedding.vocabulary.arrow.equals(keys.arrow):
            raise BadFile(f"{path}: its embeddings and its interactions have other keys: they do not belong together.")
    if biases is not None and biases.shape != (len(interactions.items),):
        raise BadFile(f"{path / _ARRAYS}: {_BIASES} has shape {biases.shape}, not ({len(interactions.items)},).")


def _titles(folder: Folder, about: dict[str, Any], items: Vocabulary) -> Titles:
    if not about["titled"]:
        return Titles(items, {})
    entry, name = about["files"][_TITLES], str(folder.path / _TITLES)
    with folder.open(_TITLES) as file:
        column = map_keys(file, name, size=entry["bytes"], sha256=entry["sha256"], unique=False)
    if len(column) != len(items):
        raise BadFile(f"{name} has {len(column):,} titles for {len(items):,} items: they do not belong together.")
    return Titles.aligned(items, column.keys)
