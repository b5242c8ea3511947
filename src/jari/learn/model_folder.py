"""What the folders of learnt models share: parameters as JSON, parts under one seal, and what may be replaced.

A model is a folder of a JSON file, plain files and folders within. The JSON file holds the checksums of the plain files
and of the JSON files of the folders, which hold those of all the rest: parts of two models cannot be mixed.
"""

from __future__ import annotations

import hashlib
import json
import numbers
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from jari.embedding.formats import native
from jari.embedding.formats.folder import Folder
from jari.errors import BadFile, BadInput, FileIsThere

ALWAYS_VERIFIED: Final = 64 << 20  # bytes
INDEX: Final[tuple[str, ...]] = ("ann.json", "index.faiss")  # what `jari build-ann` makes beside an embedding


def refuse_others(place: pathlib.Path, names: Iterable[str], folders: Mapping[str, Sequence[str]]) -> None:
    """Raise `FileIsThere` where a folder holds what is not ours: it is not to be replaced, even by force.

    Parameters
    ----------
    names
        What of its content is ours.
    folders
        Of the folders within, what of their content is ours.
    """
    if place.is_symlink():
        return  # the link is replaced, and not what it leads to
    for name, ours in {".": names, **folders}.items():
        folder = place / name
        others = sorted({entry.name for entry in folder.iterdir()} - set(ours)) if folder.is_dir() else []
        if others:
            raise FileIsThere(f"{folder} holds other things too ({', '.join(others[:3])}): it is not replaced.")


def recorded(whose: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON; not those that belong to a run or a machine: callbacks, threads, a generator.

    Raises
    ------
    BadInput
        One is nothing that JSON can hold.

    Examples
    --------
    >>> recorded("ALS()", {"l2": np.float32(0.5), "threads": 2, "random_state": np.random.default_rng()})
    {'l2': 0.5, 'random_state': None}
    """
    kept = {name: value for name, value in parameters.items() if name not in ("callbacks", "threads")}
    state = kept.pop("random_state", None)
    kept["random_state"] = int(state) if isinstance(state, numbers.Integral) else None
    try:
        return dict(json.loads(json.dumps(kept, allow_nan=False, default=plain)))
    except (TypeError, ValueError) as error:
        raise BadInput(f"The parameters of {whose} cannot be kept: {error}.") from error


def plain(value: Any) -> Any:
    """Of NumPy, as Python's; for `json.dumps`."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r:.40} is neither a number nor a string nor a list of them")


def need(file: pathlib.Path, right: bool, what: str) -> None:
    """Raise `BadFile` where an entry is not as Jari writes it."""
    if not right:
        raise BadFile(f"{file}: {what}. It is damaged or was edited.")


def check_files(about: Mapping[str, Any], file: pathlib.Path, expected: Sequence[str]) -> None:
    """Look at ``"files"``: those that must be there, each with its size and checksum."""
    files = about.get("files")
    need(file, isinstance(files, dict) and set(files) == set(expected), f"its files are not {', '.join(expected)}")
    for name, entry in about["files"].items():
        right = isinstance(entry, dict) and native.whole(entry.get("bytes")) and isinstance(entry.get("sha256"), str)
        need(file, right, f"{name} lacks its size or its checksum")


def check_part(folder: Folder, name: str, entry: Mapping[str, Any], *, sealed: str, noun: str, verify: bool) -> None:
    """Compare size and checksum of a file, which stands in no folder that is a link.

    Parameters
    ----------
    name
        Of the file, or of the JSON file of a folder within: ``"items.jari/embedding.json"``.
    sealed
        The JSON file that has the checksum.
    noun
        What the whole is: ``"recommender"``.
    """
    path = folder.path / name
    above, _, leaf = name.rpartition("/")
    if above and path.parent.is_symlink():
        raise BadFile(f"{path.parent} is a link: the parts of a {noun} are in its folder.")
    if above and not path.parent.is_dir():
        raise BadFile(f"{folder.path} has no folder {above}: a part of the {noun} is lost.")
    thorough = verify or entry["bytes"] <= ALWAYS_VERIFIED
    if not above:
        with native.opened(folder, leaf, dict(entry), thorough=thorough):
            return
    with Folder(path.parent) as within, within.open(leaf) as file:
        if hashlib.sha256(file.read(entry["bytes"] + 1)).hexdigest() != entry["sha256"]:
            raise BadFile(
                f"{path} does not match its checksum in {sealed}: it was changed, is damaged, or belongs to another "
                f"{noun}."
            )
