"""`jari evaluate-retrieval`: does a search find what people judged relevant, and is it at the top?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from jari.cli.console import plain, say, show, show_json
from jari.cli.destination import vacant
from jari.cli.options import OUTPUT, QUESTION, Force, Json, Quiet
from jari.cli.progress import shown
from jari.cli.tables import empty, titled
from jari.errors import BadInput

if TYPE_CHECKING:
    from rich.console import Group

    from jari.evaluate.asking import Answers
    from jari.evaluate.estimates import Difference
    from jari.evaluate.retrieval import Judgements, RetrievalResult, Run
    from jari.search.collection import Collection
    from jari.search.records import Hit
    from jari.types import Callback

EXAMPLES = (
    "jari evaluate-retrieval library --queries queries.tsv --qrels qrels.txt",
    "jari evaluate-retrieval library --queries queries.jsonl --qrels qrels.txt --mode hybrid --run-out hybrid.run",
    "jari evaluate-retrieval --run bm25.run --run hybrid.run --qrels qrels.txt",
)


class Mode(StrEnum):
    """How a collection is searched; in the order of the table."""

    text = "text"
    vector = "vector"
    hybrid = "hybrid"


def evaluate_retrieval(
    library: Annotated[
        str | None, typer.Argument(metavar="LIBRARY", help="A collection that `jari index` made.")
    ] = None,
    qrels: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Judgements: query 0 document grade, a line each; or query document grade.",
            rich_help_panel=QUESTION,
        ),
    ] = "",
    queries: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='What to ask the library: id<TAB>text, or {"id": …, "text": …}, a line each.',
            rich_help_panel=QUESTION,
        ),
    ] = None,
    mode: Annotated[
        list[Mode] | None,
        typer.Option(metavar="MODE...", help="text, vector, hybrid; all if not given.", rich_help_panel=QUESTION),
    ] = None,
    k: Annotated[
        int, typer.Option("--k", "-k", min=1, metavar="N", help="Answers a query.", rich_help_panel=QUESTION)
    ] = 100,
    run: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE...",
            help="Instead of a library: what searches answered, query Q0 document rank score tag.",
            rich_help_panel=QUESTION,
        ),
    ] = None,
    relevant: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="GRADE",
            help="From which grade on a document is relevant, for all but nDCG.",
            rich_help_panel=QUESTION,
        ),
    ] = 1,
    run_out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the answers, as --run reads them; of several modes to FILE with the mode before its ending.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    json: Json = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Measure a search: nDCG@10, MAP, Recall@100 and MRR, with 95 % intervals over the queries.

    With several modes or runs, each is compared with text search, or else with the first of them: by how much it is
    better, and the odds that it is so by luck (p, a randomisation test).
    """
    modes: Sequence[Mode] = [one for one in Mode if not mode or one in mode]
    _refuse_misuse(library, qrels, queries, run, given=bool(mode or run_out))
    places = _places(run_out, modes, force=force)

    from jari.evaluate.retrieval import compare_runs, retrieval
    from jari.evaluate.trec import read_judgements, read_queries, read_run, write_run
    from jari.search.collection import Collection

    judged: Judgements = read_judgements(qrels)
    documents: Set[str] | None = None
    notes: list[str] = []
    with shown(quiet=quiet) as report:
        if run:
            runs: dict[str, Run] = {name: read_run(name) for name in run}
        else:
            asked = read_queries(queries or "")
            judged, notes = _asked_and_judged(asked, judged)
            wanted = {query: asked[query] for query in judged}
            with Collection.open(library or "") as collection:
                documents = collection.digests().keys()
                answers = {mode.value: _answers(collection, wanted, mode, k, report) for mode in modes}
            runs = {name: one.run for name, one in answers.items()}
            notes += [note for name, one in answers.items() for note in _refused(name, one)]
        for name, place in places.items():
            write_run(place, runs[name], tag=f"jari-{name}", force=force)
        results = [
            retrieval(one, judged, relevant=relevant, documents=documents, name=name) for name, one in runs.items()
        ]
        differences = {result.name: compare_runs(result, results[0]) for result in results[1:]}
    notes += _notes(results, runs, judged)
    if not quiet:
        for note in notes:
            say(plain(note))
    depth = None if run else k
    if json:
        show_json(_to_dict(library, depth, results, differences) | {"notes": notes})
        return
    show(_figures(results, depth), *([_against(results[0].name, differences)] if differences else []))


def _refuse_misuse(library: str | None, qrels: str, queries: str | None, run: list[str] | None, *, given: bool) -> None:
    if not qrels:
        raise typer.BadParameter("give the file of judgements", param_hint="'--qrels'")
    if library is None and not run:
        raise typer.BadParameter("give a library to ask, or --run with what was answered", param_hint="'LIBRARY'")
    if library is not None and run:
        raise typer.BadParameter(
            f"there are runs and a library ({library}): give one or the other, several runs as --run A --run B",
            param_hint="'--run'",
        )
    if library is not None and queries is None:
        raise typer.BadParameter("give the file of what to ask the library", param_hint="'--queries'")
    if run and (queries is not None or given):
        raise typer.BadParameter("--queries, --mode and --run-out are for asking a library", param_hint="'--run'")


