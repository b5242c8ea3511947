"""What is to be read: paths, globs, folders, standard input, or what Python holds."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jari.errors import BadInput, NoSuchFile
from jari.ingest.files import DECOMPRESSORS, STDIN, TextFile
from jari.ingest.sentences import Strings, TokenLists

if TYPE_CHECKING:
    from jari.ingest.tables import TableFile

Source = TextFile | Strings | TokenLists  # or TableFile, which costs 0.1 s to import

_TEXT = {"", ".txt", ".text", ".md", ".rst", ".tok"}
_TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"}


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to read, in order.

    Parameters
    ----------
    sources
        Each to be read from front to back.
    skipped
        Files of the folders given that do not look like text (or, with a column, like tables) by their names.
    size
        Bytes on disk, all together; None where that cannot be known.
    """

    sources: Sequence[Source | TableFile]
    skipped: int
    size: int | None


def find(source: Any, *, column: str | None, errors: str) -> Found:
    """What a person meant.

    A string or a `pathlib.Path` is a path, a glob, a folder, or ``-``. A list or tuple of paths is that many of them; a
    list of strings is taken for paths where one of them is there, or where none holds a space, and for sentences
    otherwise. Anything else that can be iterated over gives sentences.

    Raises
    ------
    NoSuchFile
        Nothing is at a path.
    BadInput
        A glob matches nothing, a folder holds no text, or this is no source at all.
    """
    if isinstance(source, str | os.PathLike):
        return _files([os.fspath(source)], column, errors)
    if isinstance(source, list | tuple) and source and _are_paths(source):
        return _files([os.fspath(one) for one in source], column, errors)
    if column is not None:
        raise BadInput(f"column={column!r} names a column of a file; sentences from Python have none.")
    if isinstance(source, bytes | bytearray) or not (isinstance(source, Iterable) or hasattr(source, "to_pylist")):
        raise BadInput(
            f"There is nothing to read in {source!r:.40} ({type(source).__name__}). Give a path, a list of paths, or "
            "sentences: any iterable of strings or of lists of strings."
        )
    sentences = iter(source.to_pylist() if hasattr(source, "to_pylist") else source)
    first = list(itertools.islice(sentences, 1))
    if not first:
        raise BadInput("There are no sentences: the iterable given is empty.")
    everything = itertools.chain(first, sentences)
    strings = isinstance(first[0], str) or not isinstance(first[0], Iterable)
    return Found([Strings(everything, errors) if strings else TokenLists(everything)], 0, None)


def _are_paths(given: Sequence[Any]) -> bool:
    if all(isinstance(one, os.PathLike) for one in given):
        return True
    if not all(isinstance(one, str | os.PathLike) for one in given):
        return False
    return all(len(os.fspath(one).split()) == 1 for one in given) or any(
        one == STDIN or _exists(os.fspath(one)) for one in given
    )


def _exists(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except (OSError, ValueError):  # too long, or with a zero byte: a sentence
        return False


def _files(paths: Sequence[str], column: str | None, errors: str) -> Found:
    files: list[str] = []
    skipped = 0
    for path in paths:
        if path == STDIN:
            files.append(path)
        elif os.path.isdir(path):  # noqa: PTH112  # paths stay as they were given: they are shown
            inside, others = _inside(path, column)
            files += inside
            skipped += others
        elif _exists(path):
            files.append(path)
        elif glob.has_magic(path):
            matches = sorted(match for match in glob.glob(path, recursive=True) if Path(match).is_file())  # noqa: PTH207
            if not matches:
                raise BadInput(f"No file matches {path!r}. Check the pattern, and the folder that it starts from.")
            files += matches
        else:
            raise NoSuchFile(
                f"There is no file {path!r}. Check the name. (Sentences are given as a list, or as an iterator where "
                "no sentence holds a space.)"
            )
    sources = [_source(file, column, errors) for file in files]
    sizes = [source.size for source in sources]
    return Found(sources, skipped, None if None in sizes else sum(size or 0 for size in sizes))


def _source(path: str, column: str | None, errors: str) -> Source | TableFile:
    if column is None and _suffix(path) not in _TABLES:
        return TextFile(path)
    from jari.ingest.tables import TableFile, columns_of

    if column is None:
        try:
            columns = ", ".join(map(repr, columns_of(path)))
        except (ValueError, OSError):  # what is wrong with it is said when a column is named
            columns = "none that could be read"
        raise BadInput(f"{path} is a table: say which column to read with column= (--column); it has {columns}.")
    return TableFile(path, column, errors)


def _inside(folder: str, column: str | None) -> tuple[list[str], int]:
    """The files of a folder and of those in it, sorted; and how many are of another kind, or hidden."""
    wanted = _TEXT if column is None else _TABLES
    files: list[str] = []
    others = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if _suffix(name) in wanted and not name.startswith("."):
                files.append(os.path.join(place, name))  # noqa: PTH118
            else:
                others += 1
    if not files:
        kinds = " ".join(sorted(wanted - {""}))
        raise BadInput(f"The folder {folder} holds no {'text' if column is None else 'table'} ({kinds}).")
    return sorted(files), others


def _suffix(path: str) -> str:
    place = Path(path)
    return (Path(place.stem) if place.suffix.lower() in DECOMPRESSORS else place).suffix.lower()
