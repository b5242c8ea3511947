"""``name.jari/``: Jari's own format, a folder of three files, and up to two more.

::

    embedding.json        what it is: versions, shape, checksums, metadata
    vectors.safetensors   vectors (n, d), norms (n,); where kept context (n, d), subwords (rows, d)
    keys.arrow            keys and counts
    buckets.npy           the bucket of each row of subwords, where there are fewer rows than buckets
    digests.npy           the SHA-256 of what each row was made from, where that is kept

Byte by byte in ``docs/formats.md``.
"""

from __future__ import annotations

import hashlib
import json
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from typing import Any, BinaryIO, Final, cast

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.formats.about import read_about
from jari.embedding.formats.atomic import Digested, new_folder, synced_file
from jari.embedding.formats.buckets import map_buckets, write_buckets
from jari.embedding.formats.digests import DigestRows, Digests, checked, map_digests, write_digests
from jari.embedding.formats.folder import Folder, read_folder
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.formats.tensors import Array, Sink, map_tensors, write_tensors
from jari.embedding.subwords import Subwords
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput
from jari.types import Path

VERSION: Final = 3  # since 2, subwords may have n-grams of jamo, and rows for some buckets only; since 3, digests
_JSON, _TENSORS, _KEYS, _BUCKETS = "embedding.json", "vectors.safetensors", "keys.arrow", "buckets.npy"
_DIGESTS = "digests.npy"
FILES = (_JSON, _TENSORS, _KEYS, _BUCKETS, _DIGESTS)
_OF_SUBWORDS = {"shortest", "longest"}, {"shortest", "longest", "size", "jamo"}  # entries in version 1 and since 2
_ALWAYS_VERIFIED = 64 << 20  # bytes; SHA-256 takes some 2 GB/s, so this costs 30 ms at most


def write(embedding: Embedding, path: Path, *, force: bool = False, digests: DigestRows | None = None) -> None:
    """Write a folder: all of it or nothing; see `Embedding.save`.

    Parameters
    ----------
    digests
        The SHA-256 of what each row was made from, shape (n, 32), uint8: `digests` reads them.
    """
    place = pathlib.Path(path)
    tensors: dict[str, Array] = {"vectors": embedding.vectors, "norms": embedding.norms}
    if embedding.context is not None:
        tensors["context"] = embedding.context
    subwords = embedding.subwords
    if subwords is not None:
        tensors["subwords"] = subwords.vectors
    version, described = _described(subwords)
    parts: dict[str, Callable[[Sink], object]] = {
        _TENSORS: lambda sink: write_tensors(sink, tensors),
        _KEYS: lambda sink: sink.write(keys_to_bytes(embedding.vocabulary)),
    }
    if subwords is not None and (buckets := subwords.buckets) is not None:
        parts[_BUCKETS] = lambda sink: write_buckets(sink, buckets)
    if digests is not None:
        version, rows = 3, checked(digests, len(embedding))
        parts[_DIGESTS] = lambda sink: write_digests(sink, rows)
    with new_folder(place, force=force, ours=FILES) as folder:
        files = {}
        for name, written_to in parts.items():
            with synced_file(folder / name) as file:
                digested = Digested(file)
                written_to(digested)
            files[name] = digested.summary()
        about = {
            "format": "jari.embedding",
            "version": version,
            "library": library(),
            "shape": list(embedding.shape),
            "subwords": described,
            "files": files,
            "metadata": embedding.metadata,
        }
        with synced_file(folder / _JSON) as file:
            file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1).encode())


def read(path: Path, *, verify: bool = False) -> Embedding:
    """Open a folder; see `Embedding.load`.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        Something is, but not a whole embedding of a version that this library reads.
    """
    return read_folder(pathlib.Path(path), partial(_read, verify=verify))


def checksum(path: Path) -> str:
    """A hash of the vectors and keys of a folder, by the checksums that it records: another embedding has another.

    Raises
    ------
    NoSuchFile, BadFile
        As for `read`, where embedding.json is not right; the other files are not looked at.
    """
    with Folder(pathlib.Path(path)) as folder:
        files = _about(folder)["files"]
    recorded = "".join(f"{name} {files[name]['sha256']}\n" for name in sorted(files.keys() - {_DIGESTS}))
    return hashlib.sha256(recorded.encode()).hexdigest()


