"""What was given and is not in the result: files that cannot be read, and files of folders that are of other kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jari.cli.console import plain

if TYPE_CHECKING:
    from jari.ingest.listing import Skipped

_SHOWN = 10  # files that were skipped; --json has them all
_NAMES = {"hidden": "hidden file", "links": "link", "special": "pipe or device", "tables": "table"}


def skipped_lines(skipped: Sequence[Skipped], passed_over: Mapping[str, int]) -> Iterator[str]:
    """Lines for a person."""
    for one in skipped[:_SHOWN]:
        yield f"skipped {plain(str(one))}"
    if len(skipped) > _SHOWN:
        yield f"skipped {len(skipped) - _SHOWN:,} more; --json names them"
    if over := passed_over_line(passed_over):
        yield over


def passed_over_line(counts: Mapping[str, int]) -> str:
    """``"passed over in folders: 3 links, 14 files of other kinds (.png .py …)"``; empty where there are none."""
    said = [counted(counts[key], name) for key, name in _NAMES.items() if counts.get(key)]
    if counts.get("tables"):
        said[-1] += " (--text-column reads them)"
    others = Counter({suffix: number for suffix, number in counts.items() if suffix not in _NAMES})
    if others.total():
        most = " ".join(plain(suffix) for suffix, _ in others.most_common(5)) + (" …" if len(others) > 5 else "")
        said.append(f"{counted(others.total(), 'file')} of other kinds ({most})")
    return f"passed over in folders: {', '.join(said)}" if said else ""


def counted(number: int, what: str) -> str:
    """How many of something.

    Examples
    --------
    >>> counted(1, "image"), counted(1200, "image")
    ('1 image', '1,200 images')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
