"""What a folder of ours says of itself: a JSON file with its format and version, the same in all kinds of folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

from jari.errors import BadFile

_LONGEST = 64 << 20


def read_about(stream: BinaryIO, file: Path, *, kind: str, newest: int, noun: str) -> dict[str, Any]:
    """The entries of the file, if it is of that format and of a version that is known.

    Parameters
    ----------
    stream
        Open for reading.
    file
        Where it is, for errors.
    kind, newest
        The ``"format"`` that it must name, and the newest ``"version"`` of it that can be read.
    noun
        What to call such a folder in errors: ``"a matrix of co-occurrences"``.

    Raises
    ------
    BadFile
        It is too long, not JSON, of another format, or of a later version.

    Examples
    --------
    >>> import io
    >>> said = io.BytesIO(b'{"format": "jari.x", "version": 1, "n": 3}')
    >>> read_about(said, Path("x.json"), kind="jari.x", newest=2, noun="an x")["n"]
    3
    """
    text = stream.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        raise BadFile(f"{file} has more than {_LONGEST >> 20} MB: Jari writes none so long.")
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{file} is not JSON ({error}): it is damaged.") from error
    if not isinstance(about, dict) or about.get("format") != kind:
        raise BadFile(f'{file} does not say "format": "{kind}": this is not {noun}.')
    found = about.get("version")
    if type(found) is not int or found < 1:
        raise BadFile(f"{file} has format version {found!r}, which is no version: it is damaged.")
    if found > newest:
        raise BadFile(
            f"{file.parent} is of format version {found}, written by {about.get('library', 'a newer Jari')}; this "
            f"library reads version {newest}. Upgrade it with: pip install --upgrade jari"
        )
    return about
