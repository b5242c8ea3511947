"""`Corpus`: text as numbers, tokenised and encoded once, mapped from disk ever after."""

from __future__ import annotations

import hashlib
import json
import pathlib
import shutil
import weakref
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Self, cast

import numpy as np

from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.types import Ids, Offsets, Path

VERSION: Final = 1
ABOUT, IDS, OFFSETS, KEYS = "corpus.json", "ids.npy", "offsets.npy", "keys.arrow"
FILES: Final = (ABOUT, IDS, OFFSETS, KEYS)
_COPIED_AT_ONCE = 1 << 22


class Corpus:
    """Sentences of numbers, and the words that the numbers stand for.

    Parameters
    ----------
    ids
        Shape (tokens,), int32: rows of `vocabulary`.
    offsets
        Shape (sentences + 1,), int64, from 0 to the number of tokens and rising: sentence i is
        ``ids[offsets[i] : offsets[i + 1]]``. No sentence is empty.
    vocabulary
        With counts.
    statistics
        What was read, kept and dropped; JSON-able. See `jari.encode`.

    Raises
    ------
    BadInput
        The offsets do not fit the ids.

    Examples
    --------
    >>> import jari
    >>> with jari.encode(["to be or not to be", "that is"], min_count=1) as corpus:
    ...     print(len(corpus), corpus.offsets.tolist(), corpus.vocabulary.keys[:2])
    8 [0, 6, 8] ['be', 'to']
    """

    def __init__(
        self, ids: Ids, offsets: Offsets, vocabulary: Vocabulary, statistics: Mapping[str, Any] | None = None
    ) -> None:
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(ids):
            raise BadInput(f"The offsets must begin with 0 and end with {len(ids)}, the number of tokens.")
        self._ids, self._offsets, self._vocabulary = ids, offsets, vocabulary
        self._statistics = dict(statistics or {})
        self._delete: weakref.finalize[..., Any] | None = None

    @property
    def ids(self) -> Ids:
        """Rows of the vocabulary, one a token, shape (tokens,)."""
        return self._ids

    @property
    def offsets(self) -> Offsets:
        """Where the sentences begin and end, shape (sentences + 1,)."""
        return self._offsets

    @property
    def vocabulary(self) -> Vocabulary:
        """The words, with their counts."""
        return self._vocabulary

    @property
    def statistics(self) -> dict[str, Any]:
        """What was read, kept and dropped."""
        return self._statistics

    @property
    def is_temporary(self) -> bool:
        """Whether its files go when it is closed."""
        return self._delete is not None

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"Corpus({len(self):,} tokens, {len(self._offsets) - 1:,} sentences, {len(self._vocabulary):,} keys)"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files, and delete them where nobody asked to keep them. The corpus is empty afterwards."""
        self._ids, self._offsets = np.empty(0, np.int32), np.zeros(1, np.int64)
        if self._delete is not None:
            self._delete()

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Keep the corpus in a folder of its own: all of it or nothing. The files are described in ``docs/corpus.md``.

        Raises
        ------
        FileIsThere
            Something is there already and `force` is not given, or it is a folder with other things in it.
        """
        with new_folder(pathlib.Path(folder), force=force, ours=FILES) as place:
            for name, array in ((IDS, self._ids), (OFFSETS, self._offsets)):
                with synced_file(place / name) as file:
                    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
                    np.lib.format.write_array_header_1_0(file, header)
                    for start in range(0, len(array), _COPIED_AT_ONCE):
                        file.write(np.ascontiguousarray(array[start : start + _COPIED_AT_ONCE]).data)
            seal(place, self._vocabulary, self._statistics)

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map a corpus from its folder.

        Parameters
        ----------
        verify
            Read all of it and compare checksums, rather than only sizes.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            Something is, but not a whole corpus of a version that this library reads.
        """
        place = pathlib.Path(folder)
        about = _read_about(place)
        for name, entry in about["files"].items():
            _check_file(place / name, entry, verify=verify)
        with (place / KEYS).open("rb") as file:
            entry = about["files"][KEYS]
            vocabulary = map_keys(file, str(place / KEYS), size=entry["bytes"], sha256=entry["sha256"], unique=False)
        ids, offsets = mapped(place / IDS, np.int32), mapped(place / OFFSETS, np.int64)
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(ids):
            raise BadFile(f"{place}: {OFFSETS} and {IDS} do not belong together.")
        if verify and len(ids) and (int(ids.min()) < 0 or int(ids.max()) >= len(vocabulary)):
            raise BadFile(f"{place / IDS} holds numbers that no key has: it is damaged.")
        return cls(ids, offsets, vocabulary, about["statistics"])

    def _deleted_with(self, folder: pathlib.Path) -> Self:
        """Delete the folder when the corpus is closed, or nobody holds it any more, or Python ends."""
        self._delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return self


def seal(place: pathlib.Path, vocabulary: Vocabulary, statistics: Mapping[str, Any]) -> None:
    """Add to a folder that holds ids and offsets the keys, and last of all what it is."""
    with synced_file(place / KEYS) as file:
        file.write(keys_to_bytes(vocabulary))
    about = {
        "format": "jari.corpus",
        "version": VERSION,
        "library": _library(),
        "files": {name: _summary(place / name) for name in (IDS, OFFSETS, KEYS)},
        "statistics": dict(statistics),
    }
    with synced_file(place / ABOUT) as file:
        file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1).encode())


def mapped(file: pathlib.Path, dtype: type[np.generic]) -> np.ndarray:
    """A one-dimensional ``.npy`` file, read-only."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise BadFile(f"{file} is not a .npy file ({error}): it is cut short or damaged.") from error
    if array.dtype != dtype or array.ndim != 1:
        raise BadFile(f"{file} holds {array.dtype} of shape {array.shape}, not a row of {np.dtype(dtype)}.")
    return cast(np.ndarray, array)


