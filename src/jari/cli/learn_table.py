"""`jari learn-table`: a table in, a model of one of its columns out, and an embedding of each column of names."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jari.cli.console import plain, say, show_json
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.learnt_table import Learnt
from jari.cli.options import MODEL, OUTPUT, Force, Quiet, Seed, Threads, Tokenizer
from jari.cli.progress import shown
from jari.cli.table_options import (
    Categorical,
    Delimiter,
    Drop,
    Missing,
    Numeric,
    TablePath,
    Target,
    Texts,
    missing_words,
    with_table_options,
)
from jari.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jari.embedding import Embedding
    from jari.learn.neural.entity_embedder import EntityEmbedder
    from jari.learn.neural.tables.target_column import TargetColumn

EXAMPLES = (
    "jari learn-table listings.csv --target price --target-transform log -o listing/",
    "jari learn-table listings.csv --target price --text description --categorical room_type neighbourhood "
    "--drop id -o listing/",
    "jari learn-table customers.parquet --target churned --epochs 80 -o churn/",
    "jari learn-table listings.csv --target price --text description --pretrained description=wiki.jari --freeze "
    "-o listing/",
    "jari similar listing/neighbourhood.jari 'Dublin City'; jari predict listing/ new.csv",
)


@with_table_options
def learn_table(
    table: TablePath,
    target: Target,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make.", rich_help_panel=OUTPUT)],
    categorical: Categorical = None,
    numeric: Numeric = None,
    text: Texts = None,
    drop: Drop = None,
    delimiter: Delimiter = None,
    missing: Missing = None,
    task: Annotated[
        Literal["regression", "binary", "multiclass"] | None,
        typer.Option(
            help="Foretell a number, one of two classes, or one of several. Without it the target says: two values are "
            "classes, even where they are numbers; other numbers are numbers; names are classes.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    target_transform: Annotated[
        Literal["log", "log1p"] | None,
        typer.Option(help="Foretell the logarithm: for prices, whose errors are shares.", rich_help_panel=MODEL),
    ] = None,
    dims: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N|COLUMN=N...",
            help=r"Numbers a category, of all columns or of one. \[default: 1.6 n^0.56 for n categories, at most 50]",
            rich_help_panel=MODEL,
        ),
    ] = None,
    pretrained: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=PATH...",
            help="Begin with the vectors of an embedding: of a text's words, or of categories.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Leave words' vectors that are given as they are.", rich_help_panel=MODEL)
    ] = False,
    tokenizer: Tokenizer = "words",
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.", rich_help_panel=OUTPUT)] = False,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Learn to foretell a column of a table, and a vector for each category and word on the way.

    Options of the model that are not given are its own.

    Each column of names or texts becomes an embedding in the folder that is made: folder/column.jari. `jari predict`
    asks the whole.
    """
    began = monotonic()
    place = vacant(out, force=force)

    from jari.extras import require
    from jari.learn.neural.entity_folder import refuse_others
    from jari.learn.neural.tables.judgement import Judgement

    refuse_others(place)
    if given["device"] not in (None, "auto", "cpu"):
        require("torch", extra="torch")
    kinds = {"categorical": categorical, "numeric": numeric, "text": text}
    _refuse_misuse(target, kinds, drop or [])
    learner = _learner(
        {name: value for name, value in given.items() if value not in (None, [])},
        **{kind: list(dict.fromkeys(names)) if names else None for kind, names in kinds.items()},
        task=task or "regression",
        target_transform=target_transform,
        dims=_dims(dims or []),
        pretrained=_opened(pretrained or []) or None,
        freeze=freeze,
        tokenizer=tokenizer,
        threads=threads,
        random_state=random_state,
    )
    with shown(quiet=quiet) as report:
        from jari.ingest.table_files import read_table

        read = read_table(table, delimiter=delimiter, missing=missing_words(missing), callback=report)
        _look_at(table, read, target, kinds, drop or [])
        chosen = _target(read, target, drop or [], task or ("regression" if target_transform else None))
        _refuse_without_logarithm(chosen, target_transform)
        learner.set_params(task=chosen.task, callbacks=(report,))
        try:
            learner.fit(chosen.table, chosen.values)
        except (KeyboardInterrupt, BadInput):
            if learner.__sklearn_is_fitted__():  # by epochs before it was stopped
                learner.save(place, force=force)
                say(f"{plain(out)}: the best of {len(learner.losses_)} epochs before it was stopped")
            raise
        learner.save(place, force=force)
        judgement = Judgement.of(learner, chosen.table, chosen.values)
    learnt = Learnt(learner, chosen, judgement, place, monotonic() - began)
    if not quiet:
        for line in learnt.lines(asked=task is not None):
            say(line)
    if json:
        show_json(learnt.figures())


