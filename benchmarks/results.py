"""`Results`: the file that a benchmark writes after every single run, and goes on from."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.process import CHECKOUT

FORMAT = 1
PACKAGES = ("jari", "gensim", "numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True)
class Run:
    """One process that was measured.

    Parameters
    ----------
    case, side, repeat
        Which: "skipgram-5", "jari", 0. Runs of the same case and repeat were measured in turn.
    seed
        Of the learner.
    wall, cpu, peak_mb
        Of the whole process: seconds, seconds of processor time, megabytes resident at most.
    training
        Seconds of training alone, as the process says; None where it does not.
    rates
        The first and the last learning rate, likewise.
    quality
        What `benchmarks.quality` found in the vectors; None where nothing was looked at.
    load
        How busy the machine was just before: the mean over a minute.
    session
        Which of the file's sessions it was part of.
    """

    case: str
    side: str
    repeat: int
    seed: int
    wall: float
    cpu: float
    peak_mb: float
    training: float | None
    rates: list[float] | None
    quality: dict[str, float | None] | None
    load: float
    date: str
    session: int
    command: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.case, self.side, self.repeat


@dataclass(slots=True)
class Results:
    """The runs measured so far, what text they read, and on which machine."""

    path: Path
    text: dict[str, Any]
    sessions: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Results:
        """The results in a file."""
        if not path.is_file():
            sys.exit(f"There is no {path}: run the benchmark first.")
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.get("format") != FORMAT:
            sys.exit(f"{path} is of format {held.get('format')}, not {FORMAT}. Move it away, or name another --out.")
        return cls(path, held["text"], held["sessions"], [Run(**run) for run in held["runs"]])

    @classmethod
    def begin(cls, path: Path, text: dict[str, Any]) -> Results:
        """Go on with the file if it is there and about the same text, in a new session."""
        results = cls.read(path) if path.exists() else cls(path, text)
        if results.text != text:
            sys.exit(f"{path} holds results for another text ({results.text}). Move it away, or name another --out.")
        results.sessions.append(session())
        return results

    def drop(self, case: str) -> None:
        """Forget what was measured of a case: pairs must not mix two sessions unless that was asked for."""
        self.runs = [run for run in self.runs if run.case != case]

    def has(self, case: str, side: str, repeat: int) -> bool:
        return any(run.key == (case, side, repeat) for run in self.runs)

    def add(self, run: Run) -> None:
        """Take in a run, in place of an older one; the file is whole at every moment."""
        self.runs = [one for one in self.runs if one.key != run.key] + [run]
        held = {"format": FORMAT, "text": self.text, "sessions": self.sessions}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_name(self.path.name + ".tmp")
        half.write_text(json.dumps(held | {"runs": [asdict(one) for one in self.runs]}, indent=1) + "\n", "utf-8")
        half.replace(self.path)

    def of(self, case: str, side: str) -> list[Run]:
        """In the order of the repeats."""
        return sorted((run for run in self.runs if (run.case, run.side) == (case, side)), key=lambda run: run.repeat)


def now() -> str:
    """Date and time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def session() -> dict[str, Any]:
    """What a benchmark runs on: machine, versions, its command line, the date."""
    return {
        "date": now(),
        "command": " ".join(sys.argv),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Of the checkout; with a + when src/ is not as committed."""
    try:
        asked = [
            subprocess.run(["git", *line], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()
            for line in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--", "src"))
        ]
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked[0] + "+" * bool(asked[1])
