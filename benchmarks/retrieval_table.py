"""The tables of docs/retrieval.md, from the results of `benchmarks.retrieval`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- benchmark:retrieval -->", "<!-- /benchmark -->"
MEASURES = ("nDCG@10", "MAP", "Recall@100", "MRR")
FUSIONS = {"rrf": "reciprocal ranks", "rrf, text twice": "the same, BM25 twice", "shares": "shares of the best score"}


def write(results: Mapping[str, Any], page: Path) -> None:
    """Put the tables between the markers."""
    text = page.read_text("utf-8")
    between = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not between.search(text):
        sys.exit(f"{page.name} has no lines {BEGIN} and {END} to put the tables between.")
    page.write_text(between.sub(lambda _: f"{BEGIN}\n{markdown(results)}\n{END}", text), "utf-8")
    print(f"The tables are in {page.name}.")


def markdown(results: Mapping[str, Any]) -> str:
    """Five tables, and what they were measured on."""
    rows = {(row["system"], row["how"]): row for row in results["rows"]}
    systems = list(dict.fromkeys(system for system, _ in rows))
    return "\n\n".join(
        [
            "A `jari.Collection` of the abstracts, by what encodes them:",
            _libraries(results["libraries"]),
            "The same and more, computed without a database; BM25 counts twice in the hybrids:",
            _main(rows, systems),
            "Three ways to put the two together, nDCG@10 and MAP:",
            _fusions(rows, systems),
            "nDCG@10 with other readings of the codes, and how far the hybrid (reciprocal ranks) is above BM25:",
            _readings(rows, systems),
            "Where BM25 puts the documents of each code:",
            _grades(results["grades"]),
            _note(results["session"]),
        ]
    )


def _libraries(found: list[Mapping[str, Any]]) -> str:
    lines = []
    for row in found:
        if row["how"] == "text":
            lines.append(["**text**", *_estimates(row), "", ""])
        else:
            name = f"{row['how']}: {row['system']}"
            lines.append([name, *_estimates(row), *(_above(row, measure) for measure in ("nDCG@10", "MAP"))])
    return _table(["", *MEASURES, "nDCG@10 above text", "MAP above text"], lines)


def _main(rows: Mapping[tuple[str, str], Any], systems: list[str]) -> str:
    head = ["", *MEASURES, "nDCG@10 above BM25", "MAP above BM25"]
    lines = [[f"**{systems[0]}**", *_estimates(rows[systems[0], "alone"]), "", ""]]
    for title, how in (("", "alone"), ("BM25 and ", "rrf, text twice")):
        for system in systems[1:]:
            row = rows[system, how]
            lines.append([f"{title}{system}", *_estimates(row), *(_above(row, name) for name in ("nDCG@10", "MAP"))])
    return _table(head, lines)


def _fusions(rows: Mapping[tuple[str, str], Any], systems: list[str]) -> str:
    lines = [
        [f"BM25 and {system}", *(_pair(rows[system, how]) for how in FUSIONS)]
        for system in systems
        if (system, "rrf") in rows
    ]
    return _table(["", *FUSIONS.values()], lines)


def _readings(rows: Mapping[tuple[str, str], Any], systems: list[str]) -> str:
    readings = list(rows[systems[0], "alone"]["readings"])
    lines = [[systems[0], *(f"{one['nDCG@10']:.3f}" for one in rows[systems[0], "alone"]["readings"].values())]]
    for system in systems[1:]:
        found = rows[system, "rrf"]["readings"].values()
        cells = (f"{one['nDCG@10']:.3f}, {one['better_by']:+.3f} ({_odds(one['p'])})" for one in found)
        lines.append([f"BM25 and {system}", *cells])
    return _table(["", *readings], lines)


def _grades(grades: Mapping[str, Any]) -> str:
    lines = [
        [code, f"{one['pairs']:,}", f"{one['median']:.0f}", f"{one['first_ten']:.0%}"] for code, one in grades.items()
    ]
    return _table(["code", "judgements", "median rank", "in the first ten"], lines)


def _estimates(row: Mapping[str, Any]) -> list[str]:
    return [
        f"{one['mean']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
        for one in (row["estimates"][name] for name in MEASURES)
    ]


def _above(row: Mapping[str, Any], measure: str) -> str:
    one = row["better_than_bm25"][measure]
    return f"{one['mean']:+.3f} ({_odds(one['p'])})"


def _pair(row: Mapping[str, Any]) -> str:
    return f"{row['estimates']['nDCG@10']['mean']:.3f}, {row['estimates']['MAP']['mean']:.3f}"


def _odds(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def _table(head: list[str], lines: Iterable[list[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))


def _note(session: Mapping[str, Any]) -> str:
    versions = session["versions"]
    return (
        f"Jari {versions['jari']}, NumPy {versions['numpy']}, SciPy {versions['scipy']}, Python {session['python']}; "
        f"{session['date'][:10]}."
    )
