"""How far the work is: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from jari.cli.console import console, say

if TYPE_CHECKING:
    from jari.types import Callback, Progress

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_OF_SPEED = 5.0  # what is told of the present is measured over these: a stage may begin with a long breath


class Display(Protocol):
    """Something that shows progress."""

    def __call__(self, progress: Progress) -> None: ...

    def close(self) -> None: ...


@contextmanager
def shown(*, quiet: bool) -> Iterator[Callback]:
    """A callback whose reports are shown on standard error while the context lasts."""
    display: Display = Nothing() if quiet else Bars() if sys.stderr.isatty() else Lines()
    try:
        yield display
    finally:
        display.close()


class Nothing:
    """Shows nothing."""

    def __call__(self, progress: Progress) -> None:
        pass

    def close(self) -> None:
        pass


class Lines:
    """A line when a stage begins, now and then, and when it ends: for log files."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._said = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._stage is None or progress.stage != self._stage.name:
            self.close()
            self._stage, self._said = Stage(progress, now), now
            say(f"{progress.stage} …")
        self._stage.update(progress, now)
        if now - self._said >= _SECONDS_BETWEEN_LINES and not self._stage.finished:
            self._said = now
            say(f"{progress.stage}: {self._stage.facts()}")

    def close(self) -> None:
        if self._stage is not None:
            say(f"{self._stage.name}: {self._stage.summary()}")
        self._stage = None


class Bars:
    """One bar a stage; those that are done stay."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[facts]}", style="dim"),
            console=console(sys.stderr),
        )
        self._bars.start()
        self._stage: Stage | None = None
        self._bar = self._bars.add_task("starting", total=None, facts="")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._stage is None:
            self._stage = Stage(progress, now)
        elif progress.stage != self._stage.name:
            self._finish(self._stage)
            self._stage = Stage(progress, now)
            self._bar = self._bars.add_task(progress.stage, facts="")
        self._stage.update(progress, now)
        self._bars.update(
            self._bar,
            description=progress.stage,
            completed=progress.done,
            total=progress.total,
            facts=self._stage.facts(),
        )

    def close(self) -> None:
        if self._stage is None:
            self._bars.update(self._bar, visible=False)
        else:
            self._finish(self._stage)
        self._bars.stop()

    def _finish(self, stage: Stage) -> None:
        self._bars.update(self._bar, facts=stage.summary())


class Stage:
    """One stage of the work, and what is worth saying of it."""

    def __init__(self, first: Progress, now: float) -> None:
        self.name = first.stage
        self._first = self._last = first
        self._began = self._now = now
        self._recent: deque[tuple[float, int]] = deque()

    @property
    def finished(self) -> bool:
        return self._last.done == self._last.total

    def update(self, progress: Progress, now: float) -> None:
        self._last, self._now = progress, now
        self._recent.append((now, progress.done))
        while self._recent[0][0] < now - _SECONDS_OF_SPEED:
            self._recent.popleft()

    def facts(self) -> str:
        """How far, how well, how fast, how long still."""
        said = self._figures()
        speed = _speed(self._recent[0], self._recent[-1]) if self._recent else 0.0
        if self._last.total:
            said.insert(0, f"{self._last.done / self._last.total:.0%}")
        if speed:
            said.append(f"{amount(speed, self._last.unit)}/s")
            if self._last.total:
                said.append(f"{duration((self._last.total - self._last.done) / speed)} left")
        return " · ".join(said)

    def summary(self) -> str:
        """What the stage came to."""
        done = amount(self._last.done, self._last.unit)
        if self._last.total and not self.finished:
            done += f" of {amount(self._last.total, self._last.unit)}"
        speed = _speed((self._began, self._first.done), (self._now, self._last.done))
        said = [done, *self._figures(), *([f"{amount(speed, self._last.unit)}/s"] if speed else [])]
        return " · ".join([*said, duration(self._now - self._began)])

    def _figures(self) -> list[str]:
        figures = self._last.figures
        said = []
        if "epoch" in figures:
            said.append(f"epoch {figures['epoch']:.3g}")
        if "loss" in figures and math.isfinite(figures["loss"]):
            said.append(f"loss {figures['loss']:.4f}")
        return said


def _speed(begin: tuple[float, int], end: tuple[float, int]) -> float:
    seconds = end[0] - begin[0]
    return (end[1] - begin[1]) / seconds if seconds > 0 else 0.0


def duration(seconds: float) -> str:
    """Seconds for a person.

    Examples
    --------
    >>> duration(4.21), duration(75), duration(7260)
    ('4.2 s', '1:15', '2:01:00')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def amount(number: float, unit: str) -> str:
    """A number of things for a person.

    Examples
    --------
    >>> amount(17_312_004, "words"), amount(119_300_000, "bytes"), amount(12, "rows")
    ('17.3 M words', '119 MB', '12 rows')
    """
    scale, prefix = next(((s, p) for s, p in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if number >= s), (1, ""))
    digits = f"{number / scale:.3g}" if prefix else f"{number:.0f}"
    if unit == "bytes":
        return f"{digits} {prefix}B"
    return " ".join(filter(None, [digits, prefix, unit]))
