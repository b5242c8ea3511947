"""Interactions as a sealed folder.

::

    indptr.npy          int64, users + 1   row i is indices[indptr[i] : indptr[i + 1]] and data[…]
    indices.npy         int32              columns, which rise in each row
    data.npy            float32            weights above 0
    times.npy           float64            one an entry; empty where there are none
    users.arrow         keys and counts, as in an encoded corpus
    items.arrow
    interactions.json   what it is, statistics, sizes and checksums
"""

from __future__ import annotations

import pathlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile
from jari.ingest.sealed import Seal, Sealing, mapped

VERSION: Final = 1
ABOUT: Final = "interactions.json"
_STARTS, _COLUMNS, _WEIGHTS, _TIMES = "indptr.npy", "indices.npy", "data.npy", "times.npy"
_USERS, _ITEMS = "users.arrow", "items.arrow"
_PARTS: Final = (_STARTS, _COLUMNS, _WEIGHTS, _TIMES, _USERS, _ITEMS)
FILES: Final = (ABOUT, *_PARTS)
_FORMAT, _NOUN = "jari.interactions", "a folder of interactions"

Parts = tuple[Vocabulary, Vocabulary, csr_array[Any], npt.NDArray[np.float64] | None, dict[str, Any]]


def write(folder: pathlib.Path, parts: Parts, *, force: bool) -> None:
    """Make the folder: all of it or nothing.

    Parameters
    ----------
    parts
        Users, items, matrix, times and statistics.
    """
    users, items, matrix, times, statistics = parts
    with new_folder(folder, force=force, ours=FILES) as place:
        sealing = Sealing(place)
        sealing.array(_STARTS, matrix.indptr.astype(np.int64))
        sealing.array(_COLUMNS, matrix.indices.astype(np.int32, copy=False))
        sealing.array(_WEIGHTS, matrix.data)
        sealing.array(_TIMES, np.empty(0, np.float64) if times is None else times)
        for name, vocabulary in ((_USERS, users), (_ITEMS, items)):
            with synced_file(place / name) as file:
                file.write(memoryview(keys_to_bytes(vocabulary)))
            sealing.found(name)
        about = {"statistics": statistics, "has_times": times is not None}
        sealing.seal(ABOUT, _FORMAT, VERSION, about)


def read(folder: pathlib.Path, *, verify: bool) -> Parts:
    """Map what `write` has made. Keys are compared with their checksum, numbers with what they must be.

    Parameters
    ----------
    verify
        Compare the checksums of all files.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        Something is, but not whole, or of a later version.
    """
    seal = Seal.read(folder, ABOUT, _FORMAT, VERSION, _PARTS, _NOUN)
    seal.need(isinstance(seal.about.get("statistics"), dict), "statistics")
    seal.need(type(seal.about.get("has_times")) is bool, "has_times")
    seal.check(verify=verify)
    users, items = (_keys(folder / name, seal.about["files"][name]) for name in (_USERS, _ITEMS))
    starts, columns = mapped(folder / _STARTS, np.int64), mapped(folder / _COLUMNS, np.int32)
    weights, times = mapped(folder / _WEIGHTS, np.float32), mapped(folder / _TIMES, np.float64)
    timed = len(weights) if seal.about["has_times"] else 0
    fit = len(starts) == len(users) + 1 and starts[0] == 0 and starts[-1] == len(columns) == len(weights)
    if not fit or len(times) != timed or np.any(np.diff(starts) < 0):
        raise BadFile(f"{folder}: {', '.join(_PARTS)} do not belong together.")
    if len(columns) and (int(columns.min()) < 0 or int(columns.max()) >= len(items)):
        raise BadFile(f"{folder / _COLUMNS} holds numbers that no item has: it is damaged.")
    matrix = csr_array((weights, columns, starts.astype(_kind(len(weights)))), shape=(len(users), len(items)))
    if not matrix.has_canonical_format:
        raise BadFile(f"{folder / _COLUMNS} holds columns that do not rise in each row: it is damaged.")
    if len(weights) and not (weights.min() > 0 and np.isfinite(weights.max())):
        raise BadFile(f"{folder / _WEIGHTS} holds what is no weight above 0: it is damaged.")
    return users, items, matrix, times if seal.about["has_times"] else None, seal.about["statistics"]


def _keys(file: pathlib.Path, entry: dict[str, Any]) -> Vocabulary:
    with file.open("rb") as opened:
        return map_keys(opened, str(file), size=entry["bytes"], sha256=entry["sha256"], unique=False)


def _kind(entries: int) -> type[np.integer[Any]]:
    return np.int32 if entries < 2**31 else np.int64
