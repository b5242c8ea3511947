"""The tables of docs/task-trained.md, from the results of `benchmarks.task_trained`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = {
    "context": "`Word2Vec`, without labels",
    "random": "from random, by the task",
    "begun": "from `Word2Vec`, by the task",
    "frozen": "`Word2Vec`, frozen",
}


def write(results: Mapping[str, Any], page: Path) -> None:
    """Put the tables between their markers."""
    text = page.read_text("utf-8")
    for name, table in (("accuracy", _accuracy), ("neighbours", _neighbours), ("moved", _moved)):
        begin, end = f"<!-- benchmark:task-trained-{name} -->", "<!-- /benchmark -->"
        between = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if not between.search(text):
            sys.exit(f"{page.name} has no lines {begin} and {end} to put the table between.")
        made = f"{begin}\n{table(results)}\n{end}"
        text = between.sub(lambda _, made=made: made, text)
    page.write_text(text, "utf-8")
    print(f"The tables are in {page.name}.")


def _accuracy(results: Mapping[str, Any]) -> str:
    lines = []
    for one in results["accuracy"]:
        cells = [f"{one['size']:,}", *(_share(one["ways"][way]) for way in ("random", "begun", "frozen"))]
        cells += [_difference(one["above_random"][way]) for way in ("begun", "frozen")]
        lines.append(cells)
    ways = [NAMES[way] for way in ("random", "begun", "frozen")]
    head = ["labelled reviews", *ways, "begun above random", "frozen above random"]
    machine = results["session"]
    note = (
        f"Right of 10,000 reviews, in per cent, of which {100 * results['majority']:.1f} % praise: means of three "
        "seeds, 95 % intervals over the reviews of the test in brackets; differences in points. "
        f"{machine['cpu']}; Jari {machine['versions']['jari']}, {machine['date'][:10]}."
    )
    return f"{_table(head, lines)}\n\n{note}"


def _share(one: Mapping[str, Any]) -> str:
    return f"{100 * one['mean']:.1f} ({100 * one['low']:.1f} to {100 * one['high']:.1f})"


def _difference(one: Mapping[str, Any]) -> str:
    return f"{100 * one['mean']:+.1f} ({100 * one['low']:+.1f} to {100 * one['high']:+.1f})"


def _neighbours(results: Mapping[str, Any]) -> str:
    spaces = results["neighbours"]
    lines = [
        [word, *(", ".join(spaces[name].get(word, [])) for name in spaces)] for word in next(iter(spaces.values()))
    ]
    sides = results["sides"]
    lines.append(["on the same side", *(f"{100 * sides[name]:.0f} %" for name in spaces)])
    said = (
        f"The last line: of the ten nearest of {sides['polar']:,} words that take a side, how many are on the same; by "
        f"chance {100 * sides['chance']:.0f} %. Asked are the {sides['words']:,} words that a hundred of the 50,000 "
        "labelled reviews hold."
    )
    return f"{_table(['', *(NAMES[name] for name in spaces)], lines, texts=4)}\n\n{said}"


def _moved(results: Mapping[str, Any]) -> str:
    lines = [
        [
            f"{one['size']:,}",
            f"{one['words_seen']:,}",
            f"{100 * one['seen']:.0f} %",
            f"{one['words_unseen']:,}",
            f"{100 * one['unseen']:.0f} %" if one["unseen"] else "0",
        ]
        for one in results["moved"]
    ]
    head = ["labelled reviews", "words in them", "moved by", "words that are not", "moved by, at most"]
    return _table(head, lines, texts=0)


def _table(head: list[str], lines: list[list[str]], texts: int = 0) -> str:
    rule = [":--"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join(
        "|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in [head, rule, *lines]
    )
