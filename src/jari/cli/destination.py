"""Where a result will go, looked at before the work begins rather than after an hour of it."""

from __future__ import annotations

import os
from pathlib import Path

from jari.errors import FileIsThere, NoSuchFile


def vacant(path: str, *, force: bool, option: str = "-o") -> Path:
    """`path`, when something can be written there.

    Raises
    ------
    FileIsThere
        Something is there and `force` is not given.
    NoSuchFile
        The folder that should hold it is not there.
    PermissionError
        That folder cannot be written to.
    """
    place = Path(path)
    if os.path.lexists(place) and not force:
        raise FileIsThere(f"{path} is there already. Pass --force to replace it, or give another {option}.")
    folder = place.absolute().parent
    if not folder.is_dir():
        raise NoSuchFile(
            f"The folder {folder} is not there, so {path} cannot be written. Make it first: mkdir -p {folder}"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"The folder {folder} cannot be written to. Give another {option}.")
    return place
