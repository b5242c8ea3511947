"""`jari predict`: what a model of a table foretells of other rows."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jari.cli.console import plain, say, show_json
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import OUTPUT, QUESTION, Force, Json, Quiet
from jari.cli.progress import shown
from jari.cli.table_options import Delimiter, Missing, TablePath, missing_words
from jari.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jari.learn.neural.entity_embedder import EntityEmbedder

EXAMPLES = (
    "jari predict listing/ new.csv | head",
    "jari predict listing/ new.parquet -o prices.parquet",
    "jari predict churn/ customers.csv --proba --json | jq .prediction",
)


def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The folder that `jari learn-table` has made.")],
    table: TablePath,
    proba: Annotated[
        bool, typer.Option("--proba", help="Say of each class how likely it is, too.", rich_help_panel=QUESTION)
    ] = False,
    delimiter: Delimiter = None,
    missing: Missing = None,
    json: Json = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="A .parquet, .csv or .jsonl to write.", rich_help_panel=OUTPUT
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Foretell the target of each row of a table: a line each, in the order of the rows, as csv.

    The table needs the columns that were learnt from; others are not looked at.
    """
    place = None if out is None else _place(out, json=json, force=force)

    from jari.ingest.table_files import read_table
    from jari.learn.neural.entity_embedder import EntityEmbedder

    opened = EntityEmbedder.load(model)
    if proba and opened.task == "regression":
        raise typer.BadParameter(f"{plain(model)} foretells a number, and no classes", param_hint="'--proba'")
    with shown(quiet=quiet) as report:
        read = read_table(table, delimiter=delimiter, missing=missing_words(missing), callback=report)
        told = _told(opened, _rows(opened, table, read), proba=proba)
    others = [plain(name) for name in read if name not in opened.columns_]
    if others and not quiet:
        say(f"Not looked at: {', '.join(others)}.")
    if place is not None:
        rows = _write(told, place, force=force)
        if not quiet:
            say(f"{plain(str(out))}: {rows:,} prediction{'s' * (rows != 1)}")
    elif json:
        for row in zip(*told.values(), strict=True):
            show_json(dict(zip(told, row, strict=True)))
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(told)
        writer.writerows(zip(*told.values(), strict=True))


def _place(out: str, *, json: bool, force: bool) -> Path:
    from jari.ingest.table_writing import check_ending

    if json:
        raise typer.BadParameter("--json prints, and -o writes; -o FILE.jsonl writes JSON", param_hint="'--json'")
    with misuse("-o"):
        check_ending(out)
    return vacant(out, force=force)


def _rows(model: EntityEmbedder, path: str, read: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that were learnt from; all, where one is missing, so that the error says which there are."""
    if not len(next(iter(read.values()), ())):
        raise BadInput(f"{path} has no rows below the names of its columns: there is nothing to foretell.")
    names = model._model().encoding.names
    return {name: read[name] for name in names} if set(names) <= set(read) else dict(read)


def _told(model: EntityEmbedder, rows: Mapping[str, Any], *, proba: bool) -> dict[str, list[Any]]:
    """Columns by name: what is foretold, and of each class how likely it is."""
    if not proba:
        return {"prediction": model.predict(rows).tolist()}
    odds = model.predict_proba(rows)
    likely = {f"p({one})": odds[:, at].tolist() for at, one in enumerate(model.classes_.tolist())}
    return {"prediction": model.classes_[odds.argmax(axis=1)].tolist(), **likely}


def _write(told: Mapping[str, list[Any]], place: Path, *, force: bool) -> int:
    import pyarrow as pa

    from jari.embedding.formats.atomic import new_file
    from jari.ingest.table_writing import check_ending, table_writer

    batch = pa.record_batch(dict(told))
    with new_file(place, force=force) as file, table_writer(file, check_ending(place), batch.schema) as writer:
        writer.write_batch(batch)
    return len(batch)
