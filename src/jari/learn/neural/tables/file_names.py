"""What the embedding of a column is called on a disk, whatever the column is called."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 80  # bytes; names of files have 255, and others put endings behind
_BESIDES: Final = " -_.,+&'()"  # and letters, marks and digits of every script
_RESERVED: Final = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}


def file_names(columns: Iterable[str]) -> dict[str, str]:
    """By column the name of a folder, ``.jari`` at its end; no two alike, for any system.

    A column's own name is kept where every system takes it: letters, digits, blanks within, and a few signs. In any
    other, what cannot stay becomes ``_``, and eight digits of the name's SHA-256 come behind; so they do where an
    earlier column has the same name but for its case.

    Examples
    --------
    >>> file_names(["MS SubClass", "동네", "Ms Subclass", "../x"])
    {'MS SubClass': 'MS SubClass.jari', '동네': '동네.jari', 'Ms Subclass': 'Ms Subclass~15b639f3.jari',
     '../x': '_x~d6b96a97.jari'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        stem = unicodedata.normalize("NFC", column)
        if not _is_safe(stem) or _folded(stem) in taken:
            digest = hashlib.sha256(column.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            stem = f"{_safe(stem)}~{digest}"  # no name that is kept has a ~
        taken.add(_folded(stem))
        found[column] = f"{stem}.jari"
    return found


def is_file_name(name: object) -> bool:
    """Whether a folder within ours can be called that: it leads nowhere else."""
    return isinstance(name, str) and name.endswith(".jari") and not set(name) & set("/\\\0:") and name[0] != "."


def _is_safe(stem: str) -> bool:
    return bool(stem) and stem == _safe(stem) and stem.split(".")[0].strip().casefold() not in _RESERVED


def _safe(stem: str) -> str:
    kept = "".join(one if one in _BESIDES or unicodedata.category(one)[0] in "LMN" else "_" for one in stem)
    return kept.encode()[:_LONGEST].decode("utf-8", "ignore").lstrip(" .-").rstrip(" .")


def _folded(stem: str) -> str:
    """Alike where a disk may take them for alike."""
    return unicodedata.normalize("NFKC", stem.casefold())
