"""A folder of files with a seal: a JSON file, written last, that says what the folder is and what each file holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding.formats.about import read_about
from jari.embedding.formats.atomic import Digested, synced_file
from jari.embedding.formats.keys import keys_to_bytes, map_keys
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, NoSuchFile

KEYS = "keys.arrow"
_AT_ONCE = 1 << 22


class Sealing:
    """Fills a folder; `seal` ends it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> sealing = Sealing(folder)
    >>> sealing.array("numbers.npy", np.arange(3))
    >>> sealing.seal("numbers.json", "jari.numbers", 1, {"sorted": True})
    >>> seal = Seal.read(folder, "numbers.json", "jari.numbers", 1, ["numbers.npy"], "a folder of numbers")
    >>> seal.about["sorted"]
    True
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, dict[str, Any]] = {}

    def array(self, name: str, array: npt.NDArray[Any]) -> None:
        """A ``.npy`` file of one dimension; a mapped array is copied a part at a time."""
        with synced_file(self._folder / name) as file:
            digested: Any = Digested(file)
            header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
            np.lib.format.write_array_header_1_0(digested, header)
            for start in range(0, len(array), _AT_ONCE):
                digested.write(np.ascontiguousarray(array[start : start + _AT_ONCE]).view(np.uint8).data)
            self._files[name] = digested.summary()

    def found(self, name: str) -> None:
        """A file that is in the folder already."""
        file = self._folder / name
        self._files[name] = {"bytes": file.stat().st_size, "sha256": _digest(file)}

    def keys(self, vocabulary: Vocabulary) -> None:
        """``keys.arrow``."""
        with synced_file(self._folder / KEYS) as file:
            digested = Digested(file)
            digested.write(memoryview(keys_to_bytes(vocabulary)))
            self._files[KEYS] = digested.summary()

    def seal(self, name: str, kind: str, number: int, about: Mapping[str, Any]) -> None:
        """Say what it is: the `number` of the format's version, and what else a reader needs."""
        said = {"format": kind, "version": number, "library": _library(), "files": self._files, **about}
        with synced_file(self._folder / name) as file:
            file.write(json.dumps(said, ensure_ascii=False, allow_nan=False, indent=1).encode())


class Seal:
    """What a sealed folder says of itself; see `read`."""

    def __init__(self, folder: Path, file: Path, about: dict[str, Any]) -> None:
        self._folder, self._file, self.about = folder, file, about

    @classmethod
    def read(
        cls, folder: Path, name: str, kind: str, newest: int, files: Sequence[str], noun: str, remedy: str = ""
    ) -> Seal:
        """Read the seal, without a look at the files yet.

        Parameters
        ----------
        name, kind, newest
            Of the JSON file, the format, and the newest version of it that can be read.
        files
            Which must be there.
        noun
            What to call such a folder in errors: ``"a matrix of co-occurrences"``.
        remedy
            What to say where there is no such folder.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            It is no such folder, or of a later version, or damaged.
        """
        if not folder.is_dir():
            if folder.exists():
                raise BadFile(f"{folder} is a file, and {noun} is a folder.{remedy}")
            raise NoSuchFile(f"There is no folder {folder}.")
        file = folder / name
        if not file.is_file():
            raise BadFile(f"{folder} has no {name}: it is not {noun}.{remedy}")
        with file.open("rb") as stream:
            about = read_about(stream, file, kind=kind, newest=newest, noun=noun)
        seal = cls(folder, file, about)
        entries = about.get("files")
        right = isinstance(entries, dict) and set(entries) == set(files) and all(map(_is_entry, entries.values()))
        seal.need(right, "files", f"its entry of files is not that of {', '.join(files)}")
        return seal

    def need(self, right: bool, entry: str, what: str = "") -> None:
        """Raise `BadFile` where an entry is not as Jari writes it."""
        if not right:
            said = what or f"{entry} is {self.about.get(entry)!r:.40}"
            raise BadFile(f"{self._file}: {said}. It is damaged or was edited.")

    def check(self, *, verify: bool) -> None:
        """Compare the size of each file; with `verify` read it all, and compare checksums."""
        for name, entry in self.about["files"].items():
            file = self._folder / name
            if file.is_symlink() or not file.is_file():
                raise BadFile(f"{file} is not there, or is no plain file: a part of it is lost.")
            size = file.stat().st_size
            if size != entry["bytes"]:
                raise BadFile(
                    f"{file} should have {entry['bytes']:,} bytes and has {size:,}: it is cut short or damaged."
                )
            if verify and _digest(file) != entry["sha256"]:
                raise BadFile(f"{file} does not match its checksum: it was changed or is damaged.")

    def vocabulary(self) -> Vocabulary:
        """The keys, mapped; their checksum is always compared."""
        file = self._folder / KEYS
        entry = self.about["files"][KEYS]
        with file.open("rb") as opened:
            return map_keys(opened, str(file), size=entry["bytes"], sha256=entry["sha256"], unique=False)


def mapped(file: Path, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """A one-dimensional ``.npy`` file, read-only."""
    try:
        array: npt.NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise BadFile(f"{file} is not a .npy file ({error}): it is cut short or damaged.") from error
    if array.dtype != dtype or array.ndim != 1:
        raise BadFile(f"{file} holds {array.dtype} of shape {array.shape}, not a row of {np.dtype(dtype)}.")
    return array


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and type(entry.get("bytes")) is int and isinstance(entry.get("sha256"), str)


def _library() -> str:
    try:
        return f"jari {version('jari')}"
    except PackageNotFoundError:  # run from a checkout
        return "jari"
