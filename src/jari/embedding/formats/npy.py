"""``name.npy`` with its keys beside it: in ``name.keys.json``, ``name.keys.txt`` or ``name.keys.tsv``.

::

    name.npy         NumPy's format: a matrix (n, d) of numbers
    name.keys.json   a list of n strings: holds any key; this is what is written
    name.keys.txt    n lines, a key each
    name.keys.tsv    n lines: key, tab, count
"""

from __future__ import annotations

import json
import os
import pathlib
from tokenize import TokenError
from typing import Any

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_file, refuse_existing
from jari.embedding.formats.rows import checked
from jari.embedding.formats.source import refuse_absent
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.types import Matrix, Path

MAGIC = b"\x93NUMPY"
# What a header that is damaged on purpose makes numpy.load raise.
_NUMPY_REFUSES = (ValueError, TypeError, EOFError, OSError, SyntaxError, TokenError, MemoryError, RecursionError)
_KINDS = (".keys.json", ".keys.txt", ".keys.tsv")


def read(path: Path) -> Embedding:
    """Read a pair of files. A float32 matrix in C order stays mapped to its file."""
    place = pathlib.Path(path)
    refuse_absent(place)
    vectors = _matrix(place)
    keys, counts = _keys(place)
    if len(keys) != len(vectors):
        raise BadFile(
            f"{place} has {len(vectors)} rows, and {len(keys)} keys stand beside it: there must be one a row."
        )
    try:
        vocabulary = Vocabulary(keys, counts)
    except BadInput as error:
        raise BadFile(f"The keys of {place}: {error}") from error
    return checked(place, vocabulary, vectors)


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write the matrix and ``name.keys.json``. Counts, context vectors and metadata have no place in them."""
    place = pathlib.Path(path)
    for kind in _KINDS:
        refuse_existing(_beside(place, kind), force=force)
    with new_file(place, force=force) as matrix, new_file(_beside(place, _KINDS[0]), force=force) as keys:
        np.lib.format.write_array_header_1_0(matrix, np.lib.format.header_data_from_array_1_0(embedding.vectors))
        matrix.write(embedding.vectors.reshape(-1).view(np.uint8).data)
        keys.write(json.dumps(list(embedding.keys), ensure_ascii=False, indent=0).encode())
        for file in (matrix, keys):  # both on the disk before either takes its place: they belong together
            file.flush()
            os.fsync(file.fileno())
    for kind in _KINDS[1:]:
        _beside(place, kind).unlink(missing_ok=True)


def _matrix(place: pathlib.Path) -> Matrix:
    try:
        array = np.load(place, mmap_mode="r", allow_pickle=False)
    except _NUMPY_REFUSES as error:
        raise BadFile(f"{place} is not a .npy matrix that can be read without running code ({error}).") from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise BadFile(f"{place} is an archive of arrays (.npz): save the one matrix with numpy.save.")
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.shape[1]:
        raise BadFile(f"{place} holds {array.dtype} of shape {array.shape}: a matrix (n, d) of numbers is needed.")
    return array


def _keys(place: pathlib.Path) -> tuple[list[str], list[int] | None]:
    found = [file for kind in _KINDS if (file := _beside(place, kind)).exists()]
    names = ", ".join(_beside(place, kind).name for kind in _KINDS)
    if not found:
        raise NoSuchFile(f"{place} has no keys beside it: give one of {names}.")
    if len(found) > 1:
        raise BadFile(f"{place} has more than one file of keys ({', '.join(f.name for f in found)}): leave one.")
    file = found[0]
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise BadEncoding(f"{file}: line {line}, byte {error.start} is not UTF-8. Convert the file.") from error
    if file.suffix == ".json":
        return _from_json(text, file), None
    lines = text.removesuffix("\n").split("\n") if text else []
    lines = [line.removesuffix("\r") for line in lines]
    return _from_tsv(lines, file) if file.suffix == ".tsv" else (lines, None)


def _from_json(text: str, file: pathlib.Path) -> list[str]:
    try:
        keys: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{file} is not JSON ({error}).") from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise BadFile(f"{file} must be a JSON list of strings.")
    return keys


def _from_tsv(lines: list[str], file: pathlib.Path) -> tuple[list[str], list[int]]:
    keys, counts = [], []
    for number, line in enumerate(lines, 1):
        key, tab, count = line.rpartition("\t")
        if not tab or not count.isascii() or not count.isdigit() or len(count) > 18:
            raise BadFile(f"{file}: line {number} is {line[:40]!r}; a key, a tab and a count are needed.")
        keys.append(key)
        counts.append(int(count))
    return keys, counts


def _beside(place: pathlib.Path, kind: str) -> pathlib.Path:
    return place.with_name(place.name.removesuffix(".npy") + kind)
