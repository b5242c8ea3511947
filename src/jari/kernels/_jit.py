"""`kernel`: the one decorator of all hot loops.

A kernel takes arrays and numbers and gives arrays and numbers: no classes, no I/O, no threads. It releases the GIL, so
that a learner can run several of them side by side.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite import binding

Function = TypeVar("Function", bound=Callable[..., Any])

# Sums may be reordered and fused; NaN and infinity keep their meaning, so that a diverged model can be noticed.
FAST = frozenset({"nsz", "arcp", "contract", "afn", "reassoc"})


def _vector_floats() -> int:
    """How many float32 one vector register of this machine holds."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx2") else 4


LANES = _vector_floats()


def _cache_folder() -> str:
    """Where compiled kernels are kept: a folder of its own for each state of the kernels' sources.

    Numba looks at the file of the function that it compiles and at no other. A kernel that calls a kernel in another
    file would go on running yesterday's code after an edit, so the digest of all files names the folder.
    """
    digest = hashlib.sha256(f"{numba.__version__} {LANES}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    name = Path("jari") / "kernels" / digest.hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else "user"  # on Windows the temporary folder is the user's own
    for folder in (Path(base) / name, Path(tempfile.gettempdir()) / f"jari-{user}" / name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return tempfile.mkdtemp(prefix="jari-kernels-")


CACHE_FOLDER = _cache_folder()


def kernel(function: Function) -> Function:
    """Compile a hot loop: without the GIL, kept on disk between runs, division as in C."""
    given = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = CACHE_FOLDER  # read once, when the function's cache is made
    try:
        compiled = numba.njit(nogil=True, cache=True, fastmath=set(FAST), error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = given
    return compiled


def inlined(function: Function) -> Function:
    """A few lines that are written into each kernel that calls them, before anything is compiled.

    A kernel is compiled once for every constant that it is called with, and again with all that it calls.
    """
    return numba.njit(inline="always", fastmath=set(FAST), error_model="numpy")(function)
