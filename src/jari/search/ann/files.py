"""``wiki.ann/``: an index beside ``wiki.jari``, a folder of two files.

::

    ann.json       format, version; the checksums of the embedding that it was built from; method, parameters, metric,
                   what was measured; size and SHA-256 of index.faiss
    index.faiss    as ``faiss.write_index`` writes it

faiss trusts the numbers that it reads. So the checksum is compared first, of the very bytes that faiss then gets.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import pathlib
from typing import Any, Final

import numpy as np

from jari.embedding.formats import native
from jari.embedding.formats.about import read_about as about_of
from jari.embedding.formats.atomic import Digested, new_folder, synced_file
from jari.embedding.formats.folder import Folder
from jari.errors import BadFile, NoSuchFile
from jari.search.ann.method import load_faiss
from jari.search.ann.methods import METHODS
from jari.types import Path

VERSION: Final = 1
_JSON, _INDEX = "ann.json", "index.faiss"


def place_of(embedding: Path) -> pathlib.Path:
    """Where the index of an embedding is.

    Examples
    --------
    >>> place_of("words/wiki.jari").as_posix()
    'words/wiki.ann'
    """
    path = pathlib.Path(embedding)
    return path.with_suffix(".ann") if path.suffix == ".jari" else path.with_name(f"{path.name}.ann")


def checksums_of(embedding: Path) -> dict[str, str]:
    """The SHA-256 of each file of a ``.jari``, as its ``embedding.json`` records them.

    Raises
    ------
    NoSuchFile, BadFile
        There is no such ``.jari``, or it is damaged.
    """
    path = pathlib.Path(embedding)
    if path.is_file():
        raise BadFile(f"{path} is a file: an index belongs to a .jari folder. Make one with: jari convert")
    with Folder(path) as folder, folder.open("embedding.json") as file:
        name = path / "embedding.json"
        about = about_of(file, name, kind="jari.embedding", newest=native.VERSION, noun="a .jari embedding")
    try:
        return {str(name): str(entry["sha256"]) for name, entry in about["files"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile(f"{path / 'embedding.json'} records no checksums: it is damaged.") from error


def write(place: pathlib.Path, about: dict[str, Any], index: Any, *, force: bool) -> None:
    """Write the folder: all of it or nothing."""
    faiss = load_faiss()
    with new_folder(place, force=force, ours=(_JSON, _INDEX)) as folder:
        with synced_file(folder / _INDEX) as file:
            digested = Digested(file)
            faiss.write_index(index, faiss.PyCallbackIOWriter(digested.write))
        described = {
            "format": "jari.ann",
            "version": VERSION,
            "faiss": faiss.__version__,
            **about,
            "index": digested.summary(),
        }
        with synced_file(folder / _JSON) as file:
            file.write(json.dumps(described, ensure_ascii=False, allow_nan=False, indent=1).encode())


def read_about(place: pathlib.Path) -> dict[str, Any]:
    """ann.json, every entry checked.

    Raises
    ------
    NoSuchFile
        No index is there.
    BadFile
        It is damaged, or of a version that this library does not read.
    """
    if not place.is_dir():
        raise NoSuchFile(f"There is no index {place}. Build it with: jari build-ann {place.with_suffix('.jari')}")
    if not (place / _JSON).is_file():
        raise BadFile(f"{place} has no {_JSON}: it is no index, or a part of it is lost. Build it again.")
    name = place / _JSON
    with Folder(place) as folder, folder.open(_JSON) as file:
        about = about_of(file, name, kind="jari.ann", newest=VERSION, noun="an index of Jari")
    for right, what in _checks(about):
        if not right:
            raise BadFile(f"{name}: {what}. It is damaged or was edited. Build the index again.")
    return about


def read_index(place: pathlib.Path, about: dict[str, Any]) -> tuple[Any, Any]:
    """faiss's index, mapped from the file where faiss can, and what must live as long as it does.

    Raises
    ------
    BadFile
        The file is not the one that ann.json tells of.
    """
    faiss = load_faiss()
    name, summary = place / _INDEX, about["index"]
    if not name.is_file():
        raise BadFile(f"{place} has no {_INDEX}: a part of it is lost. Build it again.")
    with Folder(place) as folder, folder.open(_INDEX) as file:
        size = file.seek(0, 2)
        if size != summary["bytes"] or not size:
            raise BadFile(f"{name} should have {summary['bytes']} bytes and has {size}: it is cut short or damaged.")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(mapped).hexdigest() != summary["sha256"]:
        raise BadFile(f"{name} does not match its checksum: it was changed or is damaged. Build the index again.")
    content = np.frombuffer(mapped, dtype=np.uint8)
    try:
        if hasattr(faiss, "ZeroCopyIOReader"):  # since 1.11
            return faiss.read_index(faiss.ZeroCopyIOReader(faiss.swig_ptr(content), size)), content
        return faiss.deserialize_index(content), None
    except RuntimeError as error:
        raise BadFile(f"faiss cannot read {name} ({str(error).splitlines()[0]}). Build the index again.") from error


def _checks(about: dict[str, Any]) -> list[tuple[bool, str]]:
    method, index, curve, efforts = (about.get(name) for name in ("method", "index", "curve", "efforts"))
    scale, k, seed, target = (about.get(name) for name in ("scale", "k", "seed", "target_recall"))
    return [
        (method in METHODS if isinstance(method, str) else False, f"method is {method!r}"),
        (about.get("metric") in ("cosine", "dot", "euclidean"), f"metric is {about.get('metric')!r}"),
        (isinstance(about.get("parameters"), dict), "parameters are no object"),
        (isinstance(about.get("embedding"), dict), "embedding is no object"),
        (_is_number(scale) and scale is not None and scale > 0, f"scale is {scale!r}"),
        (_is_whole(k), f"k is {k!r}"),
        (type(seed) is int and seed >= 0, f"seed is {seed!r}"),
        (target is None or (_is_number(target) and 0 < target <= 1), f"target_recall is {target!r}"),
        (
            _has(efforts, "keys", "vectors") and all(map(_is_whole, dict(efforts or {}).values())),
            f"efforts are {efforts!r}",
        ),
        (_has(index, "bytes", "sha256"), "index lacks its size or its checksum"),
        (
            isinstance(curve, list)
            and all(_has(each, "effort", "keys", "vectors") and all(map(_is_number, each.values())) for each in curve),
            "curve is no list of efforts and recalls",
        ),
    ]


def _has(entry: Any, *names: str) -> bool:
    return isinstance(entry, dict) and set(entry) == set(names)


def _is_whole(number: Any) -> bool:
    return type(number) is int and 1 <= number < 1 << 31


def _is_number(number: Any) -> bool:
    return type(number) in (int, float) and abs(number) < 1e300
