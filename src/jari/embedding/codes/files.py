"""A compressed embedding on disk: a folder of three files.

::

    codes.json          what it is: versions, shape, codes, checksums, metadata
    codes.safetensors   the arrays of the codes, and of finer ones as finer.NAME
    keys.arrow          keys and counts, as in every .jari
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.code import Codes
from jari.embedding.codes.compressed import CompressedEmbedding
from jari.embedding.codes.kinds import CODES
from jari.embedding.formats.about import read_about
from jari.embedding.formats.atomic import Digested, new_folder, synced_file
from jari.embedding.formats.folder import Folder, read_folder
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.formats.native import FILES as OF_PLAIN
from jari.embedding.formats.native import library, opened, whole
from jari.embedding.formats.tensors import KINDS, map_tensors, write_tensors
from jari.errors import BadFile, BadInput
from jari.types import Path

VERSION: Final = 1
JSON: Final = "codes.json"
_TENSORS, _KEYS = "codes.safetensors", "keys.arrow"
_FILES = (JSON, _TENSORS, _KEYS)
_FINER = "finer."
_ALWAYS_VERIFIED = 64 << 20  # bytes, as in a plain .jari


def write(compressed: CompressedEmbedding, path: Path, *, force: bool = False) -> None:
    """Write a folder: all of it or nothing; see `CompressedEmbedding.save`."""
    tensors: dict[str, npt.NDArray[Any]] = dict(compressed.codes.arrays)
    if compressed.finer is not None:
        tensors |= {f"{_FINER}{name}": array for name, array in compressed.finer.arrays.items()}
    files = {}
    with new_folder(pathlib.Path(path), force=force, ours=(*_FILES, *OF_PLAIN)) as folder:
        with synced_file(folder / _TENSORS) as file:
            digested = Digested(file)
            write_tensors(digested, tensors)
        files[_TENSORS] = digested.summary()
        with synced_file(folder / _KEYS) as file:
            digested = Digested(file)
            digested.write(keys_to_bytes(compressed.vocabulary))
        files[_KEYS] = digested.summary()
        about = {
            "format": "jari.codes",
            "version": VERSION,
            "library": library(),
            "shape": list(compressed.shape),
            "codes": compressed.codes.name,
            "finer": None if compressed.finer is None else compressed.finer.name,
            "files": files,
            "metadata": compressed.metadata,
        }
        with synced_file(folder / JSON) as file:
            file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1).encode())


def read(path: Path, *, verify: bool = False) -> CompressedEmbedding:
    """Open a folder; see `CompressedEmbedding.load`."""
    return read_folder(pathlib.Path(path), partial(_read, verify=verify))


def _read(folder: Folder, *, verify: bool) -> CompressedEmbedding:
    about = _about(folder)
    shape, files = (about["shape"][0], about["shape"][1]), about["files"]
    thorough = verify or files[_TENSORS]["bytes"] <= _ALWAYS_VERIFIED
    name = str(folder.path / _TENSORS)
    with opened(folder, _TENSORS, files[_TENSORS], thorough=thorough) as file:
        tensors = map_tensors(file, name, KINDS)
    finer = {key.removeprefix(_FINER): array for key, array in tensors.items() if key.startswith(_FINER)}
    own = {key: array for key, array in tensors.items() if not key.startswith(_FINER)}
    codes = _codes(about["codes"], own, shape, name, thorough=thorough)
    if about["finer"] is None and finer:
        raise BadFile(f"{name} holds {sorted(tensors)}, and {JSON} says nothing of finer codes.")
    other = None if about["finer"] is None else _codes(about["finer"], finer, shape, name, thorough=thorough)
    with folder.open(_KEYS) as file:
        try:
            summary = files[_KEYS]
            keys = str(folder.path / _KEYS)
            vocabulary = map_keys(file, keys, size=summary["bytes"], sha256=summary["sha256"], unique=thorough)
            return CompressedEmbedding(vocabulary, codes, other, metadata=about["metadata"])
        except BadInput as error:
            raise BadFile(f"{folder.path}: {error}") from error


def _codes(
    kind: str, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int], name: str, *, thorough: bool
) -> Codes:
    for key, array in arrays.items() if thorough else ():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise BadFile(f"{name}: {key} holds values that are not finite numbers: it is damaged.")
    try:
        return CODES[kind].from_arrays(arrays, shape)
    except BadInput as error:
        raise BadFile(f"{name}: {error}") from error


def _about(folder: Folder) -> dict[str, Any]:
    """codes.json, every entry of it checked."""
    name = folder.path / JSON
    with folder.open(JSON) as file:
        about = read_about(file, name, kind="jari.codes", newest=VERSION, noun="a compressed embedding")
    _check(about, str(name))
    return about


def _check(about: dict[str, Any], name: str) -> None:
    def need(right: bool, what: str) -> None:
        if not right:
            raise BadFile(f"{name}: {what}. It is damaged or was edited.")

    shape, files, codes, finer = (about.get(entry) for entry in ("shape", "files", "codes", "finer"))
    right = isinstance(shape, list) and len(shape) == 2 and all(map(whole, shape)) and shape[1] >= 1
    need(right, f"shape is {shape!r}, not [n, d]")
    need(isinstance(codes, str) and codes in CODES, f"codes are {codes!r}, none of {', '.join(CODES)}")
    need(
        finer is None or (isinstance(finer, str) and finer in CODES), f"finer is {finer!r}, none of {', '.join(CODES)}"
    )
    need(isinstance(files, dict) and set(files) == {_TENSORS, _KEYS}, f"files must be {_TENSORS} and {_KEYS}")
    for file, entry in files.items() if isinstance(files, dict) else ():
        said = isinstance(entry, dict) and whole(entry.get("bytes")) and isinstance(entry.get("sha256"), str)
        need(said, f"{file} lacks its size or its checksum")
    need(isinstance(about.get("metadata"), dict), "metadata is not an object")
