"""The table of README.md, from the results of `benchmarks.word2vec`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median

from benchmarks.cases import AGAINST_GENSIM, FIRST_RUN, SPEED_UP, Case
from benchmarks.results import Results, Run

BEGIN, END = "<!-- benchmark:word2vec -->", "<!-- /benchmark -->"
HEAD = """\
| | | whole process | training alone | peak memory | WordSim353 | SimLex-999 | analogies | `queen` |
|---|---|--:|--:|--:|--:|--:|--:|--:|"""
NONE = "–"


def write(results: Results, readme: Path) -> None:
    """Put the table between the markers."""
    page = readme.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not between.search(page):
        sys.exit(f"{readme.name} has no lines {BEGIN} and {END} to put the table between.")
    readme.write_text(between.sub(lambda _: f"{BEGIN}\n{markdown(results)}\n{END}", page), encoding="utf-8")
    print(f"The table is in {readme.name}.")


def markdown(results: Results) -> str:
    """The rows of each case measured on both sides, a sentence on the rest, and what it was all measured on."""
    rows = [row for case in AGAINST_GENSIM for row in _rows(results, case)]
    parts = ["\n".join([HEAD, *rows])] if rows else []
    parts += [" ".join(said)] if (said := [*_first_run(results), *_speed_up(results)]) else []
    return "\n\n".join([*parts, _note(results)])


def _rows(results: Results, case: Case) -> list[str]:
    ours, theirs = results.of(case.name, "jari"), results.of(case.name, "gensim")
    alone = results.of(case.name, "jari-training")
    if not ours or not theirs:
        return []
    both = [
        (f"**{case.title}**", "Jari", _cells(ours, alone)),
        ("", "gensim", _cells(theirs, theirs)),
    ]
    walls = [(run.repeat, run.wall) for run in ours], [(run.repeat, run.wall) for run in theirs]
    trained = [(run.repeat, run.training) for run in alone], [(run.repeat, run.training) for run in theirs]
    peaks = [(run.repeat, run.peak_mb) for run in ours], [(run.repeat, run.peak_mb) for run in theirs]
    ratios = [_ratio(*pair) for pair in (walls, trained, peaks)] + [""] * 4
    return [f"| {' | '.join((name, who, *cells))} |" for name, who, cells in (*both, ("", "gensim ÷ Jari", ratios))]


def _cells(runs: Sequence[Run], alone: Sequence[Run]) -> list[str]:
    walls, trained = [run.wall for run in runs], [run.training for run in alone if run.training is not None]
    cells = [_seconds(median(walls)), _seconds(median(trained)) if trained else NONE]
    cells.append(f"{median(run.peak_mb for run in runs):.0f} MB")
    found = [run.quality for run in runs if run.quality is not None]
    for name in ("wordsim353", "simlex999", "analogies"):
        values = [one[name] for one in found]
        cells.append(_spread([value for value in values if value is not None], 3, fmean))
    cells.append(", ".join(str(one["queen"] or NONE) for one in found) or NONE)
    return cells


def _ratio(ours: Sequence[tuple[int, float | None]], theirs: Sequence[tuple[int, float | None]]) -> str:
    """Of the runs that were measured in turn."""
    pair = dict(ours)
    ratios = [b / a for repeat, b in theirs if b is not None and (a := pair.get(repeat))]
    middle, _, spread = _spread(ratios, 1 if max(ratios, default=0) >= 5 else 2, median).partition(" ")
    return f"**{middle}** {spread}".rstrip()


def _spread(values: Sequence[float], digits: int, middle: Callable[[Sequence[float]], float] = median) -> str:
    """``10.7 (10.5 to 10.9)``; no brackets around one value."""
    if not values:
        return NONE
    one = f"{middle(values):.{digits}f}"
    return one if len(values) == 1 else f"{one} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 100 else f"{value:.1f} s"


def _first_run(results: Results) -> list[str]:
    pairs = _pairs(results, FIRST_RUN, "cold", "warm")
    if not pairs:
        return []
    more = _spread([cold.wall - warm.wall for cold, warm in pairs], 1)
    return [f"The first run ever, which compiles the kernels, takes {more} seconds more than the next."]


def _speed_up(results: Results) -> list[str]:
    pairs = _pairs(results, SPEED_UP, "threads-1", "threads-2")
    ratios = [one.training / two.training for one, two in pairs if one.training and two.training]
    return [f"Two threads train {_spread(ratios, 2)} times as fast as one."] if ratios else []


def _pairs(results: Results, case: Case, first: str, second: str) -> list[tuple[Run, Run]]:
    other = {run.repeat: run for run in results.of(case.name, second)}
    return [(run, other[run.repeat]) for run in results.of(case.name, first) if run.repeat in other]


def _rates(results: Results) -> str:
    """``Jari 0.025 to 0.005, gensim 0.025 to 0.0001``, for each architecture that was run."""
    said = {}
    for case in AGAINST_GENSIM:
        for who, side in (("Jari", "jari-training"), ("gensim", "gensim")):
            for run in results.of(case.name, side):
                if run.rates:
                    said[f"{who} {case.architecture}"] = f"{run.rates[0]:g} to {run.rates[1]:g}"
    return ", ".join(f"{name} {rates}" for name, rates in said.items())


def _note(results: Results) -> str:
    machine = results.sessions[max((run.session for run in results.runs), default=-1)]
    text, versions = results.text, machine["versions"]
    quality = [
        "WordSim353 and SimLex-999 are Spearman's correlations; analogies are Google's, the share solved by 3CosAdd",
        "among the 30,000 most frequent words; `queen` is its place in the answers to king - man + woman, a seed each.",
    ]
    lines = [
        f"{text['source']}, {text['tokens'] / 1e6:.1f} million tokens in a file; from there to saved vectors.",
        "Window 5, negative 5, sample 1e-4, min_count 5, 2 threads; each with its own learning rates, the defaults",
        f"({_rates(results)}).",
        "Jari's kernels were compiled before. Runs alternate: middle values, and in brackets the least and the most;",
        "quality is the mean over the seeds.",
        *(quality if any(run.quality for run in results.runs) else []),
        f"{machine['cpu']}, {machine['cores']} cores; Jari {versions['jari']}, gensim {versions['gensim']},",
        f"NumPy {versions['numpy']}, Numba {versions['numba']}, Python {machine['python']}; {machine['date'][:10]}.",
    ]
    return "\n".join(lines)
