"""The tables of docs/recommendation-quality.md, from the results of `benchmarks.recommenders`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- benchmark:recommenders -->", "<!-- /benchmark -->"
WITH_INTERVAL = ("nDCG@100", "Recall@20")
OTHERS = ("Recall@50", "MAP@100", "HR@10", "MRR@100", "Coverage@20", "Novelty@20")


def write(results: Mapping[str, Any], page: Path) -> None:
    """Put the tables between the markers."""
    text = page.read_text("utf-8")
    between = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not between.search(text):
        sys.exit(f"{page.name} has no lines {BEGIN} and {END} to put the tables between.")
    page.write_text(between.sub(lambda _: f"{BEGIN}\n{markdown(results)}\n{END}", text), "utf-8")
    print(f"The tables are in {page.name}.")


def markdown(results: Mapping[str, Any]) -> str:
    """Two tables a data set, the parameters that were chosen, and what it was all measured on."""
    parts = []
    for name, data in results["data"].items():
        rows = sorted(data["rows"].values(), key=lambda row: -row["estimates"]["nDCG@100"]["mean"])
        parts += [
            f"**{name}**: {data['users']:,} users, {data['items']:,} items, {data['entries']:,} choices.",
            _quality(rows),
            _more(rows),
        ]
    return "\n\n".join([*parts, _chosen(results["data"]), *_searched(results["data"]), _note(results)])


def _quality(rows: list[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        above = row.get("better_than_implicit_als", {})
        lines.append(
            [
                row["name"],
                *(_with_interval(row["estimates"][name]) for name in WITH_INTERVAL),
                *(_difference(above.get(name)) for name in WITH_INTERVAL),
                f"{row['seconds']['learning']:.2f} s",
            ]
        )
    return _table(["", *WITH_INTERVAL, *(f"{name} above implicit ALS" for name in WITH_INTERVAL), "to learn"], lines)


def _more(rows: list[Mapping[str, Any]]) -> str:
    lines = []
    for row in rows:
        cells = [f"{row['estimates'][name]['mean']:.3f}" for name in OTHERS]
        lines.append([row["name"], *cells])
    return _table(["", *OTHERS], lines)


def _chosen(data: Mapping[str, Any]) -> str:
    lines = []
    for name, held in data.items():
        for row in held["rows"].values():
            if len(row["trials"]) > 1:
                told = ", ".join(f"{key} {_short(value)}" for key, value in row["parameters"].items()) or "the defaults"
                best = max(trial["value"] for trial in row["trials"])
                figures = str(len(row["trials"])), f"{row['trials'][0]['value']:.3f}", f"{best:.3f}"
                lines.append([name, row["name"], told, *figures])
    head = ["", "", "chosen", "trials", "the defaults", "chosen"]
    return "What the search chose, with nDCG@100 of the users that it was chosen by:\n\n" + _table(head, lines, texts=3)


def _searched(data: Mapping[str, Any]) -> list[str]:
    """What several searches brought, each with other parameters drawn."""
    lines = []
    for name, held in data.items():
        for row in held["rows"].values():
            found = row.get("searches", [])
            cells = [_spread([one[measure] for one in found]) for measure in WITH_INTERVAL] if found else []
            lines += [[name, row["name"], *cells]] if cells else []
    if not lines:
        return []
    said = "The two ALS, searched five times with other draws: the mean over the searches, the least and the most."
    return [f"{said}\n\n" + _table(["", "", *WITH_INTERVAL], lines, texts=2)]


def _spread(values: list[float]) -> str:
    return f"{sum(values) / len(values):.4f} ({min(values):.4f} to {max(values):.4f})"


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value).replace("[]", "none").strip("[]")


def _with_interval(one: Mapping[str, float]) -> str:
    return f"{one['mean']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def _difference(one: Mapping[str, float] | None) -> str:
    if one is None:
        return ""
    odds = "p < 0.001" if one["p"] < 0.001 else f"p = {one['p']:.3f}"
    return f"{one['mean']:+.3f}, {odds}"


def _table(head: list[str], lines: list[list[str]], texts: int = 1) -> str:
    rule = [":--"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join(
        "|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in [head, rule, *lines]
    )


def _note(results: Mapping[str, Any]) -> str:
    machine = results["session"]
    versions = machine["versions"]
    return (
        f"Means of five folds; 95 % intervals over all users in brackets; seconds to learn are means of the five, with "
        f"{machine['threads']} thread{'s' * (machine['threads'] > 1)}. {machine['cpu']}, {machine['cores']} cores; "
        f"Jari {versions['jari']}, implicit {machine['implicit']}, {machine['date'][:10]}."
    )
