"""The tables of docs/entity-embeddings.md, from the results of `benchmarks.tabular`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = {
    "ridge": "ridge on one-hot and TF-IDF",
    "ordinals": "boosting on ordinals",
    "native": "boosting on ordinals that it knows for categories",
    "lsa": "boosting on ordinals and the LSA of the texts",
    "embedder": "`EntityEmbedder`",
    "vectors": "boosting on its vectors",
    "unseen": "boosting on its vectors, out of fold",
    "half seen": "vectors of half the rows, boosting of the same half",
    "half unseen": "vectors of half the rows, boosting of the other half",
}


def write(results: Mapping[str, Any], page: Path) -> None:
    """Put the tables between their markers."""
    text = page.read_text("utf-8")
    for name, table in (("tabular", _errors), ("tabular-nearest", _nearest)):
        begin, end = f"<!-- benchmark:{name} -->", "<!-- /benchmark -->"
        between = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if not between.search(text):
            sys.exit(f"{page.name} has no lines {begin} and {end} to put the table between.")
        made = f"{begin}\n{table(results)}\n{end}"
        text = between.sub(lambda _, made=made: made, text)
    page.write_text(text, "utf-8")
    print(f"The tables are in {page.name}.")


def _errors(results: Mapping[str, Any]) -> str:
    """The models, the pairs of them, and what it was all measured on."""
    data = results["data"]
    lines = [
        [said, *(_with_interval(one["models"].get(name)) for one in data.values())] for name, said in NAMES.items()
    ]
    pairs = {(one["of"], one["beside"]): None for each in data.values() for one in each["differences"]}
    below = [
        [f"{NAMES[of]}, beside {NAMES[beside]}", *(_difference(each, of, beside) for each in data.values())]
        for of, beside in pairs
    ]
    head = [f"{name}, {one['rows']:,} rows" for name, one in data.items()]
    compared = _table(["below 0: the first is better", *data], below)
    return "\n\n".join([_table(["", *head], lines), compared, _note(results)])


def _nearest(results: Mapping[str, Any]) -> str:
    """What is near what."""
    lines = [
        [f"`{column}`", key, ", ".join(near)]
        for one in results["data"].values()
        for column, found in one.get("nearest", {}).items()
        for key, near in found.items()
    ]
    return _table(["column", "", "nearest, with cosines"], lines, texts=3)


def _with_interval(one: Mapping[str, Any] | None) -> str:
    return f"{one['mean']:.4f} ({one['low']:.4f} to {one['high']:.4f})" if one else ""


def _difference(data: Mapping[str, Any], of: str, beside: str) -> str:
    for one in data["differences"]:
        if (one["of"], one["beside"]) == (of, beside):
            return f"{one['mean']:+.4f} ({one['low']:+.4f} to {one['high']:+.4f})"
    return ""


def _table(head: list[str], lines: list[list[str]], texts: int = 1) -> str:
    rule = [":--"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join(
        "|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in [head, rule, *lines]
    )


def _note(results: Mapping[str, Any]) -> str:
    machine = results["session"]
    return (
        "Root of the mean squared error of the logarithm: means of five folds, 95 % intervals of bootstrap samples of "
        f"all rows in brackets. {machine['cpu']}, {machine['threads']} thread{'s' * (machine['threads'] > 1)}; Jari "
        f"{machine['versions']['jari']}, scikit-learn {machine['scikit-learn']}, {machine['date'][:10]}."
    )
