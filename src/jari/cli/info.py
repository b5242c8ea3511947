"""`jari info`: what an embedding is and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.options import OUTPUT, EmbeddingPath, Json
from jari.cli.progress import amount
from jari.cli.tables import bar, empty, facts, titled

if TYPE_CHECKING:
    from rich.console import Group

    from jari.embedding import Embedding

EXAMPLES = (
    "jari info wiki.jari",
    "jari info wiki.jari --verify",
    "jari info wiki.jari --json | jq .metadata",
)


def info(
    embedding: EmbeddingPath,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every byte and compare checksums (.jari).", rich_help_panel=OUTPUT)
    ] = False,
    json: Json = False,
) -> None:
    """Show what an embedding holds and how it was learnt."""
    from jari.embedding.formats import read

    if verify and not Path(embedding).is_dir():
        raise typer.BadParameter(
            f"{plain(embedding)} is not a .jari: only these hold checksums", param_hint="'--verify'"
        )
    opened = read(embedding, verify=verify)
    held = _held(Path(embedding), opened)
    if json:
        show_json({**held, "metadata": opened.metadata})
        return
    show(
        facts(embedding, {**held, "bytes": amount(held["bytes"], "bytes")}),
        *_told("metadata", opened.metadata),
    )
    if verify:
        say("Every byte is as it was written.")


def _held(path: Path, embedding: Embedding) -> dict[str, Any]:
    return {
        "keys": len(embedding),
        "dim": embedding.dim,
        "counts": embedding.vocabulary.counts is not None,
        "context": embedding.context is not None,
        "subwords": embedding.subwords is not None,
        "bytes": _bytes(path),
    }


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _told(title: str, metadata: Mapping[str, Any]) -> Iterator[Group]:
    """Metadata as tables: what is simple together, each group and each series by itself."""
    groups = {name: value for name, value in metadata.items() if isinstance(value, Mapping) and value}
    series = {name: value for name, value in metadata.items() if _is_series(value)}
    simple = {name: _short(value) for name, value in metadata.items() if name not in groups and name not in series}
    if simple:
        yield facts(title, simple)
    for name, group in groups.items():
        yield from _told(name, group)
    for name, values in series.items():
        yield _series(name, values)


def _short(value: Any) -> Any:
    """Steps one after another; of points of a curve, how many."""
    if not isinstance(value, list) or not value:
        return value
    if all(isinstance(each, Mapping) for each in value):
        return " → ".join(", ".join(f"{name} {said}" for name, said in each.items()) for each in value)
    return f"{len(value):,} points; --json shows them" if isinstance(value[0], list) else value


def _is_series(value: Any) -> bool:
    """Such as the loss of each epoch."""
    return isinstance(value, list) and len(value) > 0 and all(isinstance(each, float) for each in value)


def _series(name: str, values: list[float]) -> Group:
    table = empty(("", "right"), ("", "right"), ("", "left"))
    largest = max(map(abs, values)) or 1.0
    for number, value in enumerate(values, start=1):
        table.add_row(Text(str(number), "dim"), f"{value:.6g}", Text(bar(value / largest), "cyan"))
    return titled(name, table)