def digests(path: Path) -> Digests | None:
    """By key, the SHA-256 of what its row was made from; None where that was not kept.

    Raises
    ------
    NoSuchFile, BadFile
        As for `read`, of embedding.json, the keys and the digests; the vectors are not looked at.
    """
    return read_folder(pathlib.Path(path), _read_digests)


def _read_digests(folder: Folder) -> Digests | None:
    about = _about(folder)
    if _DIGESTS not in about["files"]:
        return None
    return Digests(_vocabulary(folder, about, unique=True), _digest_rows(folder, about, thorough=True))


def _digest_rows(folder: Folder, about: dict[str, Any], *, thorough: bool) -> DigestRows:
    with opened(folder, _DIGESTS, about["files"][_DIGESTS], thorough=thorough) as file:
        return map_digests(file, str(folder.path / _DIGESTS), about["shape"][0])


def _read(folder: Folder, *, verify: bool) -> Embedding:
    about = _about(folder)
    shape, files = tuple(about["shape"]), about["files"]
    thorough = verify or files[_TENSORS]["bytes"] <= _ALWAYS_VERIFIED
    name = str(folder.path / _TENSORS)
    with opened(folder, _TENSORS, files[_TENSORS], thorough=thorough) as file:
        tensors = map_tensors(file, name)
    _check_shapes(tensors, shape, name, with_subwords=about["subwords"] is not None)
    vocabulary = _vocabulary(folder, about, unique=thorough)
    if _DIGESTS in files:
        _digest_rows(folder, about, thorough=verify)
    try:
        subwords = _subwords(folder, about, tensors["subwords"], verify=verify) if about["subwords"] else None
        parts: dict[str, Any] = {
            "context": tensors.get("context"),
            "subwords": subwords,
            "metadata": about["metadata"],
        }
        if thorough:
            embedding = Embedding(vocabulary, tensors["vectors"], **parts)
            if not np.allclose(embedding.norms, tensors["norms"], rtol=1e-5, atol=0.0):
                raise BadFile(f"{name}: the norms are not those of the vectors.")
            return embedding
        return Embedding._trusted(vocabulary, tensors["vectors"], tensors["norms"], **parts)
    except BadInput as error:
        raise BadFile(f"{folder.path}: {error}") from error


def _vocabulary(folder: Folder, about: dict[str, Any], *, unique: bool) -> Vocabulary:
    name, summary, n = str(folder.path / _KEYS), about["files"][_KEYS], about["shape"][0]
    with folder.open(_KEYS) as file:
        try:
            vocabulary = map_keys(file, name, size=summary["bytes"], sha256=summary["sha256"], unique=unique)
        except BadInput as error:
            raise BadFile(f"{name}: {error}") from error
    if len(vocabulary) != n:
        raise BadFile(f"{folder.path} has {n} vectors and {len(vocabulary)} keys: its parts do not belong together.")
    return vocabulary


@contextmanager
def opened(folder: Folder, name: str, entry: dict[str, Any], *, thorough: bool) -> Iterator[BinaryIO]:
    """A file of the folder at its beginning, its length compared, and its checksum where that is asked for."""
    path, size = folder.path / name, entry["bytes"]
    with folder.open(name) as file:
        actual = file.seek(0, 2)
        if actual != size:
            raise BadFile(f"{path} should have {size} bytes and has {actual}: it is cut short or damaged.")
        file.seek(0)
        if thorough and _sha256(file) != entry["sha256"]:
            raise BadFile(
                f"{path} does not match its checksum: it was changed or is damaged. Take it from a good copy."
            )
        file.seek(0)
        yield file


