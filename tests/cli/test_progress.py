from __future__ import annotations

import io
import sys

import pytest

from jari.cli import progress
from jari.cli.progress import Bars, Lines, Stage, amount, duration, shown
from jari.types import Progress


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def learning(done: int, **figures: float) -> Progress:
    return Progress("learning", done, 1000, "words", figures)


def test_facts_say_how_far_how_well_how_fast_and_how_long() -> None:
    stage = Stage(learning(0), 0.0)
    stage.update(learning(0), 1.0)
    stage.update(learning(250, epoch=2.25, loss=1.93), 6.0)
    assert stage.facts() == "25% · epoch 2.25 · loss 1.9300 · 50 words/s · 15.0 s left"


def test_speed_is_that_of_the_last_seconds_and_in_the_end_of_all() -> None:
    """Kernels are compiled after the first report: that is no measure of what is still to come."""
    stage = Stage(learning(0), 0.0)
    stage.update(learning(0), 0.0)
    stage.update(learning(1), 20.0)
    assert stage.facts() == "0%"
    stage.update(learning(501), 22.0)
    assert stage.facts() == "50% · 250 words/s · 2.0 s left"
    stage.update(learning(1000), 25.0)
    assert stage.summary() == "1 k words · 40 words/s · 25.0 s"


def test_facts_without_an_end_or_a_loss() -> None:
    stage = Stage(Progress("counting", 0, None, "bytes"), 0.0)
    assert stage.facts() == ""
    stage.update(Progress("counting", 0, None, "bytes"), 0.0)
    stage.update(Progress("counting", 2_000_000, None, "bytes", {"loss": float("nan")}), 2.0)
    assert stage.facts() == "1 MB/s"
    assert stage.summary() == "2 MB · 1 MB/s · 2.0 s"


def test_lines_come_now_and_then(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    for done in range(0, 1001, 10):
        lines(learning(done, loss=2.0))
        clock.now += 0.25
    lines(Progress("saving", 1, 1, "files"))
    lines.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "learning …",
        "learning: 40% · loss 2.0000 · 40 words/s · 15.0 s left",
        "learning: 80% · loss 2.0000 · 40 words/s · 5.0 s left",
        "learning: 1 k words · loss 2.0000 · 40 words/s · 25.0 s",
        "saving …",
        "saving: 1 files · 0.0 s",
    ]


def test_a_stage_that_stopped_early_says_so(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> None:
        with shown(quiet=False) as report:
            report(learning(0))
            report(learning(400))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert capsys.readouterr().err == "learning …\nlearning: 400 words of 1 k words · 0.0 s\n"


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(quiet=True) as report:
        report(learning(1))
    assert capsys.readouterr() == ("", "")


def test_bars_draw_on_a_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with shown(quiet=False) as report:
        assert isinstance(report, Bars)
        report(Progress("counting", 0, None, "bytes"))
        report(learning(0))
        clock.now += 2
        report(learning(1000, epoch=5, loss=1.5))
    drawn = terminal.getvalue()
    assert "counting" in drawn
    assert "1 k words · epoch 5 · loss 1.5000 · 500 words/s · 2.0 s" in drawn


def test_bars_without_any_report_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bars = Bars()
    bars.close()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "1:00"), (3599.6, "1:00:00"), (86400, "24:00:00")]
)
def test_duration(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("number", "unit", "said"), [(0, "rows", "0 rows"), (999, "bytes", "999 B"), (1e3, "words", "1 k words")]
)
def test_amount(number: float, unit: str, said: str) -> None:
    assert amount(number, unit) == said
