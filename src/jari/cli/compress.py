"""`jari compress`: an embedding in fewer bytes, or a table of what each way would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import MODEL, OUTPUT, QUESTION, EmbeddingPath, Force, Json, Quiet, Seed
from jari.cli.progress import shown
from jari.cli.tables import empty, titled

if TYPE_CHECKING:
    from rich.console import Group

    from jari.evaluate.compression import CompressionResult

EXAMPLES = (
    "jari compress wiki.jari --method int8 -o small.jari",
    "jari compress wiki.jari --method pca:50+int8 -o smaller.jari",
    "jari compress wiki.jari --table --analogies questions-words.txt",
    "jari compress wiki.jari --table --methods int8 pq:25 pq:25+int8 --json",
)


def compress(
    embedding: EmbeddingPath,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="STEPS",
            help="truncate:N, pca:N, processed-pca:N (to N dimensions; half), all-but-the-top:N (less N components); "
            "then float16, int8, binary or pq:N (N bytes a key; d/4); after binary or pq one from which a shortlist "
            "is scored again. With + between them: pca:50+pq:25+int8.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    table: Annotated[
        bool,
        typer.Option("--table", help="Write nothing: try the methods and show what each costs.", rich_help_panel=MODEL),
    ] = False,
    methods: Annotated[
        list[str] | None,
        typer.Option(metavar="STEPS...", help="For the table; the usual ones if not given.", rich_help_panel=MODEL),
    ] = None,
    analogies: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="For the table: a b c d a line, ': name' begins a section.", rich_help_panel=QUESTION
        ),
    ] = None,
    k: Annotated[
        int,
        typer.Option(
            "--k", "-k", min=1, metavar="N", help="For the table: recall of how many.", rich_help_panel=QUESTION
        ),
    ] = 10,
    queries: Annotated[
        int, typer.Option(min=1, metavar="N", help="For the table: how many keys ask.", rich_help_panel=QUESTION)
    ] = 1000,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="OUT", help="Where to write.", rich_help_panel=OUTPUT)
    ] = None,
    json: Json = False,
    force: Force = False,
    random_state: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Make an embedding smaller: fewer dimensions, fewer bytes a value.

    With --table, keys drawn by chance ask for their nearest keys; recall is the share of the right ones that is found.
    """
    if table:
        if method is not None or output is not None:
            raise typer.BadParameter("a table writes nothing: give --methods instead", param_hint="'--table'")
        _compare(embedding, methods, analogies, k, queries, random_state, json=json, quiet=quiet)
        return
    if method is None or output is None:
        raise typer.BadParameter("give both, or --table", param_hint="'--method' / '-o'")
    if methods or analogies:
        raise typer.BadParameter("goes with --table", param_hint=repr("--methods" if methods else "--analogies"))
    place = vacant(output, force=force)

    from jari.embedding import Embedding, load
    from jari.embedding.compression import Method
    from jari.embedding.compression import compress as compressed

    with misuse("--method"):
        Method.of(method)  # before a large file is read
    opened = load(embedding)
    with misuse("--method"), shown(quiet=quiet) as report:
        made = compressed(opened, method, random_state=random_state, callback=report)
    made.save(place, force=force)
    each = 4.0 * made.dim if isinstance(made, Embedding) else made.bytes_per_key
    if json:
        show_json({"method": method, "keys": len(made), "dim": made.dim, "bytes_per_key": each})
    if not quiet:
        before = 4.0 * opened.dim
        say(f"{plain(output)}: {len(made):,} keys, {each:.4g} bytes each instead of {before:.4g}")
        dropped = [part for part in ("context", "subwords") if _lost(part, opened, made)]
        if dropped:
            say(f"Dropped: {' and '.join(dropped)}.")


def _lost(part: str, before: object, after: object) -> bool:
    return getattr(before, part, None) is not None and getattr(after, part, None) is None


def _compare(
    embedding: str,
    methods: list[str] | None,
    analogies: str | None,
    k: int,
    queries: int,
    random_state: int | None,
    *,
    json: bool,
    quiet: bool,
) -> None:
    from jari.embedding import load
    from jari.evaluate import read_analogies
    from jari.evaluate.compression import compare_compression

    questions = None if analogies is None else read_analogies(analogies)
    opened = load(embedding)
    found: list[CompressionResult] = []
    with misuse("--methods" if methods else None), shown(quiet=quiet) as report:
        for result in compare_compression(
            opened, methods, k=k, queries=queries, questions=questions, random_state=random_state, callback=report
        ):
            found.append(result)
            if json:
                show_json(result.to_dict())
    if not json:
        show(_shown(embedding, found, k))


def _shown(name: str, found: list[CompressionResult], k: int) -> Group:
    with_analogies = any(result.analogies is not None for result in found)
    table = empty(
        ("method", "left"),
        ("dimensions", "right"),
        ("bytes a key", "right"),
        ("scanned", "right"),
        (f"recall@{k}", "right"),
        *((("analogies", "right"),) if with_analogies else ()),
        ("queries/s", "right"),
    )
    for result in found:
        solved = "—" if result.analogies is None else f"{result.analogies:.1%}"
        table.add_row(
            Text(result.method),
            f"{result.dim}",
            f"{result.bytes_per_key:.4g}",
            f"{result.scanned_bytes_per_key:.4g}",
            f"{result.recall:.3f}",
            *((solved,) if with_analogies else ()),
            f"{result.queries_per_second:,.0f}",
        )
    return titled(name, table)
