"""The lines of text files, or the values of a column of tables, each as a string: for what takes texts whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

from jari.ingest.sentences import TokenLists
from jari.ingest.sources import find
from jari.ingest.utf8 import broken_text, first_broken
from jari.types import Path

_AT_ONCE = 1 << 20  # bytes


def lines_of(sources: Path | Sequence[Path], *, column: str | None = None, errors: str = "strict") -> Iterator[str]:
    """Every line, empty ones too, without its line break; nothing else is taken away from it.

    Parameters
    ----------
    sources
        Files, compressed or not, folders, globs; ``"-"`` is standard input.
    column
        Of tables, whose values are the lines; a missing value is an empty one.
    errors
        What to do about bytes that are not UTF-8: ``"strict"`` stops there, ``"replace"`` puts U+FFFD.

    Raises
    ------
    NoSuchFile, BadInput, BadFile
        There is no such source, or it is no text.
    BadEncoding
        It is not UTF-8, under ``"strict"``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "three.txt")
    ...     _ = file.write_bytes("one \\r\\n\\nthree".encode())
    ...     list(lines_of(file))
    ['one ', '', 'three']
    """
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    for source in find([FilePath(one) for one in given], column=column, errors=errors).sources:  # Paths: no sentences
        if isinstance(source, TokenLists):
            continue  # which no path gives
        before = 0
        for block in source.blocks(_AT_ONCE, whole_lines=True):
            broken = first_broken(block) if block.place is not None else -1
            if broken >= 0 and errors == "strict":
                raise broken_text(block, broken, before)
            lines = block.data[: block.length].decode("utf-8", "replace").split("\n")[:-1]
            before += len(lines)
            yield from (line.removesuffix("\r") for line in lines)