def _summary(file: pathlib.Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}


def _check_file(file: pathlib.Path, entry: dict[str, Any], *, verify: bool) -> None:
    if file.is_symlink() or not file.is_file():
        raise BadFile(f"{file} is not there, or is no plain file: a part of the corpus is lost.")
    size = file.stat().st_size
    if size != entry["bytes"]:
        raise BadFile(f"{file} should have {entry['bytes']:,} bytes and has {size:,}: it is cut short or damaged.")
    if verify and _summary(file)["sha256"] != entry["sha256"]:
        raise BadFile(f"{file} does not match its checksum: it was changed or is damaged. Encode the text again.")


def _read_about(place: pathlib.Path) -> dict[str, Any]:
    if not place.is_dir():
        if place.exists():
            raise BadFile(f"{place} is a file, and an encoded corpus is a folder. Make one with: jari encode")
        raise NoSuchFile(f"There is no folder {place}.")
    file = place / ABOUT
    if not file.is_file():
        raise BadFile(f"{place} has no {ABOUT}: it is not an encoded corpus. Make one with: jari encode")
    try:
        about = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{file} is not JSON ({error}): it is damaged.") from error
    if not isinstance(about, dict) or about.get("format") != "jari.corpus":
        raise BadFile(f'{file} does not say "format": "jari.corpus": this is not an encoded corpus.')
    found = about.get("version")
    if type(found) is not int or found < 1:
        raise BadFile(f"{file} has format version {found!r}, which is no version: it is damaged.")
    if found > VERSION:
        raise BadFile(
            f"{place} is of format version {found}, written by {about.get('library', 'a newer Jari')}; this library "
            f"reads version {VERSION}. Upgrade it with: pip install --upgrade jari"
        )
    files = about.get("files")
    right = isinstance(files, dict) and set(files) == {IDS, OFFSETS, KEYS} and all(map(_is_entry, files.values()))
    if not right or not isinstance(about.get("statistics"), dict):
        raise BadFile(f"{file} lacks files or statistics as Jari writes them. It is damaged or was edited.")
    return about


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and type(entry.get("bytes")) is int and isinstance(entry.get("sha256"), str)


def _library() -> str:
    try:
        return f"jari {version('jari')}"
    except PackageNotFoundError:  # run from a checkout
        return "jari"
