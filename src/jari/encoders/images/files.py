"""Which files are to be read as pictures, and the key of each."""

from __future__ import annotations

import glob
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from jari.errors import BadInput, NoSuchFile
from jari.ingest.listing import Skipped, plain_files, size_of
from jari.types import Path as PathLike

SUFFIXES: Final = frozenset(
    [
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".dib",
        ".ppm", ".pgm", ".pbm", ".pnm", ".ico", ".jp2", ".j2k", ".jpx", ".avif",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture to read.

    Parameters
    ----------
    path
        As it was given, or below the folder that was given.
    key
        The path relative to the listing's root, with ``/`` between its parts.
    size
        Bytes on disk; 0 where nobody can know.
    named
        Whether it was given itself, not the folder that it is in.
    """

    path: str
    key: str
    size: int
    named: bool


@dataclass(frozen=True, slots=True)
class ImageListing:
    """The pictures, in order of what was given and in folders by name, and what is not among them.

    Parameters
    ----------
    files
        Each once.
    root
        The folder that keys are relative to, absolute: what was given, the folder of a file, the folder that a glob
        starts from; of several the one that they share.
    skipped
        Folders that cannot be read.
    passed_over
        How many files by why: ``"hidden"``, ``"links"``, ``"special"``, or a suffix that is no picture's.
    """

    files: list[ImageFile]
    root: str
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def listed(sources: PathLike | Sequence[PathLike]) -> ImageListing:
    """What is there, of files, of folders with all that is in them, of globs.

    In folders, hidden files and folders are passed over, and so are links, which may lead out of the folder or in
    circles, and files whose names are no picture's. Files that are given themselves are among the pictures whatever
    their names are.

    Keys are in Unicode's Normalization Form C; of two files whose keys would be the same by that, each keeps its
    name as it is.

    Raises
    ------
    NoSuchFile
        Nothing is at a path.
    BadInput
        Nothing is given, a glob matches nothing, or what is given shares no folder.
    """
    given = [os.fspath(one) for one in ([sources] if isinstance(sources, str | os.PathLike) else sources)]
    if not given:
        raise BadInput("No pictures are given. Give files, folders or globs.")
    skipped: list[Skipped] = []
    passed_over: Counter[str] = Counter()
    found: dict[str, tuple[str, int, bool]] = {}  # by absolute path
    roots = []
    for source in given:
        matches = _matches(source)
        roots.append(_root(source, is_glob=matches is not None))
        for path in [source] if matches is None else matches:
            if os.path.isdir(path):  # noqa: PTH112
                below = _below(path, skipped, passed_over)
            else:
                below = iter([(path, size_of(path), matches is None)])
            for path, size, named in below:
                place = os.path.abspath(path)  # noqa: PTH100  # links stay as they are
                path, size, before = found.get(place, (path, size, False))
                found[place] = path, size, named or before
    root = _shared(roots)
    return ImageListing(list(_with_keys(found, root)), root, skipped, +passed_over)


def _matches(source: str) -> list[str] | None:
    """What a glob matches; None for a path."""
    if not source or "\0" in source:
        raise BadInput(f"{source!r} is no path.")
    if os.path.lexists(source):
        return None
    if not glob.has_magic(source):
        raise NoSuchFile(f"There is no file or folder {source!r}. Check the name.")
    matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207  # paths stay as they were given
    if not matches:
        raise BadInput(f"No file matches {source!r}. Check the pattern, and the folder that it starts from.")
    return matches


def _root(source: str, *, is_glob: bool) -> str:
    while is_glob and glob.has_magic(source):
        source = os.path.dirname(source)  # noqa: PTH120
        if not glob.has_magic(source):
            return os.path.abspath(source)  # noqa: PTH100
    place = os.path.abspath(source)  # noqa: PTH100
    return place if os.path.isdir(place) else os.path.dirname(place)  # noqa: PTH112, PTH120


def _shared(roots: list[str]) -> str:
    try:
        return os.path.commonpath(roots)
    except ValueError as error:  # of two drives
        raise BadInput(
            f"{' and '.join(roots)} share no folder that keys can be relative to. Embed them apart."
        ) from error


def _with_keys(found: dict[str, tuple[str, int, bool]], root: str) -> Iterator[ImageFile]:
    plain = {place: _text(os.path.relpath(place, root)) for place in found}
    taken = set(plain.values())
    for place, (path, size, named) in found.items():
        key = unicodedata.normalize("NFC", plain[place])
        if key in taken:
            key = plain[place]
        taken.add(key)
        yield ImageFile(path, key, size, named)


def _text(relative: str) -> str:
    """A path with slashes, as text whatever bytes it is of."""
    return os.fsencode(relative.replace(os.sep, "/")).decode("utf-8", "backslashreplace")


def _below(folder: str, skipped: list[Skipped], passed_over: Counter[str]) -> Iterator[tuple[str, int, bool]]:
    for path, size in plain_files(folder, skipped, passed_over):
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122
        if suffix in SUFFIXES:
            yield path, size, False
        else:
            passed_over[suffix or "without suffix"] += 1
