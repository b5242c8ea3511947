"""How much memory a piece of work may take, and how often it reports."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from jari.errors import BadInput
from jari.types import Callback, Progress

LEAST_MEMORY: Final = 32_000_000
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
_BETWEEN_REPORTS = 0.1  # seconds


def memory_size(memory: str | int) -> int:
    """Bytes, of a number or of ``"500MB"``, ``"2 GiB"``.

    Raises
    ------
    BadInput
        It is no size, or one that nothing can be done in.

    Examples
    --------
    >>> memory_size("500MB"), memory_size("1.5 GiB")
    (500000000, 1610612736)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?I?)B?\s*", str(memory).upper())
    if found is None or found[2] not in _UNITS:
        raise BadInput(f"memory={memory!r} is no size: give bytes, or a string like '500MB' or '2GB'.")
    size = int(float(found[1]) * _UNITS[found[2]])
    if size < LEAST_MEMORY:
        raise BadInput(f"memory={memory!r} is too little to work in: {LEAST_MEMORY // 10**6}MB is the least.")
    return size


def refuse_too_large(wanted: float, what: str, remedy: str) -> None:
    """Raise `BadInput` where `wanted` bytes would not fit in the memory that is free."""
    free = free_memory()
    if free is not None and wanted > free:
        raise BadInput(f"{what} take {wanted / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB of memory are free. {remedy}")


def free_memory() -> int | None:
    """How many bytes can still be asked for; None where the system does not say."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):  # what is free, and caches that can be given up
                return int(line.split()[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # Windows
        return None


class Report:
    """A callback that is called at most ten times a second.

    Parameters
    ----------
    stage, total, unit
        As in `Progress`; `total` is None where nobody knows.

    Examples
    --------
    >>> report = Report(lambda progress: print(progress.stage, progress.done), "counting", 10, "words")
    >>> report(3), report(4), report.end()
    counting 3
    counting 10
    (None, None, None)
    """

    __slots__ = ("_callback", "_next", "_stage", "_total", "_unit")

    def __init__(self, callback: Callback | None, stage: str, total: int | None, unit: str) -> None:
        self._callback, self._stage, self._total, self._unit = callback, stage, total, unit
        self._next = 0.0

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if self._callback is not None and now >= self._next:
            self._next = now + _BETWEEN_REPORTS
            self._callback(Progress(self._stage, done, self._total, self._unit))

    def end(self) -> None:
        """Say that all is done, where it is known how much that is."""
        if self._callback is not None and self._total is not None:
            self._callback(Progress(self._stage, self._total, self._total, self._unit))
