"""A square sparse matrix and its keys as a sealed folder.

::

    indptr.npy     int64, n + 1   row i is indices[indptr[i] : indptr[i + 1]] and data[…]
    indices.npy    int32          columns, which rise in each row
    data.npy       float32
    sums.npy       float64, n     of the rows
    keys.arrow     keys and counts, as in an encoded corpus
    NAME.json      what it is, sizes and checksums
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from jari.embedding.formats.atomic import new_folder
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile
from jari.ingest.entries import Rows
from jari.ingest.sealed import KEYS, Seal, Sealing, mapped

_STARTS, _COLUMNS, _VALUES, _SUMS = "indptr.npy", "indices.npy", "data.npy", "sums.npy"
_PARTS: Final = (_STARTS, _COLUMNS, _VALUES, _SUMS, KEYS)


def write(
    folder: Path, rows: Rows, vocabulary: Vocabulary, name: str, version: int, about: Mapping[str, Any], *, force: bool
) -> None:
    """Make the folder: all of it or nothing.

    Parameters
    ----------
    name, version
        Of the kind of folder: ``"cooccurrence"`` is of the format ``jari.cooccurrence`` and has a
        ``cooccurrence.json``.
    about
        What else is in that; JSON-able.
    """
    with new_folder(folder, force=force, ours=(*_PARTS, f"{name}.json")) as place:
        sealing = Sealing(place)
        sealing.array(_STARTS, rows.starts)
        sealing.array(_COLUMNS, rows.columns)
        sealing.array(_VALUES, rows.values)
        sealing.array(_SUMS, rows.sums)
        sealing.keys(vocabulary)
        sealing.seal(f"{name}.json", f"jari.{name}", version, about)


def read(
    folder: Path, name: str, version: int, noun: str, needs: Sequence[tuple[str, type]], *, verify: bool
) -> tuple[Rows, Vocabulary, Seal]:
    """Map what `write` has made.

    Parameters
    ----------
    needs
        The entries that the JSON file must have, and of which type.
    verify
        Read all of it and compare checksums, rather than only sizes.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        Something is, but not whole, or of a later version.
    """
    seal = Seal.read(folder, f"{name}.json", f"jari.{name}", version, _PARTS, noun)
    for entry, kind in needs:
        seal.need(type(seal.about.get(entry)) is kind, entry)
    seal.check(verify=verify)
    vocabulary = seal.vocabulary()
    starts, columns = mapped(folder / _STARTS, np.int64), mapped(folder / _COLUMNS, np.int32)
    values, sums = mapped(folder / _VALUES, np.float32), mapped(folder / _SUMS, np.float64)
    n = len(vocabulary)
    fit = len(starts) == n + 1 and len(sums) == n and starts[0] == 0 and starts[-1] == len(columns) == len(values)
    if not fit or np.any(np.diff(starts) < 0):
        raise BadFile(f"{folder}: {_STARTS}, {_COLUMNS}, {_VALUES}, {_SUMS} and {KEYS} do not belong together.")
    if verify and len(columns) and (int(columns.min()) < 0 or int(columns.max()) >= n):
        raise BadFile(f"{folder / _COLUMNS} holds numbers that no key has: it is damaged.")
    return Rows(starts, columns, values, sums, on_disk=True), vocabulary, seal
