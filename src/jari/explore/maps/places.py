"""Where maps are kept: beside their embedding, or where nothing can be written there, in the user's cache."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from jari.explore.maps.folder import FILES
from jari.explore.maps.lock import is_held

MOST_KEPT: Final = 100  # maps of one folder; those that were not used for longest go
_ID = re.compile(r"[0-9a-f]{20}")
_WHOLES: Final = ("recommender.json", "table.json")  # in a folder whose embeddings are parts: it holds nothing else


def is_id(name: str) -> bool:
    """Whether a map can be called so.

    Examples
    --------
    >>> is_id("0123456789abcdef0123"), is_id("../etc/passwd")
    (True, False)
    """
    return _ID.fullmatch(name) is not None


def beside(path: Path) -> Path:
    """``wiki.maps`` for ``wiki.jari``; ``films.maps`` for an embedding that is a part of ``films/``."""
    place = path.absolute()
    while any((place.parent / whole).exists() for whole in _WHOLES):
        place = place.parent
    return place.with_suffix(".maps") if place.suffix == ".jari" else place.with_name(f"{place.name}.maps")


def user_cache() -> Path:
    """The folder for such things that the system gives each user."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "jari" / "maps"


def roots_of(path: Path, cache: Path | None) -> list[Path]:
    """The folders in which a map of an embedding may lie, the one to write in first where it can be."""
    return [beside(path), user_cache()] if cache is None else [cache]


def is_writable(root: Path) -> bool:
    """Whether a folder is there, or can be made, and files can be written in it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return True
    except OSError:
        return False


def thin(root: Path, keep: int = MOST_KEPT) -> None:
    """Remove maps that were not used for longest, down to `keep`; never one that is being drawn, nor what is no map."""
    with suppress(OSError):
        folders = [entry for entry in root.iterdir() if is_id(entry.name) and entry.is_dir()]
        folders.sort(key=lambda folder: folder.stat().st_mtime_ns)
        for folder in folders[: max(len(folders) - keep, 0)]:
            ours = all(file.name in FILES or file.name.startswith(".") for file in folder.iterdir())
            if ours and not is_held(folder / "lock"):
                shutil.rmtree(folder, ignore_errors=True)
