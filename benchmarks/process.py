"""`measured`: a whole process, seen from outside.

Whoever calls this must stay small, with no NumPy in it: Linux counts the memory that the parent holds when it starts a
child into the child's `ru_maxrss`. So all work is done in processes of their own, that of the benchmark too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
_KIB = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss in bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took: `wall` and `cpu` in seconds, `peak_mb` resident at most, and its standard output."""

    wall: float
    cpu: float
    peak_mb: float
    output: str


def measured(module: str, arguments: Sequence[object], environment: Mapping[str, str] | None = None) -> Measured:
    """Run ``python -m module arguments``; one that fails ends the benchmark, with what it said."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    given = {**os.environ, **(environment or {})}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=CHECKOUT, env=given, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (out, err):
            stream.seek(0)
        if process.returncode:
            sys.exit(f"python -m {module} ended with {process.returncode}:\n{err.read()}")
        return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB / 1e6, out.read())