# ── What the line says


def _refuse_misuse(target: str, kinds: Mapping[str, list[str] | None], drop: list[str]) -> None:
    said = {"drop": drop, **{kind: names or [] for kind, names in kinds.items()}}
    where: dict[str, str] = {target: "--target"}
    for kind, names in said.items():
        for name in dict.fromkeys(names):
            if name in where:
                raise typer.BadParameter(f"column {name!r} is in {where[name]} too", param_hint=repr("--" + kind))
            where[name] = f"--{kind}"


def _dims(given: list[str]) -> Any:
    """A number for all columns, or one for each that is named."""
    if len(given) == 1 and given[0].isdecimal():
        return int(given[0])
    sizes: dict[str, int] = {}
    for one in given:
        column, is_there, size = one.rpartition("=")
        if not is_there or not size.isdecimal():
            raise typer.BadParameter(
                f"{one!r} is neither a number nor COLUMN=N, such as room_type=8", param_hint="'--dims'"
            )
        sizes[column] = int(size)
    return sizes or None


def _opened(given: list[str]) -> dict[str, Embedding]:
    from jari.embedding import load

    found = {}
    for one in given:
        column, is_there, path = one.partition("=")
        if not is_there or not column or not path:
            raise typer.BadParameter(
                f"{one!r} is not COLUMN=PATH, such as description=wiki.jari", param_hint="'--pretrained'"
            )
        found[column] = load(path)
    return found


def _learner(given: Mapping[str, Any], **parameters: Any) -> EntityEmbedder:
    """The learner that the line asks for, its parameters looked at before anything is read."""
    from jari.learn.neural.entity_embedder import EntityEmbedder

    chosen = dict(given)
    if "hidden" in chosen:
        chosen["hidden"] = tuple(width for width in chosen["hidden"] if width)  # 0 is no layer
    learner = EntityEmbedder(**chosen, **parameters)
    with misuse():
        learner.check()
    return learner


# ── What the table says


def _look_at(
    path: str, table: Mapping[str, Any], target: str, kinds: Mapping[str, list[str] | None], drop: list[str]
) -> None:
    """Refuse what is not there, and cells that are no numbers, by the row that they have in the file."""
    from jari.embedding.vocabulary import Vocabulary
    from jari.ingest.table_numbers import numbers_of

    if not len(next(iter(table.values()), ())):
        raise BadInput(f"{path} has no rows below the names of its columns: there is nothing to learn from.")
    for name in (target, *drop, *(name for names in kinds.values() for name in names or ())):
        if name not in table:
            meant = Vocabulary(list(table)).nearest_spellings(name, k=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            raise BadInput(
                f"{path} has no column {name!r}.{hint} The columns that are there: {', '.join(map(repr, table))}."
            )
    for name in kinds["numeric"] or ():
        numbers_of(name, table[name], first=1)


def _target(table: Mapping[str, Any], target: str, drop: Iterable[str], task: Any) -> TargetColumn:
    from jari.learn.neural.tables.target_column import TargetColumn

    return TargetColumn.of({name: values for name, values in table.items() if name not in drop}, target, task)


def _refuse_without_logarithm(chosen: TargetColumn, transform: str | None) -> None:
    low = {"log": 0.0, "log1p": -1.0}.get(str(transform))
    if low is None or chosen.task != "regression" or chosen.values.min() > low:
        return
    wrong = int((chosen.values <= low).sum())
    raise BadInput(
        f"--target-transform {transform}: {chosen.name!r} is {chosen.values.min():g} in a row, and {low:g} or less in "
        f"{wrong:,} of {len(chosen.values):,}. Only numbers above {low:g} have such a logarithm: correct these rows, "
        "leave their cell empty, or learn without it" + ("; or take log1p." if chosen.values.min() > -1 else ".")
    )
