"""Which files are to be read as documents: paths, globs, folders with all that is in them."""

from __future__ import annotations

import glob
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from jari.errors import BadInput, NoSuchFile
from jari.ingest.files import DECOMPRESSORS, STDIN

TABLE: Final = "table"
_KINDS: Final = {
    "": "text", ".txt": "text", ".text": "text",
    ".md": "markdown", ".markdown": "markdown", ".rst": "restructured",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".pdf": "pdf",
    ".csv": TABLE, ".tsv": TABLE, ".jsonl": TABLE, ".ndjson": TABLE, ".parquet": TABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A file to read.

    Parameters
    ----------
    path
        As it was given, or below the folder that was given.
    kind
        ``"text"``, ``"markdown"``, ``"restructured"``, ``"html"``, ``"pdf"`` or ``"table"``, by its name.
    size
        Bytes on disk; 0 where nobody can know.
    named
        Whether it was given itself, not the folder that it is in.
    """

    path: str
    kind: str
    size: int
    named: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was to be read and could not be.

    Parameters
    ----------
    path
        Of the file or folder.
    reason
        For a person.
    count
        How many documents of it; 1 where nobody can know.
    named
        Whether it was given itself, not the folder that it is in.
    """

    path: str
    reason: str
    count: int = 1
    named: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The files, in order, and what of the folders given is not among them.

    Parameters
    ----------
    files
        Each once.
    roots, patterns
        The paths and the globs that were given, absolute.
    skipped
        Folders that cannot be read.
    passed_over
        How many files by why: ``"hidden"``, ``"links"``, ``"special"``, ``"tables"``, or a suffix of no kind that is
        read.
    """

    files: list[File] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def covers(self, place: str) -> bool:
        """Whether a file at an absolute path is among what was given, or would be if it was there."""
        return any(is_within(place, root) for root in self.roots) or any(map(PurePath(place).match, self.patterns))


def listed(paths: Sequence[str], *, tables: bool) -> Listing:
    """What is there.

    In folders, hidden files and folders are passed over, and so are links, which may lead out of the folder or in
    circles, and files whose names do not tell that they are of a kind that is read. Files that are given themselves are
    read whatever their names are.

    Raises
    ------
    NoSuchFile
        Nothing is at a path.
    BadInput
        A glob matches nothing, standard input is given, or a table although no column is named (``tables=False``).
    """
    found = Listing()
    seen: set[str] = set()
    for path in paths:
        matches = _matches(path)
        (found.roots if matches is None else found.patterns).append(place_of(path))
        for file in _files([path] if matches is None else matches, found, tables=tables, named=matches is None):
            place = os.path.abspath(file.path)  # noqa: PTH100  # links stay as they are
            if place not in seen:
                seen.add(place)
                found.files.append(file)
    return found


def name_of(path: str) -> str:
    """The id of a file: its path with slashes, without ``.`` and double slashes, in Normalization Form C.

    Examples
    --------
    >>> name_of("./docs//guide/../tides.md")
    'docs/tides.md'
    """
    normal = os.path.normpath(path).replace(os.sep, "/")
    return unicodedata.normalize("NFC", os.fsencode(normal).decode("utf-8", "backslashreplace"))


def place_of(path: str) -> str:
    """The absolute path of a file as text, whatever bytes it is of."""
    return os.fsencode(os.path.abspath(path)).decode("utf-8", "backslashreplace")  # noqa: PTH100  # links stay


def is_within(place: str, root: str) -> bool:
    """Whether one absolute path is the other, or below it.

    Examples
    --------
    >>> is_within("/docs/a.md", "/docs"), is_within("/docs-old/a.md", "/docs")
    (True, False)
    """
    return place == root or place.startswith(root.rstrip(os.sep) + os.sep)


def _matches(path: str) -> list[str] | None:
    """What a glob matches; None for a path."""
    if path == STDIN:
        raise BadInput("A document needs a name, and standard input has none. Write it to a file first.")
    if "\0" in path or not path:
        raise BadInput(f"{path!r} is no path.")
    if os.path.lexists(path):
        return None
    if not glob.has_magic(path):
        raise NoSuchFile(f"There is no file or folder {path!r}. Check the name.")
    matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  # paths stay as they were given
    if not matches:
        raise BadInput(f"No file matches {path!r}. Check the pattern, and the folder that it starts from.")
    return matches


def _files(paths: Sequence[str], found: Listing, *, tables: bool, named: bool) -> Iterator[File]:
    for path in paths:
        kind = _KINDS.get(_suffix(path), "text")
        if os.path.isdir(path):  # noqa: PTH112
            yield from _below(path, found, tables=tables)
        elif kind != TABLE or tables:
            yield File(path, kind, size_of(path), named)
        elif named:
            raise BadInput(
                f"{path} is a table: say which column holds the text with text_column= (--text-column){_columns(path)}."
            )
        else:
            found.passed_over["tables"] += 1


def size_of(path: str) -> int:
    """Bytes on disk; 0 where nobody can know."""
    try:
        status = Path(path).stat()
    except OSError:  # a link that leads nowhere or in circles: whoever reads it says so
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _columns(path: str) -> str:
    from jari.ingest.tables import columns_of

    try:
        return f"; it has {', '.join(map(repr, columns_of(path)))}"
    except (ValueError, OSError):  # what is wrong with it is said when a column is named
        return ""


def plain_files(folder: str, skipped: list[Skipped], passed_over: Counter[str]) -> Iterator[tuple[str, int]]:
    """The paths and sizes of the files in a folder and below it, by name; neither hidden ones nor links.

    Parameters
    ----------
    skipped, passed_over
        Grow by folders that cannot be read, and by how many files are left out, as `Listing` has them.
    """

    def unreadable(error: OSError) -> None:
        named = error.filename == folder
        skipped.append(Skipped(str(error.filename), error.strerror or type(error).__name__, named=named))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        links = {name for name in folders if os.path.islink(os.path.join(place, name))}  # noqa: PTH114, PTH118
        hidden = {name for name in folders if name.startswith(".")} - links
        passed_over.update(links=len(links), hidden=len(hidden))
        folders[:] = sorted(set(folders) - links - hidden)
        for name in sorted(names):
            path = os.path.join(place, name)  # noqa: PTH118
            try:
                status = Path(path).lstat()
            except OSError:  # it went away between
                continue
            if name.startswith("."):
                passed_over["hidden"] += 1
            elif stat.S_ISLNK(status.st_mode):
                passed_over["links"] += 1
            elif not stat.S_ISREG(status.st_mode):
                passed_over["special"] += 1
            else:
                yield path, status.st_size


def _below(folder: str, found: Listing, *, tables: bool) -> Iterator[File]:
    for path, size in plain_files(folder, found.skipped, found.passed_over):
        kind = _KINDS.get(_suffix(path))
        if kind is None:
            found.passed_over[_suffix(path)] += 1
        elif kind == TABLE and not tables:
            found.passed_over["tables"] += 1
        else:
            yield File(path, kind, size, False)


def _suffix(path: str) -> str:
    place = Path(path)
    return (Path(place.stem) if place.suffix.lower() in DECOMPRESSORS else place).suffix.lower()
