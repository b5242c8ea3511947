"""`jari info`: what an embedding is and where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jari.cli.console import show, show_json
from jari.cli.options import OUTPUT, EmbeddingPath, Json
from jari.cli.tables import facts

if TYPE_CHECKING:
    from jari.embedding import Embedding

EXAMPLES = (
    "jari info wiki.jari",
    "jari info wiki.jari --verify",
    "jari info wiki.jari --json | jq .metadata",
)


def info(
    embedding: EmbeddingPath,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every byte and compare the checksums.", rich_help_panel=OUTPUT)
    ] = False,
    json: Json = False,
) -> None:
    """Show what an embedding holds and how it was learnt."""
    from jari.embedding import load

    opened = load(embedding)
    held = _held(embedding, opened)
    if json:
        show_json({**held, "metadata": dict(opened.metadata)})
        return
    show(facts(embedding, {name.replace("_", " "): value for name, value in held.items()}))


def _held(path: str, embedding: Embedding) -> dict[str, Any]:
    return {
        "keys": len(embedding),
        "dimensions": embedding.dim,
        "context_vectors": embedding.context is not None,
        "bytes": _bytes(Path(path)),
    }


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