def _places(run_out: str | None, modes: Sequence[Mode], *, force: bool) -> dict[str, Path]:
    """Where each mode's answers are to be written: all looked at before the work begins."""
    if run_out is None:
        return {}
    file = Path(run_out)
    named = {mode: file if len(modes) == 1 else file.with_name(f"{file.stem}.{mode}{file.suffix}") for mode in modes}
    return {mode.value: vacant(str(place), force=force, option="--run-out") for mode, place in named.items()}


def _asked_and_judged(asked: Mapping[str, str], judged: Judgements) -> tuple[Judgements, list[str]]:
    """The judgements of the queries that can be asked, and what is left out on either side."""
    both = {query: grades for query, grades in judged.items() if query in asked}
    if not both:
        raise BadInput(
            f"No query is judged: the queries are called {_some(asked)}, those of the judgements {_some(judged)}. "
            "Both files must call a query the same."
        )
    notes = []
    if unjudged := [query for query in asked if query not in judged]:
        notes.append(f"Not asked, for want of judgements: {_count(unjudged, 'query', 'queries')}.")
    if unknown := [query for query in judged if query not in asked]:
        notes.append(f"Judged, but not among the queries, and left out: {_count(unknown, 'query', 'queries')}.")
    return both, notes


def _answers(collection: Collection, queries: Mapping[str, str], mode: Mode, k: int, report: Callback) -> Answers:
    from jari.evaluate.asking import ask

    def search(text: str, passages: int) -> Sequence[Hit]:
        return collection.search(text, k=passages, mode=mode.value)

    return ask(search, queries, k=k, stage=f"asking: {mode.value}", callback=report)


def _refused(name: str, answers: Answers) -> Iterator[str]:
    if answers.refused:
        reason = next(iter(answers.refused.values()))
        yield f"{name}: cannot be asked: {_count([*answers.refused], 'query', 'queries')}. {reason}"


def _notes(results: Sequence[RetrievalResult], runs: Mapping[str, Run], judged: Judgements) -> Iterator[str]:
    """What was left out, or looks like a mistake."""
    if left_out := results[0].irrelevant:
        yield f"Left out, for want of a relevant document: {_count(left_out, 'query', 'queries')}."
    if missing := results[0].missing:
        yield f"Relevant, but not in the library: {missing:,} document{'s' * (missing > 1)}."
    known = {document: None for grades in judged.values() for document in grades}.keys()  # in the order of the file
    for result in results:
        if result.unjudged:
            yield f"{result.name}: left out, for want of judgements: {_count(result.unjudged, 'query', 'queries')}."
        if result.unanswered:
            yield f"{result.name}: not answered, and counted 0: {_count(result.unanswered, 'query', 'queries')}."
        answered = list(dict.fromkeys(document for ranking in runs[result.name].values() for document, _ in ranking))
        if known.isdisjoint(answered):
            yield (
                f"{result.name}: no document of the answers is judged for any query. They are called "
                f"{_some(answered)}, and {_some(known)} in the judgements: do both mean the same?"
            )


def _figures(results: Sequence[RetrievalResult], k: int | None) -> Group:
    measures = list(results[0].estimates)
    table = empty(("", "left"), *((name, "left") for name in measures), ("queries used", "right"))
    judged = len(results[0].queries) + len(results[0].irrelevant)
    for result in results:
        table.add_row(
            Text(plain(result.name)),
            *(_with_interval(f"{one.mean:.3f}", one.low, one.high) for one in result.estimates.values()),
            f"{len(result.queries):,} of {judged:,}",
        )
    return titled("Retrieval" if k is None else f"Retrieval: the first {k:,} documents of each query", table)


def _against(first: str, differences: Mapping[str, Mapping[str, Difference]]) -> Group:
    measures = list(next(iter(differences.values())))
    table = empty(("", "left"), *((name, "left") for name in measures))
    for name, found in differences.items():
        cells = [_with_interval(f"{one.mean:+.3f}", one.low, one.high, sign="+") for one in found.values()]
        for cell, one in zip(cells, found.values(), strict=True):
            cell.append(f" {_odds(one.p)}")
        table.add_row(Text(plain(name)), *cells)
    return titled(f"Better than {first} by", table)


def _with_interval(value: str, low: float | None, high: float | None, sign: str = "") -> Text:
    text = Text(value)
    return text if low is None or high is None else text.append(f" {low:{sign}.3f} … {high:{sign}.3f}", "dim")


def _odds(p: float) -> str:
    return "p<0.001" if p < 0.001 else f"p={p:.3f}"  # one word: no line is broken within


def _to_dict(
    library: str | None,
    k: int | None,
    results: Sequence[RetrievalResult],
    differences: Mapping[str, Mapping[str, Difference]],
) -> dict[str, Any]:
    compared = {name: {measure: asdict(one) for measure, one in found.items()} for name, found in differences.items()}
    about = {} if library is None else {"library": library, "k": k}
    return {
        **about,
        "results": [result.to_dict() for result in results],
        "better_than": {"name": results[0].name, "by": compared} if compared else None,
    }


def _count(names: Sequence[str], one: str, many: str) -> str:
    return f"{len(names):,} {one if len(names) == 1 else many} ({_some(names)})"


def _some(names: Iterable[str]) -> str:
    first = list(islice(names, 4))
    return ", ".join(map(repr, first[:3])) + ", …" * (len(first) > 3)
