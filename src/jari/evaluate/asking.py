"""From a search to a run: ask it every query, and rank documents by their best passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from jari.errors import BadInput
from jari.ingest.resources import Report
from jari.search.records import Hit
from jari.types import Callback

Search: TypeAlias = Callable[[str, int], Sequence[Hit]]  # from a query and k to the k best, the best first


@dataclass(frozen=True, slots=True)
class Answers:
    """What a search said.

    Parameters
    ----------
    run
        From queries to documents with scores, the best first.
    refused
        From queries that could not be asked to the reason: a query without a word that the encoder knows, say. They
        have no document in `run`.
    """

    run: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def ask(
    search: Search,
    queries: Mapping[str, str],
    *,
    k: int = 100,
    stage: str = "asking",
    callback: Callback | None = None,
) -> Answers:
    """Ask every query; the k best documents of each, with their scores.

    Where hits are passages, a document is known by `Hit.source` and has the rank and the score of its best passage.
    As many passages are asked for as it takes to have k documents, unless there are no more.

    Parameters
    ----------
    search
        Takes a text and a number. Fewer hits than that number mean that there are no more.
    queries
        From ids to texts.
    k
        How many documents.
    stage
        What to call it where `callback` is told of it.
    callback
        Told how many queries were asked.

    Raises
    ------
    BadInput
        k is not above 0; or what the search says, if it refuses every query.

    Examples
    --------
    >>> passages = [Hit("a#2", "", 0.9, "a"), Hit("a#1", "", 0.8, "a"), Hit("b#1", "", 0.5, "b")]
    >>> ask(lambda text, k: passages[:k], {"1": "wings"}, k=2).run
    {'1': [('a', 0.9), ('b', 0.5)]}
    """
    if k < 1:
        raise BadInput(f"k={k}: ask for 1 document or more.")
    report = Report(callback, stage, len(queries), "queries")
    answers = Answers()
    passages = k  # the last query's number: most often enough for the next one too
    for done, (query, text) in enumerate(queries.items(), start=1):
        best: dict[str, float] = {}
        while True:
            try:
                hits = search(text, passages)
            except BadInput as error:
                answers.refused[query] = str(error)
                break
            for hit in hits:
                best.setdefault(hit.source, hit.score)
            if len(best) >= k or len(hits) < passages:
                break
            best.clear()
            passages *= 2
        answers.run[query] = list(best.items())[:k]
        report(done)
    report.end()
    if answers.refused and len(answers.refused) == len(queries):
        raise BadInput(f"No query can be asked. {next(iter(answers.refused.values()))}")
    return answers
