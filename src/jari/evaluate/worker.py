"""``python -m jari.evaluate.worker METHOD CORPUS OUT PARAMETERS``: one learner in a process of its own.

It writes a JSON object a line: progress, and at the end how long `fit` took and how much memory the process held.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jari.errors import JariError
from jari.ingest import Corpus
from jari.learn.methods import method_named
from jari.types import Progress

_MEGABYTE = 1e6


def peak_mb() -> float | None:
    """The most memory that this process has held, in megabytes.

    Linux tells it of the program itself; what `getrusage` says there may be the memory of who started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / _MEGABYTE
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MEGABYTE


def say(what: dict[str, Any]) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(method: str, corpus: str, out: str, parameters: str) -> None:
    """Learn and save."""

    def tell(progress: Progress) -> None:
        told: dict[str, Any] = asdict(progress)
        told["figures"] = {name: value for name, value in progress.figures.items() if math.isfinite(value)}
        say(told)

    try:
        learner = method_named(method).make(**json.loads(parameters), callbacks=(tell,))
        with Corpus.open(corpus) as text:
            as_encoded = {name: text.statistics[name] for name in ("tokenizer", "min_count", "max_vocabulary")}
            learner.set_params(**as_encoded)
            began = time.perf_counter()
            learner.fit(text)
            seconds = time.perf_counter() - began
        learner.embedding_.save(out, force=True)
    except JariError as error:
        say({"error": str(error), "peak_mb": peak_mb()})
        sys.exit(1)
    say({"seconds": seconds, "peak_mb": peak_mb()})


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
