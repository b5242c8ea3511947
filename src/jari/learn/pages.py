"""Letting go of what was read of a memory-mapped array."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt


def release(array: npt.NDArray[Any], begin: int, end: int) -> None:
    """Take the pages that lie wholly within ``array[begin:end]`` out of this process; the system may keep them cached.

    A scan of a mapped corpus otherwise ends with all of it counted as memory in use. Does nothing to an array that is
    not mapped, and nothing is lost: what is read again comes back from the file.
    """
    mapped: Any = array
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    if isinstance(mapped, memoryview):
        mapped = mapped.obj
    if not isinstance(mapped, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    start = array.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    first = -(-(start + begin * array.itemsize) // mmap.PAGESIZE) * mmap.PAGESIZE
    last = (start + end * array.itemsize) // mmap.PAGESIZE * mmap.PAGESIZE
    if first < last:
        mapped.madvise(mmap.MADV_DONTNEED, first, last - first)
