"""Which files are to be read as pictures, and the key of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from jari.ingest.listing import Skipped
from jari.types import Path


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
        The folder that keys are relative to, absolute.
    skipped
        Folders that cannot be read.
    passed_over
        How many files by why: ``"hidden"``, ``"links"``, ``"special"``, or a suffix that is no picture's.
    """

    files: list[ImageFile]
    root: str
    skipped: list[Skipped] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def listed(sources: Path | Sequence[Path]) -> ImageListing:
    """What is there: files, folders with all that is in them, globs."""
    raise NotImplementedError
