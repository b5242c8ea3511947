"""How many threads a piece of work has."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from jari.errors import BadInput


def thread_count(threads: Any = None) -> int:
    """As many as given; None for as many as this process may use, of which a container can have fewer than the machine.

    Raises
    ------
    BadInput
        That is no number of threads.

    Examples
    --------
    >>> thread_count(3)
    3
    """
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int | np.integer) or threads < 1:
        raise BadInput(f"threads={threads!r} must be a whole number, 1 or more.")
    return int(threads)