def _described(subwords: Subwords | None) -> tuple[int, dict[str, Any] | None]:
    """What embedding.json says of subwords, and the least version that can say it."""
    if subwords is None:
        return 1, None
    lengths = {"shortest": subwords.shortest, "longest": subwords.longest}
    if subwords.buckets is None and subwords.jamo is None:
        return 1, lengths
    return 2, lengths | {"size": subwords.modulus, "jamo": None if subwords.jamo is None else list(subwords.jamo)}


def _subwords(folder: Folder, about: dict[str, Any], vectors: Array, *, verify: bool) -> Subwords:
    described = dict(about["subwords"])
    jamo = described.pop("jamo", None)
    buckets = None
    if _BUCKETS in about["files"]:
        entry = about["files"][_BUCKETS]
        with opened(folder, _BUCKETS, entry, thorough=verify or entry["bytes"] <= _ALWAYS_VERIFIED) as file:
            buckets = map_buckets(file, str(folder.path / _BUCKETS), len(vectors))
    return Subwords(vectors, **described, buckets=buckets, jamo=None if jamo is None else tuple(jamo))


def _about(folder: Folder) -> dict[str, Any]:
    """embedding.json, every entry of it checked."""
    name = folder.path / _JSON
    with folder.open(_JSON) as file:
        about = read_about(file, name, kind="jari.embedding", newest=VERSION, noun="a .jari embedding")
    _check_about(about, str(name))
    return about


def _check_about(about: dict[str, Any], name: str) -> None:
    def need(right: bool, what: str) -> None:
        if not right:
            raise BadFile(f"{name}: {what}. It is damaged or was edited.")

    shape, files, subwords = about.get("shape"), about.get("files"), about.get("subwords")
    need(isinstance(shape, list) and len(shape) == 2 and all(map(whole, shape)), f"shape is {shape!r}, not [n, d]")
    partial = isinstance(subwords, dict) and "size" in subwords
    known = {_TENSORS, _KEYS} | ({_BUCKETS} if partial else set()) | ({_DIGESTS} if about["version"] >= 3 else set())
    need(isinstance(files, dict) and {_TENSORS, _KEYS} <= set(files) <= known, f"files must be {_TENSORS} and {_KEYS}")
    for file, entry in files.items() if isinstance(files, dict) else ():
        right = isinstance(entry, dict) and whole(entry.get("bytes")) and isinstance(entry.get("sha256"), str)
        need(right, f"{file} lacks its size or its checksum")
    need(isinstance(about.get("metadata"), dict), "metadata is not an object")
    need(subwords is None or _describes(subwords), f"subwords is {subwords!r}, not the lengths of their n-grams")


def _describes(subwords: Any) -> bool:
    """Whether an entry tells of subwords, as any version does."""
    if not isinstance(subwords, dict) or set(subwords) not in _OF_SUBWORDS:
        return False
    jamo = subwords.get("jamo")
    right = jamo is None or (isinstance(jamo, list) and len(jamo) == 2 and all(map(whole, jamo)))
    return right and all(whole(value) for name, value in subwords.items() if name != "jamo")


def _check_shapes(tensors: dict[str, Array], shape: tuple[int, ...], name: str, *, with_subwords: bool) -> None:
    n, d = shape
    expected: dict[str, tuple[int, ...]] = {"vectors": (n, d), "norms": (n,)}
    if "context" in tensors:
        expected["context"] = (n, d)
    if with_subwords:
        expected["subwords"] = (len(tensors["subwords"]) if "subwords" in tensors else 0, d)
    if set(tensors) != set(expected):
        raise BadFile(f"{name} holds {sorted(tensors)}, and {sorted(expected)} belong there.")
    for tensor, right in expected.items():
        if tensors[tensor].shape != right:
            raise BadFile(f"{name}: {tensor} has shape {tensors[tensor].shape}, not {right} as {_JSON} says.")


def _sha256(file: BinaryIO) -> str:
    return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()


def whole(number: Any) -> bool:
    """Whether something of a JSON file is a size."""
    return type(number) is int and 0 <= number < 1 << 62


def library() -> str:
    """What wrote a file, with its version."""
    from importlib.metadata import PackageNotFoundError, version  # 10 ms that only writing needs

    try:
        return f"jari {version('jari')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "jari"
